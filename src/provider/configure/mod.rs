//! The provider block: its schema, what is checked while it is literal, and
//! what it comes to.

mod catalogue;
mod connection;
mod duration;
mod failure;
mod reading;
mod regions;
mod schema;
mod tags;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use time::OffsetDateTime;

use reading::{Notes, Part};

use crate::aws::Session;
use crate::aws::config::{ConnectionSettings, Environment};
use crate::aws::connect;
use crate::provider::configured::{
    Answers, Configured, DEFAULT_ALIAS_FORMAT, DEFAULT_ENVIRONMENTS, Enforcement, NotConnected,
};
use crate::tf::{Diagnostics, Value};

pub(super) use schema::schema;

/// Checks what can be checked without environment and AWS.
pub(super) fn validate(config: &Value) -> Diagnostics {
    let block = Block::read(config, &Environment::new());
    let mut diagnostics = block.diagnostics;
    if !diagnostics.has_errors() {
        diagnostics.absorb(block.chosen.configure());
    }
    diagnostics
}

/// Makes the configured provider. Values unknown in this plan are no errors.
pub(super) async fn configure(
    config: &Value,
    environment: &Environment,
    terraform_version: &str,
    clock: fn() -> OffsetDateTime,
) -> Result<Configured, Diagnostics> {
    let Block { mut settings, mut chosen, accounts, ours, not_connected, diagnostics } =
        Block::read(config, environment);
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    settings.user_agent.splice(0..0, products(terraform_version));
    let session = match not_connected {
        Some(not_connected) => Err(not_connected),
        None => Ok(connected(&settings, &accounts).await?),
    };
    if let Ok(session) = &session
        && chosen.wants_organization()
    {
        learn_organization(session, &mut chosen).await;
    }
    let undecided_controls = chosen.undecided.clone();
    Ok(Configured {
        session,
        catalogue: chosen.configure()?,
        undecided_controls,
        enforcement: ours.enforcement,
        default_tags: ours.default_tags,
        ignored_tags: ours.ignored_tags,
        environment: ours.environment,
        allowed_environments: ours.allowed_environments,
        policies_directory: ours.policies_directory,
        alias_format: ours.alias_format,
        unknown: ours.unknown,
        clock,
        answers: Answers::default(),
    })
}

/// The block as it was read.
struct Block {
    settings: ConnectionSettings,
    chosen: catalogue::Chosen,
    accounts: Accounts,
    ours: Ours,
    not_connected: Option<NotConnected>,
    diagnostics: Diagnostics,
}

impl Block {
    fn read(config: &Value, environment: &Environment) -> Self {
        let whole = Part::whole(config);
        let mut towards_aws = Notes::default();
        let settings = connection::read(&whole, environment, &mut towards_aws);
        let accounts = Accounts::read(&whole, &mut towards_aws);
        let not_connected = towards_aws.unknown.map(|path| NotConnected { argument: path.to_string() });
        let mut notes = Notes { diagnostics: towards_aws.diagnostics, unknown: None };
        let chosen = catalogue::read(&whole, &mut notes);
        let ours = Ours::read(&whole, environment, &mut notes);
        Self { settings, chosen, accounts, ours, not_connected, diagnostics: notes.diagnostics }
    }
}

/// The accounts that the credentials may and must not belong to.
#[derive(Debug, Default)]
struct Accounts {
    allowed: Vec<String>,
    forbidden: Vec<String>,
}

impl Accounts {
    fn read(part: &Part<'_>, notes: &mut Notes) -> Self {
        let mut accounts = |name: &str| {
            let listed = notes.texts(part, name).unwrap_or_default();
            for account in &listed {
                if let Err(error) = account.parse::<crate::model::account::AccountId>() {
                    notes.wrong(
                        part.place(name),
                        "Invalid account id",
                        reading::sentence(&error.to_string()),
                    );
                }
            }
            listed
        };
        let read =
            Self { allowed: accounts("allowed_account_ids"), forbidden: accounts("forbidden_account_ids") };
        if !read.allowed.is_empty() && !read.forbidden.is_empty() {
            let detail =
                "`allowed_account_ids` and `forbidden_account_ids` are both set. Remove one of them.";
            notes.wrong(part.place("forbidden_account_ids"), "Conflicting lists of accounts", detail);
        }
        read
    }
}

