use std::cmp::Ordering;

use proptest::prelude::{any, proptest};

use super::{Field, Number, Refinement, Type, Value};
use crate::tf::path::Path;

fn number(text: &str) -> Number {
    Number::parse(text).unwrap()
}

#[test]
fn numbers_are_equal_by_value_whatever_their_form() {
    for (a, b) in [
        (number("1"), number("1.0")),
        (number("0.1"), Number::from_f64(0.1).unwrap()),
        (number("1e3"), Number::from(1000_i64)),
        (number("-0"), number("0.000")),
        (number("18446744073709551615"), Number::from(u64::MAX)),
        (number("0.00120e4"), number("12")),
    ] {
        assert_eq!(a, b);
    }
    assert_ne!(number("9007199254740993"), Number::from_f64(9_007_199_254_740_992.0).unwrap());
    assert_ne!(number("0.1"), number("0.10000000000000000555"));
}

#[test]
fn numbers_are_ordered() {
    let ordered = ["-1e30", "-2", "-1.5", "-0.01", "0", "1e-9", "0.01", "0.9", "1", "1.5", "12", "1e30"];
    for (position, a) in ordered.iter().enumerate() {
        for (other, b) in ordered.iter().enumerate() {
            assert_eq!(number(a).cmp(&number(b)), position.cmp(&other), "{a} and {b}");
        }
    }
}

#[test]
fn what_is_no_decimal_number_is_refused() {
    let too_long = "1".repeat(5000);
    for text in ["", "-", ".5", "+1", "1e", "0x10", "NaN", "inf", "1 ", "1_000", "1e99999999", &too_long] {
        assert!(Number::parse(text).is_err(), "{text}");
    }
    assert_eq!(Number::parse("ten").unwrap_err().to_string(), "`ten` is not a finite decimal number");
    assert!(Number::from_f64(f64::NAN).is_err() && Number::from_f64(f64::INFINITY).is_err());
}

#[test]
fn whole_numbers_come_out_whole() {
    let edges = ["9223372036854775807", "-9223372036854775808", "0", "1e2", "100.0", "-7"];
    let whole = [i64::MAX, i64::MIN, 0, 100, 100, -7];
    for (text, expected) in edges.iter().zip(whole) {
        assert_eq!(number(text).as_i64(), Some(expected), "{text}");
    }
    for text in ["9223372036854775808", "1.5", "1e-1", "1e100"] {
        assert_eq!(number(text).as_i64(), None, "{text}");
    }
}

#[test]
fn a_set_has_no_order_and_keeps_every_unknown_element() {
    assert_eq!(Value::set(["b", "a", "b"]), Value::Set(vec!["a".into(), "b".into()]));
    assert_eq!(Value::Set(vec!["b".into(), "a".into()]), Value::set(["a", "b"]));
    assert_ne!(Value::list(["b", "a"]), Value::list(["a", "b"]));
    let unknown = Value::set([Value::UNKNOWN, Value::UNKNOWN]);
    assert_eq!(unknown.elements().unwrap().known().map(<[Value]>::len), Some(2));
}

#[test]
fn strings_are_composed() {
    assert_eq!(Value::string("u\u{308}"), Value::String("ü".to_owned()));
}

#[test]
fn fields_are_read_by_kind() {
    let object =
        Value::object([("a", Value::from("x")), ("n", Value::Null), ("u", Value::UNKNOWN), ("d", dynamic())]);
    assert_eq!(object.attr("a").unwrap().as_str().unwrap(), Field::Known("x"));
    assert_eq!(object.attr("n").unwrap().as_bool().unwrap(), Field::Null);
    assert_eq!(object.attr("u").unwrap().as_i64().unwrap(), Field::Unknown);
    assert_eq!(object.attr("d").unwrap().as_i64().unwrap(), Field::Known(5));
    assert_eq!(Value::Null.attr("a").unwrap(), &Value::Null);
    assert_eq!(Value::UNKNOWN.attr("a").unwrap().attr("b").unwrap(), &Value::UNKNOWN);
    assert_eq!(
        object.attr("z").unwrap_err().to_string(),
        "the schema has no attribute `z` here; this is a bug in the provider, please report it"
    );
    assert_eq!(
        object.attr("a").unwrap().as_bool().unwrap_err().to_string(),
        "a bool was expected where there is a string; this is a bug in the provider, please report it"
    );
}

