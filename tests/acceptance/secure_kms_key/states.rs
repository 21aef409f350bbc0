//! Keys that are disabled or on their way to deletion when they are changed.

use keyrail::aws::KeyReference;
use keyrail::model::key::KeyId;

use crate::secure_kms_key::PROVIDER;
use crate::secure_kms_key::key;
use crate::support::Stage;

/// A stage with one key with these arguments, and its id.
fn with_key(arguments: &str) -> (Stage, KeyId) {
    let stage = Stage::new();
    stage.write("provider.tf", PROVIDER);
    stage.write("main.tf", &key("db", arguments));
    stage.apply();
    let id = stage.state("secure_kms_key.db")["id"].as_str().unwrap().parse().unwrap();
    (stage, id)
}

#[test]
fn a_disabled_key_is_changed_in_all_but_its_rotation() {
    let (stage, id) = with_key("is_enabled = false");
    let changes = "is_enabled = false\n  description = \"new\"\n  alias_name = \"new\"\n  \
                   key_users = [\"arn:aws:iam::111111111111:role/terraform\"]";
    stage.write("main.tf", &key("db", changes).replace("local.tags", "merge(local.tags, { Extra = \"1\" })"));
    stage.apply();
    stage.unmoved();
    stage.settled();
    let found = &stage.keys()[0];
    assert_eq!(found["state"], "Disabled");
    let described = stage.wait(stage.kms().describe_key(&KeyReference::Id(id.clone()))).unwrap();
    assert_eq!(described.description, "new");
    assert_eq!(found["aliases"], serde_json::json!(["alias/new"]));
    assert_eq!(found["tags"]["Extra"], "1");
    stage.write("main.tf", &key("db", "is_enabled = false\n  rotation_period_in_days = 100"));
    let refused = stage.terraform(&["plan"]);
    assert_eq!(refused.code, 1, "{}", refused.text);
    refused.says(&format!(
        "Found: `rotation_period_in_days` changes on the key `{id}` (`alias/new`), which is and stays disabled. Required: \
         an enabled key; AWS changes no rotation of a disabled one. Fix: set `is_enabled = true` in the same change, or \
         leave the rotation as it is."
    ));
}

#[test]
fn a_key_that_somebody_disabled_is_enabled_before_it_is_changed() {
    let (stage, id) = with_key("");
    stage.wait(stage.kms().disable_key(&id)).unwrap();
    stage.write("main.tf", &key("db", "rotation_period_in_days = 100\n  description = \"new\""));
    stage.apply();
    stage.unmoved();
    stage.settled();
    let found = &stage.keys()[0];
    assert_eq!((&found["state"], &found["rotation_period_in_days"]), (&"Enabled".into(), &100.into()));
}

#[test]
fn a_doomed_key_is_restored_and_changed_in_one_apply() {
    let (stage, id) = with_key("");
    stage.wait(stage.kms().schedule_deletion(&id, 7.try_into().unwrap())).unwrap();
    stage.write("main.tf", &key("db", "rotation_period_in_days = 100\n  alias_name = \"new\""));
    stage.apply();
    stage.unmoved();
    stage.settled();
    let found = &stage.keys()[0];
    assert_eq!(found["state"], "Enabled");
    assert_eq!(found["aliases"], serde_json::json!(["alias/new"]));
    assert_eq!(stage.state("secure_kms_key.db")["deletion_date"], serde_json::Value::Null);
}

#[test]
fn a_doomed_key_that_shall_stay_so_is_changed_by_no_plan() {
    let (stage, id) = with_key("restore_if_pending_deletion = false");
    stage.wait(stage.kms().schedule_deletion(&id, 7.try_into().unwrap())).unwrap();
    let left = stage.terraform(&["plan", "-detailed-exitcode"]);
    assert_eq!(left.code, 0, "{}", left.text);
    let date =
        stage.wait(stage.kms().describe_key(&KeyReference::Id(id.clone()))).unwrap().deletion_date.unwrap();
    let date =
        date.replace_nanosecond(0).unwrap().format(&time::format_description::well_known::Rfc3339).unwrap();
    left.says(&format!(
        "Warning: The key is scheduled for deletion with secure_kms_key.db, on main.tf line 2, in resource \
         \"secure_kms_key\" \"db\": 2: resource \"secure_kms_key\" \"db\" {{ The key `{id}` is scheduled for deletion and \
         AWS deletes it on {date}. `restore_if_pending_deletion` is false, so the plan leaves it so."
    ));
    stage.write("main.tf", &key("db", "restore_if_pending_deletion = false\n  description = \"new\""));
    let refused = stage.terraform(&["plan"]);
    assert_eq!(refused.code, 1, "{}", refused.text);
    refused.says(&format!(
        "Found: the key `{id}`, which AWS deletes on {date}, and `restore_if_pending_deletion = false`. Required: a key \
         that is not scheduled for deletion; AWS changes nothing on one that is. Fix: set `restore_if_pending_deletion = \
         true` to take the deletion back, or leave the key as it is."
    ));
    stage.write("main.tf", &key("db", "restore_if_pending_deletion = false\n  on_destroy = \"retain\""));
    stage.apply();
    assert_eq!(stage.keys()[0]["state"], "PendingDeletion");
}

#[test]
fn a_key_that_the_module_destroyed_comes_back_by_import_and_not_by_apply() {
    let stage = Stage::new();
    stage.write("provider.tf", PROVIDER);
    let module = format!("{}/modules/kms_key", env!("CARGO_MANIFEST_DIR"));
    stage.write(
        "main.tf",
        &format!(
            "module \"db\" {{\n  source = \"{module}\"\n  environment_name = \"dev\"\n  key_team = \"payments\"\n  \
             key_function = \"db\"\n  key_purpose = \"encryption\"\n  deletion_protection = false\n  \
             tags = local.tags\n}}\noutput \"id\" {{\n  value = module.db.key_id\n}}\n"
        ),
    );
    stage.terraform(&["get"]).succeeded();
    stage.apply();
    let old = stage.terraform(&["output", "-raw", "id"]).succeeded().text;
    let old = old.split_whitespace().last().unwrap().to_owned();
    stage.terraform(&["destroy", "-auto-approve"]).succeeded();
    stage.terraform(&["import", "module.db.secure_kms_key.this", &old]).succeeded();
    stage.apply();
    stage.settled();
    let keys = stage.keys();
    assert_eq!(keys.len(), 1);
    assert!(keys[0]["arn"].as_str().unwrap().ends_with(&old), "{old}");
    assert_eq!(keys[0]["state"], "Enabled");
    assert_eq!(keys[0]["aliases"], serde_json::json!(["alias/dev/payments/db/encryption"]));
    stage.terraform(&["destroy", "-auto-approve"]).succeeded();
    stage.apply();
    assert_eq!(stage.keys().len(), 2, "an apply makes a new key");
}
