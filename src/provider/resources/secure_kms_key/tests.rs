//! The promises of create, update and destroy, under a fault at every call.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::changes::Changes;
use super::create::{CreateError, Made, create};
use super::settle::{Part, differences};
use super::waiting::{Pace, Waiting};
use super::wanted::{CREATION_TAG, Wanted};
use crate::aws::{Fault, Kms};
use crate::model::key::{KeyId, KeyState, RotationPeriod};
use crate::model::tag::Tags;
use crate::provider::fake_kms::{FakeKms, Trouble};
use crate::provider::live_key::LiveKey;

const PACE: Pace = Pace {
    first: Duration::from_millis(1),
    longest: Duration::from_millis(2),
    look: Duration::from_millis(1),
    visibility: Duration::from_secs(3),
    unanswered: Duration::from_secs(1),
    vanishing: Duration::from_millis(2),
};

fn patience() -> Waiting {
    Waiting::new(PACE, Duration::from_secs(5), &CancellationToken::new())
}

fn wanted() -> Wanted {
    Wanted {
        alias: "alias/dev/payments/db/encryption".parse().unwrap(),
        description: "payments".to_owned(),
        policy: r#"{"Version":"2012-10-17","Statement":[]}"#.to_owned(),
        rotation: Some(RotationPeriod::try_from(365).unwrap()),
        enabled: false,
        tags: Tags::from([("Owner".to_owned(), "Payments".to_owned())]),
        multi_region: false,
        bypass: false,
        restore: true,
    }
}

fn nobodys(_: &str) -> bool {
    false
}

async fn apply(kms: &FakeKms, state: Option<KeyId>) -> Result<KeyId, CreateError> {
    let wanted = wanted();
    let waiting = patience();
    match state {
        None => create(kms, &wanted, nobodys, &waiting).await.map(|made| made.live.metadata.id),
        Some(key) => {
            let live = LiveKey::read(kms, &key).await?.expect("a key in the state exists");
            let changes = Changes { kms, key: &key, waiting: &waiting };
            changes.make(&live, &wanted, Some(&wanted.alias), nobodys).await?;
            Ok(key)
        }
    }
}

const CALLS: [&str; 10] = [
    "CreateKey",
    "CreateAlias",
    "DescribeKey",
    "DisableKey",
    "EnableKeyRotation",
    "GetKeyPolicy",
    "GetKeyRotationStatus",
    "ListAliases",
    "ListKeys",
    "ListResourceTags",
];

const TROUBLES: [Trouble; 9] = [
    Trouble::Refused(Fault::Throttled),
    Trouble::Refused(Fault::Service),
    Trouble::Unanswered(Fault::Service),
    Trouble::Refused(Fault::Ambiguous),
    Trouble::Unanswered(Fault::Ambiguous),
    Trouble::Refused(Fault::Unreachable),
    Trouble::Refused(Fault::AccessDenied),
    Trouble::Late(5),
    Trouble::Late(30),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_fault_at_any_call_of_create_leaves_one_key_and_the_next_apply_heals_it() {
    let calls = CALLS.into_iter().flat_map(|call| (1..=4).map(move |nth| (call, nth)));
    for ((call, nth), trouble) in calls.flat_map(|call| TROUBLES.map(|trouble| (call, trouble))) {
        survives(call, nth, trouble).await;
    }
}

async fn survives(call: &'static str, nth: usize, trouble: Trouble) {
    let case = format!("{call} {nth} {trouble:?}");
    let kms = FakeKms::default().with(call, nth, trouble);
    let state = apply(&kms, None).await.ok();
    if let Some(key) = &state {
        assert_eq!(kms.all().len(), 1, "{case}");
        assert_eq!(kms.all()[0].metadata.id, *key, "{case}");
    }
    kms.calm();
    let healed = apply(&kms, state).await.unwrap_or_else(|error| panic!("{case}: {error}"));
    assert_eq!(kms.all().len(), 1, "{case}: one key");
    let live = LiveKey::read(&kms, &healed).await.unwrap().unwrap();
    assert_eq!(differences(&live, &wanted()), [].into(), "{case}");
}

#[tokio::test]
async fn a_response_lost_for_good_is_found_by_the_next_apply() {
    let kms = FakeKms::default().with("CreateKey", 1, Trouble::Unanswered(Fault::Ambiguous));
    let kms = (2..5_000).fold(kms, |kms, nth| kms.with("ListKeys", nth, Trouble::Refused(Fault::Ambiguous)));
    let lost = apply(&kms, None).await.unwrap_err();
    assert!(matches!(lost, CreateError::Unanswered { .. }), "{lost}");
    assert_eq!(
        lost.to_string(),
        "the answer of CreateKey was lost: KMS CreateKey: AmbiguousException: it was scripted"
    );
    kms.calm();
    let found = apply(&kms, None).await.unwrap();
    assert_eq!(kms.all().len(), 1);
    assert_eq!(kms.all()[0].metadata.id, found);
}

#[tokio::test]
async fn an_alias_of_a_living_key_is_refused_before_anything_is_made() {
    let kms = FakeKms::default();
    apply(&kms, None).await.unwrap();
    let error = apply(&kms, None).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the alias `alias/dev/payments/db/encryption` points at the key `00000000-0000-4000-8000-000000000000`"
    );
    assert_eq!(kms.all().len(), 1);
}

