//! What somebody changes behind Terraform's back shows in the next plan, and
//! the next apply puts it right in place.

use keyrail::model::key::KeyId;

use crate::secure_kms_key::PROVIDER;
use crate::secure_kms_key::key;
use crate::support::Stage;

/// A stage with one key, and its id.
fn with_key() -> (Stage, KeyId) {
    let stage = Stage::new();
    stage.write("provider.tf", PROVIDER);
    stage.write("main.tf", &key("db", ""));
    stage.apply();
    let id = stage.state("secure_kms_key.db")["id"].as_str().unwrap().parse().unwrap();
    (stage, id)
}

/// The plan updates exactly these attributes in place, and an apply heals them.
#[track_caller]
fn heals(stage: &Stage, id: &KeyId, expected: &[&str]) {
    let plan = stage.plan();
    let change = &plan["resource_changes"][0]["change"];
    assert_eq!(change["actions"], serde_json::json!(["update"]));
    let (before, after) = (change["before"].as_object().unwrap(), change["after"].as_object().unwrap());
    let unknown = &change["after_unknown"];
    let mut changed: Vec<&str> = before
        .iter()
        .filter(|(name, value)| after.get(*name) != Some(*value) && unknown[name.as_str()] != true)
        .map(|(name, _)| name.as_str())
        .filter(|name| *name != "compliance")
        .collect();
    changed.sort_unstable();
    assert_eq!(changed, expected);
    stage.apply();
    stage.settled();
    assert_eq!(stage.state("secure_kms_key.db")["id"], id.as_str());
}

#[test]
fn each_field_that_drifts_shows_and_heals() {
    let (stage, id) = with_key();
    let kms = stage.kms();

    stage.wait(kms.update_description(&id, "somebody else's")).unwrap();
    heals(&stage, &id, &["description", "key_description"]);

    stage.wait(kms.disable_rotation(&id)).unwrap();
    heals(&stage, &id, &["enable_key_rotation", "rotation_period_in_days"]);

    stage.wait(kms.enable_rotation(&id, 100.try_into().unwrap())).unwrap();
    heals(&stage, &id, &["rotation_period_in_days"]);

    stage.wait(kms.disable_key(&id)).unwrap();
    heals(&stage, &id, &["is_enabled", "key_state"]);

    let tags = [("Owner".to_owned(), "Mallory".to_owned()), ("New".to_owned(), "1".to_owned())].into();
    stage.wait(kms.tag(&id, &tags)).unwrap();
    heals(&stage, &id, &["tags", "tags_all"]);

    stage.wait(kms.untag(&id, &["BU".to_owned()])).unwrap();
    heals(&stage, &id, &["tags", "tags_all"]);

    let alias = "alias/dev/payments/db/encryption".parse().unwrap();
    stage.wait(kms.delete_alias(&alias)).unwrap();
    heals(&stage, &id, &["alias_arn", "alias_name", "aliases"]);
}

#[test]
fn an_alias_that_somebody_moved_to_another_key_is_not_taken_away_from_it() {
    let (stage, id) = with_key();
    stage.write("other.tf", &key("other", "alias_name = \"other\""));
    stage.apply();
    let other = stage.state("secure_kms_key.other")["id"].as_str().unwrap().to_owned();
    let alias = "alias/dev/payments/db/encryption".parse().unwrap();
    stage.wait(stage.kms().delete_alias(&alias)).unwrap();
    stage.wait(stage.kms().create_alias(&alias, &other.parse().unwrap())).unwrap();
    let apply = stage.terraform(&["apply", "-auto-approve"]);
    assert_eq!(apply.code, 1, "{}", apply.text);
    apply.says("Error: The alias is in use");
    apply.says(&format!("Found: `alias/dev/payments/db/encryption` points at the key `{other}`."));
    apply.says("Required: an alias that no other key has; nothing was changed.");
    stage.wait(stage.kms().delete_alias(&alias)).unwrap();
    heals(&stage, &id, &["alias_arn", "alias_name", "aliases"]);
}

#[test]
fn a_policy_that_somebody_replaced_shows_and_heals() {
    let (stage, id) = with_key();
    let open = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Open","Effect":"Allow","Principal":{"AWS":"*"},"Action":"kms:*","Resource":"*"}]}"#;
    stage.wait(stage.kms().put_key_policy(&id, open, false)).unwrap();
    heals(&stage, &id, &["effective_policy", "key_policy_sha256"]);
}

#[test]
fn a_deletion_that_somebody_scheduled_is_taken_back() {
    let (stage, id) = with_key();
    stage.wait(stage.kms().schedule_deletion(&id, 7.try_into().unwrap())).unwrap();
    let plan = stage.terraform(&["plan"]).succeeded();
    plan.says("Warning: The key is scheduled for deletion");
    plan.says("The plan takes the deletion back.");
    heals(&stage, &id, &["deletion_date", "key_state"]);
    assert_eq!(stage.keys()[0]["state"], "Enabled");
}

#[test]
fn an_alias_that_somebody_added_shows_as_drift_and_stays_theirs() {
    let (stage, id) = with_key();
    stage.wait(stage.kms().create_alias(&"alias/theirs".parse().unwrap(), &id)).unwrap();
    let drift = stage.drift();
    assert_eq!(drift[0]["change"]["after"]["aliases"][1], "alias/theirs");
    stage.settled();
    stage.write("main.tf", &key("db", "alias_name = \"new\""));
    stage.apply();
    stage.unmoved();
    assert_eq!(stage.keys()[0]["aliases"], serde_json::json!(["alias/new", "alias/theirs"]));
}

#[test]
fn a_key_that_is_gone_is_planned_anew() {
    let (stage, id) = with_key();
    stage.wait(stage.kms().schedule_deletion(&id, 7.try_into().unwrap())).unwrap();
    stage.control("POST", "clock", &serde_json::json!({"advance_seconds": 8 * 86_400}));
    let plan = stage.plan();
    assert_eq!(plan["resource_changes"][0]["change"]["actions"], serde_json::json!(["create"]));
}
