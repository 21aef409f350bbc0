//! Aliases that move between keys, and what a plan says of replacing a key.

use serde_json::Value as Json;

use crate::secure_kms_key::PROVIDER;
use crate::secure_kms_key::key;
use crate::support::Said;
use crate::support::Stage;

/// A stage with the keys `a` and `b`, applied.
fn two() -> (Stage, String, String) {
    let stage = Stage::new();
    stage.write("provider.tf", PROVIDER);
    stage.write("keys.tf", &[named("a", "x"), named("b", "y")].concat());
    stage.apply();
    let (a, b) = (id(&stage, "a"), id(&stage, "b"));
    (stage, a, b)
}

fn named(name: &str, alias: &str) -> String {
    key(name, &format!("alias_name = \"{alias}\""))
}

fn id(stage: &Stage, name: &str) -> String {
    stage.state(&format!("secure_kms_key.{name}"))["id"].as_str().unwrap().to_owned()
}

/// The plan, refused with one error.
#[track_caller]
fn refused(stage: &Stage, arguments: &[&str]) -> Said {
    let plan = stage.terraform(arguments);
    assert_eq!((plan.code, plan.text.matches("Error: ").count()), (1, 1), "{}", plan.text);
    plan
}

#[test]
fn an_alias_that_was_moved_to_another_managed_key_is_refused_with_the_way_back() {
    let (stage, a, b) = two();
    let kms = stage.kms();
    let alias = "alias/x".parse().unwrap();
    stage.wait(kms.delete_alias(&alias)).unwrap();
    stage.wait(kms.create_alias(&alias, &b.parse().unwrap())).unwrap();
    refused(&stage, &["plan"]).says(&format!(
        "Error: The alias is in use
         with secure_kms_key.a,
         on keys.tf line 10, in resource \"secure_kms_key\" \"a\":
         10: alias_name = \"x\"
         Found: `alias/x` points at the key `{b}`.
         Required: an alias that no other key has; nothing was changed.
         Fix: if it belongs to this key, point it here (`aws kms update-alias --alias-name alias/x --target-key-id
         {a}`) and plan again; if not, choose another alias."
    ));
    stage.wait(kms.delete_alias(&alias)).unwrap();
    stage.apply();
    stage.settled();
}

#[test]
fn two_keys_that_exchange_their_aliases_are_refused_while_planning() {
    let (stage, ..) = two();
    stage.write("keys.tf", &[named("a", "y"), named("b", "x")].concat());
    // The key that is planned first cannot know of the other.
    let plan = stage.terraform(&["plan", "-parallelism=1"]);
    assert_eq!(plan.code, 1, "{}", plan.text);
    plan.says("Error: Keys cannot exchange their aliases");
    plan.says("Required: one alias after the other; none is taken from a key that has it.");
    stage.write("keys.tf", &[named("a", "z"), named("b", "y")].concat());
    stage.apply();
    stage.write("keys.tf", &[named("a", "z"), named("b", "x")].concat());
    stage.apply();
    stage.write("keys.tf", &[named("a", "y"), named("b", "x")].concat());
    stage.apply();
    stage.settled();
}

#[test]
fn an_alias_that_a_key_of_the_configuration_keeps_is_refused_while_planning() {
    let (stage, a, _) = two();
    let keys =
        [named("a", "x"), named("b", "y"), key("c", "alias_name = \"x\"\n  depends_on = [secure_kms_key.a]")];
    stage.write("keys.tf", &keys.concat());
    refused(&stage, &["plan"]).says(&format!(
        "Found: `alias/x` points at the key `{a}`.
         Required: an alias that no key has; nothing was created.
         Fix: import that key with the id `alias/x`, or choose another alias."
    ));
}

#[test]
fn a_protected_key_is_not_planned_to_be_replaced_and_another_is_replaced() {
    let stage = Stage::new();
    stage.write("provider.tf", PROVIDER);
    let protected = key("db", "").replace("deletion_protection = false", "deletion_protection = true ");
    stage.write("keys.tf", &protected);
    stage.apply();
    let id = id(&stage, "db");
    refused(&stage, &["plan", "-replace=secure_kms_key.db"]).says(&format!(
        "Error: The key is protected from deletion
         with secure_kms_key.db,
         on keys.tf line 8, in resource \"secure_kms_key\" \"db\":
         8: deletion_protection = true
         Found: a plan that destroys the key `{id}` (`alias/dev/payments/db/encryption`), and `deletion_protection = true`.
         Required: `deletion_protection = false` in the state before a destroy.
         Fix: set `deletion_protection = false`, apply, and destroy then."
    ));
    stage.terraform(&["taint", "secure_kms_key.db"]).succeeded();
    stage.terraform(&["plan"]).says(&format!(
        "Warning: The alias belongs to a key that is protected from deletion
         with secure_kms_key.db,
         on keys.tf line 2, in resource \"secure_kms_key\" \"db\":
         2: resource \"secure_kms_key\" \"db\" {{
         Found: `alias/dev/payments/db/encryption` points at the key `{id}` of this configuration, and
         `deletion_protection = true` in its state.
         Required: an alias that is free when the new key is made; a plan that replaces that key, because it is tainted,
         is refused at apply.
         Fix: take the taint off (`terraform untaint`); or set `deletion_protection = false` and apply before."
    ));
    stage.terraform(&["untaint", "secure_kms_key.db"]).succeeded();
    stage.write("keys.tf", &key("db", ""));
    stage.apply();
    let replace = ["apply", "-auto-approve", "-replace=secure_kms_key.db"];
    stage.terraform(&replace).succeeded();
    assert_ne!(self::id(&stage, "db"), id);
    stage.settled();
}

