use super::{conform, problems_of, settle};
use crate::tf::path::Path;
use crate::tf::value::{Type, Value};

fn ty() -> Type {
    Type::object([
        ("n", Type::Number),
        ("list", Type::list(Type::String)),
        ("any", Type::Dynamic),
        ("map", Type::map(Type::set(Type::Bool))),
    ])
}

#[test]
fn a_value_that_fits_is_left_alone() {
    let value = Value::object([
        ("n", Value::UNKNOWN),
        ("list", Value::list(["a"])),
        ("any", Value::Dynamic(Type::Bool, Box::new(true.into()))),
        ("map", Value::map([("k", Value::set([true]))])),
    ]);
    let (fitted, problems) = conform(value.clone(), &ty());
    assert_eq!((fitted, problems.len()), (value, 0));
}

#[test]
fn what_does_not_fit_becomes_null_and_is_named() {
    let value = Value::object([
        ("n", Value::from("x")),
        ("list", Value::List(vec!["a".into(), 1.into()])),
        ("map", Value::map([("k", Value::list([true]))])),
        ("extra", Value::Null),
    ]);
    let (fitted, problems) = conform(value, &ty());
    let expected = Value::object([
        ("n", Value::Null),
        ("list", Value::List(vec!["a".into(), Value::Null])),
        ("any", Value::Null),
        ("map", Value::map([("k", Value::Null)])),
    ]);
    assert_eq!(fitted, expected);
    let told: Vec<String> =
        problems.iter().map(|problem| format!("{}: {}", problem.path, problem.text)).collect();
    assert_eq!(
        told,
        [
            "any: the attribute is missing",
            "extra: the schema has no such attribute",
            "list[1]: a value of type string was expected, not a number",
            "map[\"k\"]: a value of type set(bool) was expected, not a list",
            "n: a value of type number was expected, not a string",
        ]
    );
}

#[test]
fn plain_values_take_their_own_type_where_any_is_allowed() {
    let (fitted, problems) = conform("x".into(), &Type::Dynamic);
    assert_eq!((fitted, problems.len()), (Value::Dynamic(Type::String, Box::new("x".into())), 0));
    assert_eq!(problems_of(&Value::Tuple(vec![true.into()]), &Type::Tuple(Vec::new())).len(), 1);
}

#[test]
fn unknown_values_are_settled_and_named() {
    let mut value = Value::object([
        ("a", Value::list([Value::UNKNOWN, 1.into()])),
        ("b", Value::map([("k", Value::UNKNOWN)])),
        ("c", Value::set([Value::UNKNOWN])),
    ]);
    let unknown = settle(&mut value);
    assert!(value.is_wholly_known());
    assert_eq!(unknown.iter().map(Path::to_string).collect::<Vec<_>>(), ["a[0]", "b[\"k\"]", "c"]);
}
