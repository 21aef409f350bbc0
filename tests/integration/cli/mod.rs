//! The real `keyrail`, run as people run it.

mod audit;
mod examples;
mod explain;
mod files;
mod simulate;
pub(crate) mod support;
mod usage;
