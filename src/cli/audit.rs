//! `keyrail audit`: every key of an account and region against the controls.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use time::OffsetDateTime;

use super::config;
use super::connection::ConnectionArgs;
use super::exit::{Failure, Outcome};
use super::render;
use super::table::{Colour, Look, Rows, table};
use crate::audit::{
    CollectError, Collection, Filter, Limits, Place, Report, Scope, Selection, Source, Step, TagFilter,
};
use crate::audit::{collect, evaluate, export, reference};
use crate::aws::KeyReference;
use crate::aws::Session;
use crate::controls::CONTROLS;
use crate::controls::Control;
use crate::controls::catalogue::control_named;
use crate::controls::contract::doc::ControlId;
use crate::controls::contract::doc::Severity;
use crate::controls::contract::finding::Finding;
use crate::controls::contract::finding::Status;

/// Judge every key of an account and region by the controls
///
/// Reads the customer managed keys, their policies, rotation, tags, aliases and grants, at no more than half of
/// AWS's request quotas, and says of each control: pass, fail, unknown, waived, not applicable. What could not be
/// read is unknown, never a pass. AWS managed keys are left alone.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// How the report is written [default: what the file's ending says; on standard output a table]
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// Write to this file, which ends in `.json`, `.html` or `.txt`; may be repeated. The table is still printed, unless `--format` is given
    #[arg(long, short, value_name = "FILE")]
    output: Vec<PathBuf>,
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// What somebody should look at, for a terminal
    Table,
    /// Everything, for machines
    Json,
    /// Everything, as one page for people
    Html,
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
    let catalogue = config::catalogue(args.config.as_deref())?;
    let scope = args.choice.scope()?;
    let checks = args.choice.checks()?;
    // A name that says no format is told before AWS is asked.
    args.files()?;
    let runtime = tokio::runtime::Runtime::new()?;
    let collection = runtime.block_on(async {
        let session = args.connection.connect().await?;
        read(session, &scope).await
    })?;
    let today = collection.time.date();
    let report = evaluate(collection, |key| catalogue.judge(key, today), checks.as_ref());
    args.deliver(&report)?;
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
    fn deliver(&self, report: &Report) -> Result<(), Failure> {
        for (path, format) in self.files()? {
            render::write(path, &self.written(report, format, Colour::Off))?;
        }
        match (self.output.is_empty(), self.format) {
            (false, Some(_)) => Ok(()),
            (_, format) => {
                let colour = if render::is_terminal() { Colour::On } else { Colour::Off };
                render::print(&self.written(report, format.unwrap_or(Format::Table), colour))
            }
        }
    }

    /// The files to write, each with its format.
    fn files(&self) -> Result<Vec<(&Path, Format)>, Failure> {
        let format = |path: &Path| self.format.or_else(|| Format::of(path)).ok_or_else(|| unclear(path));
        self.output.iter().map(|path| Ok((path.as_path(), format(path)?))).collect()
    }

    fn written(&self, report: &Report, format: Format, colour: Colour) -> String {
        let rows = if self.all { Rows::All } else { Rows::Notable };
        match format {
            Format::Table => table(report, Look { rows, colour }),
            Format::Json => export::json(report),
            Format::Html => export::html(report),
        }
    }

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
        let tag = self.tag.as_deref().map(|tag| match tag.split_once('=') {
            Some((key, value)) => TagFilter { key: key.to_owned(), value: Some(value.to_owned()) },
            None => TagFilter { key: tag.to_owned(), value: None },
        });
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

impl Format {
    fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "json" => Some(Self::Json),
            "html" | "htm" => Some(Self::Html),
            "txt" => Some(Self::Table),
            _ => None,
        }
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

fn unclear(path: &Path) -> Failure {
    Failure::new(format!("the name of `{}` does not say in which format to write", path.display()))
        .advise("end it in `.json`, `.html` or `.txt`, or say it with `--format`")
}

fn no_control(name: &str) -> Failure {
    let ids: Vec<String> = CONTROLS.iter().map(|control| format!("`{}`", control.id())).collect();
    Failure::new(format!("there is no control `{name}`")).advise(format!("one of {}", ids.join(", ")))
}

const EXAMPLES: &str = "\
Examples:
  keyrail audit
      every key of the default account and region, as a table
  keyrail audit --region eu-west-1 --output audit.json --output audit.html
      the same, and the whole report as two files
  keyrail audit --format json | jq '.findings[] | select(.status == \"fail\")'
      the findings that fail
  keyrail audit --config keyrail.json --fail-on high
      with own settings and waivers; exit code 1 only from severity high on
  keyrail sandbox -- keyrail audit
      against the embedded AWS, without an account

Configuration file:
  {
    \"controls\": {\"key_rotation\": {\"max_period_in_days\": 180}},
    \"waivers\": [{\"control\": \"key-rotation\", \"key\": \"alias/legacy\", \"reason\": \"moves in spring\",
                 \"approved_by\": \"security@example.com\", \"expires\": \"2027-01-31\"}]
  }

Exit codes: 0 nothing fails, 1 a control fails or could not be decided, 2 no audit was possible.";
