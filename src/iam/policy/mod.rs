//! The policy tree: what a policy says, with the place where it says it.
//!
//! The tree is built by [`crate::iam::parse()`] or with the builders of
//! [`Statement`]. It keeps every element AWS knows and no formatting: a scalar
//! and a list of one are the same. Equality ignores positions.

mod document;
mod operator;
mod principal;
mod statement;
mod text;

pub use document::{Document, PolicyKind, Version};
pub use operator::{Comparison, Operator, Quantifier};
pub use principal::{PrincipalSet, Principals};
pub use statement::{Actions, Condition, Effect, Resources, Statement};
pub use text::{Position, Text};
