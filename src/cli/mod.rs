//! The `keyrail` command line: arguments in, one file per command, one
//! printer (`render`) and one place that decides exit codes.

pub mod simulate;
