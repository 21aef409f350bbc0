//! The `keyrail` command line: arguments in, one file per command, one
//! printer (`render`) and one place that decides exit codes.
//!
//! Only `main` calls this room.

mod audit;
mod config;
mod connection;
mod docs;
mod exit;
mod files;
mod guardrails;
mod lint;
mod render;
mod sandbox;
pub mod simulate;
mod table;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use exit::{Failure, Outcome};

/// Reads the arguments of this process, does what they ask, and says how it
/// ended: 0 for success, 1 for findings, 2 for everything that kept the command
/// from doing its work.
pub fn run() -> ExitCode {
    let command = render::with_examples(Arguments::command());
    let parsed = command.try_get_matches().and_then(|matches| Arguments::from_arg_matches(&matches));
    let ended = match parsed {
        Ok(arguments) => arguments.command.run(),
        Err(usage) => render::usage(&usage),
    };
    if let Err(failure) = &ended {
        render::failure(failure);
    }
    exit::code(&ended)
}

#[derive(Debug, Parser)]
#[command(name = "keyrail", version, about = ABOUT, after_help = AFTER_HELP, propagate_version = true)]
#[command(arg_required_else_help = true, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Audit(audit::Args),
    Docs(docs::Args),
    Guardrails(guardrails::Args),
    Lint(lint::Args),
    Sandbox(sandbox::Args),
    Simulate(simulate::command::Args),
}

impl Command {
    fn run(self) -> Result<Outcome, Failure> {
        match self {
            Self::Audit(args) => audit::run(&args),
            Self::Docs(args) => docs::run(&args),
            Self::Guardrails(args) => guardrails::run(&args),
            Self::Lint(args) => lint::run(&args),
            Self::Sandbox(args) => sandbox::run(&args),
            Self::Simulate(args) => simulate::command::run(&args),
        }
    }
}

const ABOUT: &str =
    "AWS KMS keys that are compliant by construction, guardrails that are proven, audits as data";

const AFTER_HELP: &str = "\
Exit codes:
  0  done, and nothing to complain about
  1  findings: a key fails, a proof does not hold, a policy has a mistake, a file is not current
  2  the command could not do its work: wrong arguments, no credentials, no connection

`keyrail COMMAND --help` shows examples.";
