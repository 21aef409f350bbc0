//! IAM policies: parse, print, evaluate.
//!
//! The judge of the other rooms, so it uses none of them but [`crate::model`].
