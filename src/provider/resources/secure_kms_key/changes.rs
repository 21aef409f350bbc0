//! The calls that bring a key from what it is to what it shall be.
//!
//! INVARIANT: protection is added before protection is removed. A key is
//! enabled first, because a disabled key refuses changes, and disabled last;
//! the new alias exists before the old one goes.

use std::future::Future;

use crate::aws::AwsError;
use crate::aws::Fault;
use crate::aws::KeyReference;
use crate::aws::Kms;
use crate::model::key::AliasName;
use crate::model::key::KeyId;
use crate::model::key::KeyState;
use crate::model::key::Rotation;
use crate::model::key::RotationPeriod;
use crate::model::tag::Tags;
use crate::provider::key_policy;
use crate::provider::live_key::LiveKey;
use crate::provider::resources::secure_kms_key::waiting::Waiting;
use crate::provider::resources::secure_kms_key::wanted::Wanted;

/// A key under change.
pub(super) struct Changes<'a> {
    pub(super) kms: &'a dyn Kms,
    pub(super) key: &'a KeyId,
    pub(super) waiting: &'a Waiting,
}

impl Changes<'_> {
    /// Makes every change that is needed and stops at the first failure.
    /// `old_alias` is the alias that the resource had; `foreign` says which tags
    /// are somebody else's.
    pub(super) async fn make(
        &self,
        live: &LiveKey,
        wanted: &Wanted,
        old_alias: Option<&AliasName>,
        foreign: impl Fn(&str) -> bool + Sync,
    ) -> Result<(), AwsError> {
        let mut state = live.metadata.state.clone();
        if is_doomed(&state) && wanted.restore {
            self.again(|| self.kms.cancel_deletion(self.key)).await?;
            state = KeyState::Disabled;
        }
        if state == KeyState::Disabled && wanted.enabled {
            self.again(|| self.kms.enable_key(self.key)).await?;
        }
        // AWS changes no rotation of a disabled key (KMS developer guide, "Key
        // states", read 2026-11), and enabling it for a moment would open it.
        let stays_off = state != KeyState::Enabled && !wanted.enabled;
        if !stays_off {
            self.rotation_on(live, wanted).await?;
        }
        let tags = live.tags.clone().unwrap_or_default();
        self.add_tags(&tags, wanted).await?;
        self.policy(live, wanted).await?;
        self.alias(live, &wanted.alias).await?;
        if live.metadata.description != wanted.description {
            self.again(|| self.kms.update_description(self.key, &wanted.description)).await?;
        }
        if let Some(old) = old_alias.filter(|old| **old != wanted.alias) {
            self.remove_alias(old).await?;
        }
        self.remove_tags(&tags, wanted, foreign).await?;
        if !stays_off
            && wanted.rotation.is_none()
            && live.rotation.as_ref().map_or(true, |rotation| rotation.enabled)
        {
            self.again(|| self.kms.disable_rotation(self.key)).await?;
        }
        if state == KeyState::Enabled && !wanted.enabled {
            self.again(|| self.kms.disable_key(self.key)).await?;
        }
        Ok(())
    }

    /// Switches rotation on with this period; a key that is not visible yet is waited for.
    pub(super) async fn rotate(&self, period: RotationPeriod) -> Result<(), AwsError> {
        self.again(|| self.kms.enable_rotation(self.key, period)).await
    }

    /// Makes the alias; one that points here already is a success.
    pub(super) async fn name(&self, alias: &AliasName) -> Result<(), AwsError> {
        match self.again(|| self.kms.create_alias(alias, self.key)).await {
            Err(error) if error.fault() == Fault::AlreadyExists => {
                let holder = self.kms.describe_key(&KeyReference::Alias(alias.clone())).await;
                if holder.is_ok_and(|holder| holder.id == *self.key) { Ok(()) } else { Err(error) }
            }
            done => done,
        }
    }

    /// The other key that has this alias, as far as that can be told: an alias is
    /// never taken away from a key, and what cannot succeed is not begun.
    pub(super) async fn holder_of(&self, live: &LiveKey, alias: &AliasName) -> Option<KeyId> {
        if live.aliases.as_ref().is_ok_and(|own| own.contains(alias)) {
            return None;
        }
        let holder = self.kms.describe_key(&KeyReference::Alias(alias.clone())).await.ok()?;
        (holder.id != *self.key).then_some(holder.id)
    }

    /// Makes the key unusable.
    pub(super) async fn disable(&self) -> Result<(), AwsError> {
        self.again(|| self.kms.disable_key(self.key)).await
    }

    async fn rotation_on(&self, live: &LiveKey, wanted: &Wanted) -> Result<(), AwsError> {
        match (wanted.rotation, &live.rotation) {
            (Some(period), found) if !found.as_ref().is_ok_and(|found| rotates_every(found, period)) => {
                self.rotate(period).await
            }
            _ => Ok(()),
        }
    }

    async fn add_tags(&self, found: &Tags, wanted: &Wanted) -> Result<(), AwsError> {
        let mut missing = wanted.tags_with_creation();
        missing.retain(|key, value| found.get(key) != Some(value));
        if missing.is_empty() {
            return Ok(());
        }
        self.again(|| self.kms.tag(self.key, &missing)).await
    }

    async fn remove_tags(
        &self,
        found: &Tags,
        wanted: &Wanted,
        foreign: impl Fn(&str) -> bool,
    ) -> Result<(), AwsError> {
        let kept = wanted.tags_with_creation();
        let extra = found.keys().filter(|key| !kept.contains_key(*key) && !foreign(key));
        let extra: Vec<String> = extra.cloned().collect();
        if extra.is_empty() {
            return Ok(());
        }
        self.again(|| self.kms.untag(self.key, &extra)).await
    }

    async fn policy(&self, live: &LiveKey, wanted: &Wanted) -> Result<(), AwsError> {
        if live.policy.as_ref().is_ok_and(|found| key_policy::equivalent(found, &wanted.policy)) {
            return Ok(());
        }
        let put = || self.kms.put_key_policy(self.key, &wanted.policy, wanted.bypass);
        let patience = self.waiting.at_most(self.waiting.pace.visibility);
        patience.repeat(|error| may_pass(error) || error.fault() == Fault::UnknownPrincipal, put).await
    }

    async fn alias(&self, live: &LiveKey, wanted: &AliasName) -> Result<(), AwsError> {
        if live.aliases.as_ref().is_ok_and(|aliases| aliases.contains(wanted)) {
            return Ok(());
        }
        self.name(wanted).await
    }

    async fn remove_alias(&self, alias: &AliasName) -> Result<(), AwsError> {
        if !has_alias(self.kms, self.key, alias, self.waiting).await? {
            return Ok(());
        }
        match self.again(|| self.kms.delete_alias(alias)).await {
            Err(error) if error.fault() == Fault::NotFound => Ok(()),
            done => done,
        }
    }

    async fn again<T, F>(&self, call: impl Fn() -> F + Send) -> Result<T, AwsError>
    where
        T: Send,
        F: Future<Output = Result<T, AwsError>> + Send,
    {
        self.waiting.at_most(self.waiting.pace.visibility).repeat(may_pass, call).await
    }
}

