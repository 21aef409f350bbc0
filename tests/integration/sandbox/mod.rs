//! The sandbox over real HTTP, spoken to by AWS's own SDK.

mod access;
mod control;
mod faults;
mod support;
mod wire;
