//! Where the credentials come from: keys given outright, a profile, the usual
//! chain, then a web identity and roles on top.
//!
//! Nothing is asked for here; the providers built here are asked by the SDK
//! when it signs, which also keeps what they answer until it expires.

use std::time::SystemTime;

use aws_config::SdkConfig;
use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::imds;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_sdk_sts::types::{PolicyDescriptorType, Tag};

use super::error::Call;
use super::sts;
use crate::aws::config::{
    AccessKeys, AddressFamily, ConnectionSettings, InstanceMetadata, Role, WebIdentity, WebIdentityToken,
};

/// The provider that signs the calls, and the config `base` with it.
pub(super) fn with_credentials(
    settings: &ConnectionSettings,
    files: &EnvConfigFiles,
    base: &SdkConfig,
    around: &ProviderConfig,
) -> Result<SdkConfig, InvalidMetadataEndpoint> {
    let mut config = with(base, first(settings, files, around)?);
    if let Some(identity) = &settings.web_identity {
        let client = sts::client(settings, base);
        config = with(base, SharedCredentialsProvider::new(FromToken { client, identity: identity.clone() }));
    }
    for role in &settings.roles {
        let client = sts::client(settings, &config);
        config = with(base, SharedCredentialsProvider::new(FromRole { client, role: role.clone() }));
    }
    Ok(config)
}

/// The address of the instance's metadata service is not one.
#[derive(Debug, thiserror::Error)]
#[error("the address of the instance metadata service cannot be used: {0}")]
pub struct InvalidMetadataEndpoint(String);

/// A client for the instance's metadata, if it may be asked.
pub(super) fn instance_metadata(
    settings: &ConnectionSettings,
    around: &ProviderConfig,
) -> Result<Option<imds::Client>, InvalidMetadataEndpoint> {
    let builder = imds::Client::builder().configure(around);
    match &settings.instance_metadata {
        InstanceMetadata::Off => Ok(None),
        InstanceMetadata::Usual => Ok(Some(builder.build())),
        InstanceMetadata::At { endpoint, mode } => {
            let mut builder = builder;
            if let Some(endpoint) = endpoint {
                builder = builder
                    .endpoint(endpoint.as_str())
                    .map_err(|error| InvalidMetadataEndpoint(error.to_string()))?;
            }
            if let Some(mode) = mode {
                builder = builder.endpoint_mode(match mode {
                    AddressFamily::IpV4 => imds::client::EndpointMode::IpV4,
                    AddressFamily::IpV6 => imds::client::EndpointMode::IpV6,
                });
            }
            Ok(Some(builder.build()))
        }
    }
}

fn with(base: &SdkConfig, provider: SharedCredentialsProvider) -> SdkConfig {
    base.clone().into_builder().credentials_provider(provider).build()
}

fn first(
    settings: &ConnectionSettings,
    files: &EnvConfigFiles,
    around: &ProviderConfig,
) -> Result<SharedCredentialsProvider, InvalidMetadataEndpoint> {
    if let Some(keys) = &settings.keys {
        return Ok(SharedCredentialsProvider::new(given(keys)));
    }
    let profile = ProfileFileCredentialsProvider::builder().configure(around).profile_files(files.clone());
    if let Some(name) = &settings.profile {
        return Ok(SharedCredentialsProvider::new(profile.profile_name(name).build()));
    }
    let chain =
        CredentialsProviderChain::first_try("Environment", EnvironmentVariableCredentialsProvider::new())
            .or_else("Profile", profile.build())
            .or_else(
                "WebIdentityToken",
                WebIdentityTokenCredentialsProvider::builder().configure(around).build(),
            )
            .or_else("EcsContainer", EcsCredentialsProvider::builder().configure(around).build());
    let Some(metadata) = instance_metadata(settings, around)? else {
        return Ok(SharedCredentialsProvider::new(chain));
    };
    let instance = ImdsCredentialsProvider::builder().configure(around).imds_client(metadata).build();
    Ok(SharedCredentialsProvider::new(chain.or_else("Ec2InstanceMetadata", instance)))
}

