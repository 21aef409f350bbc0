//! The real `keyrail`, run as people run it.

mod audit;
mod files;
mod simulate;
pub(crate) mod support;
mod usage;
