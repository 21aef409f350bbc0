//! IAM policies: parse, print, compare, evaluate.
//!
//! The judge of the other rooms, so it uses none of them but `crate::model`.
//! A policy is read once into a [`Document`], compiled once into an
//! [`evaluate::Compiled`], and judged as often as wanted by
//! [`evaluate::evaluate`]. Nothing here reads a clock, a file or a network.
//!
//! The one invariant: what is not modelled is said in the outcome
//! ([`evaluate::Outcome::not_modelled`]), never guessed in silence.

mod arn;
mod canonical;
pub mod catalogue;
mod condition;
pub mod evaluate;
pub(crate) mod json;
#[cfg(test)]
mod laws;
pub mod lint;
mod minify;
pub(crate) mod parse;
mod pattern;
pub mod policy;
mod print;
mod template;

pub use canonical::{canonical, equivalent};
pub use json::MAX_DEPTH;
pub use minify::minify;
pub use parse::{MAX_CHARACTERS, ParseError, decode, parse};
pub use policy::{Document, PolicyKind};