fn given(keys: &AccessKeys) -> Credentials {
    let token = keys.token.as_ref().map(|token| token.reveal().to_owned());
    Credentials::new(keys.id.clone(), keys.secret.reveal(), token, None, "keyrail")
}

/// Credentials of a role that the credentials of `client` may assume.
#[derive(Debug)]
struct FromRole {
    client: aws_sdk_sts::Client,
    role: Role,
}

impl ProvideCredentials for FromRole {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.assume())
    }
}

impl FromRole {
    async fn assume(&self) -> Result<Credentials, CredentialsError> {
        let tags = self.role.tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
        let tags: Result<Vec<_>, _> = tags.collect();
        let answer = self
            .client
            .assume_role()
            .role_arn(&self.role.arn)
            .role_session_name(session_name(&self.role))
            .set_duration_seconds(duration(&self.role))
            .set_external_id(self.role.external_id.clone())
            .set_policy(self.role.policy.clone())
            .set_policy_arns(policies(&self.role))
            .set_source_identity(self.role.source_identity.clone())
            .set_tags(
                Some(tags.map_err(CredentialsError::invalid_configuration)?).filter(|tags| !tags.is_empty()),
            )
            .set_transitive_tag_keys(some_of(&self.role.transitive_tag_keys))
            .send()
            .await
            .map_err(|error| failed(Call::new("STS", "AssumeRole").on(&self.role.arn).failed(&error)))?;
        session(answer.credentials())
    }
}

/// Credentials of a role that a token of an identity provider may assume.
#[derive(Debug)]
struct FromToken {
    client: aws_sdk_sts::Client,
    identity: WebIdentity,
}

impl ProvideCredentials for FromToken {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.assume())
    }
}

impl FromToken {
    async fn assume(&self) -> Result<Credentials, CredentialsError> {
        let role = &self.identity.role;
        let answer = self
            .client
            .assume_role_with_web_identity()
            .role_arn(&role.arn)
            .role_session_name(session_name(role))
            .set_duration_seconds(duration(role))
            .set_policy(role.policy.clone())
            .set_policy_arns(policies(role))
            .web_identity_token(self.token().await?)
            .send()
            .await
            .map_err(|error| {
                failed(Call::new("STS", "AssumeRoleWithWebIdentity").on(&role.arn).failed(&error))
            })?;
        session(answer.credentials())
    }

    async fn token(&self) -> Result<String, CredentialsError> {
        match &self.identity.token {
            WebIdentityToken::Given(token) => Ok(token.reveal().to_owned()),
            WebIdentityToken::File(path) => tokio::fs::read_to_string(path).await.map_err(|error| {
                let reason = format!("the web identity token file `{}`: {error}", path.display());
                CredentialsError::invalid_configuration(reason)
            }),
        }
    }
}

fn session_name(role: &Role) -> &str {
    role.session_name.as_deref().unwrap_or("keyrail")
}

fn duration(role: &Role) -> Option<i32> {
    role.duration.and_then(|duration| i32::try_from(duration.as_secs()).ok())
}

fn policies(role: &Role) -> Option<Vec<PolicyDescriptorType>> {
    let policies = role.policy_arns.iter().map(|arn| PolicyDescriptorType::builder().arn(arn).build());
    Some(policies.collect::<Vec<_>>()).filter(|policies| !policies.is_empty())
}

fn some_of(texts: &[String]) -> Option<Vec<String>> {
    Some(texts.to_vec()).filter(|texts| !texts.is_empty())
}

/// The error of ours rides inside the SDK's, so that the call that fails for
/// want of credentials can say what went wrong.
fn failed(error: crate::aws::AwsError) -> CredentialsError {
    CredentialsError::provider_error(error)
}

fn session(credentials: Option<&aws_sdk_sts::types::Credentials>) -> Result<Credentials, CredentialsError> {
    let credentials =
        credentials.ok_or_else(|| CredentialsError::unhandled("STS answered without credentials"))?;
    let expires = SystemTime::try_from(*credentials.expiration()).map_err(CredentialsError::unhandled)?;
    Ok(Credentials::new(
        credentials.access_key_id(),
        credentials.secret_access_key(),
        Some(credentials.session_token().to_owned()),
        Some(expires),
        "keyrail",
    ))
}
