use std::collections::BTreeSet;

use crate::model::org::PolicyType;
use crate::provider::resources::kms_org_guardrails::names::control_of;
use crate::provider::resources::kms_org_guardrails::schema;
use crate::provider::resources::kms_org_guardrails::wanted::{Spot, Wanted};
use crate::tf::{Type, Value};

fn config(values: Vec<(&str, Value)>) -> Value {
    let Type::Object(attributes) = schema::schema().ty() else { panic!("a schema is an object") };
    let mut config = Value::Object(attributes.into_keys().map(|name| (name, Value::Null)).collect());
    for (name, value) in values {
        config.set_attr(name, value).unwrap();
    }
    config
}

fn map(spot: &str, names: &[&str]) -> Value {
    Value::map([(spot, Value::list(names.iter().map(|name| Value::string(*name))))])
}

fn read(values: Vec<(&str, Value)>) -> Result<Option<Wanted>, String> {
    Wanted::read(&config(values), Some(&BTreeSet::from(["prod".to_owned()]))).map_err(|diagnostics| {
        let shown = diagnostics
            .iter()
            .map(|one| format!("{}: {} {}", one.path.clone().unwrap(), one.summary, one.detail));
        shown.collect::<Vec<_>>().join("\n")
    })
}

#[test]
fn controls_go_by_ids_arguments_and_former_names() {
    let names = [
        "key-rotation",
        "waiting_period",
        "mfa_critical_api",
        "tag_enforcement",
        "deny_prod_key_access_except_prod_ou",
    ];
    assert_eq!(control_of("automatic_key_rotation"), control_of("key_rotation"));
    let wanted = read(vec![("ou_map", map("prod", &names))]).unwrap().unwrap();
    let hung = &wanted.hung[&Spot::Environment("prod".to_owned())];
    let ids: Vec<&str> = hung.controls.iter().map(|id| id.0).collect();
    assert_eq!(
        ids,
        [
            "deletion-window",
            "environment-boundary",
            "key-rotation",
            "mfa-for-critical-operations",
            "required-tags"
        ]
    );
}

#[test]
fn an_unknown_control_says_which_there_are() {
    assert_eq!(
        read(vec![("ou_map", map("root", &["rotation"]))]).unwrap_err(),
        "ou_map[\"root\"]: Unknown control `rotation` was found; required is a control or a name from `policies`: \
         one of `deletion-window`, `environment-boundary`, `key-rotation`, `mfa-for-critical-operations`, \
         `required-tags`."
    );
}

#[test]
fn an_unknown_target_says_which_there_are() {
    assert_eq!(
        read(vec![("ou_map", map("staging", &["mfa"]))]).unwrap_err(),
        "ou_map[\"staging\"]: Unknown target `staging` was found; required is `root`, an environment (`prod`), or the \
         id of a root (`r-ab12`), an organizational unit (`ou-ab12-11111111`) or an account."
    );
    assert!(Wanted::read(&config(vec![("ou_map", map("staging", &["mfa"]))]), None).unwrap().is_some());
}

#[test]
fn a_policy_by_hand_shows_its_kind() {
    let service =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"kms:*","Resource":"*"}]}"#;
    let resource = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"*"}]}"#;
    let policies = Value::map([("a", Value::string(service)), ("b", Value::string(resource))]);
    let wanted = read(vec![("ou_map", map("root", &["a", "b"])), ("policies", policies)]).unwrap().unwrap();
    let written = &wanted.hung[&Spot::Root].written;
    assert_eq!(written["a"].0, PolicyType::ServiceControl);
    assert_eq!(written["b"].0, PolicyType::ResourceControl);
}

#[test]
fn a_policy_that_is_no_json_is_refused_at_its_place() {
    let policies = Value::map([("a", Value::string("{"))]);
    let error = read(vec![("ou_map", map("root", &["a"])), ("policies", policies)]).unwrap_err();
    assert!(
        error.starts_with("policies[\"a\"]: Invalid policy It is no service control policy: line 1"),
        "{error}"
    );
    assert!(!error.contains("Unknown control"), "{error}");
}

#[test]
fn an_unknown_value_leaves_everything_open() {
    assert!(read(vec![("ou_map", Value::UNKNOWN)]).unwrap().is_none());
    let open = vec![("ou_map", map("staging", &["mfa"])), ("environments", Value::UNKNOWN)];
    assert!(read(open).unwrap().is_none());
}

#[test]
fn limits_can_only_be_lowered() {
    let characters = |number: i64| {
        let values = vec![("ou_map", map("root", &["mfa"])), ("max_policy_characters", Value::from(number))];
        read(values).unwrap().unwrap().limits()[&PolicyType::ResourceControl].characters
    };
    assert_eq!(characters(5_000), 5_000);
    assert_eq!(characters(9_000), 5_120);
}

#[test]
fn a_prefix_that_no_tag_holds_is_refused() {
    let prefix =
        |text: &str| read(vec![("ou_map", map("root", &["mfa"])), ("name_prefix", Value::string(text))]);
    for wrong in ["", "a b", "täg-", "a*", &"x".repeat(65)] {
        assert_eq!(
            prefix(wrong).unwrap_err(),
            format!(
                "name_prefix: Invalid prefix `{wrong}` was found; required are 1 to 64 letters, digits and `_.:/=+-@`."
            )
        );
    }
    for right in ["k", "acme.kms/prod-", &"x".repeat(64)] {
        assert_eq!(prefix(right).unwrap().unwrap().name_prefix, right);
    }
}
