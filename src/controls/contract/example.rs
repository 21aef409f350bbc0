//! A key without fault, for tests to spoil.

use std::collections::BTreeMap;

use crate::controls::contract::facts::{DeletionFacts, KeyFacts, MultiRegionRole, RotationFacts};
use crate::model::fact::Fact;
use crate::model::key::{KeyManager, KeyOrigin, KeySpec, KeyState, KeyUsage};

/// A planned symmetric key of `prod` that rotates every year. Its policy leaves everything to IAM.
pub(crate) fn good_key() -> KeyFacts {
    let tags = ["BU", "BusinessOwner", "TechnicalOwner", "ProjectManager", "Project", "Owner"];
    let mut tags: BTreeMap<String, Fact<String>> =
        tags.into_iter().map(|key| (key.to_owned(), Fact::Known("x".to_owned()))).collect();
    tags.insert("Environment".to_owned(), Fact::Known("prod".to_owned()));
    KeyFacts {
        id: Fact::Known(None),
        arn: Fact::Known(None),
        aliases: Fact::Known(vec!["alias/app".parse().unwrap()]),
        manager: Fact::Known(KeyManager::Customer),
        state: Fact::Known(KeyState::Enabled),
        spec: Fact::Known(KeySpec::SymmetricDefault),
        usage: Fact::Known(KeyUsage::EncryptDecrypt),
        origin: Fact::Known(KeyOrigin::AwsKms),
        multi_region: Fact::Known(MultiRegionRole::SingleRegion),
        rotation: Fact::Known(RotationFacts { enabled: Fact::Known(true), period: Fact::Known(Some(365)) }),
        deletion: Fact::Known(DeletionFacts::Planned { window: Fact::Known(30) }),
        tags: Fact::Known(tags),
        policy: Fact::Known(POLICY.to_owned()),
    }
}

/// The policy that KMS gives to a key that comes without one.
pub(crate) const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Enable IAM User Permissions","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::333333333333:root"},"Action":"kms:*","Resource":"*"}]}"#;
