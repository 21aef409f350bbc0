//! Controls whose settings another resource of the same run makes: what hangs on
//! them is unknown while planning, and nothing is refused for a default.

use serde_json::Value as Json;
use serde_json::json;

use crate::secure_kms_key::PROVIDER;
use crate::secure_kms_key::key;
use crate::support::Stage;

/// The provider with the settings of two controls from `terraform_data`; `more` is one of a third.
fn provider(unit: &str, exempt: &str, more: &str) -> String {
    let settings = format!(
        "    mfa                  = {{ exempt_principal_arns = [terraform_data.exempt.output] }}\n    \
         environment_boundary = {{ environments = {{ dev = terraform_data.unit.output }} }}\n    {more}\n"
    );
    let resources: Vec<String> = [("unit", unit), ("exempt", exempt)]
        .map(|(name, input)| {
            format!("resource \"terraform_data\" \"{name}\" {{\n  input = \"{input}\"\n}}\n")
        })
        .into();
    let given = "    mfa = { exempt_principal_arns = [\"arn:aws:iam::111111111111:user/operator\"] }\n";
    assert!(PROVIDER.contains(given));
    [PROVIDER.replace(given, &settings), resources.concat()].concat()
}

/// The planned change of the one key.
fn change(stage: &Stage) -> Json {
    let plan = stage.plan();
    let changes = plan["resource_changes"].as_array().unwrap();
    changes.iter().find(|change| change["type"] == "secure_kms_key").unwrap()["change"].clone()
}

const OPERATOR: &str = "arn:aws:iam::111111111111:user/operator";

#[test]
fn a_policy_that_hangs_on_them_is_unknown_and_one_apply_makes_it() {
    let stage = Stage::new();
    stage.write("provider.tf", &provider("r-ab12", OPERATOR, ""));
    stage.write("main.tf", &key("db", ""));
    let planned = change(&stage);
    assert_eq!(planned["after_unknown"]["effective_policy"], true);
    assert_eq!(planned["after_unknown"]["key_policy_sha256"], true);
    assert_eq!(planned["after_unknown"]["compliance"], true);
    stage.apply();
    stage.settled();
    stage.unmoved();
    let seen = stage.state("secure_kms_key.db");
    assert_eq!(seen["compliance"]["compliant"], true, "{}", seen["compliance"]);
    let policy = seen["effective_policy"].as_str().unwrap();
    assert!(policy.contains(OPERATOR) && policy.contains("o-a1b2c3d4e5/r-ab12/*"), "{policy}");
}

#[test]
fn settings_that_change_in_the_same_run_change_the_policy_of_a_key_that_exists() {
    let stage = Stage::new();
    stage.write("provider.tf", &provider("r-ab12", OPERATOR, ""));
    stage.write("main.tf", &key("db", ""));
    stage.apply();
    let id = stage.state("secure_kms_key.db")["id"].clone();
    let both = format!("{OPERATOR}*");
    stage.write("provider.tf", &provider("o-a1b2c3d4e5/r-ab12/", &both, ""));
    let planned = change(&stage);
    assert_eq!(planned["actions"], json!(["update"]));
    assert_eq!(planned["after_unknown"]["effective_policy"], true);
    let unknown = &planned["after_unknown"]["compliance"];
    assert_eq!(unknown["verdicts"]["mfa-for-critical-operations"], true, "{unknown}");
    stage.apply();
    stage.settled();
    stage.unmoved();
    let seen = stage.state("secure_kms_key.db");
    assert_eq!(seen["id"], id);
    assert_eq!(seen["compliance"]["compliant"], true, "{}", seen["compliance"]);
    let policy = seen["effective_policy"].as_str().unwrap();
    assert!(policy.contains(&both) && policy.contains("o-a1b2c3d4e5/r-ab12/*"), "{policy}");
}

#[test]
fn a_control_that_shapes_no_policy_leaves_the_policy_known() {
    let stage = Stage::new();
    let window = "resource \"terraform_data\" \"days\" {\n  input = 7\n}\n";
    let given = "    mfa = {";
    let late = "    deletion_window = { min_days = terraform_data.days.output }\n    mfa = {";
    stage.write("provider.tf", &[&PROVIDER.replace(given, late), window].concat());
    stage.write("main.tf", &key("db", "deletion_window_in_days = 7"));
    let planned = change(&stage);
    assert_eq!(planned["after_unknown"]["effective_policy"], Json::Null);
    stage.apply();
    stage.settled();
    stage.unmoved();
}

#[test]
fn what_they_refuse_is_refused_once_they_are_known_and_before_anything_is_made() {
    let stage = Stage::new();
    let more = "deletion_window = { min_days = terraform_data.unit.output == \"x\" ? 7 : 14 }";
    stage.write("provider.tf", &provider("r-ab12", OPERATOR, more));
    stage.write("main.tf", &key("db", "deletion_window_in_days = 7"));
    stage.terraform(&["plan"]).succeeded();
    let apply = stage.terraform(&["apply", "-auto-approve"]);
    assert_eq!(apply.code, 1, "{}", apply.text);
    apply.says("Found: a deletion window of 7 days Required: at least 14 days");
    assert_eq!(stage.keys().len(), 0);
}
