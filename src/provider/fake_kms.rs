//! KMS in memory for tests: one account and Region, with a script of faults.
//!
//! Not a model of AWS (the sandbox is): it does what a well-formed call does
//! and fails exactly where it is told to.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::MutexGuard;

use async_trait::async_trait;
use time::OffsetDateTime;
use time::macros::datetime;

use crate::aws::AwsError;
use crate::aws::CreateKey;
use crate::aws::Fault;
use crate::aws::KeyReference;
use crate::aws::Kms;
use crate::model::arn::Arn;
use crate::model::key::Alias;
use crate::model::key::AliasName;
use crate::model::key::Grant;
use crate::model::key::KeyId;
use crate::model::key::KeyManager;
use crate::model::key::KeyMetadata;
use crate::model::key::KeyOrigin;
use crate::model::key::KeyState;
use crate::model::key::Rotation;
use crate::model::key::RotationPeriod;
use crate::model::key::WindowDays;
use crate::model::tag::Tags;

/// What goes wrong at one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Refused before it was carried out.
    Refused(Fault),
    /// Carried out, and the answer is this failure.
    Unanswered(Fault),
    /// What was made by this call stays invisible for so many calls.
    Late(u32),
    /// Not carried out and never answered.
    Silence,
}

/// The service.
#[derive(Debug, Default)]
pub(crate) struct FakeKms {
    world: Mutex<World>,
}

#[derive(Debug, Default)]
struct World {
    keys: BTreeMap<KeyId, Key>,
    aliases: BTreeMap<AliasName, KeyId>,
    calls: Vec<&'static str>,
    script: BTreeMap<(&'static str, usize), Trouble>,
}

#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) metadata: KeyMetadata,
    pub(crate) policy: String,
    pub(crate) rotation: Rotation,
    pub(crate) tags: Tags,
    invisible: u32,
}

impl FakeKms {
    /// At the call of `operation` that is the `nth`, from 1, this goes wrong.
    pub(crate) fn with(self, operation: &'static str, nth: usize, trouble: Trouble) -> Self {
        self.world().script.insert((operation, nth), trouble);
        self
    }

    /// The same, for a service that is in use already.
    pub(crate) fn script(&self, operation: &'static str, nth: usize, trouble: Trouble) {
        self.world().script.insert((operation, nth), trouble);
    }

    /// No more faults.
    pub(crate) fn calm(&self) {
        self.world().script.clear();
    }

    /// The operations called, in order.
    pub(crate) fn calls(&self) -> Vec<&'static str> {
        self.world().calls.clone()
    }

    /// Every key.
    pub(crate) fn all(&self) -> Vec<Key> {
        self.world().keys.values().cloned().collect()
    }

    /// Changes a key behind everybody's back.
    pub(crate) fn meddle(&self, change: impl Fn(&mut Key)) {
        self.world().keys.values_mut().for_each(change);
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    /// Whether the next call of the operation is one that nobody answers.
    fn is_silent(&self, operation: &'static str) -> bool {
        let world = self.world();
        let nth = world.calls.iter().filter(|made| **made == operation).count().saturating_add(1);
        world.script.get(&(operation, nth)) == Some(&Trouble::Silence)
    }

    fn call<T>(
        &self,
        operation: &'static str,
        act: impl FnOnce(&mut World) -> Result<T, AwsError>,
    ) -> Result<T, AwsError> {
        let mut world = self.world();
        world.calls.push(operation);
        let nth = world.calls.iter().filter(|made| **made == operation).count();
        let trouble = world.script.get(&(operation, nth)).copied();
        if let Some(Trouble::Refused(fault)) = trouble {
            return Err(error(operation, fault));
        }
        let before: Vec<KeyId> = world.keys.keys().cloned().collect();
        let done = act(&mut world);
        match trouble {
            Some(Trouble::Unanswered(fault)) => return Err(error(operation, fault)),
            Some(Trouble::Late(calls)) => {
                let made = world.keys.iter_mut().filter(|(id, _)| !before.contains(id));
                made.for_each(|(_, key)| key.invisible = calls);
            }
            Some(Trouble::Refused(_) | Trouble::Silence) | None => {}
        }
        done
    }

    fn on_key<T>(
        &self,
        operation: &'static str,
        id: &KeyId,
        act: impl FnOnce(&mut Key) -> T,
    ) -> Result<T, AwsError> {
        self.call(operation, |world| Ok(act(visible(world, operation, id)?)))
    }
}

