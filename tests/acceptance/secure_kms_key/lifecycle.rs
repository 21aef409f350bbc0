//! Create, nothing left to do, update each argument, destroy.

use crate::secure_kms_key::PROVIDER;
use crate::secure_kms_key::key;
use crate::support::Stage;

#[test]
fn a_key_is_made_whole_and_the_next_plan_is_empty() {
    let stage = Stage::new();
    stage.write("provider.tf", PROVIDER);
    stage.write("main.tf", &key("db", ""));
    stage.terraform(&["validate"]).succeeded();
    stage.apply();
    stage.settled();
    let seen = stage.state("secure_kms_key.db");
    assert_eq!(seen["alias_name"], "alias/dev/payments/db/encryption");
    assert_eq!(seen["key_state"], "Enabled");
    assert_eq!(seen["compliance"]["compliant"], true);
    let key = &stage.keys()[0];
    assert_eq!(key["arn"], seen["arn"]);
    assert_eq!(key["aliases"][0], "alias/dev/payments/db/encryption");
    assert_eq!(key["rotation_period_in_days"], 365);
    assert_eq!(key["tags"]["keyrail:creation-id"], "alias/dev/payments/db/encryption");
    assert_eq!(key["tags"]["Owner"], "Payments Team");
}

#[test]
fn every_argument_changes_in_place() {
    let stage = Stage::new();
    stage.write("provider.tf", PROVIDER);
    stage.write("main.tf", &key("db", ""));
    stage.apply();
    let made = stage.state("secure_kms_key.db")["id"].clone();
    for (argument, attribute, expected) in [
        (r#"description = "payments""#, "key_description", "payments"),
        ("rotation_period_in_days = 180", "rotation_period_in_days", "180"),
        (r#"alias_name = "payments""#, "alias_arn", "arn:aws:kms:eu-west-1:111111111111:alias/payments"),
        ("is_enabled = false", "key_state", "Disabled"),
        ("is_enabled = true", "key_state", "Enabled"),
        (r#"on_destroy = "disable""#, "on_destroy", "disable"),
        (
            r#"key_users = ["arn:aws:iam::111111111111:role/terraform"]"#,
            "key_users",
            "[\"arn:aws:iam::111111111111:role/terraform\"]",
        ),
    ] {
        stage.write("main.tf", &key("db", argument));
        let plan = stage.plan();
        assert_eq!(plan["resource_changes"][0]["change"]["actions"][0], "update", "{argument}");
        stage.apply();
        stage.unmoved();
        stage.settled();
        let seen = stage.state("secure_kms_key.db");
        assert_eq!(seen["id"], made, "{argument}");
        let found = seen[attribute].as_str().map_or_else(|| seen[attribute].to_string(), str::to_owned);
        assert_eq!(found, expected, "{argument}");
    }
}

#[test]
fn a_change_of_a_tag_shows_the_tag_and_nothing_else() {
    let stage = Stage::new();
    stage.write("provider.tf", PROVIDER);
    stage.write("main.tf", &key("db", ""));
    stage.apply();
    stage.write(
        "main.tf",
        &key("db", "").replace("local.tags", "merge(local.tags, { Owner = \"Somebody\" })"),
    );
    let plan = stage.plan();
    let change = &plan["resource_changes"][0]["change"];
    assert_eq!(change["after_unknown"].to_string().matches("true").count(), 0, "{}", change["after_unknown"]);
    let (before, after) = (change["before"].as_object().unwrap(), change["after"].as_object().unwrap());
    let changed: Vec<&String> = before.keys().filter(|name| before[*name] != after[*name]).collect();
    assert_eq!(changed, ["tags", "tags_all"]);
    stage.apply();
    stage.unmoved();
}

#[test]
fn tags_and_default_tags_are_merged_and_ignored_tags_left_alone() {
    let stage = Stage::new();
    let more = r#"provider "kms" {
  default_tags {
    tags = { Owner = "Nobody", Cost = "1" }
  }
  ignore_tags {
    key_prefixes = ["auto:"]
  }
"#;
    stage.write("provider.tf", &PROVIDER.replace("provider \"kms\" {\n", more));
    stage.write("main.tf", &key("db", ""));
    stage.apply();
    let id = stage.state("secure_kms_key.db")["id"].as_str().unwrap().parse().unwrap();
    let foreign = [("auto:owner".to_owned(), "x".to_owned())].into();
    stage.wait(stage.kms().tag(&id, &foreign)).unwrap();
    stage.settled();
    let all = stage.state("secure_kms_key.db")["tags_all"].clone();
    assert_eq!(all["Owner"], "Payments Team");
    assert_eq!(all["Cost"], "1");
    assert_eq!(all["auto:owner"], serde_json::Value::Null);
    stage.write("main.tf", &key("db", "").replace("local.tags", "merge(local.tags, { Extra = \"1\" })"));
    stage.apply();
    stage.write("main.tf", &key("db", ""));
    stage.apply();
    stage.settled();
    let tags = stage.wait(stage.kms().tags(&id)).unwrap();
    assert_eq!(tags.get("auto:owner").map(String::as_str), Some("x"));
    assert_eq!(tags.get("Extra"), None);
}

#[test]
fn values_known_only_after_apply_are_planned_and_settle() {
    let stage = Stage::new();
    stage.write("provider.tf", PROVIDER);
    let unknown = r#"
resource "terraform_data" "late" {
  input = "later"
}
"#;
    let more = r#"
  key_description         = terraform_data.late.output
  rotation_period_in_days = terraform_data.late.output == "later" ? 200 : 300
  key_users               = ["arn:aws:iam::111111111111:role/${terraform_data.late.output == "later" ? "terraform" : "x"}"]
"#;
    let tags = "merge(local.tags, { Owner = terraform_data.late.output })";
    stage.write("main.tf", &format!("{unknown}{}", key("db", more).replace("local.tags", tags)));
    let plan = stage.plan();
    let changes = plan["resource_changes"].as_array().unwrap();
    let planned = changes.iter().find(|change| change["type"] == "secure_kms_key").unwrap();
    assert_eq!(planned["change"]["after_unknown"]["effective_policy"], true);
    assert_eq!(planned["change"]["after"]["tags_all"]["BU"], "Finance");
    assert_eq!(planned["change"]["after_unknown"]["tags_all"]["Owner"], true);
    stage.apply();
    stage.settled();
    assert_eq!(stage.state("secure_kms_key.db")["tags_all"]["Owner"], "later");
}

#[test]
fn destroying_frees_the_alias_and_schedules_the_deletion() {
    let stage = Stage::new();
    stage.write("provider.tf", PROVIDER);
    stage.write("main.tf", &key("db", ""));
    stage.apply();
    stage.terraform(&["destroy", "-auto-approve"]).succeeded().says("Warning: The key will be deleted");
    let keys = stage.keys();
    assert_eq!(keys[0]["state"], "PendingDeletion");
    assert_eq!(keys[0]["aliases"], serde_json::json!([]));
    stage.apply();
    assert_eq!(stage.keys().len(), 2);
}

#[test]
fn keys_can_be_kept_on_destroy() {
    let stage = Stage::new();
    stage.write("provider.tf", PROVIDER);
    let keys = [key("a", r#"on_destroy = "retain""#), key("b", r#"on_destroy = "disable""#)].concat();
    stage.write("main.tf", &keys);
    stage.apply();
    stage.terraform(&["destroy", "-auto-approve"]).succeeded();
    let mut states: Vec<String> =
        stage.keys().iter().map(|key| key["state"].as_str().unwrap().to_owned()).collect();
    states.sort();
    assert_eq!(states, ["Disabled", "Enabled"]);
    let keys = stage.keys();
    let retained = keys.iter().find(|key| key["state"] == "Enabled").unwrap();
    assert_eq!(retained["aliases"], serde_json::json!(["alias/dev/payments/a/encryption"]));
    assert_eq!(retained["tags"]["keyrail:creation-id"], serde_json::Value::Null);
    // Without its alias it is still nobody's but its keeper's.
    stage.wait(stage.kms().delete_alias(&"alias/dev/payments/a/encryption".parse().unwrap())).unwrap();
    stage.write("main.tf", &key("a", ""));
    stage.apply();
    assert_ne!(stage.state("secure_kms_key.a")["arn"], retained["arn"]);
}

#[test]
fn the_schema_is_one_that_terraform_reads() {
    let stage = Stage::new();
    stage.write("provider.tf", PROVIDER);
    stage.write("main.tf", &key("db", ""));
    let said = stage.terraform(&["providers", "schema", "-json"]).succeeded();
    let json = said.text.get(said.text.find('{').unwrap()..).unwrap();
    let schema: serde_json::Value = serde_json::from_str(json.lines().next().unwrap()).unwrap();
    let provider = &schema["provider_schemas"]["registry.terraform.io/keyrail/kms"];
    let resource = &provider["resource_schemas"]["secure_kms_key"]["block"]["attributes"];
    assert_eq!(resource["arn"]["computed"], true);
    assert_eq!(resource["tags"]["type"], serde_json::json!(["map", "string"]));
    assert!(provider["data_source_schemas"]["secure_kms_key"].is_object());
}
