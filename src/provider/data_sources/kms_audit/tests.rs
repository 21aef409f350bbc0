//! The schema is lawful, bad input is named with its place, and a report fits
//! the schema.

use super::refusal;
use super::request::Request;
use super::schema::schema;
use super::value::state;
use crate::audit::CollectError;
use crate::audit::Place;
use crate::audit::Selection;
use crate::audit::example::example;
use crate::controls::catalogue::Catalogue;
use crate::tf::Diagnostic;
use crate::tf::Path;
use crate::tf::Type;
use crate::tf::Value;

fn config(arguments: &[(&str, Value)]) -> Value {
    let mut config =
        Value::object(schema().block().attributes().keys().map(|name| (name.as_str(), Value::Null)));
    for (name, value) in arguments {
        config.set_attr(name, value.clone()).unwrap();
    }
    config
}

fn filter(alias_prefix: &str) -> Value {
    Value::object([("alias_prefix", Value::from(alias_prefix)), ("tag", Value::Null)])
}

fn refused(arguments: &[(&str, Value)]) -> Vec<Diagnostic> {
    Request::read(&config(arguments)).unwrap_err().into_iter().collect()
}

#[test]
fn without_arguments_every_customer_key_is_audited() {
    for arguments in [&[][..], &[("all_keys", Value::from(true))], &[("key_ids", Value::Null)]] {
        let request = Request::read(&config(arguments)).unwrap();
        assert_eq!(request.scope.selection, Selection::CustomerKeys);
        assert_eq!(request.checks, None);
    }
}

#[test]
fn unknown_arguments_are_left_for_later() {
    for argument in ["key_id", "key_ids", "all_keys", "filter", "checks"] {
        Request::read(&config(&[(argument, Value::UNKNOWN)])).unwrap();
    }
}

#[test]
fn two_ways_to_choose_are_refused() {
    assert_eq!(
        refused(&[("key_id", "alias/a".into()), ("all_keys", true.into())]),
        [Diagnostic::error(
            "Conflicting choice of keys",
            "Found `key_id` and `all_keys`; at most one of `key_id`, `key_ids` and `all_keys` may be set. Remove all \
             but one.",
        )
        .at(Path::attribute("all_keys"))]
    );
}

#[test]
fn names_that_can_be_no_key_are_refused() {
    assert_eq!(
        refused(&[("key_ids", Value::set(["app"]))]),
        [Diagnostic::error(
            "Invalid key",
            "`app` names no key. Required is a key id, a key ARN, an alias such as `alias/app/db`, or an alias ARN.",
        )
        .at(Path::attribute("key_ids"))]
    );
}

#[test]
fn unknown_controls_and_prefixes_without_alias_are_refused_together() {
    assert_eq!(
        refused(&[("checks", Value::set(["rotation"])), ("filter", filter("app/"))]),
        [
            Diagnostic::error(
                "Unknown control",
                "There is no control `rotation`. Required is one of `deletion-window`, `environment-boundary`, \
                 `key-rotation`, `mfa-for-critical-operations`, `required-tags`.",
            )
            .at(Path::attribute("checks")),
            Diagnostic::error(
                "Invalid alias prefix",
                "Found `app/`; alias names begin with `alias/`. Write `alias/app/`.",
            )
            .at(Path::attribute("filter").attr("alias_prefix")),
        ]
    );
}

#[test]
fn no_key_at_all_is_refused() {
    assert_eq!(refused(&[("all_keys", false.into())])[0].summary, "No key is chosen");
}

#[test]
fn a_name_without_a_key_is_refused_where_it_is_written() {
    let request = Request::read(&config(&[("key_id", "alias/missing".into())])).unwrap();
    let place = Place { account: None, region: "eu-west-1".parse().unwrap() };
    let error = CollectError::NoSuchKey { key: "alias/missing".to_owned(), place };
    assert_eq!(
        refusal(&error, &request, None, &Catalogue::configure(&[].into(), Vec::new()).unwrap()),
        Diagnostic::error(
            "No such key to audit",
            "There is no key `alias/missing` in region eu-west-1. Check the name, and the account and region of the \
             provider.",
        )
        .at(Path::attribute("key_id"))
    );
}

#[test]
fn a_report_has_every_attribute_of_the_schema_and_no_other() {
    let request = Request::read(&config(&[])).unwrap();
    let state = state(&request, &example());
    let Value::Object(attributes) = &state else { panic!("no object") };
    assert!(attributes.keys().eq(schema().block().attributes().keys()));
    assert!(fits(&state, &schema().ty()));
}

fn fits(value: &Value, ty: &Type) -> bool {
    match (value, ty) {
        (Value::Null, _)
        | (Value::Bool(_), Type::Bool)
        | (Value::Number(_), Type::Number)
        | (Value::String(_), Type::String) => true,
        (Value::List(elements), Type::List(element)) => elements.iter().all(|value| fits(value, element)),
        (Value::Map(entries), Type::Map(element)) => entries.values().all(|value| fits(value, element)),
        (Value::Object(attributes), Type::Object(types)) => {
            attributes.keys().eq(types.keys())
                && attributes.values().zip(types.values()).all(|(value, ty)| fits(value, ty))
        }
        _ => false,
    }
}

#[test]
fn the_schema_is_one_that_terraform_loads() {
    assert_eq!(schema().broken_laws(), Vec::<String>::new());
}

#[test]
fn what_was_not_readable_is_null_and_no_time_is_in_the_value() {
    let request = Request::read(&config(&[])).unwrap();
    let state = state(&request, &example());
    let closed = state.at(&Path::attribute("keys").index(3)).unwrap();
    assert!(closed.attr("key_rotation_enabled").unwrap().is_null());
    assert!(closed.attr("tags").unwrap().is_null());
    let report = state.attr("report_json").unwrap().as_str().unwrap().known().unwrap();
    assert!(!report.contains("2026-11-22"), "{report}");
}