fn visible<'a>(world: &'a mut World, operation: &'static str, id: &KeyId) -> Result<&'a mut Key, AwsError> {
    let key = world.keys.get_mut(id).ok_or_else(|| error(operation, Fault::NotFound))?;
    if key.invisible > 0 {
        key.invisible = key.invisible.saturating_sub(1);
        return Err(error(operation, Fault::NotFound));
    }
    Ok(key)
}

pub(crate) fn error(operation: &'static str, fault: Fault) -> AwsError {
    AwsError {
        fault,
        service: "KMS",
        operation,
        code: Some(format!("{fault:?}Exception")),
        message: "it was scripted".to_owned(),
        resource: None,
        account: None,
        region: None,
        request_id: None,
    }
}

fn new_key(number: usize, request: &CreateKey) -> Key {
    let id: KeyId = format!("00000000-0000-4000-8000-{number:012}").parse().unwrap();
    let arn: Arn = format!("arn:aws:kms:eu-west-1:222222222222:key/{id}").parse().unwrap();
    Key {
        metadata: KeyMetadata {
            id,
            arn,
            description: request.description.clone(),
            state: KeyState::Enabled,
            spec: request.spec.clone(),
            usage: request.usage.clone(),
            origin: KeyOrigin::AwsKms,
            manager: KeyManager::Customer,
            created: Some(datetime!(2026-11-01 12:00 UTC)),
            deletion_date: None,
            pending_window: None,
            multi_region: None,
            custom_key_store: None,
            cloud_hsm_cluster: None,
            xks_key: None,
            valid_to: None,
            expiration_model: None,
            current_material: None,
        },
        policy: request.policy.clone(),
        rotation: Rotation { enabled: false, period: None, next: None },
        tags: request.tags.clone(),
        invisible: 0,
    }
}

#[async_trait]
impl Kms for FakeKms {
    async fn create_key(&self, request: &CreateKey) -> Result<KeyMetadata, AwsError> {
        self.call("CreateKey", |world| {
            let key = new_key(world.keys.len(), request);
            let metadata = key.metadata.clone();
            world.keys.insert(metadata.id.clone(), key);
            Ok(metadata)
        })
    }

    async fn describe_key(&self, key: &KeyReference) -> Result<KeyMetadata, AwsError> {
        let operation = "DescribeKey";
        self.call(operation, |world| {
            let id = match key {
                KeyReference::Id(id) => Some(id.clone()),
                KeyReference::Arn(arn) => arn.key_id(),
                KeyReference::Alias(alias) => world.aliases.get(alias).cloned(),
            };
            let id = id.ok_or_else(|| error(operation, Fault::NotFound))?;
            Ok(visible(world, operation, &id)?.metadata.clone())
        })
    }

    async fn key_policy(&self, key: &KeyId) -> Result<String, AwsError> {
        self.on_key("GetKeyPolicy", key, |key| key.policy.clone())
    }

    async fn put_key_policy(&self, key: &KeyId, policy: &str, _: bool) -> Result<(), AwsError> {
        self.on_key("PutKeyPolicy", key, |key| policy.clone_into(&mut key.policy))
    }

    async fn rotation(&self, key: &KeyId) -> Result<Rotation, AwsError> {
        self.on_key("GetKeyRotationStatus", key, |key| key.rotation)
    }

    async fn enable_rotation(&self, key: &KeyId, period: RotationPeriod) -> Result<(), AwsError> {
        self.on_key("EnableKeyRotation", key, |key| {
            key.rotation = Rotation { enabled: true, period: Some(period), next: None };
        })
    }

    async fn disable_rotation(&self, key: &KeyId) -> Result<(), AwsError> {
        self.on_key("DisableKeyRotation", key, |key| key.rotation.enabled = false)
    }

