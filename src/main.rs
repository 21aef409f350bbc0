//! The `keyrail` command line.

use std::process::ExitCode;

fn main() -> ExitCode {
    keyrail::cli::run()
}
