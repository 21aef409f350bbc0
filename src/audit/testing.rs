//! A KMS out of a table, for the tests of this room.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_trait::async_trait;
use time::OffsetDateTime;
use time::macros::datetime;

use super::{Limits, Place, Source};
use crate::aws::AwsError;
use crate::aws::CreateKey;
use crate::aws::Fault;
use crate::aws::KeyReference;
use crate::aws::Kms;
use crate::model::key::Alias;
use crate::model::key::AliasName;
use crate::model::key::Grant;
use crate::model::key::KeyId;
use crate::model::key::KeyManager;
use crate::model::key::KeyMetadata;
use crate::model::key::KeyOrigin;
use crate::model::key::KeySpec;
use crate::model::key::KeyState;
use crate::model::key::KeyUsage;
use crate::model::key::Rotation;
use crate::model::key::RotationPeriod;
use crate::model::key::WindowDays;
use crate::model::tag::Tags;

pub(super) const NOW: OffsetDateTime = datetime!(2026-11-22 10:00 UTC);

/// The id of the key with this number.
pub(super) fn id(number: u16) -> KeyId {
    format!("{number:08}-1111-2222-3333-444444444444").parse().unwrap()
}

pub(super) fn place() -> Place {
    Place { account: Some("222222222222".parse().unwrap()), region: "eu-west-1".parse().unwrap() }
}

pub(super) fn source(kms: FakeKms) -> (Source, Arc<FakeKms>) {
    let kms = Arc::new(kms);
    let limits = Limits { quota_percent: 100_000, patience: Duration::ZERO, ..Limits::default() };
    let shared: Arc<dyn Kms> = kms.clone();
    (Source { kms: shared, place: place(), limits, clock: || NOW }, kms)
}

/// A key as KMS would describe it: symmetric, enabled, the account's own.
#[derive(Debug, Clone)]
pub(super) struct FakeKey {
    pub(super) metadata: KeyMetadata,
    pub(super) rotation: Rotation,
    pub(super) tags: Tags,
    pub(super) policy: String,
    pub(super) grants: Vec<Grant>,
}

impl FakeKey {
    pub(super) fn new(number: u16) -> Self {
        let id = id(number);
        Self {
            metadata: KeyMetadata {
                arn: format!("arn:aws:kms:eu-west-1:222222222222:key/{id}").parse().unwrap(),
                id,
                description: "Payments".to_owned(),
                state: KeyState::Enabled,
                spec: KeySpec::SymmetricDefault,
                usage: KeyUsage::EncryptDecrypt,
                origin: KeyOrigin::AwsKms,
                manager: KeyManager::Customer,
                created: Some(datetime!(2026-01-01 00:00 UTC)),
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
            rotation: Rotation {
                enabled: true,
                period: Some(RotationPeriod::try_from(365).unwrap()),
                next: Some(datetime!(2027-01-01 00:00 UTC)),
            },
            tags: Tags::from([("Environment".to_owned(), "prod".to_owned())]),
            policy: r#"{"Version":"2012-10-17","Statement":[]}"#.to_owned(),
            grants: vec![Grant {
                id: "grant-1".to_owned(),
                name: None,
                grantee: "arn:aws:iam::222222222222:role/app".to_owned(),
                retiring: None,
                operations: BTreeSet::from(["Decrypt".to_owned(), "Encrypt".to_owned()]),
                context_equals: BTreeMap::from([("tenant".to_owned(), "a".to_owned())]),
                context_subset: BTreeMap::new(),
            }],
        }
    }
}

/// KMS with these keys and aliases, and calls that fail as told.
#[derive(Debug, Default)]
pub(super) struct FakeKms {
    pub(super) keys: BTreeMap<KeyId, FakeKey>,
    pub(super) listed: Vec<KeyId>,
    pub(super) aliases: Vec<Alias>,
    pub(super) failing: Vec<(&'static str, Option<KeyId>, Fault)>,
    calls: Mutex<Vec<String>>,
    in_flight: AtomicUsize,
    peak: AtomicUsize,
}

impl FakeKms {
    pub(super) fn with(keys: impl IntoIterator<Item = FakeKey>) -> Self {
        let keys: BTreeMap<_, _> = keys.into_iter().map(|key| (key.metadata.id.clone(), key)).collect();
        Self { listed: keys.keys().rev().cloned().collect(), keys, ..Self::default() }
    }

    pub(super) fn alias(mut self, name: &str, target: u16) -> Self {
        self.aliases.push(Alias { name: name.parse().unwrap(), target: Some(id(target)) });
        self
    }

    pub(super) fn fail(mut self, operation: &'static str, key: Option<u16>, fault: Fault) -> Self {
        self.failing.push((operation, key.map(id), fault));
        self
    }

    /// The calls so far, sorted.
    pub(super) fn calls(&self) -> Vec<String> {
        let mut calls = self.calls.lock().unwrap().clone();
        calls.sort();
        calls
    }

