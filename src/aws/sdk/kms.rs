//! KMS over the SDK: one call per method, all pages of a list, our nouns out.

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_kms::config::retry::RetryConfig;
use aws_sdk_kms::types;
use aws_smithy_types::error::operation::BuildError;
use time::OffsetDateTime;

use super::convert::{alias, grant, key_metadata, moment, rotation_period, sdk_tags};
use super::error::Call;
use super::page;
use super::retry::partition;
use crate::aws::config::ConnectionSettings;
use crate::aws::{AwsError, CreateKey, Fault, KeyReference, Kms};
use crate::model::account::AccountId;
use crate::model::key::{Alias, AliasName, Grant, KeyId, KeyMetadata, Rotation, RotationPeriod, WindowDays};
use crate::model::region::Region;
use crate::model::tag::Tags;

pub(super) struct Client {
    sdk: aws_sdk_kms::Client,
    region: Region,
    account: Option<AccountId>,
}

impl Client {
    pub(super) fn new(
        settings: &ConnectionSettings,
        config: &SdkConfig,
        region: &Region,
        account: Option<AccountId>,
    ) -> Self {
        let mut builder = aws_sdk_kms::config::Builder::from(config)
            .region(aws_config::Region::new(region.as_str().to_owned()))
            .retry_partition(partition(&settings.retries));
        if let Some(endpoint) = &settings.endpoints.kms {
            builder = builder.endpoint_url(endpoint.as_str());
        }
        Self { sdk: aws_sdk_kms::Client::from_conf(builder.build()), region: region.clone(), account }
    }

    fn call(&self, operation: &'static str) -> Call {
        Call::new("KMS", operation).at(self.account.as_ref(), Some(&self.region))
    }
}

/// Sends a request and turns its failure into ours.
macro_rules! send {
    ($call:expr, $request:expr) => {{
        let call = $call;
        $request.send().await.map_err(|error| call.failed(&error))
    }};
}

#[async_trait]
impl Kms for Client {
    async fn create_key(&self, request: &CreateKey) -> Result<KeyMetadata, AwsError> {
        let call = self.call("CreateKey");
        let tags = sdk_tags(&request.tags, &call, sdk_tag)?;
        // A pause of the SDK's could not be told from a key in the making by who is
        // asked to stop, so the pauses are the caller's.
        let once = aws_sdk_kms::config::Builder::new().retry_config(RetryConfig::disabled());
        let sent = self
            .sdk
            .create_key()
            .description(&request.description)
            .policy(&request.policy)
            .set_tags(Some(tags).filter(|tags| !tags.is_empty()))
            .key_spec(types::KeySpec::from(request.spec.as_str()))
            .key_usage(types::KeyUsageType::from(request.usage.as_str()))
            .multi_region(request.multi_region)
            .bypass_policy_lockout_safety_check(request.bypass_lockout_check)
            .customize()
            .config_override(once)
            .send()
            .await;
        let answer = sent.map_err(|error| perhaps_made(call.clone().failed(&error)))?;
        let metadata =
            answer.key_metadata().ok_or_else(|| perhaps_made(call.clone().without("key metadata")))?;
        key_metadata(metadata, &call).map_err(perhaps_made)
    }

    async fn describe_key(&self, key: &KeyReference) -> Result<KeyMetadata, AwsError> {
        let call = self.call("DescribeKey").on(key);
        let answer = send!(call.clone(), self.sdk.describe_key().key_id(key.to_string()))?;
        let metadata = answer.key_metadata().ok_or_else(|| call.clone().without("key metadata"))?;
        key_metadata(metadata, &call)
    }

    async fn key_policy(&self, key: &KeyId) -> Result<String, AwsError> {
        let call = self.call("GetKeyPolicy").on(key);
        let request = self.sdk.get_key_policy().key_id(key.as_str()).policy_name(DEFAULT_POLICY);
        let answer = send!(call.clone(), request)?;
        answer.policy.ok_or_else(|| call.without("policy"))
    }

    async fn put_key_policy(
        &self,
        key: &KeyId,
        policy: &str,
        bypass_lockout_check: bool,
    ) -> Result<(), AwsError> {
        let request = self
            .sdk
            .put_key_policy()
            .key_id(key.as_str())
            .policy_name(DEFAULT_POLICY)
            .policy(policy)
            .bypass_policy_lockout_safety_check(bypass_lockout_check);
        send!(self.call("PutKeyPolicy").on(key), request).map(drop)
    }

    async fn rotation(&self, key: &KeyId) -> Result<Rotation, AwsError> {
        let call = self.call("GetKeyRotationStatus").on(key);
        let answer = send!(call.clone(), self.sdk.get_key_rotation_status().key_id(key.as_str()))?;
        Ok(Rotation {
            enabled: answer.key_rotation_enabled(),
            period: rotation_period(answer.rotation_period_in_days(), &call)?,
            next: answer.next_rotation_date().and_then(moment),
        })
    }

    async fn enable_rotation(&self, key: &KeyId, period: RotationPeriod) -> Result<(), AwsError> {
        let request = self.sdk.enable_key_rotation().key_id(key.as_str());
        let request = request.rotation_period_in_days(i32::from(period.get()));
        send!(self.call("EnableKeyRotation").on(key), request).map(drop)
    }

    async fn disable_rotation(&self, key: &KeyId) -> Result<(), AwsError> {
        let request = self.sdk.disable_key_rotation().key_id(key.as_str());
        send!(self.call("DisableKeyRotation").on(key), request).map(drop)
    }

