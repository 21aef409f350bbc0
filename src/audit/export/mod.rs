//! A report as text: JSON for machines, one HTML page for people. Pure.

#[cfg(feature = "cli")]
mod html;
mod json;
#[cfg(all(test, feature = "cli"))]
mod tests;

#[cfg(feature = "cli")]
pub use html::html;
pub use json::{json, opa_input, timeless_json};
