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

/// The elements of a policy and of its statements, in the order in which KMS
/// prints them.
pub const ELEMENTS: [&str; 12] = [
    "Version",
    "Id",
    "Statement",
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];