/// Whether the alias is this key's: somebody may have moved it to another one,
/// and it is theirs then. An answer that proves nothing is an error.
pub(super) async fn has_alias(
    kms: &dyn Kms,
    key: &KeyId,
    alias: &AliasName,
    waiting: &Waiting,
) -> Result<bool, AwsError> {
    let reference = KeyReference::Alias(alias.clone());
    match waiting.repeat(AwsError::is_transient, || kms.describe_key(&reference)).await {
        Ok(holder) => Ok(holder.id == *key),
        Err(error) if error.fault() == Fault::NotFound => Ok(false),
        // The holder may not be described; then the list of aliases tells.
        Err(_) => {
            let own = waiting.repeat(AwsError::is_transient, || kms.aliases_of(key)).await?;
            Ok(own.iter().any(|own| own.name == *alias))
        }
    }
}

/// Whether AWS keeps the key only until a date.
pub(super) fn is_doomed(state: &KeyState) -> bool {
    matches!(state, KeyState::PendingDeletion | KeyState::PendingReplicaDeletion)
}

/// Whether the key rotates with this period. Services that name no period are
/// taken to have the one they were told.
pub(super) fn rotates_every(found: &Rotation, period: RotationPeriod) -> bool {
    found.enabled && found.period.is_none_or(|found| found == period)
}

/// A failure that passes by itself: AWS is busy, or does not see the key yet.
pub(super) fn may_pass(error: &AwsError) -> bool {
    error.is_transient() || matches!(error.fault(), Fault::NotFound | Fault::InvalidState)
}
