//! What the environment variables of AWS's tools say, as far as the SDK does not
//! read them itself.

use std::collections::BTreeMap;
use std::path::PathBuf;

use url::Url;

use super::{ConnectionSettings, Proxies, Retries, RetryMode};
use crate::model::region::Region;

/// Environment variables by name.
pub type Environment = BTreeMap<String, String>;

impl ConnectionSettings {
    /// The settings of a command that was told nothing: all from the environment.
    pub fn from_environment(environment: &Environment) -> Result<Self, InvalidVariable> {
        let region = region(environment)?;
        let retries = Retries::from_environment(environment)?;
        let proxies = Proxies::from_environment(environment)?;
        let ca_bundle = variable(environment, "AWS_CA_BUNDLE").map(PathBuf::from);
        let user_agent = variable(environment, "TF_APPEND_USER_AGENT").map(str::to_owned);
        Ok(Self {
            region,
            retries,
            proxies,
            ca_bundle,
            user_agent: user_agent.into_iter().collect(),
            ..Self::default()
        })
    }
}

impl Retries {
    fn from_environment(environment: &Environment) -> Result<Self, InvalidVariable> {
        let mut retries = Self::default();
        if let Some(found) = variable(environment, "AWS_MAX_ATTEMPTS") {
            let attempts = found.parse().ok().filter(|attempts| *attempts > 0);
            retries.max_attempts = attempts
                .ok_or_else(|| InvalidVariable::new("AWS_MAX_ATTEMPTS", found, "a whole number from 1"))?;
        }
        if let Some(found) = variable(environment, "AWS_RETRY_MODE") {
            retries.mode = RetryMode::parse(found)
                .ok_or_else(|| InvalidVariable::new("AWS_RETRY_MODE", found, "`standard` or `adaptive`"))?;
        }
        Ok(retries)
    }
}

impl Proxies {
    fn from_environment(environment: &Environment) -> Result<Self, InvalidVariable> {
        let exceptions = either(environment, "NO_PROXY", "no_proxy").map_or("", |(_, found)| found);
        Ok(Self {
            http: proxy(environment, "HTTP_PROXY", "http_proxy")?,
            https: proxy(environment, "HTTPS_PROXY", "https_proxy")?,
            exceptions: exceptions.to_owned(),
        })
    }
}

/// An environment variable whose value cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the environment variable `{name}` is `{found}`; expected {expected}")]
pub struct InvalidVariable {
    name: &'static str,
    found: String,
    expected: &'static str,
}

impl InvalidVariable {
    fn new(name: &'static str, found: &str, expected: &'static str) -> Self {
        Self { name, found: found.to_owned(), expected }
    }
}

fn region(environment: &Environment) -> Result<Option<Region>, InvalidVariable> {
    let Some((name, found)) = either(environment, "AWS_REGION", "AWS_DEFAULT_REGION") else {
        return Ok(None);
    };
    let invalid = |_| InvalidVariable::new(name, found, "a name such as `eu-west-1`");
    found.parse().map(Some).map_err(invalid)
}

/// A proxy's address may hold a password, so a wrong one is not repeated.
fn proxy(
    environment: &Environment,
    upper: &'static str,
    lower: &'static str,
) -> Result<Option<Url>, InvalidVariable> {
    let Some((name, found)) = either(environment, upper, lower) else { return Ok(None) };
    let address = if found.contains("://") { found.to_owned() } else { format!("http://{found}") };
    let invalid =
        |_| InvalidVariable::new(name, "(not shown)", "an address such as `http://proxy.example:3128`");
    address.parse().map(Some).map_err(invalid)
}

fn either<'a>(
    environment: &'a Environment,
    upper: &'static str,
    lower: &'static str,
) -> Option<(&'static str, &'a str)> {
    let named = |name| variable(environment, name).map(|found| (name, found));
    named(upper).or_else(|| named(lower))
}

/// A variable that is set to nothing counts as absent, as in AWS's tools.
fn variable<'a>(environment: &'a Environment, name: &str) -> Option<&'a str> {
    environment.get(name).map(String::as_str).filter(|value| !value.is_empty())
}