    async fn enable_key(&self, key: &KeyId) -> Result<(), AwsError> {
        self.on_key("EnableKey", key, |key| key.metadata.state = KeyState::Enabled)
    }

    async fn disable_key(&self, key: &KeyId) -> Result<(), AwsError> {
        self.on_key("DisableKey", key, |key| key.metadata.state = KeyState::Disabled)
    }

    async fn update_description(&self, key: &KeyId, description: &str) -> Result<(), AwsError> {
        self.on_key("UpdateKeyDescription", key, |key| description.clone_into(&mut key.metadata.description))
    }

    async fn schedule_deletion(
        &self,
        key: &KeyId,
        window: WindowDays,
    ) -> Result<Option<OffsetDateTime>, AwsError> {
        self.on_key("ScheduleKeyDeletion", key, |key| {
            let days = time::Duration::days(i64::from(window.get()));
            let date = datetime!(2026-11-01 12:00 UTC).checked_add(days).unwrap();
            key.metadata.state = KeyState::PendingDeletion;
            key.metadata.deletion_date = Some(date);
            Some(date)
        })
    }

    async fn cancel_deletion(&self, key: &KeyId) -> Result<(), AwsError> {
        self.on_key("CancelKeyDeletion", key, |key| {
            key.metadata.state = KeyState::Disabled;
            key.metadata.deletion_date = None;
        })
    }

    async fn create_alias(&self, alias: &AliasName, key: &KeyId) -> Result<(), AwsError> {
        let operation = "CreateAlias";
        if self.is_silent(operation) {
            std::future::pending::<()>().await;
        }
        self.call(operation, |world| {
            visible(world, operation, key)?;
            if world.aliases.contains_key(alias) {
                return Err(error(operation, Fault::AlreadyExists));
            }
            world.aliases.insert(alias.clone(), key.clone());
            Ok(())
        })
    }

    async fn update_alias(&self, alias: &AliasName, key: &KeyId) -> Result<(), AwsError> {
        self.call("UpdateAlias", |world| {
            world.aliases.insert(alias.clone(), key.clone());
            Ok(())
        })
    }

    async fn delete_alias(&self, alias: &AliasName) -> Result<(), AwsError> {
        let operation = "DeleteAlias";
        self.call(operation, |world| {
            world.aliases.remove(alias).map(drop).ok_or_else(|| error(operation, Fault::NotFound))
        })
    }

    async fn aliases_of(&self, key: &KeyId) -> Result<Vec<Alias>, AwsError> {
        self.call("ListAliases", |world| {
            let names = world.aliases.iter().filter(|(_, target)| *target == key);
            Ok(names
                .map(|(name, target)| Alias { name: name.clone(), target: Some(target.clone()) })
                .collect())
        })
    }

    async fn aliases(&self) -> Result<Vec<Alias>, AwsError> {
        self.call("ListAliases", |world| {
            let names = world.aliases.iter();
            Ok(names
                .map(|(name, target)| Alias { name: name.clone(), target: Some(target.clone()) })
                .collect())
        })
    }

    async fn keys(&self) -> Result<Vec<KeyId>, AwsError> {
        self.call("ListKeys", |world| {
            let seen = world.keys.iter_mut().filter_map(|(id, key)| {
                let hidden = key.invisible > 0;
                key.invisible = key.invisible.saturating_sub(1);
                (!hidden).then(|| id.clone())
            });
            Ok(seen.collect())
        })
    }

    async fn tags(&self, key: &KeyId) -> Result<Tags, AwsError> {
        self.on_key("ListResourceTags", key, |key| key.tags.clone())
    }

    async fn tag(&self, key: &KeyId, tags: &Tags) -> Result<(), AwsError> {
        self.on_key("TagResource", key, |key| key.tags.extend(tags.clone()))
    }

    async fn untag(&self, key: &KeyId, tag_keys: &[String]) -> Result<(), AwsError> {
        self.on_key("UntagResource", key, |key| key.tags.retain(|tag, _| !tag_keys.contains(tag)))
    }

    async fn grants(&self, _: &KeyId) -> Result<Vec<Grant>, AwsError> {
        Ok(Vec::new())
    }
}
