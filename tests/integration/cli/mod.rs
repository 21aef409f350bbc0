//! The real `keyrail`, run as people run it.

mod audit;
mod files;
pub(crate) mod support;
mod usage;
