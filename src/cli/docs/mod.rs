//! `keyrail docs`: the pages under `docs/` that the schemas, the controls, the
//! rules of the linter, the tables of AWS and the sandbox already say.
//!
//! Pages follow the registry's layout. Nothing is written by hand twice: a text
//! that is wrong in a page is mended in the schema or in the control.

mod catalogue;
mod controls;
mod lint;
mod pages;
mod sandbox;
mod schema;
mod simulate;

use std::fs;
use std::path::{Path, PathBuf};

use super::exit::{Failure, Outcome};
use super::files::{Files, Task};
use crate::provider::Kms;

/// Generate the reference pages from the schemas and the controls
///
/// Writes `docs/index.md` and the folders `resources`, `data-sources`, `functions`, `controls`, `lint` and
/// `reference` below `docs`.
/// Examples are taken from `examples`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The folder that holds `docs` and `examples`
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    root: PathBuf,
    /// Write nothing; name the pages that are not current and exit with 1 if there are any
    #[arg(long)]
    check: bool,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<Outcome, Failure> {
    let mut files = Files::default();
    for folder in ["resources", "data-sources", "functions", "controls", "lint", "reference"] {
        files.own(Path::new("docs").join(folder), "md");
    }
    let examples = |path: &str| fs::read_to_string(args.root.join("examples").join(path)).ok();
    let of_registry = pages::pages(&Kms, &examples).into_iter().chain(controls::pages());
    let of_commands = lint::pages().into_iter().chain(simulate::pages(&examples));
    for (path, page) in of_registry.chain(of_commands).chain(catalogue::pages()).chain(sandbox::pages()) {
        files.add(Path::new("docs").join(path), page);
    }
    files.settle(&args.root, if args.check { Task::Check } else { Task::Write })
}

const EXAMPLES: &str = "\
Examples:
  keyrail docs
      brings the pages of this repository up to date
  keyrail docs --check
      for continuous integration: fails when a page is not current

Exit codes: 0 everything is current, 1 a page is not, 2 the pages could not be read or written.";
