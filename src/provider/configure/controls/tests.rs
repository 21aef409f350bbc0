use super::{Written, read};
use crate::controls::contract::settings::SettingValue;
use crate::tf::value::Number;
use crate::tf::{Diagnostics, Type, Value};

/// As Terraform passes on what has no declared type.
fn open(value: Value) -> Value {
    Value::Dynamic(Type::Dynamic, Box::new(value))
}

fn object<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::object(entries)
}

/// `controls` with one setting of one control.
fn setting(control: &str, name: &str, value: impl Into<Value>) -> Value {
    open(object([(control, object([(name, value.into())]))]))
}

fn accepted(value: &Value) -> Written {
    let mut diagnostics = Diagnostics::new();
    let written = read(value, &mut diagnostics);
    assert_eq!(diagnostics, Diagnostics::new());
    written
}

/// Everything that is wrong, with its place.
fn refused(value: &Value) -> Vec<(String, String, String)> {
    let mut diagnostics = Diagnostics::new();
    read(value, &mut diagnostics);
    let shown = diagnostics.into_iter().map(|one| (one.path.unwrap().to_string(), one.summary, one.detail));
    shown.collect()
}

#[track_caller]
fn refuses(value: &Value, place: &str, summary: &str, detail: &str) {
    assert_eq!(refused(value), [(place.to_owned(), summary.to_owned(), detail.to_owned())]);
}

fn undecided(written: &Written) -> Vec<&str> {
    written.unsettled.iter().map(|id| id.0).collect()
}

#[test]
fn whatever_terraform_makes_of_braces_and_brackets_is_taken() {
    let elements = || ["BU", "Owner"].map(Value::from).to_vec();
    let keys = [Value::Tuple(elements()), Value::List(elements()), Value::Set(elements())];
    for keys in keys {
        let expected = SettingValue::Texts(["BU", "Owner"].map(str::to_owned).into());
        let as_object = accepted(&setting("required_tags", "keys", keys.clone()));
        assert_eq!(as_object.settings["required_tags"]["keys"], expected);
        let as_maps = Value::map([("required_tags", Value::map([("keys", keys)]))]);
        assert_eq!(accepted(&open(as_maps)).settings["required_tags"]["keys"], expected);
    }
    let values = object([("Environment", Value::Tuple(vec!["dev".into()]))]);
    let written = accepted(&setting("required_tags", "allowed_values", open(values)));
    assert_eq!(
        written.settings["required_tags"]["allowed_values"],
        SettingValue::TextsByName([("Environment".to_owned(), ["dev".to_owned()].into())].into())
    );
}

#[test]
fn null_is_the_default_at_every_level() {
    assert!(accepted(&Value::Null).settings.is_empty());
    assert!(accepted(&open(Value::Null)).settings.is_empty());
    assert!(accepted(&open(object([("mfa", Value::Null)]))).settings.is_empty());
    let written = accepted(&setting("key_rotation", "max_period_in_days", Value::Null));
    assert!(written.settings["key_rotation"].is_empty());
    assert!(undecided(&written).is_empty());
}

#[test]
fn what_is_unknown_leaves_its_control_undecided_and_hides_no_mistake() {
    assert_eq!(undecided(&accepted(&Value::UNKNOWN)).len(), crate::controls::CONTROLS.len());
    assert_eq!(
        undecided(&accepted(&open(object([("mfa", Value::UNKNOWN)])))),
        ["mfa-for-critical-operations"]
    );
    let list = Value::Tuple(vec!["BU".into(), open(Value::UNKNOWN)]);
    let written = accepted(&setting("required_tags", "keys", list));
    assert_eq!(undecided(&written), ["required-tags"]);
    assert!(written.settings.is_empty());
    let both = Value::Tuple(vec![Value::UNKNOWN, 5.into()]);
    refuses(
        &setting("required_tags", "keys", both),
        "controls.required_tags.keys[1]",
        "Invalid setting of a control",
        "Found is `5`; required is a string. Write it as `keys = [\"…\"]`.",
    );
}

#[test]
fn names_that_do_not_exist_are_refused_with_what_was_meant() {
    refuses(
        &setting("key-rotation", "max_period_in_days", 365),
        "controls.key-rotation",
        "Unknown control",
        "There is no control `key-rotation`. Did you mean `key_rotation`? The controls are `deletion_window`, \
         `environment_boundary`, `key_rotation`, `mfa`, `required_tags`.",
    );
    refuses(
        &open(object([("encryption", Value::Null)])),
        "controls.encryption",
        "Unknown control",
        "There is no control `encryption`. The controls are `deletion_window`, `environment_boundary`, \
         `key_rotation`, `mfa`, `required_tags`.",
    );
    refuses(
        &setting("key_rotation", "max_period", 365),
        "controls.key_rotation.max_period",
        "Unknown setting of a control",
        "The control `key-rotation` has no setting `max_period`. Did you mean `max_period_in_days`? Its settings \
         are `max_period_in_days`, `min_period_in_days`.",
    );
}

#[test]
fn what_is_no_object_is_refused_with_an_example() {
    refuses(
        &open(Value::Tuple(vec![])),
        "controls",
        "Invalid settings of a control",
        "Found is a list; required is an object of controls. Write it as `controls = { key_rotation = { \
         max_period_in_days = 365 } }`.",
    );
    refuses(
        &open(object([("mfa", false.into())])),
        "controls.mfa",
        "Invalid settings of a control",
        "Found is `false`; required is an object with settings. Write it as `mfa = { exempt_principal_arns = \
         [\"…\"] }`.",
    );
}

#[test]
fn values_of_another_type_are_refused_and_not_converted() {
    let summary = "Invalid setting of a control";
    refuses(
        &setting("key_rotation", "max_period_in_days", "365"),
        "controls.key_rotation.max_period_in_days",
        summary,
        "Found is the string `\"365\"`; required is a whole number from 90 to 2560. Write it as \
         `max_period_in_days = 365`.",
    );
    refuses(
        &setting("mfa", "exempt_principal_arns", object([("a", "b".into())])),
        "controls.mfa.exempt_principal_arns",
        summary,
        "Found is an object; required is a set of strings. Write it as `exempt_principal_arns = [\"…\"]`.",
    );
    refuses(
        &setting("required_tags", "allowed_values", object([("Environment", "dev".into())])),
        "controls.required_tags.allowed_values[\"Environment\"]",
        summary,
        "Found is the string `\"dev\"`; required is a set of strings. Write it as `allowed_values = { name = \
         [\"…\"] }`.",
    );
    refuses(
        &setting("environment_boundary", "environments", object([("dev", Value::Null)])),
        "controls.environment_boundary.environments[\"dev\"]",
        summary,
        "Found is null; required is a string. Write it as `environments = { name = \"…\" }`.",
    );
    refuses(
        &setting("environment_boundary", "tag_key", true),
        "controls.environment_boundary.tag_key",
        summary,
        "Found is `true`; required is a string. Write it as `tag_key = \"…\"`.",
    );
}

#[test]
fn numbers_out_of_range_are_refused_with_the_range_and_all_at_once() {
    let half = Value::Number(Number::parse("90.5").unwrap());
    let settings = object([("max_period_in_days", half), ("min_period_in_days", 20.into())]);
    let told = |name: &str, found: &str| {
        (
            format!("controls.key_rotation.{name}"),
            "Invalid setting of a control".to_owned(),
            format!("Found is `{found}`; required is a whole number from 90 to 2560."),
        )
    };
    assert_eq!(
        refused(&open(object([("key_rotation", settings)]))),
        [told("max_period_in_days", "90.5"), told("min_period_in_days", "20")]
    );
}
