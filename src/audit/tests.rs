//! What is read, in which order, and what becomes of a read that fails.

use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use serde_json::json;

use super::evaluate::Gap;
use super::facts::key_facts;
use super::testing::{NOW, id, key, place, source};
use super::{
    CollectError, Collection, Filter, KeyRecord, Report, Scope, Selection, Step, TagFilter, collect,
    evaluate, export,
};
use crate::aws::Fault;
use crate::aws::KeyReference;
use crate::aws::fake::{FakeKey, FakeKms, error};
use crate::controls::contract::doc::ControlId;
use crate::controls::contract::doc::Severity;
use crate::controls::contract::facts::DeletionFacts;
use crate::controls::contract::facts::KeyFacts;
use crate::controls::contract::finding::Finding;
use crate::controls::contract::finding::Status;
use crate::model::fact::Fact;
use crate::model::key::KeyManager;
use crate::model::key::KeyOrigin;
use crate::model::key::KeyState;
use crate::model::key::Rotation;

fn run(kms: FakeKms, scope: &Scope) -> (Result<Collection, CollectError>, Vec<String>) {
    let (source, kms) = source(kms);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    (runtime.block_on(collect(&source, scope, &|_| {})), kms.calls_by_key())
}

fn read(kms: FakeKms) -> Collection {
    run(kms, &Scope::default()).0.unwrap()
}

fn named(reference: KeyReference) -> Scope {
    Scope { selection: Selection::Named(vec![reference]), ..Scope::default() }
}

/// A judge with one control that fails keys without rotation and knows nothing without evidence.
fn judge(key: &KeyFacts) -> Vec<Finding> {
    let enabled = key.rotation.known().and_then(|rotation| rotation.enabled.known());
    let status = match enabled {
        Some(true) => Status::Pass,
        Some(false) => Status::Fail,
        None => Status::Unknown,
    };
    vec![Finding {
        control: ControlId("key-rotation"),
        title: "Keys rotate",
        severity: Severity::High,
        status,
        violations: Vec::new(),
        detail: "rotation".to_owned(),
        remedy: "Switch it on.",
        waiver: None,
    }]
}

fn report(kms: FakeKms) -> Report {
    evaluate(read(kms), judge, None)
}

fn off(number: u16) -> FakeKey {
    FakeKey { rotation: Rotation { enabled: false, period: None, next: None }, ..key(number) }
}

#[test]
fn keys_come_in_the_order_of_their_ids_with_sorted_aliases() {
    let kms = FakeKms::holding((1..=40).map(key)).alias("alias/b", &id(7)).alias("alias/a", &id(7));
    let read = read(kms);
    assert_eq!(
        read.keys.iter().map(|key| key.id.clone()).collect::<Vec<_>>(),
        (1..=40).map(id).collect::<Vec<_>>()
    );
    assert_eq!(
        read.keys[6].aliases,
        Fact::Known(vec!["alias/a".parse().unwrap(), "alias/b".parse().unwrap()])
    );
    assert_eq!((read.time, read.place), (NOW, place()));
}

#[test]
fn one_key_takes_five_calls_and_one_sweep_finds_the_aliases() {
    let (_, calls) = run(FakeKms::holding([key(1)]).alias("alias/a", &id(1)), &Scope::default());
    let key = id(1);
    assert_eq!(
        calls,
        [
            format!("DescribeKey {key}"),
            format!("GetKeyPolicy {key}"),
            format!("GetKeyRotationStatus {key}"),
            "ListAliases".to_owned(),
            format!("ListGrants {key}"),
            "ListKeys".to_owned(),
            format!("ListResourceTags {key}"),
        ]
    );
}

#[test]
fn no_more_calls_are_in_flight_than_allowed() {
    let (mut source, kms) = source(FakeKms::holding((1..=200).map(key)));
    source.limits.calls_in_flight = 8;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(collect(&source, &Scope::default(), &|_| {})).unwrap();
    assert_eq!(kms.peak(), 8);
}

