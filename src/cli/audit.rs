//! `keyrail audit`: every key of an account and region against the controls.

mod output;
mod unmet;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use time::OffsetDateTime;

use self::output::Output;
use super::config;
use super::connection::ConnectionArgs;
use super::exit::{Failure, Outcome};
use super::render;
use super::table::Rows;
use crate::audit::{
    CollectError, Collection, Filter, Limits, Place, Report, Scope, Selection, Source, Step, TagFilter,
};
use crate::audit::{collect, evaluate, reference};
use crate::aws::KeyReference;
use crate::aws::Session;
use crate::controls::CONTROLS;
use crate::controls::Control;
use crate::controls::catalogue::control_named;
use crate::controls::contract::doc::ControlId;
use crate::controls::contract::doc::Severity;
use crate::controls::contract::finding::Finding;
use crate::controls::contract::finding::Status;
use crate::model::quoted;

/// Judge every key of an account and region by the controls
///
/// Reads the customer managed keys, their policies, rotation, tags, aliases and grants, at no more than half of
/// AWS's request quotas, and says of each control: pass, fail, unknown, waived, not applicable. What could not be
/// read is unknown, never a pass. AWS managed keys are left alone.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    output: Output,
    /// Show passed and inapplicable controls in the table too
    #[arg(long)]
    all: bool,
    /// Controls, settings and waivers as JSON [default: every control with its defaults]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The mildest severity at which a finding makes the exit code 1
    #[arg(long, value_name = "SEVERITY", default_value = "informational")]
    fail_on: Threshold,
    /// Let controls that could not be decided pass for the exit code
    #[arg(long)]
    allow_unknown: bool,
    #[command(flatten)]
    choice: Choice,
    #[command(flatten)]
    connection: ConnectionArgs,
}

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Which keys and controls")]
struct Choice {
    /// A key by id, ARN or alias instead of all; may be repeated
    #[arg(long = "key", value_name = "KEY")]
    keys: Vec<String>,
    /// Only keys with an alias that starts so, such as `alias/payments/`
    #[arg(long, value_name = "PREFIX")]
    alias_prefix: Option<String>,
    /// Only keys with this tag: `Environment` or `Environment=prod`
    #[arg(long, value_name = "TAG[=VALUE]")]
    tag: Option<String>,
    /// Only this control; may be repeated
    #[arg(long = "check", value_name = "CONTROL")]
    checks: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
enum Threshold {
    Informational,
    Low,
    Medium,
    High,
    Critical,
    /// Findings never change the exit code
    Never,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<Outcome, Failure> {
    let catalogue = config::configuration(args.config.as_deref())?.catalogue;
    let scope = args.choice.scope()?;
    let checks = args.choice.checks()?;
    // What cannot be written is told before AWS is asked.
    args.output.check()?;
    let runtime = tokio::runtime::Runtime::new()?;
    let collection = runtime.block_on(async {
        let session = args.connection.connect().await?;
        read(session, &scope).await
    })?;
    let today = collection.time.date();
    let report = evaluate(collection, |key| catalogue.judge(key, today), checks.as_ref());
    unmet::refuse_nothing(&report, &scope)?;
    args.output.deliver(&report, if args.all { Rows::All } else { Rows::Notable })?;
    for note in unmet::notes(&report, &scope, catalogue.waivers(), checks.as_ref()) {
        render::note(&note);
    }
    Ok(args.outcome(&report))
}

async fn read(session: Session, scope: &Scope) -> Result<Collection, Failure> {
    let source = Source {
        kms: Arc::clone(&session.kms),
        place: Place { account: session.account.clone(), region: session.region.clone() },
        // Whoever mistypes a name at a prompt should not wait to be told.
        limits: Limits { patience: Duration::ZERO, ..Limits::default() },
        clock: OffsetDateTime::now_utc,
    };
    let bar = render::progress();
    bar.set_message("Reading keys");
    let progress = |step| match step {
        Step::Listed(keys) => bar.set_length(u64::try_from(keys).unwrap_or(u64::MAX)),
        Step::Done => bar.inc(1),
    };
    let collection = collect(&source, scope, &progress).await;
    bar.finish_and_clear();
    collection.map_err(explained)
}

fn explained(error: CollectError) -> Failure {
    let advice = match &error {
        CollectError::Listing { .. } => {
            "grant `kms:ListKeys` and `kms:ListAliases` on `*`, or name the keys with `--key`"
        }
        CollectError::Credentials(_) => {
            "check `AWS_PROFILE`, `AWS_ACCESS_KEY_ID` and when the session expires"
        }
        CollectError::NoSuchKey { .. } | CollectError::Elsewhere { .. } => {
            "check the name, `--profile` and `--region`"
        }
        CollectError::Reserved(_) => "name the key by its id",
    };
    Failure::from(error).advise(advice)
}

impl Args {
    fn outcome(&self, report: &Report) -> Outcome {
        let counts = |finding: &Finding| match finding.status {
            Status::Fail => true,
            Status::Unknown => !self.allow_unknown,
            Status::Pass | Status::Waived | Status::NotApplicable => false,
        };
        let found = report
            .findings()
            .any(|(_, finding)| counts(finding) && Threshold::of(finding.severity) >= self.fail_on);
        if found { Outcome::Findings } else { Outcome::Success }
    }
}

impl Choice {
    fn scope(&self) -> Result<Scope, Failure> {
        let keys = self.keys.iter().map(|text| key(text)).collect::<Result<Vec<_>, _>>()?;
        let tag = self.tag.as_deref().map(tag).transpose()?;
        let selection = if keys.is_empty() { Selection::CustomerKeys } else { Selection::Named(keys) };
        let alias_prefix = self.alias_prefix.clone();
        if let Some(prefix) = alias_prefix.as_ref().filter(|prefix| !prefix.starts_with("alias/")) {
            let failure = Failure::new(format!("no alias begins with `{prefix}`"));
            return Err(failure.advise(format!("alias names begin with `alias/`, so `alias/{prefix}`")));
        }
        Ok(Scope { selection, filter: Filter { alias_prefix, tag } })
    }

