//! The promises of create, update and destroy, under a fault at every call.

use std::time::Duration;

use time::macros::datetime;
use tokio_util::sync::CancellationToken;

use super::changes::Changes;
use super::create::{CreateError, Made, create};
use super::destroy::destroy;
use super::model::Model;
use super::orphans::{Ground, Orphans};
use super::plan::config;
use super::settle::{Part, differences};
use super::trouble;
use super::waiting::{Pace, Waiting};
use super::wanted::{CREATION_TAG, Wanted};
use crate::aws::fake::{FakeKey, FakeKms, Trouble};
use crate::aws::{Fault, Kms};
use crate::model::key::{Grant, KeyId, KeyOrigin, KeyState, KeyUsage, RotationPeriod};
use crate::model::tag::Tags;
use crate::provider::live_key::LiveKey;

const PACE: Pace = Pace {
    first: Duration::from_millis(1),
    longest: Duration::from_millis(2),
    look: Duration::from_millis(1),
    visibility: Duration::from_secs(3),
    unanswered: Duration::from_secs(1),
    in_the_making: Duration::from_millis(50),
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

/// A create by a provider process of its own.
async fn made(kms: &FakeKms, wanted: &Wanted, waiting: &Waiting) -> Result<Made, CreateError> {
    beside(&Orphans::default(), kms, wanted, waiting).await
}

/// A create beside others of the same process.
async fn beside(
    orphans: &Orphans,
    kms: &FakeKms,
    wanted: &Wanted,
    waiting: &Waiting,
) -> Result<Made, CreateError> {
    let region = "eu-west-1".parse().unwrap();
    let now = datetime!(2026-11-02 12:00 UTC);
    create(&Ground { kms, region: &region, orphans, now, waiting }, wanted, nobodys).await
}

async fn apply(kms: &FakeKms, state: Option<KeyId>) -> Result<KeyId, CreateError> {
    let wanted = wanted();
    let waiting = patience();
    match state {
        None => made(kms, &wanted, &waiting).await.map(|made| made.live.metadata.id),
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
        "the answer of CreateKey was lost: KMS CreateKey: AmbiguousException: as told (request id 8a1c)"
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

/// An account in which the answer of one `CreateKey` was lost for good.
async fn with_orphan() -> FakeKms {
    let kms = FakeKms::default();
    kms.create_key(&wanted().request()).await.unwrap();
    kms
}

#[tokio::test]
async fn a_key_that_is_not_as_create_key_leaves_it_is_neither_adopted_nor_passed_over() {
    type Meddling = fn(&mut FakeKey);
    let cases: [(Meddling, &str); 6] = [
        // Kept on destroy, and its alias taken away since.
        (|key| key.metadata.state = KeyState::Disabled, "it is `Disabled`"),
        (|key| key.rotation.enabled = true, "it rotates already"),
        (|key| key.metadata.created = Some(datetime!(2026-10-26 11:59 UTC)), "it is older than 7 days"),
        // The tag was copied to a key of somebody else's.
        (|key| key.grants.push(grant()), "there are grants on it"),
        (|key| key.metadata.origin = KeyOrigin::External, "its material comes from `EXTERNAL`"),
        (|key| key.metadata.usage = KeyUsage::SignVerify, "its usage is `SIGN_VERIFY`"),
    ];
    for (meddle, doubt) in cases {
        let kms = with_orphan().await;
        kms.meddle(meddle);
        let error = apply(&kms, None).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            format!(
                "the key `00000000-0000-4000-8000-000000000000` was made for `alias/dev/payments/db/encryption`: {doubt}"
            )
        );
        assert_eq!(kms.all().len(), 1, "{doubt}");
        kms.meddle(|key| key.tags.clear());
        apply(&kms, None).await.unwrap();
        assert_eq!(kms.all().len(), 2, "{doubt}: without the tag it is somebody else's");
    }
}

#[tokio::test]
async fn an_orphan_of_another_kind_than_is_wanted_now_is_in_doubt() {
    let kms = with_orphan().await;
    let wanted = Wanted { multi_region: true, ..wanted() };
    let error = made(&kms, &wanted, &patience()).await.unwrap_err();
    assert!(
        error.to_string().ends_with("it is a single-Region key, and a multi-Region key is wanted"),
        "{error}"
    );
    assert_eq!(kms.all().len(), 1);
}

#[tokio::test]
async fn an_orphan_whose_grants_cannot_be_listed_is_in_doubt() {
    let kms = with_orphan().await.fail("ListGrants", None, Fault::AccessDenied);
    let error = apply(&kms, None).await.unwrap_err();
    assert!(matches!(error, CreateError::OrphanInDoubt { .. }), "{error}");
    kms.calm();
    apply(&kms, None).await.unwrap();
    assert_eq!(kms.all().len(), 1);
}

#[tokio::test]
async fn a_key_with_the_tag_and_another_alias_is_left_to_whoever_uses_it() {
    let kms = with_orphan().await;
    let theirs = kms.all()[0].metadata.id.clone();
    kms.create_alias(&"alias/theirs".parse().unwrap(), &theirs).await.unwrap();
    let made = apply(&kms, None).await.unwrap();
    assert_ne!(made, theirs);
    assert_eq!(LiveKey::read(&kms, &theirs).await.unwrap().unwrap().aliases.unwrap().len(), 1);
}

#[tokio::test]
async fn an_orphan_with_other_settings_is_in_doubt() {
    type Meddling = fn(&mut FakeKey);
    let cases: [(Meddling, &str); 3] = [
        (|key| key.policy = "{}".to_owned(), "its policy is not the one that is wanted now"),
        (|key| key.metadata.description.clear(), "its description is not the one that is wanted now"),
        (
            |key| drop(key.tags.insert("Owner".to_owned(), "Orders".to_owned())),
            "its tag `Owner` is not the one that is wanted now",
        ),
    ];
    for (meddle, doubt) in cases {
        let kms = with_orphan().await;
        kms.meddle(meddle);
        let error = apply(&kms, None).await.unwrap_err();
        assert!(error.to_string().ends_with(doubt), "{error}");
        assert_eq!(kms.all().len(), 1, "{doubt}");
    }
    let kms = with_orphan().await;
    kms.meddle(|key| drop(key.tags.insert("auto:made-by".to_owned(), "somebody".to_owned())));
    apply(&kms, None).await.unwrap();
    assert_eq!(kms.all().len(), 1, "a tag that somebody adds to every key raises no doubt");
}

#[tokio::test]
async fn a_key_that_another_apply_is_making_is_left_to_it() {
    let kms = with_orphan().await;
    kms.meddle(|key| key.metadata.created = Some(datetime!(2026-11-02 12:00 UTC)));
    let theirs = kms.all()[0].metadata.id.clone();
    let other = async {
        while !kms.calls().contains(&"ListGrants") {
            tokio::task::yield_now().await;
        }
        kms.create_alias(&wanted().alias, &theirs).await.unwrap();
    };
    let (made, ()) = tokio::join!(apply(&kms, None), other);
    let error = made.unwrap_err();
    assert!(matches!(&error, CreateError::AliasInUse { holder, .. } if *holder == theirs), "{error}");
    assert_eq!(kms.all().len(), 1);
}

#[tokio::test]
async fn a_young_key_that_nobody_names_is_adopted_after_a_while() {
    let kms = with_orphan().await;
    kms.meddle(|key| key.metadata.created = Some(datetime!(2026-11-02 12:00 UTC)));
    apply(&kms, None).await.unwrap();
    assert_eq!(kms.all().len(), 1);
}

#[tokio::test]
async fn a_key_that_was_retained_is_never_adopted() {
    let retained = Model::read(&config(&[("on_destroy", "retain".into())])).unwrap();
    let kms = with_orphan().await;
    let id = kms.all()[0].metadata.id.clone();
    assert!(destroy(&kms, &id, &retained, &patience()).await.unwrap().is_none());
    assert_ne!(apply(&kms, None).await.unwrap(), id);
    assert_eq!(kms.all().len(), 2);

    let kms = with_orphan().await.fail("UntagResource", None, Fault::AccessDenied);
    let kept = destroy(&kms, &id, &retained, &patience()).await.unwrap().unwrap();
    let warning = trouble::still_marked(&id, &kept);
    assert_eq!(warning.summary, "The key still carries its creation tag");
    assert_eq!(
        warning.detail,
        format!(
            "Found: the key `{id}` was retained and left the state; its tag `keyrail:creation-id` could not be taken off: \
             {kept}.\nRequired: no such tag on a key that is kept, so that no create takes it for one that was lost.\n\
             Fix: take it off (`aws kms untag-resource --key-id {id} --tag-keys keyrail:creation-id`)."
        )
    );
}

#[tokio::test]
async fn one_list_of_keys_serves_all_creates_of_a_process() {
    let kms = FakeKms::default();
    for number in 0..40 {
        let other = Wanted { alias: format!("alias/other/{number}").parse().unwrap(), ..wanted() };
        kms.create_key(&other.request()).await.unwrap();
    }
    let orphans = Orphans::default();
    let patience = patience();
    for number in 0..10 {
        let wanted = Wanted { alias: format!("alias/new/{number}").parse().unwrap(), ..wanted() };
        beside(&orphans, &kms, &wanted, &patience).await.unwrap();
    }
    let calls = kms.calls();
    let count = |operation: &str| calls.iter().filter(|call| **call == operation).count();
    assert_eq!(count("ListKeys"), 1);
    // Once for each nameless key, and as often as each new key was looked at.
    assert_eq!(count("ListResourceTags"), 40 + count("GetKeyPolicy"));
}

#[tokio::test]
async fn what_was_lost_in_this_process_is_found_in_spite_of_the_list_it_remembers() {
    let kms = FakeKms::default();
    let orphans = Orphans::default();
    let first = Wanted { alias: "alias/first".parse().unwrap(), ..wanted() };
    beside(&orphans, &kms, &first, &patience()).await.unwrap();
    kms.script("CreateKey", 2, Trouble::Unanswered(Fault::Ambiguous));
    beside(&orphans, &kms, &wanted(), &patience()).await.unwrap();
    assert_eq!(kms.all().len(), 2);
}

fn grant() -> Grant {
    Grant {
        id: "grant-1".to_owned(),
        name: None,
        grantee: "arn:aws:iam::222222222222:role/mallory".to_owned(),
        retiring: None,
        operations: ["Decrypt".to_owned()].into(),
        context_equals: [].into(),
        context_subset: [].into(),
    }
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
    let kms = FakeKms::default().with("CreateAlias", 1, Trouble::Silence);
    let waiting = Waiting::new(PACE, Duration::from_secs(5), &cancelled);
    let wanted = wanted();
    let (done, ()) = tokio::join!(made(&kms, &wanted, &waiting), stopped_after(&kms, &cancelled));
    assert_eq!(kms.all()[0].metadata.id, done.unwrap().live.metadata.id);
}

/// Interrupts as soon as `CreateKey` was called.
async fn stopped_after(kms: &FakeKms, cancelled: &CancellationToken) {
    while !kms.calls().contains(&"CreateKey") {
        tokio::task::yield_now().await;
    }
    cancelled.cancel();
}

#[tokio::test]
async fn an_interrupt_before_anything_was_made_makes_nothing() {
    let cancelled = CancellationToken::new();
    cancelled.cancel();
    let kms = FakeKms::default();
    let waiting = Waiting::new(PACE, Duration::from_secs(5), &cancelled);
    let error = made(&kms, &wanted(), &waiting).await.unwrap_err();
    assert!(matches!(error, CreateError::NotBegun), "{error}");
    assert_eq!(kms.calls(), [""; 0]);
}

#[tokio::test]
async fn a_throttled_create_ends_with_the_interrupt_and_makes_nothing() {
    let cancelled = CancellationToken::new();
    let kms = (1..1_000)
        .fold(FakeKms::default(), |kms, nth| kms.with("CreateKey", nth, Trouble::Refused(Fault::Throttled)));
    let waiting = Waiting::new(Pace::AWS, Duration::from_mins(5), &cancelled);
    let wanted = wanted();
    let (done, ()) = tokio::join!(made(&kms, &wanted, &waiting), stopped_after(&kms, &cancelled));
    assert!(matches!(done.unwrap_err(), CreateError::NotBegun));
    assert_eq!(kms.all().len(), 0);
}

#[tokio::test]
async fn a_call_that_nobody_answers_is_cut_short_and_the_key_is_returned() {
    let kms = FakeKms::default().with("CreateAlias", 1, Trouble::Silence);
    let waiting = Waiting::new(PACE, Duration::from_millis(50), &CancellationToken::new());
    let Made { live, lagging, .. } = made(&kms, &wanted(), &waiting).await.unwrap();
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

/// A key of this alias in the state, to be destroyed by scheduling its deletion.
fn to_be_destroyed(alias: &str) -> Model {
    Model::read(&config(&[("alias_name", alias.into()), ("deletion_window_in_days", 30.into())])).unwrap()
}

#[tokio::test]
async fn an_alias_is_deleted_only_when_it_is_certainly_the_keys_own() {
    let own = || async {
        let kms = FakeKms::default();
        let id = kms.create_key(&wanted().request()).await.unwrap().id;
        let other = kms.create_key(&wanted().request()).await.unwrap().id;
        (kms.alias("alias/own", &id).alias("alias/theirs", &other), id)
    };
    let (kms, id) = own().await;
    destroy(&kms, &id, &to_be_destroyed("theirs"), &patience()).await.unwrap();
    assert!(!kms.calls().contains(&"DeleteAlias"), "somebody moved it to another key");

    for (denied, deleted) in [("own", true), ("theirs", false)] {
        let (kms, id) = own().await;
        let kms = kms.fail("DescribeKey", None, Fault::AccessDenied);
        destroy(&kms, &id, &to_be_destroyed(denied), &patience()).await.unwrap();
        assert_eq!(kms.calls().contains(&"DeleteAlias"), deleted, "{denied}");
    }

    let (kms, id) = own().await;
    let kms =
        kms.fail("DescribeKey", None, Fault::AccessDenied).fail("ListAliases", None, Fault::AccessDenied);
    let error = destroy(&kms, &id, &to_be_destroyed("own"), &patience()).await.unwrap_err();
    assert_eq!(error.operation(), "ListAliases");
    assert_eq!(kms.calls().iter().filter(|call| call.starts_with("Schedule")).count(), 0);
    let changes = Changes { kms: &kms, key: &id, waiting: &patience() };
    let live = with_aliases(&kms, &id);
    let old = "alias/theirs".parse().unwrap();
    changes
        .make(&live, &Wanted { alias: "alias/own".parse().unwrap(), ..wanted() }, Some(&old), nobodys)
        .await
        .unwrap_err();
    assert!(!kms.calls().contains(&"DeleteAlias"));
}

/// A key as it was read before reads were refused.
fn with_aliases(kms: &FakeKms, id: &KeyId) -> LiveKey {
    let all = kms.all();
    let key = all.iter().find(|key| key.metadata.id == *id).unwrap();
    LiveKey {
        metadata: key.metadata.clone(),
        policy: Ok(key.policy.clone()),
        rotation: Ok(key.rotation),
        tags: Ok(key.tags.clone()),
        aliases: Ok(vec!["alias/own".parse().unwrap()]),
    }
}

#[tokio::test]
async fn a_key_that_stays_disabled_keeps_its_rotation_and_gets_the_rest() {
    let kms = FakeKms::default();
    let key = apply(&kms, None).await.unwrap();
    kms.meddle(|key| {
        key.rotation.enabled = false;
        key.metadata.description.clear();
    });
    let before = kms.calls().len();
    apply(&kms, Some(key)).await.unwrap();
    let after = kms.calls().split_off(before);
    assert!(after.contains(&"UpdateKeyDescription"));
    assert!(!after.contains(&"EnableKeyRotation"));
    assert!(!after.contains(&"EnableKey"));
}

#[tokio::test]
async fn an_adopted_key_is_announced() {
    let kms = with_orphan().await;
    let adopted = made(&kms, &wanted(), &patience()).await.unwrap();
    assert_eq!(adopted.adopted, Some(wanted().alias));
    let new = made(&FakeKms::default(), &wanted(), &patience()).await.unwrap();
    assert_eq!(new.adopted, None);
}
