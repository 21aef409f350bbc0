use super::plan_change;
use crate::tf::calls::PlanRequest;
use crate::tf::path::Path;
use crate::tf::schema::{Attribute, Block, Nested, NestedBlock, Schema};
use crate::tf::value::{Type, Value};

fn schema() -> Schema {
    let part = || {
        [
            ("name", Attribute::required(Type::String)),
            ("level", Attribute::optional(Type::Number).default(1)),
            ("token", Attribute::computed(Type::String)),
        ]
    };
    let single = Nested::single([("zone", Attribute::optional(Type::String).requires_replace())]);
    let block = Block::new("")
        .attribute("name", Attribute::required(Type::String).requires_replace())
        .attribute("size", Attribute::optional(Type::Number).default(3))
        .attribute("secret", Attribute::optional(Type::String).write_only())
        .attribute("id", Attribute::computed(Type::String).keep_prior())
        .attribute("etag", Attribute::computed(Type::String))
        .attribute("region", Attribute::optional_computed(Type::String).keep_prior())
        .attribute("list", Attribute::optional(Nested::list(part())))
        .attribute("set", Attribute::optional(Nested::set(part())))
        .attribute("place", Attribute::optional(single))
        .nested(
            "rule",
            NestedBlock::list(
                Block::new("").attribute("to", Attribute::required(Type::String).requires_replace()),
            ),
        );
    Schema::new(block)
}

fn object(set: &[(&str, Value)]) -> Value {
    let mut value = Value::object(
        ["name", "size", "secret", "id", "etag", "region", "list", "set", "place"]
            .map(|name| (name, Value::Null)),
    );
    value.set_attr("rule", Value::List(Vec::new())).unwrap();
    for (name, field) in set {
        value.set_attr(name, field.clone()).unwrap();
    }
    value
}

fn part(name: &str, level: Value, token: Value) -> Value {
    Value::object([("name", Value::from(name)), ("level", level), ("token", token)])
}

fn plan(prior: Value, proposed: Value, config: Value) -> (Value, Vec<String>) {
    let request = PlanRequest { prior, proposed, config, private: Vec::new() };
    let response = plan_change(&schema(), &request);
    (response.planned, response.requires_replace.iter().map(Path::to_string).collect())
}

#[test]
fn a_create_has_defaults_and_unknown_computed_values() {
    let config = object(&[
        ("name", "n".into()),
        ("secret", "s".into()),
        ("region", Value::UNKNOWN),
        ("list", Value::list([part("p", Value::Null, Value::Null), part("q", 0.into(), Value::Null)])),
        ("set", Value::set([part("r", Value::Null, Value::Null)])),
    ]);
    let (planned, replaced) = plan(Value::Null, config.clone(), config);
    let expected = object(&[
        ("name", "n".into()),
        ("size", 3.into()),
        ("id", Value::UNKNOWN),
        ("etag", Value::UNKNOWN),
        ("region", Value::UNKNOWN),
        ("list", Value::list([part("p", 1.into(), Value::UNKNOWN), part("q", 0.into(), Value::UNKNOWN)])),
        ("set", Value::set([part("r", 1.into(), Value::UNKNOWN)])),
    ]);
    assert_eq!((planned, replaced), (expected, Vec::new()));
}

#[test]
fn nothing_is_unknown_where_nothing_changes() {
    let prior = object(&[("name", "n".into()), ("size", 3.into()), ("id", "i".into()), ("etag", "e".into())]);
    let config = object(&[("name", "n".into()), ("secret", "s".into())]);
    let mut proposed = prior.clone();
    proposed.set_attr("secret", "s").unwrap();
    proposed.set_attr("size", 9).unwrap();
    assert_eq!(plan(prior.clone(), proposed, config), (prior, Vec::new()));
}

#[test]
fn an_update_keeps_what_it_may_and_forgets_the_rest() {
    let prior = object(&[
        ("name", "n".into()),
        ("size", 3.into()),
        ("id", "i".into()),
        ("etag", "e".into()),
        ("region", "r".into()),
    ]);
    let mut proposed = prior.clone();
    proposed.set_attr("size", 4).unwrap();
    let config = object(&[("name", "n".into()), ("size", 4.into())]);
    let mut expected = proposed.clone();
    expected.set_attr("etag", Value::UNKNOWN).unwrap();
    assert_eq!(plan(prior, proposed, config), (expected, Vec::new()));
}

#[test]
fn changes_that_replace_are_named_as_far_down_as_a_path_goes() {
    let place = |zone: &str| Value::object([("zone", zone)]);
    let rule = |to: &str| Value::list([Value::object([("to", to)])]);
    let of = |name: &str| {
        object(&[("name", name.into()), ("size", 3.into()), ("place", place(name)), ("rule", rule(name))])
    };
    let (_, replaced) = plan(of("a"), of("b"), of("b"));
    assert_eq!(replaced, ["name", "place.zone", "rule"]);
    let (_, replaced) = plan(of("a"), of("a"), of("a"));
    assert_eq!(replaced, Vec::<String>::new());
}

#[test]
fn an_unknown_configuration_stays_unknown() {
    let config = object(&[("name", Value::UNKNOWN), ("size", Value::UNKNOWN), ("list", Value::UNKNOWN)]);
    let (planned, _) = plan(Value::Null, config.clone(), config);
    for name in ["name", "size", "list"] {
        assert!(planned.attr(name).unwrap().is_unknown(), "{name}");
    }
}

#[test]
fn a_destroy_plans_null() {
    let prior = object(&[("name", "n".into())]);
    assert_eq!(plan(prior, Value::Null, Value::Null), (Value::Null, Vec::new()));
}
