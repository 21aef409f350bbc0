//! From settings to a session: one HTTP client, one place where credentials
//! come from, one client per service.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::imds::region::ImdsRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use thiserror::Error;

use super::authorities::{self, UnusableBundle};
use super::credentials::{InvalidMetadataEndpoint, instance_metadata, with_credentials};
use super::http::{PATIENCE, ProxyRefused, SHORT_PATIENCE, client};
use super::profile::ProfileError;
use super::{kms, organizations, profile, sts};
use crate::aws::config::{CallerCheck, ConnectionSettings, RetryMode};
use crate::aws::{AwsError, Kms, Regions, Session, Sts};
use crate::model::InvalidText;
use crate::model::account::AccountId;
use crate::model::region::Region;

/// Why there is no session.
#[derive(Debug, Error)]
pub enum ConnectError {
    /// Neither settings, environment, shared files nor the instance name a region.
    #[error("no region is given")]
    NoRegion,
    /// The region found outside of the settings is not one.
    #[error(transparent)]
    InvalidRegion(InvalidText),
    /// The profile that was named is not there.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// The file with the authorities to trust cannot be used.
    #[error(transparent)]
    CaBundle(#[from] UnusableBundle),
    /// A proxy's address cannot be used.
    #[error(transparent)]
    Proxy(#[from] ProxyRefused),
    /// The address of the instance's metadata service cannot be used.
    #[error(transparent)]
    InstanceMetadata(#[from] InvalidMetadataEndpoint),
    /// AWS does not say who the caller is.
    #[error(transparent)]
    Caller(AwsError),
}

/// Makes a session. AWS is asked for nothing but who the caller is, and that
/// only unless the settings say otherwise.
pub async fn connect(settings: &ConnectionSettings) -> Result<Session, ConnectError> {
    let trust = authorities::trusted(settings.ca_bundle.as_deref())?;
    let http = client(settings, trust.clone(), PATIENCE)?;
    let for_providers = client(settings, trust, SHORT_PATIENCE)?;
    let files = files(settings);
    profile::check(settings, &files).await?;
    let base = base(settings, &files, http, &for_providers).await?;
    let region = base.region().ok_or(ConnectError::NoRegion)?.as_ref().parse();
    let region = region.map_err(ConnectError::InvalidRegion)?;
    let config = with_credentials(settings, &files, &base, &around(&base, for_providers))?;
    let sts_region = settings.sts_region.as_ref().unwrap_or(&region);
    let sts = sts::Client::new(sts::client(settings, &config), sts_region);
    let account = match settings.caller_check {
        CallerCheck::Asked => Some(sts.caller_identity().await.map_err(ConnectError::Caller)?.account),
        CallerCheck::Skipped => None,
    };
    let organizations = organizations::Client::new(settings, &config, account.clone());
    let without_mfa = !settings.roles.is_empty() || settings.web_identity.is_some();
    let settings = settings.clone();
    let regions =
        Arc::new(Everywhere { settings, config, account: account.clone(), clients: Mutex::default() });
    Ok(Session {
        kms: regions.kms(&region),
        regions,
        organizations: Arc::new(organizations),
        sts: Arc::new(sts),
        region,
        account,
        without_mfa,
    })
}

/// One KMS client per region, made when it is first asked for.
struct Everywhere {
    settings: ConnectionSettings,
    config: SdkConfig,
    account: Option<AccountId>,
    clients: Mutex<BTreeMap<Region, Arc<dyn Kms>>>,
}

impl Regions for Everywhere {
    fn kms(&self, region: &Region) -> Arc<dyn Kms> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let client = clients.entry(region.clone()).or_insert_with(|| {
            Arc::new(kms::Client::new(&self.settings, &self.config, region, self.account.clone()))
        });
        Arc::clone(client)
    }
}

/// Everything but credentials.
async fn base(
    settings: &ConnectionSettings,
    files: &EnvConfigFiles,
    http: SharedHttpClient,
    for_providers: &SharedHttpClient,
) -> Result<SdkConfig, ConnectError> {
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .no_credentials()
        .profile_files(files.clone())
        .retry_config(retries(settings))
        .timeout_config(timeouts())
        .region(region(settings, files, for_providers)?)
        // It would take the waits between two connections for a body that does not flow.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .http_client(http);
    if let Some(profile) = &settings.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(fips) = settings.fips {
        loader = loader.use_fips(fips);
    }
    if let Some(dual_stack) = settings.dual_stack {
        loader = loader.use_dual_stack(dual_stack);
    }
    Ok(loader.load().await)
}

/// The instance is asked last, and only if it may be.
fn region(
    settings: &ConnectionSettings,
    files: &EnvConfigFiles,
    http: &SharedHttpClient,
) -> Result<RegionProviderChain, InvalidMetadataEndpoint> {
    let given = settings.region.as_ref().map(|region| aws_config::Region::new(region.as_str().to_owned()));
    let around = ProviderConfig::without_region().with_http_client(http.clone());
    let mut profile = ProfileFileRegionProvider::builder().configure(&around).profile_files(files.clone());
    if let Some(name) = &settings.profile {
        profile = profile.profile_name(name);
    }
    // The environment is in the settings: the SDK would take a variable that is
    // set to nothing for a region.
    let chain = RegionProviderChain::first_try(given).or_else(profile.build());
    let Some(metadata) = instance_metadata(settings, &around)? else { return Ok(chain) };
    Ok(chain.or_else(ImdsRegionProvider::builder().configure(&around).imds_client(metadata).build()))
}

/// What the SDK's own credential providers work with.
fn around(base: &SdkConfig, http: SharedHttpClient) -> ProviderConfig {
    let mut around = ProviderConfig::without_region()
        .with_behavior_version(base.behavior_version())
        .with_http_client(http)
        .with_region(base.region().cloned())
        .with_use_fips(base.use_fips())
        .with_use_dual_stack(base.use_dual_stack());
    if let Some(retries) = base.retry_config() {
        around = around.with_retry_config(retries.clone());
    }
    if let Some(timeouts) = base.timeout_config() {
        around = around.with_timeout_config(timeouts.clone());
    }
    around
}

fn files(settings: &ConnectionSettings) -> EnvConfigFiles {
    let mut files = EnvConfigFiles::builder()
        .include_default_config_file(settings.config_files.is_empty())
        .include_default_credentials_file(settings.credentials_files.is_empty());
    for file in &settings.config_files {
        files = files.with_file(EnvConfigFileKind::Config, file);
    }
    for file in &settings.credentials_files {
        files = files.with_file(EnvConfigFileKind::Credentials, file);
    }
    files.build()
}

fn retries(settings: &ConnectionSettings) -> RetryConfig {
    let mode = match settings.retries.mode {
        RetryMode::Standard => RetryConfig::standard(),
        RetryMode::Adaptive => RetryConfig::adaptive(),
    };
    mode.with_max_attempts(settings.retries.max_attempts.max(1))
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .read_timeout(READ)
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(OPERATION)
        .build()
}

/// Shorter than the five seconds after which the SDK begins the calls of its credential providers again.
const CONNECT: Duration = Duration::from_secs(4);
const READ: Duration = Duration::from_secs(30);
const ATTEMPT: Duration = Duration::from_mins(1);
/// All attempts of one call, throttled ones included.
const OPERATION: Duration = Duration::from_mins(10);
