//! KMS in memory for the tests of every room: one account and Region, with a
//! script of faults.
//!
//! Not a model of AWS (the sandbox is): it does what a well-formed call does
//! and fails exactly where it is told to. Lists come in no useful order, and
//! every call lets others go first, so that nobody rests on luck.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

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
    in_flight: AtomicUsize,
    peak: AtomicUsize,
}

#[derive(Debug, Default)]
struct World {
    keys: BTreeMap<KeyId, FakeKey>,
    /// Keys that are listed and not there.
    ghosts: Vec<KeyId>,
    aliases: Vec<(AliasName, KeyId)>,
    calls: Vec<(&'static str, Option<KeyId>)>,
    script: BTreeMap<(&'static str, usize), Trouble>,
    failing: Vec<(&'static str, Option<KeyId>, Fault)>,
}

/// One key of it.
#[derive(Debug, Clone)]
pub(crate) struct FakeKey {
    pub(crate) metadata: KeyMetadata,
    pub(crate) policy: String,
    pub(crate) rotation: Rotation,
    pub(crate) tags: Tags,
    pub(crate) grants: Vec<Grant>,
    /// For how many more calls it is not seen.
    pub(crate) invisible: u32,
}

impl FakeKms {
    /// The service with these keys.
    pub(crate) fn holding(keys: impl IntoIterator<Item = FakeKey>) -> Self {
        let kms = Self::default();
        kms.world().keys = keys.into_iter().map(|key| (key.metadata.id.clone(), key)).collect();
        kms
    }

    /// With an alias of the key.
    pub(crate) fn alias(self, name: &str, target: &KeyId) -> Self {
        self.world().aliases.push((name.parse().unwrap(), target.clone()));
        self
    }

    /// With a key that is listed and gone when it is asked about.
    pub(crate) fn ghost(self, key: KeyId) -> Self {
        self.world().ghosts.push(key);
        self
    }

    /// The operation always fails, on one key or on all.
    pub(crate) fn fail(self, operation: &'static str, key: Option<&KeyId>, fault: Fault) -> Self {
        self.world().failing.push((operation, key.cloned(), fault));
        self
    }

    /// At the call of `operation` that is the `nth`, from 1, this goes wrong.
    pub(crate) fn with(self, operation: &'static str, nth: usize, trouble: Trouble) -> Self {
        self.script(operation, nth, trouble);
        self
    }

    /// The same, for a service that is in use already.
    pub(crate) fn script(&self, operation: &'static str, nth: usize, trouble: Trouble) {
        self.world().script.insert((operation, nth), trouble);
    }

    /// No more faults.
    pub(crate) fn calm(&self) {
        self.world().script.clear();
        self.world().failing.clear();
    }

    /// The operations called, in order.
    pub(crate) fn calls(&self) -> Vec<&'static str> {
        self.world().calls.iter().map(|(operation, _)| *operation).collect()
    }

    /// The operations called with the keys they were about, sorted.
    pub(crate) fn calls_by_key(&self) -> Vec<String> {
        let world = self.world();
        let name = |(operation, key): &(&'static str, Option<KeyId>)| match key {
            Some(key) => format!("{operation} {key}"),
            None => (*operation).to_owned(),
        };
        let mut calls: Vec<String> = world.calls.iter().map(name).collect();
        calls.sort();
        calls
    }

    /// The most calls that were in flight together.
    pub(crate) fn peak(&self) -> usize {
        self.peak.load(Ordering::SeqCst)
    }

    /// Every key.
    pub(crate) fn all(&self) -> Vec<FakeKey> {
        self.world().keys.values().cloned().collect()
    }

    /// Changes every key behind everybody's back.
    pub(crate) fn meddle(&self, change: impl Fn(&mut FakeKey)) {
        self.world().keys.values_mut().for_each(change);
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    async fn call<T>(
        &self,
        operation: &'static str,
        key: Option<&KeyId>,
        act: impl FnOnce(&mut World) -> Result<T, AwsError>,
    ) -> Result<T, AwsError> {
        let now = self.in_flight.fetch_add(1, Ordering::SeqCst).saturating_add(1);
        self.peak.fetch_max(now, Ordering::SeqCst);
        tokio::task::yield_now().await;
        self.in_flight.fetch_sub(1, Ordering::SeqCst);
        let trouble = self.world().record(operation, key);
        match trouble {
            Some(Trouble::Refused(fault)) => Err(error(operation, fault)),
            Some(Trouble::Silence) => std::future::pending().await,
            Some(Trouble::Unanswered(fault)) => {
                let _done = act(&mut self.world());
                Err(error(operation, fault))
            }
            Some(Trouble::Late(calls)) => {
                let mut world = self.world();
                let before: Vec<KeyId> = world.keys.keys().cloned().collect();
                let done = act(&mut world);
                let made = world.keys.iter_mut().filter(|(id, _)| !before.contains(id));
                made.for_each(|(_, key)| key.invisible = calls);
                done
            }
            None => act(&mut self.world()),
        }
    }

    /// Only the rotation of an enabled key can be changed.
    async fn rotate(&self, operation: &'static str, key: &KeyId, rotation: Rotation) -> Result<(), AwsError> {
        self.call(operation, Some(key), |world| {
            let key = world.visible(operation, key)?;
            if key.metadata.state != KeyState::Enabled {
                return Err(error(operation, Fault::InvalidState));
            }
            key.rotation = rotation;
            Ok(())
        })
        .await
    }

    async fn on_key<T>(
        &self,
        operation: &'static str,
        id: &KeyId,
        act: impl FnOnce(&mut FakeKey) -> T,
    ) -> Result<T, AwsError> {
        self.call(operation, Some(id), |world| Ok(act(world.visible(operation, id)?))).await
    }
}

impl World {
    /// Notes a call, and says what goes wrong with it.
    fn record(&mut self, operation: &'static str, key: Option<&KeyId>) -> Option<Trouble> {
        self.calls.push((operation, key.cloned()));
        let nth = self.calls.iter().filter(|(made, _)| *made == operation).count();
        let told = self
            .failing
            .iter()
            .find(|(name, id, _)| *name == operation && id.as_ref().is_none_or(|id| Some(id) == key));
        told.map(|(.., fault)| Trouble::Refused(*fault)).or(self.script.get(&(operation, nth)).copied())
    }

    fn visible(&mut self, operation: &'static str, id: &KeyId) -> Result<&mut FakeKey, AwsError> {
        let key = self.keys.get_mut(id).ok_or_else(|| error(operation, Fault::NotFound))?;
        if key.invisible > 0 {
            key.invisible = key.invisible.saturating_sub(1);
            return Err(error(operation, Fault::NotFound));
        }
        Ok(key)
    }

    fn meant(&self, key: &KeyReference) -> Option<KeyId> {
        let holder = |alias: &AliasName| {
            self.aliases.iter().find(|(name, _)| name == alias).map(|(_, target)| target.clone())
        };
        match key {
            KeyReference::Id(id) => Some(id.clone()),
            KeyReference::Arn(arn) => arn.key_id().or_else(|| holder(&arn.resource().parse().ok()?)),
            KeyReference::Alias(alias) => holder(alias),
        }
    }
}

/// The failure of a call.
pub(crate) fn error(operation: &'static str, fault: Fault) -> AwsError {
    AwsError {
        fault,
        service: "KMS",
        operation,
        code: Some(format!("{fault:?}Exception")),
        message: "as told".to_owned(),
        resource: None,
        account: None,
        region: None,
        request_id: Some("8a1c".to_owned()),
    }
}

fn new_key(number: usize, request: &CreateKey) -> FakeKey {
    let id: KeyId = format!("00000000-0000-4000-8000-{number:012}").parse().unwrap();
    let arn: Arn = format!("arn:aws:kms:eu-west-1:222222222222:key/{id}").parse().unwrap();
    FakeKey {
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
        grants: Vec::new(),
        invisible: 0,
    }
}

#[async_trait]
impl Kms for FakeKms {
    async fn create_key(&self, request: &CreateKey) -> Result<KeyMetadata, AwsError> {
        self.call("CreateKey", None, |world| {
            let key = new_key(world.keys.len(), request);
            let metadata = key.metadata.clone();
            world.keys.insert(metadata.id.clone(), key);
            Ok(metadata)
        })
        .await
    }

    async fn describe_key(&self, key: &KeyReference) -> Result<KeyMetadata, AwsError> {
        let operation = "DescribeKey";
        let id = self.world().meant(key);
        self.call(operation, id.as_ref(), |world| {
            let id = id.as_ref().ok_or_else(|| error(operation, Fault::NotFound))?;
            Ok(world.visible(operation, id)?.metadata.clone())
        })
        .await
    }

    async fn key_policy(&self, key: &KeyId) -> Result<String, AwsError> {
        self.on_key("GetKeyPolicy", key, |key| key.policy.clone()).await
    }

    async fn put_key_policy(&self, key: &KeyId, policy: &str, _: bool) -> Result<(), AwsError> {
        self.on_key("PutKeyPolicy", key, |key| policy.clone_into(&mut key.policy)).await
    }

    async fn rotation(&self, key: &KeyId) -> Result<Rotation, AwsError> {
        self.on_key("GetKeyRotationStatus", key, |key| key.rotation).await
    }

    async fn enable_rotation(&self, key: &KeyId, period: RotationPeriod) -> Result<(), AwsError> {
        let rotation = Rotation { enabled: true, period: Some(period), next: None };
        self.rotate("EnableKeyRotation", key, rotation).await
    }

    async fn disable_rotation(&self, key: &KeyId) -> Result<(), AwsError> {
        let rotation = Rotation { enabled: false, period: None, next: None };
        self.rotate("DisableKeyRotation", key, rotation).await
    }

    async fn enable_key(&self, key: &KeyId) -> Result<(), AwsError> {
        self.on_key("EnableKey", key, |key| key.metadata.state = KeyState::Enabled).await
    }

    async fn disable_key(&self, key: &KeyId) -> Result<(), AwsError> {
        self.on_key("DisableKey", key, |key| key.metadata.state = KeyState::Disabled).await
    }

    async fn update_description(&self, key: &KeyId, description: &str) -> Result<(), AwsError> {
        self.on_key("UpdateKeyDescription", key, |key| description.clone_into(&mut key.metadata.description))
            .await
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
        .await
    }

    async fn cancel_deletion(&self, key: &KeyId) -> Result<(), AwsError> {
        self.on_key("CancelKeyDeletion", key, |key| {
            key.metadata.state = KeyState::Disabled;
            key.metadata.deletion_date = None;
        })
        .await
    }

    async fn create_alias(&self, alias: &AliasName, key: &KeyId) -> Result<(), AwsError> {
        let operation = "CreateAlias";
        self.call(operation, Some(key), |world| {
            world.visible(operation, key)?;
            if world.meant(&KeyReference::Alias(alias.clone())).is_some() {
                return Err(error(operation, Fault::AlreadyExists));
            }
            world.aliases.push((alias.clone(), key.clone()));
            Ok(())
        })
        .await
    }

    async fn delete_alias(&self, alias: &AliasName) -> Result<(), AwsError> {
        let operation = "DeleteAlias";
        self.call(operation, None, |world| {
            let before = world.aliases.len();
            world.aliases.retain(|(name, _)| name != alias);
            if world.aliases.len() == before { Err(error(operation, Fault::NotFound)) } else { Ok(()) }
        })
        .await
    }

    async fn aliases_of(&self, key: &KeyId) -> Result<Vec<Alias>, AwsError> {
        self.call("ListAliases", Some(key), |world| {
            Ok(listed(world.aliases.iter().filter(|(_, target)| target == key)))
        })
        .await
    }

    async fn aliases(&self) -> Result<Vec<Alias>, AwsError> {
        self.call("ListAliases", None, |world| Ok(listed(world.aliases.iter()))).await
    }

    async fn keys(&self) -> Result<Vec<KeyId>, AwsError> {
        self.call("ListKeys", None, |world| {
            let seen = world.keys.iter_mut().rev().filter_map(|(id, key)| {
                let hidden = key.invisible > 0;
                key.invisible = key.invisible.saturating_sub(1);
                (!hidden).then(|| id.clone())
            });
            Ok(seen.chain(world.ghosts.iter().cloned()).collect())
        })
        .await
    }

    async fn tags(&self, key: &KeyId) -> Result<Tags, AwsError> {
        self.on_key("ListResourceTags", key, |key| key.tags.clone()).await
    }

    async fn tag(&self, key: &KeyId, tags: &Tags) -> Result<(), AwsError> {
        self.on_key("TagResource", key, |key| key.tags.extend(tags.clone())).await
    }

    async fn untag(&self, key: &KeyId, tag_keys: &[String]) -> Result<(), AwsError> {
        self.on_key("UntagResource", key, |key| key.tags.retain(|tag, _| !tag_keys.contains(tag))).await
    }

    async fn grants(&self, key: &KeyId) -> Result<Vec<Grant>, AwsError> {
        self.on_key("ListGrants", key, |key| key.grants.clone()).await
    }
}

fn listed<'a>(aliases: impl Iterator<Item = &'a (AliasName, KeyId)>) -> Vec<Alias> {
    aliases.map(|(name, target)| Alias { name: name.clone(), target: Some(target.clone()) }).collect()
}
