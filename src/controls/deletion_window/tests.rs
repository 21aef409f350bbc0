use time::macros::datetime;

use super::DeletionWindow;
use crate::controls::contract::example::good_key;
use crate::controls::contract::facts::DeletionFacts;
use crate::controls::contract::settings::{SettingValue, Settings};
use crate::controls::contract::verdict::{Property, Verdict, Violation};
use crate::controls::{Control, Rule};
use crate::model::fact::Fact;
use crate::model::key::KeyManager;

fn rule(days: i64) -> Box<dyn Rule> {
    DeletionWindow.configure(&Settings::from([("min_days".to_owned(), SettingValue::Integer(days))])).unwrap()
}

fn verdict(days: i64, deletion: DeletionFacts) -> Verdict {
    let mut key = good_key();
    key.deletion = Fact::Known(deletion);
    rule(days).check(&key)
}

fn planned(window: i64) -> DeletionFacts {
    DeletionFacts::Planned { window: Fact::Known(window) }
}

#[test]
fn a_window_of_the_minimum_satisfies() {
    assert_eq!(verdict(30, planned(30)), Verdict::satisfied("the deletion window is 30 days"));
    assert_eq!(verdict(7, planned(7)), Verdict::satisfied("the deletion window is 7 days"));
}

#[test]
fn a_shorter_window_is_a_violation() {
    assert_eq!(
        verdict(14, planned(7)),
        Verdict::Violated(vec![Violation {
            property: Property::DeletionWindow,
            found: "a deletion window of 7 days".to_owned(),
            required: "at least 14 days".to_owned(),
            fix: "set `deletion_window_in_days` to 14 or more".to_owned(),
        }])
    );
}

#[test]
fn unknown_window_is_undecided() {
    assert_eq!(
        verdict(30, DeletionFacts::Planned { window: Fact::Unknown }),
        Verdict::undecided("the deletion window is known after apply")
    );
}

#[test]
fn a_window_that_could_not_be_read_is_undecided() {
    let mut key = good_key();
    key.deletion = Fact::Unreadable("AccessDenied".to_owned());
    assert_eq!(
        rule(30).check(&key),
        Verdict::undecided("the deletion window could not be read: AccessDenied")
    );
}

#[test]
fn a_living_key_has_no_window() {
    assert_eq!(
        verdict(30, DeletionFacts::NotScheduled),
        Verdict::not_applicable("no deletion is scheduled; AWS keeps no window for a living key")
    );
}

#[test]
fn a_scheduled_deletion_shows_the_days_left_and_not_the_window() {
    let now = datetime!(2026-11-01 12:00 UTC);
    let scheduled = |date| DeletionFacts::Scheduled { date, now };
    assert_eq!(
        verdict(14, scheduled(datetime!(2026-11-20 12:00 UTC))),
        Verdict::satisfied("the key is deleted in 19 days")
    );
    assert_eq!(
        verdict(30, scheduled(datetime!(2026-11-20 12:00 UTC))),
        Verdict::undecided(
            "the key is deleted in 19 days; AWS tells the date, not the window that was asked for"
        )
    );
}

#[test]
fn a_primary_that_waits_for_its_replicas_shows_its_window() {
    assert!(matches!(verdict(30, DeletionFacts::WaitingForReplicas { window: 7 }), Verdict::Violated(_)));
    assert_eq!(
        verdict(7, DeletionFacts::WaitingForReplicas { window: 7 }),
        Verdict::satisfied("the deletion window is 7 days")
    );
}

#[test]
fn keys_of_aws_are_not_concerned() {
    let mut key = good_key();
    key.manager = Fact::Known(KeyManager::Aws);
    assert_eq!(rule(30).check(&key), Verdict::not_applicable("AWS manages this key"));
}

#[test]
fn the_shortest_window_needs_no_guardrail() {
    assert!(rule(7).guardrail().clauses().is_empty());
    assert_eq!(
        rule(7).guardrail().limits(),
        ["AWS itself accepts no window below 7 days, so nothing is left to deny"]
    );
}
