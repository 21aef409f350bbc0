//! Each planned value, known, null and unknown; each part of a live key, read
//! and unreadable.

use std::collections::BTreeMap;

use time::macros::datetime;

use super::{PlannedKey, live, planned};
use crate::aws::fake::{FakeKms, Trouble};
use crate::aws::{CreateKey, Fault, Kms};
use crate::controls::contract::facts::{DeletionFacts, MultiRegionRole, RotationFacts};
use crate::model::fact::Fact;
use crate::model::key::{KeySpec, KeyState, KeyUsage};
use crate::provider::live_key::LiveKey;
use crate::tf::Field;

fn nothing<T>(field: fn() -> Field<T>) -> Field<T> {
    field()
}

fn key(text: fn() -> Field<String>, flag: Field<bool>, number: Field<i64>) -> PlannedKey {
    PlannedKey {
        existing: None,
        arn: nothing(text),
        alias: nothing(text),
        spec: nothing(text),
        usage: nothing(text),
        origin: Field::Null,
        multi_region: flag,
        enabled: flag,
        rotation: flag,
        period: number,
        window: number,
        tags: Field::Unknown,
        policy: nothing(text),
    }
}

#[test]
fn what_a_plan_does_not_know_is_unknown_in_every_fact() {
    let facts = planned(key(|| Field::Unknown, Field::Unknown, Field::Unknown));
    assert_eq!(facts.arn, Fact::Unknown);
    assert_eq!(facts.aliases, Fact::Unknown);
    assert_eq!(facts.state, Fact::Unknown);
    assert_eq!(facts.spec, Fact::Unknown);
    assert_eq!(facts.usage, Fact::Unknown);
    assert_eq!(facts.multi_region, Fact::Unknown);
    assert_eq!(facts.rotation, Fact::Known(RotationFacts { enabled: Fact::Unknown, period: Fact::Unknown }));
    assert_eq!(facts.deletion, Fact::Known(DeletionFacts::Planned { window: Fact::Unknown }));
    assert_eq!(facts.tags, Fact::Unknown);
    assert_eq!(facts.policy, Fact::Unknown);
}

#[test]
fn what_is_absent_is_what_aws_makes_of_its_absence() {
    let facts = planned(PlannedKey { tags: Field::Null, ..key(|| Field::Null, Field::Null, Field::Null) });
    assert_eq!(facts.arn, Fact::Known(None));
    assert_eq!(facts.aliases, Fact::Known(Vec::new()));
    assert_eq!(facts.state, Fact::Known(KeyState::Enabled));
    assert_eq!(facts.spec, Fact::Known(KeySpec::SymmetricDefault));
    assert_eq!(facts.usage, Fact::Known(KeyUsage::EncryptDecrypt));
    assert_eq!(facts.multi_region, Fact::Known(MultiRegionRole::SingleRegion));
    let off = RotationFacts { enabled: Fact::Known(false), period: Fact::Known(None) };
    assert_eq!(facts.rotation, Fact::Known(off));
    assert_eq!(facts.deletion, Fact::Known(DeletionFacts::Planned { window: Fact::Known(30) }));
    assert_eq!(facts.tags, Fact::Known(BTreeMap::new()));
    // A policy that is not there yet is one that nobody has seen.
    assert_eq!(facts.policy, Fact::Unknown);
}

#[test]
fn the_keys_of_tags_are_known_before_their_values() {
    let tags = BTreeMap::from([
        ("a".to_owned(), Field::Known("1".to_owned())),
        ("b".to_owned(), Field::Unknown),
        ("c".to_owned(), Field::Null),
    ]);
    let facts =
        planned(PlannedKey { tags: Field::Known(tags), ..key(|| Field::Null, Field::Null, Field::Null) });
    let expected = BTreeMap::from([
        ("a".to_owned(), Fact::Known("1".to_owned())),
        ("b".to_owned(), Fact::Unknown),
        ("c".to_owned(), Fact::Known(String::new())),
    ]);
    assert_eq!(facts.tags, Fact::Known(expected));
}

#[tokio::test]
async fn what_cannot_be_read_is_unreadable_and_says_why() {
    let kms = FakeKms::default();
    let request = CreateKey {
        description: String::new(),
        policy: "{}".to_owned(),
        tags: BTreeMap::new(),
        spec: KeySpec::SymmetricDefault,
        usage: KeyUsage::EncryptDecrypt,
        multi_region: false,
        bypass_lockout_check: false,
    };
    let id = kms.create_key(&request).await.unwrap().id;
    let now = datetime!(2026-11-02 12:00 UTC);
    for (operation, fact) in [
        ("GetKeyPolicy", "policy"),
        ("GetKeyRotationStatus", "rotation"),
        ("ListResourceTags", "tags"),
        ("ListAliases", "aliases"),
    ] {
        let nth = kms.calls().iter().filter(|call| **call == operation).count() + 1;
        kms.script(operation, nth, Trouble::Refused(Fault::AccessDenied));
        let facts = live(&LiveKey::read(&kms, &id).await.unwrap().unwrap(), None, now);
        let unreadable = [
            ("policy", facts.policy.known().is_none()),
            ("rotation", facts.rotation.known().is_none()),
            ("tags", facts.tags.known().is_none()),
            ("aliases", facts.aliases.known().is_none()),
        ];
        let found: Vec<&str> = unreadable.iter().filter(|(_, gap)| *gap).map(|(name, _)| *name).collect();
        assert_eq!(found, [fact]);
        if operation == "GetKeyPolicy" {
            let reason = "`GetKeyPolicy` failed: AccessDeniedException".to_owned();
            assert_eq!(facts.policy, Fact::Unreadable(reason));
        }
        assert_eq!(facts.deletion, Fact::Known(DeletionFacts::NotScheduled));
    }
}