fn dynamic() -> Value {
    Value::Dynamic(Type::Number, Box::new(5.into()))
}

#[test]
fn paths_lead_into_values_and_stop_at_sets() {
    let mut value = Value::object([
        ("list", Value::list([Value::object([("x", 1)])])),
        ("map", Value::map([("k", 2)])),
        ("set", Value::set([3])),
    ]);
    let inside = Path::attribute("list").index(0).attr("x");
    assert_eq!(value.at(&inside), Some(&Value::from(1)));
    assert_eq!(value.at(&Path::attribute("map").key("k")), Some(&Value::from(2)));
    assert_eq!(value.at(&Path::attribute("set").index(0)), None);
    assert_eq!(value.at(&Path::attribute("list").index(9)), None);
    assert_eq!(value.replace(&inside, Value::Null), Some(Value::from(1)));
    assert_eq!(value.at(&inside), Some(&Value::Null));
    assert_eq!(inside.to_string(), "list[0].x");
    assert_eq!(Path::attribute("tags").key("a\"b").to_string(), "tags[\"a\\\"b\"]");
}

#[test]
fn knowledge_is_as_deep_as_the_value() {
    let deep = Value::list([Value::map([("k", Value::Dynamic(Type::Bool, Box::new(Value::UNKNOWN)))])]);
    assert!(!deep.is_unknown() && !deep.is_wholly_known());
    assert!(Value::Dynamic(Type::Bool, Box::new(Value::UNKNOWN)).is_unknown());
    assert!(Value::Dynamic(Type::Bool, Box::new(Value::Null)).is_null());
    assert_eq!(Value::refined(Refinement::default()), Value::UNKNOWN);
    assert_ne!(Value::refined(Refinement::not_null()), Value::UNKNOWN);
}

#[test]
fn absent_fields_take_defaults_and_unknown_ones_do_not() {
    assert_eq!(Field::Null.or(3), Field::Known(3));
    assert_eq!(Field::Unknown.or(3), Field::Unknown);
    assert_eq!(Field::Known(1).or(3).map(|found| found * 2), Field::Known(2));
}

#[test]
fn types_read_back_as_they_are_written() {
    let ty = Type::object([
        ("a", Type::list(Type::set(Type::map(Type::Bool)))),
        ("b", Type::Tuple(vec![Type::Number, Type::Dynamic])),
    ]);
    let json = br#"["object",{"a":["list",["set",["map","bool"]]],"b":["tuple",["number","dynamic"]]}]"#;
    assert_eq!(ty.to_json(), json);
    assert_eq!(Type::from_json(json).unwrap(), ty);
    let with_optional = br#"["object", {"a": "string"}, ["a"]]"#;
    assert_eq!(Type::from_json(with_optional).unwrap(), Type::object([("a", Type::String)]));
}

#[test]
fn malformed_types_are_refused() {
    let deep = format!("{}\"bool\"{}", "[\"list\",".repeat(100), "]".repeat(100));
    for json in
        ["", "1", "\"int\"", "[\"list\"]", "[\"tree\",\"bool\"]", "[\"tuple\",\"bool\"]", "[1,2]", &deep]
    {
        assert!(Type::from_json(json.as_bytes()).is_err(), "{json}");
    }
}

proptest! {
    #[test]
    fn a_whole_number_survives_its_text(int in any::<i64>()) {
        assert_eq!(number(&int.to_string()).as_i64(), Some(int));
        assert_eq!(number(&format!("{int}.00")).as_i64(), Some(int));
    }

    #[test]
    fn floats_are_ordered_as_floats(a in any::<f64>(), b in any::<f64>()) {
        if let (Ok(x), Ok(y)) = (Number::from_f64(a), Number::from_f64(b)) {
            assert_eq!(x.cmp(&y), a.partial_cmp(&b).unwrap_or(Ordering::Equal));
            assert_eq!(x.to_f64().to_string(), a.to_string());
        }
    }

    #[test]
    fn no_text_breaks_the_parser(text in ".*") {
        if let Ok(number) = Number::parse(&text) {
            assert_eq!(number.to_string(), text.parse::<i64>().map_or(text, |int| int.to_string()));
        }
    }
}