#[test]
fn a_replacement_that_creates_first_is_told_that_no_alias_survives_it() {
    let stage = Stage::new();
    stage.write("provider.tf", PROVIDER);
    let more = "allow_replacement = true\n  lifecycle {\n    create_before_destroy = true\n  }";
    stage.write("keys.tf", &key("db", more));
    stage.apply();
    let id = id(&stage, "db");
    stage.write("keys.tf", &key("db", &format!("multi_region = true\n  {more}")));
    refused(&stage, &["apply", "-auto-approve"]).says(&format!(
        "Found: `alias/dev/payments/db/encryption` points at the key `{id}`.
         Required: an alias that no key has; nothing was created.
         Fix: import that key with the id `alias/dev/payments/db/encryption`, or choose another alias. If it is the key
         that this resource replaces: no alias survives `create_before_destroy`; take that out of `lifecycle`."
    ));
}

/// The provider with an address where nobody listens for KMS, tried once.
fn unreachable() -> String {
    let endpoints =
        "provider \"kms\" {\n  max_retries = 1\n  endpoints {\n    kms = \"http://127.0.0.1:1\"\n  }\n";
    PROVIDER.replace("provider \"kms\" {\n", endpoints)
}

#[test]
fn a_key_that_violates_a_control_is_destroyed_in_the_way_that_the_refusal_says() {
    let stage = Stage::new();
    stage.write(
        "provider.tf",
        &PROVIDER.replace("provider \"kms\" {\n", "provider \"kms\" {\n  enforcement = \"warn\"\n"),
    );
    stage.write("keys.tf", &key("db", "enable_key_rotation = false"));
    stage.apply();
    stage.write("provider.tf", PROVIDER);
    refused(&stage, &["destroy", "-auto-approve"]).says(
        "Control: `key-rotation` (medium)
         To destroy the key as it is, let Terraform plan nothing before: `terraform destroy -refresh=false`.",
    );
    stage.terraform(&["destroy", "-auto-approve", "-refresh=false"]).succeeded();
    assert_eq!(stage.state("secure_kms_key.db"), Json::Null);
}

#[test]
fn a_principal_that_aws_does_not_know_is_named() {
    let stage = Stage::new();
    stage.write("provider.tf", PROVIDER);
    let ghost =
        "key_users = [\"arn:aws:iam::111111111111:role/ghost\"]\n  timeouts {\n    create = \"2s\"\n  }";
    stage.write("keys.tf", &key("db", ghost));
    let apply = refused(&stage, &["apply", "-auto-approve"]);
    apply.says("Error: Cannot create the key: the policy names an unknown principal");
    apply.says("The policy names `arn:aws:iam::111111111111:role/ghost`.");
}

#[test]
fn kms_that_cannot_be_reached_is_told_by_the_plan_of_a_new_key_and_not_waited_for_by_an_apply() {
    let stage = Stage::new();
    stage.write("provider.tf", &unreachable());
    stage.write("keys.tf", &key("db", ""));
    let plan = refused(&stage, &["plan"]);
    plan.says("Error: Cannot plan the key: AWS cannot be reached");
    plan.says(
        "Check `region`, `endpoints` and `AWS_ENDPOINT_URL`, the proxy, and whether this machine reaches the network.",
    );
    stage.write("provider.tf", PROVIDER);
    stage.apply();
    stage.write("provider.tf", &unreachable());
    stage.write("keys.tf", &key("db", "description = \"another\""));
    let begun = std::time::Instant::now();
    let apply = refused(&stage, &["apply", "-auto-approve", "-refresh=false"]);
    apply.says("Error: Cannot change the key: AWS cannot be reached");
    assert!(begun.elapsed() < std::time::Duration::from_secs(30), "{:?}", begun.elapsed());
    assert_ne!(stage.state("secure_kms_key.db")["id"], Json::Null);
}
