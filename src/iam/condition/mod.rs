//! Condition keys and operators.

mod facts;
mod keys;

pub(crate) use facts::{Fact, Keys};
pub(crate) use keys::definition;
