//! A report as text: JSON for machines, one HTML page for people. Pure.

mod json;

pub use json::{json, opa_input};
