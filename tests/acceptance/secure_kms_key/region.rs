//! Keys outside of the provider's Region.

use crate::secure_kms_key::PROVIDER;
use crate::secure_kms_key::key;
use crate::support::Stage;

/// A stage with the same alias in the provider's Region and in another one.
fn in_two_regions() -> Stage {
    let stage = Stage::new();
    stage.write("provider.tf", PROVIDER);
    let there = key("there", "region = \"us-east-1\"\n  alias_name = \"app\"");
    let home = key("home", "alias_name = \"app\"");
    stage.write("main.tf", &[there, home].concat());
    stage.apply();
    stage
}

#[test]
fn a_key_lives_in_its_own_region_and_the_next_plan_is_empty() {
    let stage = in_two_regions();
    stage.settled();
    stage.unmoved();
    for (name, region) in [("there", "us-east-1"), ("home", "eu-west-1")] {
        let seen = stage.state(&format!("secure_kms_key.{name}"));
        assert_eq!(seen["region"], region);
        assert_eq!(seen["alias_arn"], format!("arn:aws:kms:{region}:111111111111:alias/app"));
        assert!(seen["arn"].as_str().unwrap().starts_with(&format!("arn:aws:kms:{region}:")));
        assert_eq!(seen["compliance"]["compliant"], true);
    }
    stage.terraform(&["destroy", "-auto-approve"]).succeeded();
    assert!(stage.keys().iter().all(|key| key["state"] == "PendingDeletion"));
}

#[test]
fn a_key_of_another_region_is_imported_by_its_arn_and_by_its_name_at_that_region() {
    let stage = in_two_regions();
    let seen = stage.state("secure_kms_key.there");
    let text = |attribute: &str| seen[attribute].as_str().unwrap().to_owned();
    for id in
        [text("arn"), text("alias_arn"), format!("{}@us-east-1", text("id")), "app@us-east-1".to_owned()]
    {
        stage.terraform(&["state", "rm", "secure_kms_key.there"]).succeeded();
        stage.terraform(&["import", "secure_kms_key.there", &id]).succeeded();
        assert_eq!(stage.state("secure_kms_key.there")["arn"], seen["arn"], "{id}");
    }
    let protection = stage.plan();
    let change = protection["resource_changes"].as_array().unwrap();
    let change = change.iter().find(|change| change["name"] == "there").unwrap();
    assert_eq!(change["change"]["actions"], serde_json::json!(["update"]));
    assert_eq!(change["change"]["before"]["deletion_protection"], true);
}

#[test]
fn another_region_is_another_key() {
    let stage = in_two_regions();
    stage.write(
        "main.tf",
        &[key("there", "alias_name = \"there\""), key("home", "alias_name = \"app\"")].concat(),
    );
    let refused = stage.terraform(&["plan"]);
    assert_eq!(refused.code, 1);
    refused.says(
        "Found: `region` changes from `us-east-1` to `eu-west-1`, which a KMS key cannot do. Required: the same value,",
    );
    let moved = key("there", "alias_name = \"there\"\n  allow_replacement = true");
    stage.write("main.tf", &[moved, key("home", "alias_name = \"app\"")].concat());
    stage.apply();
    stage.settled();
    let seen = stage.state("secure_kms_key.there");
    assert_eq!(seen["region"], "eu-west-1");
    let mut states: Vec<String> = stage.keys().iter().map(|key| key["state"].to_string()).collect();
    states.sort();
    assert_eq!(states, ["\"Enabled\"", "\"Enabled\"", "\"PendingDeletion\""]);
}

#[test]
fn a_region_that_the_credentials_are_not_good_for_is_refused() {
    let stage = Stage::new();
    stage.write("provider.tf", PROVIDER);
    stage.write("main.tf", &key("db", "region = \"cn-north-1\""));
    let refused = stage.terraform(&["plan"]);
    assert_eq!(refused.code, 1);
    refused.says("Error: The Region is in another partition");
    stage.write("main.tf", &key("db", "region = \"Ireland\""));
    stage
        .terraform(&["validate"])
        .says("Error: Invalid AWS region with secure_kms_key.db, on main.tf line 10, in resource \"secure_kms_key\" \"db\":");
}

#[test]
fn the_data_source_finds_keys_of_other_regions() {
    let stage = in_two_regions();
    let data = r#"
data "secure_kms_key" "by_arn" {
  provider = kms
  key_id   = secure_kms_key.there.arn
}
data "secure_kms_key" "by_alias" {
  provider   = kms
  region     = secure_kms_key.there.region
  alias_name = "app"
}
"#;
    stage.write("data.tf", data);
    stage.apply();
    let arn = stage.state("secure_kms_key.there")["arn"].clone();
    for name in ["by_arn", "by_alias"] {
        assert_eq!(stage.state(&format!("data.secure_kms_key.{name}"))["arn"], arn, "{name}");
    }
}
