//! Ctrl-C while AWS throttles: Terraform ends at once, and nothing is lost.

use std::time::Duration;

use serde_json::json;

use crate::secure_kms_key::PROVIDER;
use crate::secure_kms_key::key;
use crate::support::Said;
use crate::support::Stage;

/// The SDK alone would try for minutes.
const AT_ONCE: Duration = Duration::from_secs(5);

/// A stage on which `operation` is throttled for ever, after what `before` does.
fn throttled(operation: &str, before: impl FnOnce(&Stage)) -> Stage {
    let stage = Stage::new();
    stage.write("provider.tf", PROVIDER);
    stage.write("main.tf", &key("db", ""));
    before(&stage);
    let script = json!([{"operation": operation, "times": 1_000_000, "fault": "throttle"}]);
    stage.control("POST", "faults", &script);
    stage
}

#[track_caller]
fn ended_at_once((said, took): &(Said, Duration)) {
    assert_eq!(said.code, 1, "{}", said.text);
    assert!(*took < AT_ONCE, "it took {took:?}:\n{}", said.text);
}

#[test]
fn a_create_that_is_throttled_ends_and_makes_nothing() {
    let stage = throttled("CreateKey", |_| {});
    let ended = stage.interrupted(&["apply", "-auto-approve"], "kms:CreateKey", 2);
    ended_at_once(&ended);
    ended.0.says(
        "Error: Interrupted before the key was created
         with secure_kms_key.db,
         on main.tf line 2, in resource \"secure_kms_key\" \"db\":
         2: resource \"secure_kms_key\" \"db\" {
         Found: the user interrupted, or the time in `timeouts` ran out, while AWS had made nothing yet.
         Fix: apply again.",
    );
    assert!(stage.keys().is_empty() && stage.state("secure_kms_key.db").is_null());
    stage.control("POST", "faults", &json!([]));
    stage.apply();
    stage.settled();
    assert_eq!(stage.keys().len(), 1);
}

#[test]
fn a_key_is_kept_whose_steps_after_the_create_are_throttled() {
    let stage = throttled("EnableKeyRotation", |_| {});
    let ended = stage.interrupted(&["apply", "-auto-approve"], "kms:EnableKeyRotation", 2);
    assert!(ended.1 < AT_ONCE, "it took {:?}:\n{}", ended.1, ended.0.text);
    assert_eq!(stage.state("secure_kms_key.db")["arn"], stage.keys()[0]["arn"], "{}", ended.0.text);
    stage.control("POST", "faults", &json!([]));
    stage.apply();
    stage.settled();
    assert_eq!(stage.keys().len(), 1);
}

#[test]
fn a_refresh_that_is_throttled_ends_and_keeps_the_state() {
    let stage = throttled("DescribeKey", |stage| drop(stage.apply()));
    let known = stage.state("secure_kms_key.db");
    let ended = stage.interrupted(&["plan"], "kms:DescribeKey", 2);
    ended_at_once(&ended);
    ended.0.says("Error: Interrupted");
    assert_eq!(stage.state("secure_kms_key.db"), known);
}

#[test]
fn a_provider_that_cannot_find_out_who_calls_ends() {
    let stage = throttled("GetCallerIdentity", |_| {});
    ended_at_once(&stage.interrupted(&["plan"], "sts:GetCallerIdentity", 2));
}
