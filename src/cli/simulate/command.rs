//! The arguments of `keyrail simulate`.

use std::fs;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};

use super::{Layout, simulate};
use crate::cli::exit::{Failure, Outcome};
use crate::cli::render;

/// Ask the judge about requests: JSON in, JSON out
///
/// Reads cases and prints for each whether it is allowed, which layers decided, by which statements, and what was
/// not modelled. A malformed case is answered with its error, and the others all the same.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The file with the cases, or `-` for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Print on one line even to a terminal
    #[arg(long)]
    compact: bool,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<Outcome, Failure> {
    let text = read(&args.file)?;
    let layout = if args.compact { Layout::Compact } else { Layout::Pretty };
    let answer = simulate(&text, layout).map_err(|error| {
        Failure::new(format!("{}: {error}", name(&args.file)))
            .advise("see `keyrail simulate --help` for an example")
    })?;
    render::print(&format!("{answer}\n"))?;
    Ok(Outcome::Success)
}

fn read(path: &Path) -> Result<String, Failure> {
    let failed = |error: io::Error| Failure::new(format!("{} could not be read: {error}", name(path)));
    if path != Path::new("-") {
        return fs::read_to_string(path).map_err(failed);
    }
    if io::stdin().is_terminal() {
        render::note("reading cases from the terminal; end with Ctrl-D");
    }
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).map_err(failed)?;
    Ok(text)
}

fn name(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { format!("`{}`", path.display()) }
}

const EXAMPLES: &str = r#"Example:
  keyrail simulate - <<'CASES'
  {"cases": [{
    "name": "rotation stays on",
    "action": "kms:DisableKeyRotation",
    "resource": "arn:aws:kms:eu-west-1:222222222222:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "resource_account": "222222222222",
    "principal": "arn:aws:iam::222222222222:role/developer",
    "context": {},
    "identity_policies": [{"Version": "2012-10-17",
      "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]}],
    "scp": [{"target": "r-ab12", "policies": [{"Version": "2012-10-17", "Statement": [
      {"Effect": "Allow", "Action": "*", "Resource": "*"},
      {"Sid": "RotationStaysOn", "Effect": "Deny", "Action": "kms:DisableKeyRotation", "Resource": "*"}]}]}]
  }]}
  CASES

  Of a case may also be given: resource_policy, rcp, permission_boundaries, endpoint_policies, session_policy, grants.
  Layers of service control policies are listed from the root on.

Exit codes: 0 every case is answered, 2 the input could not be read."#;