    async fn enable_key(&self, key: &KeyId) -> Result<(), AwsError> {
        send!(self.call("EnableKey").on(key), self.sdk.enable_key().key_id(key.as_str())).map(drop)
    }

    async fn disable_key(&self, key: &KeyId) -> Result<(), AwsError> {
        send!(self.call("DisableKey").on(key), self.sdk.disable_key().key_id(key.as_str())).map(drop)
    }

    async fn update_description(&self, key: &KeyId, description: &str) -> Result<(), AwsError> {
        let request = self.sdk.update_key_description().key_id(key.as_str()).description(description);
        send!(self.call("UpdateKeyDescription").on(key), request).map(drop)
    }

    async fn schedule_deletion(
        &self,
        key: &KeyId,
        window: WindowDays,
    ) -> Result<Option<OffsetDateTime>, AwsError> {
        let request = self.sdk.schedule_key_deletion().key_id(key.as_str());
        let request = request.pending_window_in_days(i32::from(window.get()));
        let answer = send!(self.call("ScheduleKeyDeletion").on(key), request)?;
        Ok(answer.deletion_date().and_then(moment))
    }

    async fn cancel_deletion(&self, key: &KeyId) -> Result<(), AwsError> {
        let request = self.sdk.cancel_key_deletion().key_id(key.as_str());
        send!(self.call("CancelKeyDeletion").on(key), request).map(drop)
    }

    async fn create_alias(&self, alias: &AliasName, key: &KeyId) -> Result<(), AwsError> {
        let request = self.sdk.create_alias().alias_name(alias.as_str()).target_key_id(key.as_str());
        send!(self.call("CreateAlias").on(alias), request).map(drop)
    }

    async fn delete_alias(&self, alias: &AliasName) -> Result<(), AwsError> {
        let request = self.sdk.delete_alias().alias_name(alias.as_str());
        send!(self.call("DeleteAlias").on(alias), request).map(drop)
    }

    async fn aliases_of(&self, key: &KeyId) -> Result<Vec<Alias>, AwsError> {
        let call = self.call("ListAliases").on(key);
        let pages = self.sdk.list_aliases().key_id(key.as_str()).limit(100).into_paginator().send();
        let found =
            page::all(pages, |page| page.aliases).await.map_err(|error| call.clone().failed(&error))?;
        found.iter().map(|entry| alias(entry, &call)).collect()
    }

    async fn aliases(&self) -> Result<Vec<Alias>, AwsError> {
        let call = self.call("ListAliases");
        let pages = self.sdk.list_aliases().limit(100).into_paginator().send();
        let found =
            page::all(pages, |page| page.aliases).await.map_err(|error| call.clone().failed(&error))?;
        found.iter().map(|entry| alias(entry, &call)).collect()
    }

    async fn keys(&self) -> Result<Vec<KeyId>, AwsError> {
        let call = self.call("ListKeys");
        let pages = self.sdk.list_keys().limit(1000).into_paginator().send();
        let found = page::all(pages, |page| page.keys).await.map_err(|error| call.clone().failed(&error))?;
        let id = |text: &str| text.parse().map_err(|error| call.clone().unusable(&error));
        found.iter().map(|entry| id(entry.key_id().unwrap_or_default())).collect()
    }

    async fn tags(&self, key: &KeyId) -> Result<Tags, AwsError> {
        let call = self.call("ListResourceTags").on(key);
        let pages = self.sdk.list_resource_tags().key_id(key.as_str()).limit(50).into_paginator().send();
        let found = page::all(pages, |page| page.tags).await.map_err(|error| call.failed(&error))?;
        Ok(found.into_iter().map(|tag| (tag.tag_key, tag.tag_value)).collect())
    }

    async fn tag(&self, key: &KeyId, tags: &Tags) -> Result<(), AwsError> {
        let call = self.call("TagResource").on(key);
        let tags = sdk_tags(tags, &call, sdk_tag)?;
        send!(call, self.sdk.tag_resource().key_id(key.as_str()).set_tags(Some(tags))).map(drop)
    }

    async fn untag(&self, key: &KeyId, tag_keys: &[String]) -> Result<(), AwsError> {
        let request = self.sdk.untag_resource().key_id(key.as_str()).set_tag_keys(Some(tag_keys.to_vec()));
        send!(self.call("UntagResource").on(key), request).map(drop)
    }

    async fn grants(&self, key: &KeyId) -> Result<Vec<Grant>, AwsError> {
        let call = self.call("ListGrants").on(key);
        let pages = self.sdk.list_grants().key_id(key.as_str()).limit(100).into_paginator().send();
        let found =
            page::all(pages, |page| page.grants).await.map_err(|error| call.clone().failed(&error))?;
        found.iter().map(|entry| grant(entry, &call)).collect()
    }
}

/// Neither an answer with a 5xx status nor one that cannot be understood says that there is no key.
fn perhaps_made(error: AwsError) -> AwsError {
    if matches!(error.fault, Fault::Service | Fault::Other) {
        return AwsError { fault: Fault::Ambiguous, ..error };
    }
    error
}

fn sdk_tag(key: &str, value: &str) -> Result<types::Tag, BuildError> {
    types::Tag::builder().tag_key(key).tag_value(value).build()
}

/// The only name a key policy can have (KMS API reference, `GetKeyPolicy`, read 2026-11).
const DEFAULT_POLICY: &str = "default";
