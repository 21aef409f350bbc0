//! Keys and a place for the tests of this room.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;
use time::macros::datetime;

use super::{Limits, Place, Source};
use crate::aws::Kms;
use crate::aws::fake::{FakeKey, FakeKms};
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
pub(super) fn key(number: u16) -> FakeKey {
    let id = id(number);
    FakeKey {
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
        invisible: 0,
    }
}