    fn checks(&self) -> Result<Option<BTreeSet<ControlId>>, Failure> {
        let named = |name: &String| control_named(name).map(Control::id).ok_or_else(|| no_control(name));
        let checks = self.checks.iter().map(named).collect::<Result<BTreeSet<_>, _>>()?;
        Ok(Some(checks).filter(|checks| !checks.is_empty()))
    }
}

impl Threshold {
    fn of(severity: Severity) -> Self {
        match severity {
            Severity::Informational => Self::Informational,
            Severity::Low => Self::Low,
            Severity::Medium => Self::Medium,
            Severity::High => Self::High,
            Severity::Critical => Self::Critical,
        }
    }
}

fn key(text: &str) -> Result<KeyReference, Failure> {
    reference(text).ok_or_else(|| {
        Failure::new(format!("`{text}` names no key"))
            .advise("give a key id, an ARN or an alias such as `alias/app/db`")
    })
}

fn tag(text: &str) -> Result<TagFilter, Failure> {
    let (key, value) = match text.split_once('=') {
        Some((key, value)) => (key, Some(value.to_owned())),
        None => (text, None),
    };
    if key.is_empty() {
        return Err(Failure::new(format!("`{text}` names no tag"))
            .advise("give a tag's key, or its key and a value, such as `Environment=prod`"));
    }
    Ok(TagFilter { key: key.to_owned(), value })
}

fn no_control(name: &str) -> Failure {
    let ids = quoted(CONTROLS.iter().map(|control| control.id()));
    Failure::new(format!("there is no control `{name}`")).advise(format!("one of {ids}"))
}

const EXAMPLES: &str = "\
Examples:
  keyrail audit
      every key of the default account and region, as a table
  keyrail audit --region eu-west-1 --output audit.json --output audit.html
      the same, and the whole report as two files
  keyrail audit --assume-role arn:aws:iam::222222222222:role/auditor
      the keys of that role's account
  keyrail audit --format json | jq '.findings[] | select(.status == \"fail\")'
      the findings that fail
  keyrail audit --config keyrail.json --fail-on high
      with own settings and waivers; exit code 1 only from severity high on
  keyrail audit --config keyrail.json --allow-unknown
      exit code 1 only when a control fails, not when one could not be decided
  keyrail sandbox -- keyrail audit
      against the embedded AWS, without an account

Configuration file:
  {
    \"controls\": {\"key_rotation\": {\"max_period_in_days\": 180}},
    \"waivers\": [{\"control\": \"key-rotation\", \"key\": \"alias/legacy\", \"reason\": \"moves in spring\",
                 \"approved_by\": \"security@example.com\", \"expires\": \"2027-01-31\"}]
  }

A waiver covers what fails and what could not be decided, through its last day.

Exit codes: 0 nothing fails, 1 a control fails or could not be decided (unknown), 2 no audit was possible.";