    /// The most calls that were in flight together.
    pub(super) fn peak(&self) -> usize {
        self.peak.load(Ordering::SeqCst)
    }

    async fn call<T>(
        &self,
        operation: &'static str,
        key: Option<&KeyId>,
        answer: impl FnOnce() -> Option<T>,
    ) -> Result<T, AwsError> {
        let now = self.in_flight.fetch_add(1, Ordering::SeqCst).saturating_add(1);
        self.peak.fetch_max(now, Ordering::SeqCst);
        tokio::task::yield_now().await;
        self.in_flight.fetch_sub(1, Ordering::SeqCst);
        let name = key.map_or_else(|| operation.to_owned(), |key| format!("{operation} {key}"));
        self.calls.lock().unwrap().push(name);
        let told = self
            .failing
            .iter()
            .find(|(name, id, _)| *name == operation && id.as_ref().is_none_or(|id| Some(id) == key));
        match told {
            Some((_, _, fault)) => Err(error(operation, *fault)),
            None => answer().ok_or_else(|| error(operation, Fault::NotFound)),
        }
    }

    async fn of<T>(
        &self,
        operation: &'static str,
        key: &KeyId,
        answer: impl FnOnce(&FakeKey) -> T,
    ) -> Result<T, AwsError> {
        self.call(operation, Some(key), || self.keys.get(key).map(answer)).await
    }
}

pub(super) fn error(operation: &'static str, fault: Fault) -> AwsError {
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

fn read_only<T>() -> Result<T, AwsError> {
    Err(error("a write", Fault::AccessDenied))
}

#[async_trait]
impl Kms for FakeKms {
    async fn describe_key(&self, key: &KeyReference) -> Result<KeyMetadata, AwsError> {
        let KeyReference::Id(id) = key else { return Err(error("DescribeKey", Fault::Validation)) };
        self.of("DescribeKey", id, |key| key.metadata.clone()).await
    }
    async fn key_policy(&self, key: &KeyId) -> Result<String, AwsError> {
        self.of("GetKeyPolicy", key, |key| key.policy.clone()).await
    }
    async fn rotation(&self, key: &KeyId) -> Result<Rotation, AwsError> {
        self.of("GetKeyRotationStatus", key, |key| key.rotation).await
    }
    async fn tags(&self, key: &KeyId) -> Result<Tags, AwsError> {
        self.of("ListResourceTags", key, |key| key.tags.clone()).await
    }
    async fn grants(&self, key: &KeyId) -> Result<Vec<Grant>, AwsError> {
        self.of("ListGrants", key, |key| key.grants.clone()).await
    }
    async fn aliases_of(&self, key: &KeyId) -> Result<Vec<Alias>, AwsError> {
        let of = || self.aliases.iter().filter(|alias| alias.target.as_ref() == Some(key)).cloned().collect();
        self.call("ListAliases", Some(key), || Some(of())).await
    }
    async fn aliases(&self) -> Result<Vec<Alias>, AwsError> {
        self.call("ListAliases", None, || Some(self.aliases.clone())).await
    }
    async fn keys(&self) -> Result<Vec<KeyId>, AwsError> {
        self.call("ListKeys", None, || Some(self.listed.clone())).await
    }
    async fn create_key(&self, _: &CreateKey) -> Result<KeyMetadata, AwsError> {
        read_only()
    }
    async fn put_key_policy(&self, _: &KeyId, _: &str, _: bool) -> Result<(), AwsError> {
        read_only()
    }
    async fn enable_rotation(&self, _: &KeyId, _: RotationPeriod) -> Result<(), AwsError> {
        read_only()
    }
    async fn disable_rotation(&self, _: &KeyId) -> Result<(), AwsError> {
        read_only()
    }
    async fn enable_key(&self, _: &KeyId) -> Result<(), AwsError> {
        read_only()
    }
    async fn disable_key(&self, _: &KeyId) -> Result<(), AwsError> {
        read_only()
    }
    async fn update_description(&self, _: &KeyId, _: &str) -> Result<(), AwsError> {
        read_only()
    }
    async fn schedule_deletion(&self, _: &KeyId, _: WindowDays) -> Result<Option<OffsetDateTime>, AwsError> {
        read_only()
    }
    async fn cancel_deletion(&self, _: &KeyId) -> Result<(), AwsError> {
        read_only()
    }
    async fn create_alias(&self, _: &AliasName, _: &KeyId) -> Result<(), AwsError> {
        read_only()
    }
    async fn update_alias(&self, _: &AliasName, _: &KeyId) -> Result<(), AwsError> {
        read_only()
    }
    async fn delete_alias(&self, _: &AliasName) -> Result<(), AwsError> {
        read_only()
    }
    async fn tag(&self, _: &KeyId, _: &Tags) -> Result<(), AwsError> {
        read_only()
    }
    async fn untag(&self, _: &KeyId, _: &[String]) -> Result<(), AwsError> {
        read_only()
    }
}
