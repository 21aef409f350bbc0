//! The real `keyrail`, run as people run it.

mod audit;
mod files;
mod support;
mod usage;
