use super::plan_change;
use crate::tf::calls::PlanRequest;
use crate::tf::path::Path;
use crate::tf::schema::{Attribute, Block, BlockNesting, Nested, NestedBlock, Schema};
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
        .nested("rule", NestedBlock::list(rule()));
    Schema::new(block)
}

fn rule() -> Block {
    Block::new("")
        .attribute("to", Attribute::required(Type::String).requires_replace())
        .attribute("note", Attribute::optional(Type::String))
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
    let rule = |to: &str| Value::list([Value::object([("to", Value::from(to)), ("note", Value::Null)])]);
    let of = |name: &str| {
        object(&[("name", name.into()), ("size", 3.into()), ("place", place(name)), ("rule", rule(name))])
    };
    let (_, replaced) = plan(of("a"), of("b"), of("b"));
    assert_eq!(replaced, ["name", "place.zone", "rule[0].to"]);
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

/// Plans one attribute or block `a`, and says what would replace the object.
fn planned(block: Block, prior: Value, proposed: Value, config: Value) -> (Value, Vec<String>) {
    let whole = |value: Value| Value::object([("a", value)]);
    let prior = if prior.is_null() { prior } else { whole(prior) };
    let request =
        PlanRequest { prior, proposed: whole(proposed), config: whole(config), private: Vec::new() };
    let response = plan_change(&Schema::new(block), &request);
    let planned = response.planned.attr("a").unwrap().clone();
    (planned, response.requires_replace.iter().map(Path::to_string).collect())
}

fn of(nested: Nested) -> Block {
    Block::new("").attribute("a", Attribute::optional(nested))
}

#[test]
fn each_element_of_a_set_has_the_defaults_of_the_element_it_was_made_from() {
    let sized = || {
        of(Nested::set([
            ("name", Attribute::required(Type::String)),
            ("size", Attribute::optional(Type::Number).default(3)),
        ]))
    };
    let one = |size: Value| Value::object([("name", Value::from("a")), ("size", size)]);
    let config = || Value::set([one(Value::Null), one(5.into())]);
    let expected = || Value::set([one(3.into()), one(5.into())]);
    assert_eq!(planned(sized(), Value::Null, config(), config()).0, expected());
    // Terraform takes what is not configured from before, for both perhaps from the same element.
    for proposed in [expected(), Value::set([one(5.into())])] {
        assert_eq!(planned(sized(), expected(), proposed, config()), (expected(), Vec::new()));
    }
}

#[test]
fn elements_of_a_set_that_say_less_leave_room_for_those_that_say_more() {
    let set = of(Nested::set([
        ("x", Attribute::optional_computed(Type::Number)),
        ("y", Attribute::optional_computed(Type::Number)),
        ("z", Attribute::optional_computed(Type::Number)),
    ]));
    let one = |x: i32, y: i32, z: i32| {
        let known = |number: i32| if number == 0 { Value::Null } else { number.into() };
        Value::object([("x", known(x)), ("y", known(y)), ("z", known(z))])
    };
    // Whoever takes the first that fits leaves nothing for another.
    let config = Value::Set(vec![one(1, 0, 0), one(1, 2, 0), one(0, 2, 3)]);
    let proposed = Value::Set(vec![one(1, 2, 3), one(1, 2, 4), one(1, 5, 5)]);
    let (planned, _) = planned(set, Value::Null, proposed, config);
    let open = |x: i32, y: i32, z: i32| {
        let known = |number: i32| if number == 0 { Value::UNKNOWN } else { number.into() };
        Value::object([("x", known(x)), ("y", known(y)), ("z", known(z))])
    };
    assert_eq!(planned, Value::set([open(0, 2, 3), open(1, 2, 0), open(1, 0, 0)]));
}

#[test]
fn a_default_deep_in_a_set_does_not_hide_what_was_configured() {
    let limit = Nested::single([("max", Attribute::optional(Type::Number).default(7))]);
    let set = of(Nested::set([
        ("zone", Attribute::optional_computed(Type::String)),
        ("limit", Attribute::optional(limit)),
    ]));
    let one = |max: Value| {
        Value::set([Value::object([("zone", Value::from("z")), ("limit", Value::object([("max", max)]))])])
    };
    let config = || one(Value::Null);
    assert_eq!(planned(set, Value::Null, config(), config()).0, one(7.into()));
}

#[test]
fn what_stands_beside_a_forcing_attribute_replaces_nothing() {
    let part = |to: &str, note: &str| Value::object([("to", to), ("note", note)]);
    let block = |nested: NestedBlock| Block::new("").nested("a", nested);
    let replaced =
        |nested: NestedBlock, prior: Value, now: Value| planned(block(nested), prior, now.clone(), now).1;
    let list = |rules: Vec<Value>| Value::List(rules);
    let nested = || NestedBlock::list(rule());
    assert_eq!(replaced(nested(), list(vec![part("x", "1")]), list(vec![part("x", "2")])), [""; 0]);
    let grown = list(vec![part("x", "1"), part("y", "1")]);
    assert_eq!(replaced(nested(), list(vec![part("x", "1")]), grown.clone()), ["a[1].to"]);
    assert_eq!(replaced(nested(), grown, list(vec![part("y", "1")])), ["a[0].to", "a[1].to"]);
    let nested = || NestedBlock::set(rule());
    let both = |note: &str| Value::set([part("x", note), part("y", "1")]);
    assert_eq!(replaced(nested(), both("1"), both("2")), [""; 0]);
    assert_eq!(replaced(nested(), both("1"), Value::set([part("x", "1")])), ["a"]);
    let nested = || NestedBlock::new(BlockNesting::Map, rule());
    let keyed = |to: &str, note: &str| Value::map([("k", part(to, note))]);
    assert_eq!(replaced(nested(), keyed("x", "1"), keyed("x", "2")), [""; 0]);
    assert_eq!(replaced(nested(), keyed("x", "1"), keyed("y", "1")), ["a[\"k\"].to"]);
}

#[test]
fn a_forcing_attribute_replaces_wherever_it_is() {
    let forcing = || [("to", Attribute::required(Type::String).requires_replace())];
    let one = |to: &str| Value::object([("to", to)]);
    let replaced = |block: Block, prior: Value, now: Value| planned(block, prior, now.clone(), now).1;
    let list = |to: &str| Value::list([one(to)]);
    assert_eq!(replaced(of(Nested::list(forcing())), list("x"), list("y")), ["a[0].to"]);
    let map = |to: &str| Value::map([("k", one(to))]);
    assert_eq!(replaced(of(Nested::map(forcing())), map("x"), map("y")), ["a[\"k\"].to"]);
    let set = |to: &str| Value::set([one(to)]);
    assert_eq!(replaced(of(Nested::set(forcing())), set("x"), set("y")), ["a"]);
    assert_eq!(replaced(of(Nested::set(forcing())), set("x"), Value::UNKNOWN), ["a"]);
    let inner = Block::new("").nested("b", NestedBlock::list(rule()));
    let deep = |to: &str| {
        let rules = Value::list([Value::object([("to", Value::from(to)), ("note", Value::Null)])]);
        Value::set([Value::object([("b", rules)])])
    };
    let in_set = Block::new("").nested("a", NestedBlock::set(inner.clone()));
    assert_eq!(replaced(in_set, deep("x"), deep("y")), ["a"]);
    let in_list = Block::new("").nested("a", NestedBlock::list(inner));
    let listed = |to: &str| Value::List(deep(to).elements().unwrap().known().unwrap().to_vec());
    assert_eq!(replaced(in_list, listed("x"), listed("y")), ["a[0].b[0].to"]);
}

#[test]
fn blocks_whose_type_is_left_open_are_planned_like_others() {
    let inside = Block::new("")
        .attribute("any", Attribute::optional(Type::Dynamic))
        .attribute("size", Attribute::optional(Type::Number).default(3))
        .attribute("id", Attribute::computed(Type::String))
        .attribute("secret", Attribute::optional(Type::String).write_only())
        .attribute("to", Attribute::optional(Type::String).requires_replace());
    let one = |size: Value, id: Value, secret: Value, to: &str| {
        let any = Value::from("x");
        Value::object([("any", any), ("size", size), ("id", id), ("secret", secret), ("to", to.into())])
    };
    let ty = Type::object([
        ("any", Type::String),
        ("size", Type::Number),
        ("id", Type::String),
        ("secret", Type::String),
        ("to", Type::String),
    ]);
    let list = |one: Value| Value::Dynamic(Type::Tuple(vec![ty.clone()]), Box::new(Value::Tuple(vec![one])));
    let block = || Block::new("").nested("a", NestedBlock::list(inside.clone()));
    let config = || list(one(Value::Null, Value::Null, "s".into(), "p"));
    let fresh = planned(block(), Value::Null, config(), config());
    assert_eq!(fresh, (list(one(3.into(), Value::UNKNOWN, Value::Null, "p")), Vec::new()));
    let prior = list(one(3.into(), "i".into(), Value::Null, "o"));
    let (_, replaced) = planned(block(), prior, config(), config());
    assert_eq!(replaced, ["a[0].to"]);
}
