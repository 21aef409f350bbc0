//! The provider block: its schema, what is checked while it is literal, and
//! what it comes to.
//!
//! The environment and the clock are arguments; AWS is asked in `block.rs` alone.

mod accounts;
mod block;
mod catalogue;
mod choices;
mod connection;
mod controls;
pub(super) mod duration;
mod failure;
mod reading;
mod regions;
mod schema;
mod tags;
#[cfg(test)]
mod tests;

pub(super) use block::{configure, validate};
pub(super) use schema::schema;
