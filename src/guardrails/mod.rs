//! Generate, pack, prove, attach: from configured rules to policies in force.
//!
//! Only `attach` touches AWS, and it takes nothing but what `prove` made.