#[test]
fn every_key_is_announced_and_reported_as_done() {
    let (source, _) = source(FakeKms::holding((1..=3).map(key)));
    let (listed, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let progress = |step| match step {
        Step::Listed(keys) => listed.store(keys, Ordering::SeqCst),
        Step::Done => {
            done.fetch_add(1, Ordering::SeqCst);
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(collect(&source, &Scope::default(), &progress)).unwrap();
    assert_eq!((listed.into_inner(), done.into_inner()), (3, 3));
}

#[test]
fn keys_behind_aws_aliases_are_not_touched() {
    let kms = FakeKms::holding([key(1), key(2)]).alias("alias/aws/s3", &id(2));
    let (read, calls) = run(kms, &Scope::default());
    let read = read.unwrap();
    assert_eq!((read.keys.len(), read.aws_managed), (1, 1));
    assert!(!calls.iter().any(|call| call.ends_with(id(2).as_str())), "{calls:?}");
}

#[test]
fn a_key_that_turns_out_to_be_aws_managed_is_asked_nothing_more() {
    let mut managed = key(2);
    managed.metadata.manager = KeyManager::Aws;
    let (read, calls) = run(FakeKms::holding([managed]), &Scope::default());
    assert_eq!(read.unwrap().aws_managed, 1);
    assert_eq!(calls, [format!("DescribeKey {}", id(2)), "ListAliases".to_owned(), "ListKeys".to_owned()]);
}

#[test]
fn kinds_without_automatic_rotation_are_not_asked_for_it() {
    let mut imported = key(1);
    imported.metadata.origin = KeyOrigin::External;
    let (read, calls) = run(FakeKms::holding([imported]), &Scope::default());
    assert_eq!(read.unwrap().keys[0].rotation, Fact::Known(None));
    assert!(!calls.iter().any(|call| call.starts_with("GetKeyRotationStatus")));
}

#[test]
fn a_read_that_failed_is_unreadable_and_disturbs_nothing_else() {
    let kms = FakeKms::holding([key(1), key(2)])
        .fail("GetKeyPolicy", Some(&id(1)), Fault::AccessDenied)
        .fail("ListResourceTags", Some(&id(1)), Fault::Service);
    let read = read(kms);
    let reason = |operation: &str, code: &str| {
        Fact::<()>::Unreadable(format!("{operation} failed: {code}Exception: as told"))
    };
    assert_eq!(read.keys[0].policy.clone().map(drop), reason("GetKeyPolicy", "AccessDenied"));
    assert_eq!(read.keys[0].tags.clone().map(drop), reason("ListResourceTags", "Service"));
    assert!(read.keys[0].rotation.known().is_some());
    assert!(read.keys[1].policy.known().is_some());
}

#[test]
fn a_key_that_may_not_be_described_is_asked_nothing_more_and_nothing_passes() {
    let kms = FakeKms::holding([key(1)]).fail("DescribeKey", None, Fault::AccessDenied);
    let (read, calls) = run(kms, &Scope::default());
    assert_eq!(calls.len(), 3);
    let report = evaluate(read.unwrap(), judge, None);
    assert_eq!(report.keys[0].status(), Status::Unknown);
    assert_eq!(report.compliant(), None);
    let reads: Vec<&str> = report.coverage.gaps.iter().map(|gap| gap.read).collect();
    assert_eq!(reads, ["description"], "one refusal is one failed read");
    let entries: Vec<String> = report.coverage.not_asked.iter().map(ToString::to_string).collect();
    assert_eq!(
        entries,
        ["key policy, rotation, tags, grants of 1 key: not asked, because the key could not be described"]
    );
}

#[test]
fn a_key_that_vanished_is_named_and_has_no_record() {
    let report = report(FakeKms::holding([key(1)]).ghost(id(9)));
    assert_eq!(report.keys.len(), 1);
    assert_eq!(report.coverage.vanished, [id(9).to_string()]);
}

#[test]
fn no_audit_without_credentials_or_a_list_of_keys() {
    for (operation, fault, expected) in [
        ("ListKeys", Fault::AccessDenied, "the keys could not be listed"),
        ("ListKeys", Fault::Credentials, "AWS does not accept the credentials"),
        ("ListAliases", Fault::Credentials, "AWS does not accept the credentials"),
        ("ListGrants", Fault::Credentials, "AWS does not accept the credentials"),
    ] {
        let kms = FakeKms::holding([key(1)]).fail(operation, None, fault);
        assert_eq!(run(kms, &Scope::default()).0.unwrap_err().to_string(), expected);
    }
}

#[test]
fn unreadable_aliases_are_a_gap_unless_the_keys_are_chosen_by_them() {
    let refused = || FakeKms::holding([key(1)]).fail("ListAliases", None, Fault::AccessDenied);
    assert!(read(refused()).keys[0].aliases.known().is_none());
    let filter = Filter { alias_prefix: Some("alias/a".to_owned()), tag: None };
    let scope = Scope { filter, ..Scope::default() };
    assert_eq!(
        run(refused(), &scope).0.unwrap_err(),
        CollectError::Listing {
            listed: "aliases",
            source: Box::new(error("ListAliases", Fault::AccessDenied))
        }
    );
}

#[test]
fn filters_keep_by_alias_and_by_tag() {
    let mut dev = key(3);
    dev.tags.insert("Environment".to_owned(), "dev".to_owned());
    let kms = || {
        FakeKms::holding([key(1), key(2), dev.clone()]).alias("alias/a/1", &id(1)).alias("alias/a/3", &id(3))
    };
    let kept = |filter: Filter| {
        let read = run(kms(), &Scope { filter, ..Scope::default() }).0.unwrap();
        read.keys.into_iter().map(|key| key.id).collect::<Vec<_>>()
    };
    let tag = |value: Option<&str>| {
        Some(TagFilter { key: "Environment".to_owned(), value: value.map(ToOwned::to_owned) })
    };
    let prefix = || Some("alias/a/".to_owned());
    assert_eq!(kept(Filter { alias_prefix: prefix(), tag: None }), [id(1), id(3)]);
    assert_eq!(kept(Filter { alias_prefix: prefix(), tag: tag(Some("dev")) }), [id(3)]);
    assert_eq!(kept(Filter { alias_prefix: None, tag: tag(None) }), [id(1), id(2), id(3)]);
}

#[test]
fn named_keys_are_found_by_id_arn_and_alias() {
    let kms = || FakeKms::holding([key(1), key(2)]).alias("alias/a", &id(2));
    let arn = "arn:aws:kms:eu-west-1:222222222222:";
    for reference in [
        KeyReference::Id(id(2)),
        KeyReference::Arn(format!("{arn}key/{}", id(2)).parse().unwrap()),
        KeyReference::Alias("alias/a".parse().unwrap()),
        KeyReference::Arn(format!("{arn}alias/a").parse().unwrap()),
    ] {
        let read = run(kms(), &named(reference)).0.unwrap();
        assert_eq!(read.keys.len(), 1);
        assert_eq!(read.keys[0].id, id(2));
        assert_eq!(read.keys[0].aliases, Fact::Known(vec!["alias/a".parse().unwrap()]));
    }
}

#[test]
fn one_sweep_finds_all_named_aliases_and_those_of_their_keys() {
    let kms = FakeKms::holding((1..=3).map(key))
        .alias("alias/a", &id(1))
        .alias("alias/b", &id(2))
        .alias("alias/b/old", &id(2))
        .alias("alias/c", &id(3));
    let alias = |name: &str| KeyReference::Alias(name.parse().unwrap());
    let references = vec![alias("alias/a"), alias("alias/b"), KeyReference::Id(id(3))];
    let (read, calls) = run(kms, &Scope { selection: Selection::Named(references), ..Scope::default() });
    assert_eq!(calls.iter().filter(|call| call.starts_with("ListAliases")).count(), 1, "{calls:?}");
    let names = |names: &[&str]| Fact::Known(names.iter().map(|name| name.parse().unwrap()).collect());
    let found: Vec<_> = read.unwrap().keys.into_iter().map(|key| (key.id, key.aliases)).collect();
    assert_eq!(
        found,
        [
            (id(1), names(&["alias/a"])),
            (id(2), names(&["alias/b", "alias/b/old"])),
            (id(3), names(&["alias/c"]))
        ]
    );
}

#[test]
fn a_name_that_leads_nowhere_is_an_error_that_says_where_it_was_looked_for() {
    let elsewhere = "arn:aws:kms:us-east-1:222222222222:key/00000001-1111-2222-3333-444444444444";
    let place = "account 222222222222, region eu-west-1";
    for (reference, expected) in [
        (KeyReference::Id(id(9)), format!("there is no key `{}` in {place}", id(9))),
        (KeyReference::Alias("alias/no".parse().unwrap()), format!("there is no key `alias/no` in {place}")),
        (
            KeyReference::Arn(elsewhere.parse().unwrap()),
            format!("the key `{elsewhere}` is not in {place}, which is what this audit reads"),
        ),
        (
            KeyReference::Alias("alias/aws/s3".parse().unwrap()),
            "`alias/aws/s3` is an alias of AWS's own; asking for it would create the key behind it"
                .to_owned(),
        ),
    ] {
        let found = run(FakeKms::holding([key(1)]), &named(reference)).0;
        assert_eq!(found.unwrap_err().to_string(), expected);
    }
}

#[test]
fn grants_of_very_many_keys_are_said_to_be_unasked() {
    let (mut source, _) = source(FakeKms::holding([key(1), key(2)]));
    source.limits.grants_up_to_keys = 1;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let read = runtime.block_on(collect(&source, &Scope::default(), &|_| {})).unwrap();
    assert_eq!(
        read.keys[0].grants,
        Fact::Unreadable("not asked, because there are more than 1 keys".to_owned())
    );
    let coverage = evaluate(read, judge, None).coverage;
    assert_eq!(coverage.gaps, [], "no read failed");
    let entries: Vec<String> = coverage.not_asked.iter().map(ToString::to_string).collect();
    assert_eq!(entries, ["grants of 2 keys: not asked, because there are more than 1 keys"]);
}

#[test]
fn a_scheduled_deletion_is_evidence_with_its_date() {
    let mut dying = key(1);
    dying.metadata.state = KeyState::PendingDeletion;
    dying.metadata.deletion_date = Some(NOW);
    let read = read(FakeKms::holding([dying, key(2)]));
    assert_eq!(
        key_facts(&read.keys[0], NOW).deletion,
        Fact::Known(DeletionFacts::Scheduled { date: NOW, now: NOW })
    );
    assert_eq!(key_facts(&read.keys[1], NOW).deletion, Fact::Known(DeletionFacts::NotScheduled));
}

#[test]
fn a_record_has_exactly_the_documented_shape() {
    let read = read(FakeKms::holding([key(1)]).alias("alias/a", &id(1)));
    assert_eq!(
        serde_json::to_value(KeyRecord::of(&read.keys[0])).unwrap(),
        json!({
            "key_id": "00000001-1111-2222-3333-444444444444",
            "key_arn": "arn:aws:kms:eu-west-1:222222222222:key/00000001-1111-2222-3333-444444444444",
            "key_state": "Enabled",
            "key_usage": "ENCRYPT_DECRYPT",
            "key_spec": "SYMMETRIC_DEFAULT",
            "origin": "AWS_KMS",
            "key_manager": "CUSTOMER",
            "deletion_date": null,
            "key_policy": {"Version": "2012-10-17", "Statement": []},
            "key_rotation_enabled": true,
            "aliases": ["alias/a"],
            "grants": [{
                "grant_id": "grant-1",
                "grantee_principal": "arn:aws:iam::222222222222:role/app",
                "operations": ["Decrypt", "Encrypt"],
                "constraints": {"EncryptionContextEquals": {"tenant": "a"}},
            }],
            "tags": [{"TagKey": "Environment", "TagValue": "prod"}],
            "multi_region": false,
            "replica_keys": [],
            "description": "Payments",
            "rotation_period_in_days": 365,
            "next_rotation_date": "2027-01-01T00:00:00Z",
            "unreadable": [],
        })
    );
}

#[test]
fn what_could_not_be_read_is_null_and_named() {
    let kms = FakeKms::holding([key(1)]).fail("GetKeyRotationStatus", None, Fault::AccessDenied).fail(
        "ListGrants",
        None,
        Fault::Throttled,
    );
    let record = KeyRecord::of(&read(kms).keys[0]);
    assert_eq!(record.key_rotation_enabled, None);
    assert_eq!(record.grants, None);
    assert_eq!(
        record.unreadable,
        ["key_rotation_enabled", "rotation_period_in_days", "next_rotation_date", "grants"]
    );
}

#[test]
fn findings_are_counted_by_status_and_failures_by_severity() {
    let kms = FakeKms::holding([key(1), off(2), off(3), key(4)]).fail(
        "GetKeyRotationStatus",
        Some(&id(4)),
        Fault::AccessDenied,
    );
    let report = report(kms);
    let counts: Vec<_> = report.summary.by_status.into_iter().collect();
    assert_eq!(counts, [("fail", 2), ("not_applicable", 0), ("pass", 1), ("unknown", 1), ("waived", 0)]);
    assert_eq!(report.summary.failed_by_severity["high"], 2);
    assert_eq!(
        report.coverage.gaps,
        [Gap {
            key_id: id(4).to_string(),
            read: "rotation",
            reason: "GetKeyRotationStatus failed: AccessDeniedException: as told".to_owned(),
        }]
    );
}

#[test]
fn failure_outweighs_doubt_and_doubt_outweighs_success() {
    let doubtful =
        || FakeKms::holding([key(1), key(2)]).fail("GetKeyRotationStatus", Some(&id(1)), Fault::Service);
    assert_eq!(report(FakeKms::holding([key(1)])).compliant(), Some(true));
    assert_eq!(report(doubtful()).compliant(), None);
    assert_eq!(report(FakeKms::holding([key(1), off(2)])).compliant(), Some(false));
    assert_eq!(report(FakeKms::default()).compliant(), Some(true));
}

#[test]
fn only_the_controls_that_were_asked_for_are_reported() {
    let none = evaluate(read(FakeKms::holding([off(1)])), judge, Some(&[ControlId("required-tags")].into()));
    assert_eq!(none.findings().count(), 0);
    let one = evaluate(read(FakeKms::holding([off(1)])), judge, Some(&[ControlId("key-rotation")].into()));
    assert_eq!(one.findings().count(), 1);
}

#[test]
fn two_audits_of_the_same_keys_give_the_same_bytes() {
    let kms = || {
        FakeKms::holding((1..=50).map(key)).alias("alias/a", &id(3)).fail(
            "ListGrants",
            Some(&id(5)),
            Fault::Service,
        )
    };
    assert_eq!(export::json(&report(kms())), export::json(&report(kms())));
}
