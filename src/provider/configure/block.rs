//! The block as a whole: what is wrong with it, and what it comes to.

use std::time::Duration;

use time::OffsetDateTime;

use super::accounts::Accounts;
use super::choices::Choices;
use super::reading::{Notes, Part};
use super::{catalogue, connection, failure};
use crate::aws::config::{ConnectionSettings, Environment};
use crate::aws::{Session, connect};
use crate::provider::configured::{Configured, NotConnected};
use crate::tf::{Diagnostics, Value};

/// Checks what can be checked without environment and AWS.
pub(in crate::provider) fn validate(config: &Value) -> Diagnostics {
    let block = Block::read(config, &Environment::new());
    let mut diagnostics = block.diagnostics;
    if !diagnostics.has_errors() {
        diagnostics.absorb(block.chosen.configure());
    }
    diagnostics
}

/// Makes the configured provider. Values unknown in this plan are no errors.
pub(in crate::provider) async fn configure(
    config: &Value,
    environment: &Environment,
    terraform_version: &str,
    clock: fn() -> OffsetDateTime,
) -> Result<Configured, Diagnostics> {
    let Block { mut settings, mut chosen, accounts, choices, not_connected, diagnostics } =
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
    let unsettled_controls = chosen.unsettled.clone();
    Ok(Configured {
        session,
        catalogue: chosen.configure()?,
        undecided_controls,
        unsettled_controls,
        enforcement: choices.enforcement,
        default_tags: choices.default_tags,
        ignored_tags: choices.ignored_tags,
        environment: choices.environment,
        allowed_environments: choices.allowed_environments,
        policies_directory: choices.policies_directory,
        alias_format: choices.alias_format,
        unknown: choices.unknown,
        clock,
    })
}

/// The block as it was read.
struct Block {
    settings: ConnectionSettings,
    chosen: catalogue::Chosen,
    accounts: Accounts,
    choices: Choices,
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
        let choices = Choices::read(&whole, environment, &mut notes);
        Self { settings, chosen, accounts, choices, not_connected, diagnostics: notes.diagnostics }
    }
}

async fn connected(settings: &ConnectionSettings, accounts: &Accounts) -> Result<Session, Diagnostics> {
    let session = connect(settings).await.map_err(|error| failure::not_connected(&error, settings))?;
    accounts.check(&session)?;
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
