//! Tests of whole rooms through their front doors, one binary for all.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on fails by panicking"
)]

mod allocation;
mod aws;
mod cli;
mod controls;
#[path = "../support/copies.rs"]
mod copies;
mod differential;
mod evaluator;
mod fuzz;
mod guardrails;
mod lint;
mod sandbox;
mod support;
mod tf;
