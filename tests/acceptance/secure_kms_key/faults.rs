//! AWS fails at each call of create: there is one key, it is in the state, and
//! the next apply heals it.

use serde_json::Value as Json;
use serde_json::json;

use crate::secure_kms_key::PROVIDER;
use crate::secure_kms_key::key;
use crate::support::Stage;

/// Applies under `faults`, then without; fails unless exactly one key is left,
/// in the state and with nothing to do.
#[track_caller]
fn survives(faults: &Json) {
    let stage = Stage::new();
    stage.write("provider.tf", PROVIDER);
    // AWS is not waited for as long as usual: what is lost here stays lost.
    stage.write("main.tf", &key("db", "timeouts {\n    create = \"10s\"\n  }"));
    stage.control("POST", "faults", faults);
    let first = stage.terraform(&["apply", "-auto-approve"]);
    let recorded = stage.state("secure_kms_key.db")["arn"].clone();
    let keys = stage.keys();
    let what = format!("{faults}\n{}", first.text);
    assert!(keys.len() <= 1, "{what}");
    if first.code == 0 {
        assert_eq!(recorded, keys[0]["arn"], "{what}");
    }
    stage.control("POST", "faults", &json!([]));
    let second = stage.terraform(&["apply", "-auto-approve"]);
    assert_eq!(second.code, 0, "{what}\n{}", second.text);
    stage.settled();
    let keys = stage.keys();
    assert_eq!(keys.len(), 1, "{what}");
    assert_eq!(keys[0]["arn"], stage.state("secure_kms_key.db")["arn"], "{what}");
    assert_eq!(keys[0]["state"], "Enabled", "{what}");
    if !recorded.is_null() {
        assert_eq!(recorded, keys[0]["arn"], "the key was replaced: {what}");
    }
}

fn one(operation: &str, fault: &Json) -> Json {
    json!([{"operation": operation, "service": "kms", "fault": fault}])
}

#[test]
fn create_key_fails_in_every_way() {
    for fault in [
        json!("throttle"),
        json!("internal_error"),
        json!("reset"),
        json!("lost_response"),
        json!("access_denied"),
    ] {
        survives(&one("CreateKey", &fault));
    }
}

#[test]
fn what_is_young_is_waited_for() {
    survives(&one("CreateKey", &json!({"not_found_reads": 6})));
    survives(&one("TagResource", &json!({"stale_reads": 4})));
    survives(&json!([{"operation": "CreateKey", "times": 2, "fault": "malformed_policy"}]));
}

#[test]
fn the_calls_after_it_fail_in_every_way() {
    for operation in ["EnableKeyRotation", "CreateAlias"] {
        for fault in [json!("internal_error"), json!("reset"), json!("lost_response"), json!("access_denied")]
        {
            survives(&one(operation, &fault));
        }
    }
}

#[test]
fn reads_that_fail_lose_nothing() {
    for operation in
        ["DescribeKey", "GetKeyPolicy", "GetKeyRotationStatus", "ListResourceTags", "ListAliases", "ListKeys"]
    {
        survives(&one(operation, &json!("access_denied")));
    }
}

#[test]
fn a_step_that_is_refused_leaves_a_key_that_is_not_tainted_and_says_so() {
    let stage = Stage::new();
    stage.write("provider.tf", PROVIDER);
    stage.write("main.tf", &key("db", ""));
    stage.control("POST", "faults", &one("EnableKeyRotation", &json!("access_denied")));
    let apply = stage.apply();
    apply.says("Warning: The key exists, and is not finished");
    apply.says(
        "Fix: remove the cause and apply again; the next plan shows what is missing as a change in place.",
    );
    apply.says("The caller was `arn:aws:iam::111111111111:user/operator`.");
    let plan = stage.plan();
    assert_eq!(plan["resource_changes"][0]["change"]["actions"], json!(["update"]));
}

#[test]
fn an_update_that_stops_at_any_call_is_finished_by_the_next_apply() {
    let stage = Stage::new();
    stage.write("provider.tf", PROVIDER);
    let settings = [
        ("a", "local.tags", "rotation_period_in_days = 100"),
        ("b", "merge(local.tags, { Extra = \"1\" })", "rotation_period_in_days = 200"),
    ];
    let write = |round: usize| {
        let (alias, tags, more) = settings[round % 2];
        let user = if round.is_multiple_of(2) { "user/operator" } else { "role/terraform" };
        let user = format!("key_users = [\"arn:aws:iam::111111111111:{user}\"]");
        let more = format!("{more}\n  alias_name = \"{alias}\"\n  description = \"{alias}\"\n  {user}");
        stage.write("main.tf", &key("db", &more).replace("local.tags", tags));
    };
    write(0);
    stage.apply();
    let made = stage.state("secure_kms_key.db")["id"].clone();
    // A tag is removed in even rounds and added in odd ones.
    let calls = [
        "EnableKeyRotation",
        "UntagResource",
        "TagResource",
        "PutKeyPolicy",
        "CreateAlias",
        "UpdateKeyDescription",
        "DeleteAlias",
    ];
    for (round, operation) in (1..).zip(calls) {
        write(round);
        stage.control("POST", "faults", &one(operation, &json!("access_denied")));
        let stopped = stage.terraform(&["apply", "-auto-approve"]);
        assert_eq!(stopped.code, 1, "{operation}: {}", stopped.text);
        stopped.says("Error: Cannot change the key");
        stage.control("POST", "faults", &json!([]));
        stage.apply();
        stage.unmoved();
        stage.settled();
        assert_eq!(stage.state("secure_kms_key.db")["id"], made, "{operation}");
        let keys = stage.keys();
        let alias = format!("alias/{}", settings[round % 2].0);
        assert_eq!(keys[0]["aliases"], json!([alias]), "{operation}");
        assert_eq!(keys[0]["tags"]["Extra"].is_null(), round % 2 == 0, "{operation}");
    }
}

#[test]
fn a_lost_answer_makes_no_second_key_in_the_same_apply() {
    let stage = Stage::new();
    stage.write("provider.tf", PROVIDER);
    stage.write("main.tf", &key("db", ""));
    stage.control("POST", "faults", &one("CreateKey", &json!("lost_response")));
    stage.apply();
    assert_eq!(stage.keys().len(), 1);
    stage.settled();
}
