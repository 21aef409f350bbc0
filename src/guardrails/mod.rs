//! Generate, pack, prove, attach: from configured rules to policies in force.
//!
//! Each step takes what the one before made, and [`attach`] takes nothing but
//! what [`prove`] let pass. Only `attach` touches AWS.

pub mod attach;
pub mod change;
mod companion;
#[cfg(test)]
mod fixture;
pub mod generate;
pub mod layout;
pub(crate) mod mistakes;
pub mod pack;
pub mod plan;
pub mod prove;
