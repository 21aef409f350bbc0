//! The arguments of `keyrail lint`.

use std::path::PathBuf;

use clap::ValueEnum;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::iam::evaluate::Caller;
use crate::iam::lint::contract::principals::{Who, who};
use crate::iam::lint::{Kind, Severity, Surroundings};
use crate::model::InvalidText;
use crate::model::account::AccountId;
use crate::model::org::OrganizationId;
use crate::model::region::Region;

/// Find mistakes in policies before AWS does, or does not
///
/// Each finding says where it is, what is wrong and how to mend it. Every rule has a page under `docs/lint`. Service
/// control policies of one run are taken to be in force together, and so are resource control policies; policies of keys
/// are looked at one by one.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Policy files, or `-` for standard input
    #[arg(value_name = "FILE", required = true)]
    pub(super) files: Vec<PathBuf>,
    /// What kind of policies they are
    #[arg(long = "type", value_name = "TYPE", value_parser = kinds())]
    pub(super) kind: Kind,
    /// How to print what is found
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: Format,
    /// Exit with 1 for findings that are at least this bad
    #[arg(long, value_enum, value_name = "SEVERITY", default_value = "error")]
    pub(super) deny: Deny,
    /// The account of the key; without it the account that the policy allows
    #[arg(long, value_name = "ID")]
    account: Option<AccountId>,
    /// The region of the key
    #[arg(long)]
    region: Option<Region>,
    /// The organisation's id; others are reported
    #[arg(long, value_name = "ID")]
    organization: Option<OrganizationId>,
    /// Another account of the organisation (repeatable)
    #[arg(long, value_name = "ID")]
    member: Vec<AccountId>,
    /// The ARN of a role or user that must be able to go on managing keys (repeatable)
    #[arg(long, value_name = "ARN", value_parser = keeper)]
    keeper: Vec<String>,
}

impl Args {
    /// What is known beside the policies.
    pub(super) fn surroundings(&self) -> Surroundings {
        Surroundings {
            account: self.account.clone(),
            region: self.region.clone(),
            organization: self.organization.clone(),
            members: self.member.iter().cloned().collect(),
            keepers: self.keeper.iter().cloned().collect(),
            beside: Vec::new(),
        }
    }
}

/// How findings are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For a person
    Text,
    /// For a program
    Json,
    /// For code scanning, SARIF 2.1.0
    Sarif,
}

/// From which severity on findings are a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Deny {
    /// Errors
    Error,
    /// Warnings and errors
    Warning,
    /// Everything
    Info,
}

impl Deny {
    pub(super) fn severity(self) -> Severity {
        match self {
            Self::Error => Severity::Error,
            Self::Warning => Severity::Warning,
            Self::Info => Severity::Info,
        }
    }
}

fn kinds() -> impl TypedValueParser<Value = Kind> {
    let named = |name: String| Kind::ALL.into_iter().find(|kind| kind.as_str() == name);
    PossibleValuesParser::new(Kind::ALL.map(Kind::as_str))
        .try_map(move |name| named(name).ok_or("there is no such type of policy"))
}

const EXAMPLES: &str = "\
Examples:
  keyrail lint --type key policies/kms/*.json
      the policies of keys
  keyrail lint --type key --deny warning --keeper arn:aws:iam::222222222222:role/terraform policies/kms/dev.json
      one of them; fails also for warnings, and wherever it would stop the pipeline
  keyrail lint --type scp policies/org/service_control_policy/*.json
      the organisation's policies
  aws kms get-key-policy --key-id alias/app --output text --query Policy | keyrail lint --type key -
      from a pipe
  keyrail lint --type rcp --format sarif policies/org/resource_control_policy/*.json > findings.sarif
      for code scanning

Exit codes: 0 nothing that is denied, 1 a finding that is, 2 a file could not be read, whatever was found in the
others, or the arguments are wrong.";

/// Reads the ARN of a role or a user; nobody else can be a keeper.
fn keeper(text: &str) -> Result<String, InvalidText> {
    let named = matches!(who(text), Who::Entity { kind: "role" | "user", .. });
    if named && Caller::parse(text).is_ok() {
        return Ok(text.to_owned());
    }
    let expected = "one without wildcards such as `arn:aws:iam::222222222222:role/terraform`";
    Err(InvalidText::new("the ARN of a role or a user", text, expected))
}