/// What is ours and has nothing to do with reaching AWS.
struct Ours {
    enforcement: Enforcement,
    default_tags: crate::provider::configured::DefaultTags,
    ignored_tags: crate::provider::configured::IgnoredTags,
    environment: Option<String>,
    allowed_environments: BTreeSet<String>,
    policies_directory: Option<PathBuf>,
    alias_format: String,
    unknown: BTreeSet<&'static str>,
}

impl Ours {
    fn read(part: &Part<'_>, environment: &Environment, notes: &mut Notes) -> Self {
        let default_tags = tags::default_tags(part, environment, notes);
        let mut unknown = BTreeSet::new();
        let mut one = |name: &'static str, notes: &mut Notes| {
            let text = notes.text(part, name);
            unknown.extend(notes.unknown.take().map(|_| name));
            text
        };
        let enforcement = one("enforcement", notes);
        let environment_name = one("environment", notes);
        let policies_directory = one("policies_directory", notes).map(PathBuf::from);
        let alias_format = one("alias_format", notes);
        let allowed = notes.texts(part, "allowed_environments");
        unknown.extend(notes.unknown.take().map(|_| "allowed_environments"));
        let ignored_tags = tags::ignored_tags(part, environment, notes);
        unknown.extend(notes.unknown.take().map(|_| "ignore_tags"));
        let ours = Self {
            enforcement: enforcement.map_or(Enforcement::Enforce, |text| how_strict(&text, part, notes)),
            default_tags,
            ignored_tags,
            environment: environment_name,
            allowed_environments: allowed
                .map_or_else(|| DEFAULT_ENVIRONMENTS.map(str::to_owned).into(), BTreeSet::from_iter),
            policies_directory,
            alias_format: alias_format.unwrap_or_else(|| DEFAULT_ALIAS_FORMAT.to_owned()),
            unknown,
        };
        ours.check(part, notes);
        ours
    }

    fn check(&self, part: &Part<'_>, notes: &mut Notes) {
        let Some(environment) = &self.environment else { return };
        let known = !self.unknown.contains("allowed_environments");
        if known && !self.allowed_environments.contains(environment) {
            let allowed: Vec<String> =
                self.allowed_environments.iter().map(|name| format!("`{name}`")).collect();
            let detail = format!(
                "`environment` is `{environment}`; `allowed_environments` has {}. Correct it, or add it to \
                 `allowed_environments`.",
                allowed.join(", ")
            );
            notes.wrong(part.place("environment"), "Environment not allowed", detail);
        }
    }
}

fn how_strict(text: &str, part: &Part<'_>, notes: &mut Notes) -> Enforcement {
    match text {
        "enforce" => Enforcement::Enforce,
        "warn" => Enforcement::Warn,
        other => {
            let detail = format!("`{other}` is neither `enforce` nor `warn`.");
            notes.wrong(part.place("enforcement"), "Invalid enforcement", detail);
            Enforcement::Enforce
        }
    }
}

async fn connected(settings: &ConnectionSettings, accounts: &Accounts) -> Result<Session, Diagnostics> {
    let session = connect(settings).await.map_err(|error| failure::not_connected(&error, settings))?;
    failure::check_account(&session, &accounts.allowed, &accounts.forbidden)?;
    Ok(session)
}

/// Any account may ask which organisation it is in. One that is in none, or may
/// not ask, works all the same: the control that wants to know says so.
async fn learn_organization(session: &Session, chosen: &mut catalogue::Chosen) {
    let asked = tokio::time::timeout(ORGANIZATION_ANSWER, session.organizations.organization()).await;
    if let Ok(Ok(organization)) = asked {
        chosen.give_organization(&organization.id);
    }
}

fn products(terraform_version: &str) -> [String; 2] {
    [
        format!("Terraform/{terraform_version} (+https://www.terraform.io)"),
        concat!("terraform-provider-kms/", env!("CARGO_PKG_VERSION")).to_owned(),
    ]
}

const ORGANIZATION_ANSWER: Duration = Duration::from_secs(10);
