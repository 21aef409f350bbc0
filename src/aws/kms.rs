//! The KMS calls that keyrail makes.

use std::fmt;

use async_trait::async_trait;
use time::OffsetDateTime;

use crate::aws::AwsError;
use crate::model::arn::Arn;
use crate::model::key::Alias;
use crate::model::key::AliasName;
use crate::model::key::Grant;
use crate::model::key::KeyId;
use crate::model::key::KeyMetadata;
use crate::model::key::KeySpec;
use crate::model::key::KeyUsage;
use crate::model::key::Rotation;
use crate::model::key::RotationPeriod;
use crate::model::key::WindowDays;
use crate::model::tag::Tags;

/// How a caller names a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyReference {
    /// By its id, in the session's account and region.
    Id(KeyId),
    /// By its ARN, or by an alias's ARN.
    Arn(Arn),
    /// By an alias, in the session's account and region.
    Alias(AliasName),
}

impl fmt::Display for KeyReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(formatter),
            Self::Arn(arn) => arn.fmt(formatter),
            Self::Alias(alias) => alias.fmt(formatter),
        }
    }
}

/// What a new key is made with. Policy and tags are part of the call, so that
/// no moment passes without them and policies on `aws:RequestTag` see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateKey {
    /// Its description.
    pub description: String,
    /// Its key policy as JSON.
    pub policy: String,
    /// Its tags.
    pub tags: Tags,
    /// The kind of its material.
    pub spec: KeySpec,
    /// What it may be used for.
    pub usage: KeyUsage,
    /// Whether it is the primary of a multi-Region key.
    pub multi_region: bool,
    /// Whether AWS is told to skip its check that the policy leaves the caller in control.
    pub bypass_lockout_check: bool,
}

/// AWS KMS in one account and region. Every list is whole: pages are followed.
#[async_trait]
pub trait Kms: Send + Sync {
    /// Makes a key. Never repeated after an ambiguous failure: `CreateKey` has no
    /// idempotency token, so a repeat could make a second key.
    async fn create_key(&self, request: &CreateKey) -> Result<KeyMetadata, AwsError>;
    /// One key's metadata.
    async fn describe_key(&self, key: &KeyReference) -> Result<KeyMetadata, AwsError>;
    /// The default key policy as JSON text.
    async fn key_policy(&self, key: &KeyId) -> Result<String, AwsError>;
    /// Replaces the key policy.
    async fn put_key_policy(
        &self,
        key: &KeyId,
        policy: &str,
        bypass_lockout_check: bool,
    ) -> Result<(), AwsError>;
    /// The state of automatic rotation. Keys that cannot rotate answer
    /// [`crate::aws::Fault::Unsupported`] or a rotation that is off.
    async fn rotation(&self, key: &KeyId) -> Result<Rotation, AwsError>;
    /// Switches rotation on, or changes its period.
    async fn enable_rotation(&self, key: &KeyId, period: RotationPeriod) -> Result<(), AwsError>;
    /// Switches rotation off.
    async fn disable_rotation(&self, key: &KeyId) -> Result<(), AwsError>;
    /// Makes a disabled key usable.
    async fn enable_key(&self, key: &KeyId) -> Result<(), AwsError>;
    /// Makes a key unusable.
    async fn disable_key(&self, key: &KeyId) -> Result<(), AwsError>;
    /// Replaces the description.
    async fn update_description(&self, key: &KeyId, description: &str) -> Result<(), AwsError>;
    /// Schedules the deletion; returns when the key will be gone.
    async fn schedule_deletion(
        &self,
        key: &KeyId,
        window: WindowDays,
    ) -> Result<Option<OffsetDateTime>, AwsError>;
    /// Takes a scheduled deletion back; the key is disabled afterwards.
    async fn cancel_deletion(&self, key: &KeyId) -> Result<(), AwsError>;
    /// Makes an alias.
    async fn create_alias(&self, alias: &AliasName, key: &KeyId) -> Result<(), AwsError>;
    /// Removes an alias.
    async fn delete_alias(&self, alias: &AliasName) -> Result<(), AwsError>;
    /// The aliases of one key.
    async fn aliases_of(&self, key: &KeyId) -> Result<Vec<Alias>, AwsError>;
    /// All aliases of the account and region.
    async fn aliases(&self) -> Result<Vec<Alias>, AwsError>;
    /// The ids of all keys of the account and region.
    async fn keys(&self) -> Result<Vec<KeyId>, AwsError>;
    /// A key's tags.
    async fn tags(&self, key: &KeyId) -> Result<Tags, AwsError>;
    /// Adds or overwrites tags.
    async fn tag(&self, key: &KeyId, tags: &Tags) -> Result<(), AwsError>;
    /// Removes tags.
    async fn untag(&self, key: &KeyId, tag_keys: &[String]) -> Result<(), AwsError>;
    /// The grants on a key.
    async fn grants(&self, key: &KeyId) -> Result<Vec<Grant>, AwsError>;
}