#[tokio::test]
async fn an_alias_of_a_doomed_key_is_refused_and_names_the_key() {
    let kms = FakeKms::default();
    apply(&kms, None).await.unwrap();
    kms.meddle(|key| key.metadata.state = KeyState::PendingDeletion);
    let error = apply(&kms, None).await.unwrap_err();
    assert!(matches!(error, CreateError::AliasOnDoomedKey { .. }));
    assert_eq!(kms.all().len(), 1);
}

#[tokio::test]
async fn a_key_that_somebody_gave_up_is_not_adopted() {
    let kms = FakeKms::default();
    apply(&kms, None).await.unwrap();
    kms.delete_alias(&wanted().alias).await.unwrap();
    kms.meddle(|key| key.metadata.state = KeyState::PendingDeletion);
    apply(&kms, None).await.unwrap();
    assert_eq!(kms.all().len(), 2);
}

#[tokio::test]
async fn policy_and_tags_are_part_of_the_creating_call() {
    let kms = FakeKms::default();
    apply(&kms, None).await.unwrap();
    let key = kms.all().remove(0);
    assert_eq!(key.tags[CREATION_TAG], "alias/dev/payments/db/encryption");
    assert_eq!(key.tags["Owner"], "Payments");
    assert!(!kms.calls().contains(&"PutKeyPolicy"));
    assert!(!kms.calls().contains(&"TagResource"));
}

#[tokio::test]
async fn a_principal_too_young_is_waited_for_and_one_that_locks_out_is_not() {
    let young = (1..4).fold(FakeKms::default(), |kms, nth| {
        kms.with("CreateKey", nth, Trouble::Refused(Fault::UnknownPrincipal))
    });
    apply(&young, None).await.unwrap();
    for fault in [Fault::LockOut, Fault::MalformedPolicy] {
        let refused = FakeKms::default().with("CreateKey", 1, Trouble::Refused(fault));
        assert!(matches!(apply(&refused, None).await, Err(CreateError::Aws(_))));
        assert_eq!(refused.calls().iter().filter(|call| **call == "CreateKey").count(), 1);
    }
}

#[tokio::test]
async fn an_interrupted_wait_returns_the_key() {
    let cancelled = CancellationToken::new();
    cancelled.cancel();
    let kms = FakeKms::default();
    let waiting = Waiting::new(PACE, Duration::from_secs(5), &cancelled);
    let Made { live, .. } = create(&kms, &wanted(), nobodys, &waiting).await.unwrap();
    assert_eq!(kms.all()[0].metadata.id, live.metadata.id);
}

#[tokio::test]
async fn a_call_that_nobody_answers_is_cut_short_and_the_key_is_returned() {
    let kms = FakeKms::default().with("CreateAlias", 1, Trouble::Silence);
    let waiting = Waiting::new(PACE, Duration::from_millis(50), &CancellationToken::new());
    let Made { live, lagging, .. } = create(&kms, &wanted(), nobodys, &waiting).await.unwrap();
    assert_eq!(kms.all()[0].metadata.id, live.metadata.id);
    assert_eq!(lagging, [Part::Rotation, Part::Alias, Part::State].into());
}

#[tokio::test]
async fn an_update_enables_first_and_disables_last() {
    let kms = FakeKms::default();
    let key = apply(&kms, None).await.unwrap();
    kms.meddle(|key| {
        key.metadata.state = KeyState::PendingDeletion;
        key.rotation.enabled = false;
        key.tags.clear();
        key.policy = "{}".to_owned();
        key.metadata.description.clear();
    });
    let before = kms.calls().len();
    let live = LiveKey::read(&kms, &key).await.unwrap().unwrap();
    let waiting = patience();
    let wanted = Wanted { enabled: true, alias: "alias/new".parse().unwrap(), ..wanted() };
    let old = "alias/dev/payments/db/encryption".parse().unwrap();
    let changes = Changes { kms: &kms, key: &key, waiting: &waiting };
    changes.make(&live, &wanted, Some(&old), nobodys).await.unwrap();
    let reads = ["DescribeKey", "GetKeyPolicy", "GetKeyRotationStatus", "ListResourceTags", "ListAliases"];
    let writes: Vec<&str> =
        kms.calls().split_off(before).into_iter().filter(|call| !reads.contains(call)).collect();
    assert_eq!(
        writes,
        [
            "CancelKeyDeletion",
            "EnableKey",
            "EnableKeyRotation",
            "TagResource",
            "PutKeyPolicy",
            "CreateAlias",
            "UpdateKeyDescription",
            "DeleteAlias",
        ]
    );
}
