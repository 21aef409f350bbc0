//! `keyrail guardrails`: the organisation's policies as files, as a proof, and
//! against what is in force.

mod compare;
mod documents;
mod plan;
mod said;

use std::path::PathBuf;

use super::connection::ConnectionArgs;
use super::exit::{Failure, Outcome};
use super::files::Task;
use super::render;
use crate::model::region::Partition;
use plan::PlanArgs;

/// Render, prove and compare the policies that fence the organisation
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Render(Render),
    Prove(Prove),
    Diff(Diff),
}

/// Write the policies as JSON files, proven first
///
/// Writes service control policies, resource control policies and, for each environment with an account, a key
/// policy that satisfies the controls.
#[derive(Debug, clap::Args)]
#[command(after_help = RENDER_EXAMPLES)]
struct Render {
    #[command(flatten)]
    plan: PlanArgs,
    /// The folder to write to
    #[arg(long, value_name = "FOLDER", default_value = "policies")]
    out: PathBuf,
    /// Write nothing; name the files that are not current and exit with 1 if there are any
    #[arg(long)]
    check: bool,
    /// An account of an environment, to render its key policy for: `dev=222222222222`; may be repeated
    #[arg(long = "account", value_name = "ENVIRONMENT=ACCOUNT")]
    accounts: Vec<String>,
    /// The partition of these accounts: `aws`, `aws-cn`, `aws-us-gov`
    /// [default: that of the ARNs in the configuration, else `aws`]
    #[arg(long, value_name = "NAME", value_parser = partition)]
    partition: Option<Partition>,
}

/// Prove that the policies deny what they must and spare what must work
///
/// The packed documents are parsed again and judged under the whole stack, request by request. What the judge does
/// not model counts as a failure.
#[derive(Debug, clap::Args)]
#[command(after_help = PROVE_EXAMPLES)]
struct Prove {
    #[command(flatten)]
    plan: PlanArgs,
    /// The ARN of the role that will apply the policies; proves that it can take them away again
    #[arg(long, value_name = "ARN")]
    own_role: Option<String>,
}

/// Compare the policies with what is in force in the organisation
#[derive(Debug, clap::Args)]
#[command(after_help = DIFF_EXAMPLES)]
struct Diff {
    #[command(flatten)]
    plan: PlanArgs,
    #[command(flatten)]
    connection: ConnectionArgs,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<Outcome, Failure> {
    match &args.command {
        Command::Render(args) => render(args),
        Command::Prove(args) => prove(args),
        Command::Diff(args) => diff(args),
    }
}

fn render(args: &Render) -> Result<Outcome, Failure> {
    let wanted = args.plan.proven(None)?;
    let partition = args.partition.clone().map_or_else(|| wanted.partition(), Ok)?;
    let files = documents::files(&wanted, &args.accounts, &partition)?;
    files.settle(&args.out, if args.check { Task::Check } else { Task::Write })
}

fn prove(args: &Prove) -> Result<Outcome, Failure> {
    let wanted = match args.plan.wanted()?.prove(args.own_role.as_deref()) {
        Ok(wanted) => wanted,
        Err(plan::Unproven::Refuted(failures)) => {
            render::print_lines(failures)?;
            return Ok(Outcome::Findings);
        }
        Err(plan::Unproven::Failed(failure)) => return Err(failure),
    };
    render::print(&documents::proof(&wanted))?;
    Ok(Outcome::Success)
}

fn diff(args: &Diff) -> Result<Outcome, Failure> {
    let runtime = tokio::runtime::Runtime::new()?;
    let differences = runtime.block_on(async {
        let session = args.connection.connect().await?;
        let api = session.organizations.as_ref();
        let wanted = args.plan.proven_in(api).await?;
        compare::differences(api, wanted.plan.subject(), &args.plan.name_prefix).await.map_err(Failure::from)
    })?;
    render::print_lines(&differences)?;
    Ok(if differences.is_empty() { Outcome::Success } else { Outcome::Findings })
}

fn partition(text: &str) -> Result<Partition, String> {
    if Partition::DOCUMENTED.contains(&text) {
        return Ok(Partition::from(text));
    }
    Err(format!("the partitions are {}", Partition::DOCUMENTED.join(", ")))
}

const RENDER_EXAMPLES: &str = "\
Examples:
  keyrail guardrails render --config env/controls.json --out policies
      writes policies/org/service_control_policy/*.json and policies/org/resource_control_policy/*.json
  keyrail guardrails render --config env/controls.json --account dev=222222222222 --out policies
      writes policies/kms/dev.json too
  keyrail guardrails render --config env/controls.json --out policies --check
      for continuous integration: fails when a file is not current

Exit codes: 0 everything is current, 1 a file is not, 2 the policies could not be made, proven or written.";

const PROVE_EXAMPLES: &str = "\
Examples:
  keyrail guardrails prove --config env/controls.json
      every control where the file's `guardrails.ou_map` hangs it
  keyrail guardrails prove --config env/controls.json --on root=mfa,key-rotation --on prod=environment-boundary
      some controls at some places
  keyrail guardrails prove --config env/controls.json --own-role arn:aws:iam::111111111111:role/terraform
      and that this role can undo it

Exit codes: 0 everything holds, 1 something does not, 2 the policies could not be made.";

const DIFF_EXAMPLES: &str = "\
Examples:
  keyrail guardrails diff --config env/controls.json --profile management
      what is missing, altered, left over or hung elsewhere

Exit codes: 0 what is in force is what the controls say, 1 it is not, 2 the comparison was not possible.";
