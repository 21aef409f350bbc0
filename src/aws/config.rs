//! How to reach AWS, as plain data: what the provider block or the command
//! line asked for, completed from the environment.
//!
//! Nothing is read here: the environment is an argument, files are named and
//! opened when a connection is made. INVARIANT: a secret is never printed.

mod environment;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use crate::model::region::Region;
use crate::model::tag::Tags;

pub use environment::{Environment, InvalidVariable};

/// What was asked for. Everything that is absent is found where AWS's own
/// tools find it: environment variables, shared files, the container, the instance.
#[derive(Debug, Clone, Default)]
pub struct ConnectionSettings {
    /// The region of the KMS calls.
    pub region: Option<Region>,
    /// The region of the STS calls, if it is another one.
    pub sts_region: Option<Region>,
    /// Keys given outright; they win over everything else.
    pub keys: Option<AccessKeys>,
    /// The profile of the shared files; named outright it wins over keys in the environment.
    pub profile: Option<String>,
    /// Shared configuration files in place of the usual one.
    pub config_files: Vec<PathBuf>,
    /// Shared credentials files in place of the usual one.
    pub credentials_files: Vec<PathBuf>,
    /// A role assumed with a token of an identity provider.
    pub web_identity: Option<WebIdentity>,
    /// Roles assumed one after the other, the last of which makes the calls.
    pub roles: Vec<Role>,
    /// Addresses in place of AWS's own.
    pub endpoints: Endpoints,
    /// The instance's metadata service.
    pub instance_metadata: InstanceMetadata,
    /// How often a failed call is repeated.
    pub retries: Retries,
    /// Whether FIPS endpoints are used.
    pub fips: Option<bool>,
    /// Whether dual-stack endpoints are used.
    pub dual_stack: Option<bool>,
    /// The way out to the network.
    pub proxies: Proxies,
    /// A PEM file with the authorities to trust in place of the system's.
    pub ca_bundle: Option<PathBuf>,
    /// Products put in front of the SDK's in the `User-Agent` header.
    pub user_agent: Vec<String>,
    /// Whether the caller is asked for when the connection is made.
    pub caller_check: CallerCheck,
}

/// An access key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessKeys {
    /// The access key id.
    pub id: String,
    /// The secret access key.
    pub secret: Secret,
    /// The session token of temporary keys.
    pub token: Option<Secret>,
}

/// A text that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// A role to assume, with the session that is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Role {
    /// The role.
    pub arn: String,
    /// What the session is called; `keyrail` if nothing is said.
    pub session_name: Option<String>,
    /// How long it lasts: 15 minutes to 12 hours.
    pub duration: Option<Duration>,
    /// The id the role's trust policy may ask for.
    pub external_id: Option<String>,
    /// A policy that narrows the session, as JSON.
    pub policy: Option<String>,
    /// Managed policies that narrow the session.
    pub policy_arns: Vec<String>,
    /// The identity kept through further role sessions.
    pub source_identity: Option<String>,
    /// Tags of the session.
    pub tags: Tags,
    /// The tags that further role sessions inherit.
    pub transitive_tag_keys: Vec<String>,
}

/// A role assumed with a token of an identity provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebIdentity {
    /// The role, and those parts of the session that AWS accepts here.
    pub role: Role,
    /// Where the token is.
    pub token: WebIdentityToken,
}

/// A token of an identity provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WebIdentityToken {
    /// Given outright.
    Given(Secret),
    /// In a file, read whenever it is needed.
    File(PathBuf),
}

/// Addresses in place of AWS's own. Where one is absent, `AWS_ENDPOINT_URL_KMS` and
/// its siblings, then `AWS_ENDPOINT_URL`, then the shared configuration hold.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Endpoints {
    /// KMS.
    pub kms: Option<Url>,
    /// Organizations.
    pub organizations: Option<Url>,
    /// STS.
    pub sts: Option<Url>,
}

/// Whether and where credentials and region are asked of the instance.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum InstanceMetadata {
    /// Where AWS's tools look.
    #[default]
    Usual,
    /// Nowhere.
    Off,
    /// At another address, or over another protocol.
    At {
        /// The address.
        endpoint: Option<Url>,
        /// `IPv4` or `IPv6`.
        mode: Option<AddressFamily>,
    },
}

/// The protocol spoken with the instance's metadata service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressFamily {
    /// IPv4.
    IpV4,
    /// IPv6.
    IpV6,
}

/// How often a failed call is repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retries {
    /// Attempts in all, the first one included.
    pub max_attempts: u32,
    /// How the attempts are spaced.
    pub mode: RetryMode,
    /// How many repeats all calls together may spend; no bound if absent.
    pub budget: Option<usize>,
}

/// How attempts are spaced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RetryMode {
    /// Exponential, with jitter.
    #[default]
    Standard,
    /// The same, and slower from the start once AWS throttles.
    Adaptive,
}

/// The way out to the network; an absent proxy is none.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    /// For `http` addresses.
    pub http: Option<Url>,
    /// For `https` addresses.
    pub https: Option<Url>,
    /// Hosts reached directly, separated by commas. This machine always is.
    pub exceptions: String,
}

/// Whether the caller is asked for when the connection is made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CallerCheck {
    /// It is: wrong credentials show at once.
    #[default]
    Asked,
    /// It is not: for services that look like AWS and know no STS.
    Skipped,
}

impl Secret {
    /// Keeps `text` from being printed.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for the one place that needs it.
    pub(in crate::aws) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("(secret)")
    }
}

