//! The sandbox over real HTTP, spoken to by AWS's own SDK.

mod access;
mod control;
mod faults;
pub(crate) mod support;
mod wire;
