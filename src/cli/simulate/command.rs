//! The arguments of `keyrail simulate`.

use std::fs;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};

use super::{Layout, explain, simulate};
use crate::cli::exit::{Failure, Outcome};
use crate::cli::render;
use crate::iam::{ParseError, decode};

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
    /// Tell a person instead: what decided, and why each statement near the decision matches or does not
    #[arg(long, conflicts_with = "compact")]
    explain: bool,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<Outcome, Failure> {
    let bytes = read(&args.file)?;
    let fail = |error: ParseError| {
        Failure::new(format!("{}: {error}", name(&args.file)))
            .advise("see `keyrail simulate --help` for an example")
    };
    let text = decode(&bytes).map_err(fail)?;
    let layout = if args.compact { Layout::Compact } else { Layout::Pretty };
    let answer = if args.explain { explain(text) } else { simulate(text, layout) };
    let answer = answer.map_err(fail)?;
    render::print(&format!("{}\n", answer.trim_end()))?;
    Ok(Outcome::Success)
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |error: io::Error| Failure::new(format!("{} could not be read: {error}", name(path)));
    if path != Path::new("-") {
        return fs::read(path).map_err(failed);
    }
    if io::stdin().is_terminal() {
        render::note("reading cases from the terminal; end with Ctrl-D");
    }
    let mut bytes = Vec::new();
    io::stdin().read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
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

  Of a case may also be given:
    resource_policy, rcp, permission_boundaries, endpoint_policies, session_policy
    grants                                       as ListGrants tells them, or in snake case: {"grantee_principal",
                                                 "operations", "constraints", "retiring_principal", …}
    principal                                    also {"role": ARN, "session": name}, {"service": name} and
                                                 {"anonymous": true}
    caller_organization, resource_organization   {"id", "path", "management_account": true or false}; the first two
                                                 name aws:PrincipalOrgID and kin
    aws_managed_key                              true for a key of AWS, which RCPs do not reach
    unknown                                      condition keys of which nobody knows whether they are there
    operation, in place of action                an API operation such as "UpdateAlias": all it is authorised as;
                                                 with "alias", "other_key" and "policy": true where it names them
    other_key                                    the second key: {"resource", "resource_policy", "grants", "rcp",
                                                 "resource_account", "resource_organization", "aws_managed_key",
                                                 "context", "unknown"}; nothing told of the first key holds of it
  Levels of service control policies are listed from the root on. Results are in the order of the cases.

  A condition key has one of three states. It is known when `context` gives it or AWS derives it from the request,
  absent when neither does or `context` says null, and unknown when `unknown` lists it. Unknown is also what follows
  from an unknown key, such as aws:TagKeys from a tag, what comes with a known one, such as aws:SourceVpc with
  aws:SourceVpce, what AWS always sends and the case does not give, such as kms:KeySpec or the aws:SourceIp of a direct
  call, and the tags of an `other_key` without `context` and `unknown`. The answer is "undecided" only where it hangs on
  unknown keys, condition by condition (conditions are not weighed against each other), and then "unknown" names them:
  with all of them told it is decided. Where the answer is a denial either
  way, "perhaps" names the Deny statements that may make it an explicit one. Where service control policies deny by
  silence, "at" names the levels.

  What `context` states against the rest of the case is refused: aws:PrincipalArn of another caller, aws:SourceArn of a
  role. The ARN of a session does not tell the path of its role: it is taken to have none, and not to be service-linked;
  {"role": ARN, "session": name} as `principal` tells it. An alias operation as `action` is judged on the alias or the
  key that `resource` names; `operation` asks for both.

  Every member of a case and of an answer: docs/reference/simulate.md.

Exit codes: 0 every case is answered, if only with its error, 2 the input could not be read."#;