/// An address as it is printed: what stands before the host may be a password.
struct Shown<'a>(&'a Url);

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(url) = self;
        let secret = if url.username().is_empty() && url.password().is_none() { "" } else { "(secret)@" };
        write!(formatter, "{}://{secret}{}", url.scheme(), url.host_str().unwrap_or_default())?;
        url.port().map_or(Ok(()), |port| write!(formatter, ":{port}"))?;
        formatter.write_str(url.path())
    }
}

fn shown(address: Option<&Url>) -> Option<Shown<'_>> {
    address.map(Shown)
}

impl fmt::Debug for Endpoints {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kms, organizations, sts } = self;
        formatter
            .debug_struct("Endpoints")
            .field("kms", &shown(kms.as_ref()))
            .field("organizations", &shown(organizations.as_ref()))
            .field("sts", &shown(sts.as_ref()))
            .finish()
    }
}

impl fmt::Debug for InstanceMetadata {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usual => formatter.write_str("Usual"),
            Self::Off => formatter.write_str("Off"),
            Self::At { endpoint, mode } => {
                let mut at = formatter.debug_struct("At");
                at.field("endpoint", &shown(endpoint.as_ref())).field("mode", mode).finish()
            }
        }
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { http, https, exceptions } = self;
        formatter
            .debug_struct("Proxies")
            .field("http", &shown(http.as_ref()))
            .field("https", &shown(https.as_ref()))
            .field("exceptions", exceptions)
            .finish()
    }
}

impl Default for Retries {
    /// As many as hashicorp/aws makes, so that a configuration moved here bears the same throttling.
    fn default() -> Self {
        Self { max_attempts: 25, mode: RetryMode::Standard, budget: None }
    }
}

impl RetryMode {
    /// The mode that AWS's tools call `name`.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "standard" => Some(Self::Standard),
            "adaptive" => Some(Self::Adaptive),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        AccessKeys, ConnectionSettings, Endpoints, Environment, InstanceMetadata, Proxies, Retries,
        RetryMode, Secret,
    };

    fn environment(variables: &[(&str, &str)]) -> Environment {
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn an_empty_environment_gives_what_hashicorp_aws_does() {
        let settings = ConnectionSettings::from_environment(&Environment::new()).unwrap();
        assert_eq!(settings.retries, Retries { max_attempts: 25, mode: RetryMode::Standard, budget: None });
        assert_eq!(settings.proxies, Proxies::default());
        assert!(settings.ca_bundle.is_none());
    }

    #[test]
    fn the_environment_is_heard() {
        let settings = ConnectionSettings::from_environment(&environment(&[
            ("AWS_MAX_ATTEMPTS", "4"),
            ("AWS_RETRY_MODE", "adaptive"),
            ("https_proxy", "proxy.example:3128"),
            ("NO_PROXY", "10.0.0.0/8"),
            ("AWS_CA_BUNDLE", "/etc/ca.pem"),
            ("TF_APPEND_USER_AGENT", "pipeline/7"),
        ]))
        .unwrap();
        assert_eq!(settings.retries, Retries { max_attempts: 4, mode: RetryMode::Adaptive, budget: None });
        assert_eq!(settings.proxies.https.unwrap().as_str(), "http://proxy.example:3128/");
        assert_eq!(settings.proxies.http, None);
        assert_eq!(settings.proxies.exceptions, "10.0.0.0/8");
        assert_eq!(settings.ca_bundle.unwrap().to_str(), Some("/etc/ca.pem"));
        assert_eq!(settings.user_agent, ["pipeline/7"]);
    }

    #[test]
    fn a_variable_that_is_set_to_nothing_counts_as_absent() {
        let region = |variables| {
            let settings = ConnectionSettings::from_environment(&environment(variables)).unwrap();
            settings.region.map(|region| region.to_string())
        };
        let fallen_back = region(&[("AWS_REGION", ""), ("AWS_DEFAULT_REGION", "eu-west-3")]);
        assert_eq!(fallen_back.as_deref(), Some("eu-west-3"));
        assert_eq!(region(&[("AWS_REGION", ""), ("AWS_DEFAULT_REGION", "")]), None);
    }

    #[test]
    fn a_variable_that_makes_no_sense_is_named() {
        let error = |name, value| {
            ConnectionSettings::from_environment(&environment(&[(name, value)])).unwrap_err().to_string()
        };
        assert_eq!(
            error("AWS_MAX_ATTEMPTS", "0"),
            "the environment variable `AWS_MAX_ATTEMPTS` is `0`; expected a whole number from 1"
        );
        assert_eq!(
            error("HTTP_PROXY", "http://user:hunter2@"),
            "the environment variable `HTTP_PROXY` is `(not shown)`; expected an address such as \
             `http://proxy.example:3128`"
        );
    }

    #[test]
    fn secrets_are_not_printed() {
        let keys = AccessKeys {
            id: "AKIAEXAMPLE".to_owned(),
            secret: Secret::new("hunter2"),
            token: Some(Secret::new("hunter3")),
        };
        assert_eq!(
            format!("{keys:?}"),
            "AccessKeys { id: \"AKIAEXAMPLE\", secret: (secret), token: Some((secret)) }"
        );
        let address = || "http://user:hunter2@host.example:3128/x?token=hunter3".parse().ok();
        let settings = ConnectionSettings {
            endpoints: Endpoints { kms: address(), organizations: address(), sts: address() },
            instance_metadata: InstanceMetadata::At { endpoint: address(), mode: None },
            proxies: Proxies { http: address(), https: address(), exceptions: String::new() },
            ..ConnectionSettings::default()
        };
        let printed = format!("{settings:?}");
        assert!(!printed.contains("hunter"), "{printed}");
        let shown = "http: Some(http://(secret)@host.example:3128/x)";
        assert!(printed.contains(shown), "{printed}");
    }
}
