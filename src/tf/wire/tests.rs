use proptest::collection::{btree_map, vec};
use proptest::option as optional;
use proptest::prelude::{BoxedStrategy, Just, Strategy, any, prop, prop_oneof, proptest};

use super::{json, msgpack};
use crate::tf::value::{Bound, Number, Refinement, Type, Value};

fn decoded(bytes: &[u8], ty: &Type) -> Result<Value, String> {
    msgpack::decode(bytes, ty).map_err(|error| error.to_string())
}

fn text(text: &str) -> Value {
    Value::Number(Number::parse(text).unwrap())
}

#[test]
fn every_form_of_a_number_is_read() {
    let forms: [(&[u8], &str); 14] = [
        (&[0x05], "5"),
        (&[0xff], "-1"),
        (&[0xcc, 0xff], "255"),
        (&[0xcd, 0xff, 0xff], "65535"),
        (&[0xce, 0xff, 0xff, 0xff, 0xff], "4294967295"),
        (&[0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], "18446744073709551615"),
        (&[0xd0, 0x80], "-128"),
        (&[0xd1, 0x80, 0x00], "-32768"),
        (&[0xd2, 0x80, 0x00, 0x00, 0x00], "-2147483648"),
        (&[0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0], "-9223372036854775808"),
        (&[0xca, 0x3f, 0xc0, 0, 0], "1.5"),
        (&[0xcb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0], "1.5"),
        (&[0xa3, b'0', b'.', b'1'], "0.1"),
        (&[0xd9, 0x03, b'1', b'e', b'9'], "1000000000"),
    ];
    for (bytes, expected) in forms {
        assert_eq!(decoded(bytes, &Type::Number), Ok(text(expected)), "{bytes:?}");
    }
}

#[test]
fn numbers_go_back_in_the_form_they_came_in() {
    let forms: [&[u8]; 5] = [
        &[0xa3, b'0', b'.', b'1'],
        &[0xcb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0],
        &[0x05],
        &[0xd1, 0x80, 0x00],
        b"\xbf1000000000000000000000000000000",
    ];
    for bytes in forms {
        let value = msgpack::decode(bytes, &Type::Number).unwrap();
        assert_eq!(msgpack::encode(&value, &Type::Number).unwrap(), bytes, "{value:?}");
    }
}

#[test]
fn what_is_no_finite_number_is_refused() {
    for float in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut bytes = vec![0xcb];
        bytes.extend(float.to_be_bytes());
        let refused = format!("`{float}` is not a finite decimal number");
        assert_eq!(decoded(&bytes, &Type::Number), Err(refused));
    }
}

#[test]
fn an_unknown_value_is_any_extension() {
    let unknown: [&[u8]; 5] =
        [&[0xd4, 0, 0], &[0xd5, 5, 1, 2], &[0xc7, 0, 0], &[0xc8, 0, 1, 9, 9], &[0xd6, 0xff, 1, 2, 3, 4]];
    for bytes in unknown {
        assert_eq!(decoded(bytes, &Type::String), Ok(Value::UNKNOWN), "{bytes:?}");
    }
    assert_eq!(msgpack::encode(&Value::UNKNOWN, &Type::Bool).unwrap(), [0xd4, 0, 0]);
}

#[test]
fn a_refined_unknown_value_is_what_terraform_sends() {
    let bytes = [0xc7, 0x07, 0x0c, 0x82, 0x01, 0xc2, 0x02, 0xa2, 0x6e, 0x2d];
    let refinement = Refinement { not_null: true, prefix: Some("n-".to_owned()), ..Refinement::default() };
    assert_eq!(decoded(&bytes, &Type::String), Ok(Value::refined(refinement.clone())));
    let written = msgpack::encode(&Value::refined(refinement), &Type::String).unwrap();
    assert_eq!(decoded(&written, &Type::String), decoded(&bytes, &Type::String));
}

#[test]
fn refinements_that_are_not_known_are_passed_over() {
    // Keys 9 (a map of an array), 7 (an extension) and then 5.
    let payload = [0x83, 0x09, 0x81, 0xa1, 0x61, 0x92, 0xc0, 0xc3, 0x07, 0xd4, 0x00, 0x00, 0x05, 0x02];
    let mut bytes = vec![0xc7, 14, 12];
    bytes.extend(payload);
    let refinement = Refinement { min_length: Some(2), ..Refinement::default() };
    assert_eq!(decoded(&bytes, &Type::list(Type::Bool)), Ok(Value::refined(refinement)));
    let empty = [0xd4, 12, 0x80];
    assert_eq!(decoded(&empty, &Type::Bool), Ok(Value::UNKNOWN));
}

#[test]
fn a_promise_that_is_too_long_is_dropped_and_one_received_is_refused() {
    let refinement = Refinement { prefix: Some("x".repeat(2000)), ..Refinement::default() };
    assert_eq!(msgpack::encode(&Value::refined(refinement), &Type::String).unwrap(), [0xd4, 0, 0]);
    let mut bytes = vec![0xc8, 0x04, 0x01, 12];
    bytes.extend([0; 1025]);
    let refused = "malformed MessagePack: the refinement of an unknown value is too long";
    assert_eq!(decoded(&bytes, &Type::String), Err(refused.to_owned()));
}

#[test]
fn dynamic_values_carry_their_type() {
    let mut bytes = vec![0x92, 0xc4, 17];
    bytes.extend(br#"["list","string"]"#);
    bytes.extend([0x92, 0xa1, b'a', 0xc0]);
    let list = Value::list([Value::from("a"), Value::Null]);
    let expected = Value::Dynamic(Type::list(Type::String), Box::new(list));
    assert_eq!(decoded(&bytes, &Type::Dynamic), Ok(expected.clone()));
    assert_eq!(msgpack::encode(&expected, &Type::Dynamic).unwrap(), bytes);
    assert_eq!(decoded(&[0xc0], &Type::Dynamic), Ok(Value::Null));
    assert_eq!(decoded(&[0xd4, 0, 0], &Type::Dynamic), Ok(Value::UNKNOWN));
    assert!(decoded(&[0x93, 0xc0, 0xc0, 0xc0], &Type::Dynamic).is_err());
}

#[test]
fn objects_have_all_their_attributes_once() {
    let ty = Type::object([("a", Type::Bool), ("b", Type::Bool)]);
    let whole = [0x82, 0xa1, b'b', 0xc2, 0xa1, b'a', 0xc3];
    assert_eq!(decoded(&whole, &ty), Ok(Value::object([("a", true), ("b", false)])));
    for (bytes, problem) in [
        (vec![0x81, 0xa1, b'a', 0xc3], "at `b`: malformed MessagePack: the attribute is missing"),
        (vec![0x81, 0xa1, b'z', 0xc3], "at `z`: malformed MessagePack: the schema has no such attribute"),
        (
            vec![0x82, 0xa1, b'a', 0xc3, 0xa1, b'a', 0xc3],
            "malformed MessagePack: an object has an attribute twice",
        ),
        (vec![0x81, 0xa1, b'a', 0x01], "at `a`: malformed MessagePack: a bool was expected"),
        (vec![0x81, 0xa1, b'a'], "at `a`: malformed MessagePack: the value is cut off"),
    ] {
        assert_eq!(decoded(&bytes, &ty), Err(problem.to_owned()));
    }
    assert_eq!(
        decoded(&[0xc3, 0xc3], &Type::Bool),
        Err("malformed MessagePack: there is something after the value".to_owned())
    );
}

#[test]
fn claims_of_many_elements_cost_nothing() {
    for bytes in
        [[0xdd, 0xff, 0xff, 0xff, 0xff], [0xdf, 0xff, 0xff, 0xff, 0xff], [0xdb, 0xff, 0xff, 0xff, 0xff]]
    {
        for ty in [Type::list(Type::Bool), Type::map(Type::Bool), Type::String] {
            assert!(decoded(&bytes, &ty).is_err());
        }
    }
    let many = [&[0xdd, 0, 0x50, 0, 0][..], &vec![0xc0; 0x50_0000]].concat();
    let refused = "the value is nested too deep or has too many elements";
    assert!(decoded(&many, &Type::list(Type::Bool)).unwrap_err().ends_with(refused));
}

#[test]
fn dynamic_values_inside_dynamic_values_end_somewhere() {
    let mut bytes = Vec::new();
    for _ in 0..1000 {
        bytes.extend([0x92, 0xc4, 9]);
        bytes.extend(br#""dynamic""#);
    }
    bytes.push(0xc0);
    let refused = "malformed MessagePack: the value is nested too deep or has too many elements";
    assert_eq!(decoded(&bytes, &Type::Dynamic), Err(refused.to_owned()));
}

#[test]
fn stored_states_lose_no_digit_and_need_not_be_whole() {
    let ty = Type::object([
        ("big", Type::Number),
        ("set", Type::set(Type::Number)),
        ("any", Type::Dynamic),
        ("absent", Type::Bool),
        ("pair", Type::Tuple(vec![Type::String, Type::Bool])),
    ]);
    let state =
        br#" { "big": 0.1000000000000000055511151231257827, "set": [3, 1e2, 3.0], "extra": {"x": [1]},
        "any": {"value": {"k": "v"}, "type": ["map", "string"]}, "pair": ["\u00fc", true] } "#;
    let any = Value::Dynamic(Type::map(Type::String), Box::new(Value::map([("k", "v")])));
    let expected = Value::object([
        ("big", text("0.1000000000000000055511151231257827")),
        ("set", Value::set([text("3"), text("100")])),
        ("any", any),
        ("absent", Value::Null),
        ("pair", Value::Tuple(vec!["ü".into(), true.into()])),
    ]);
    assert_eq!(json::decode(state, &ty).unwrap(), expected);
}

#[test]
fn malformed_states_are_errors_with_a_place() {
    let ty = Type::object([("tags", Type::map(Type::list(Type::Bool)))]);
    let refused = json::decode(br#"{"tags": {"a": [true, 1]}}"#, &ty).unwrap_err().to_string();
    assert!(
        refused.starts_with("at `tags[\"a\"][1]`: malformed JSON: invalid type: integer `1`"),
        "{refused}"
    );
    for state in ["", "{", "[]", "{\"tags\": 1}", "{} {}"] {
        assert!(json::decode(state.as_bytes(), &ty).is_err(), "{state}");
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(json::decode(deep.as_bytes(), &Type::list(Type::Bool)).is_err());
}

/// A type with a value of it.
fn typed() -> BoxedStrategy<(Type, Value)> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(|flag| (Type::Bool, flag.into())),
        any::<i64>().prop_map(|int| (Type::Number, int.into())),
        any::<u64>().prop_map(|int| (Type::Number, int.into())),
        any::<f64>()
            .prop_filter_map("finite", |float| Number::from_f64(float).ok())
            .prop_map(|number| (Type::Number, number.into())),
        "-?[0-9]{1,40}\\.[0-9]{1,40}".prop_map(|digits| (Type::Number, text(&digits))),
        ".{0,40}".prop_map(|text: String| (Type::String, text.into())),
        Just((Type::String, Value::Null)),
        Just((Type::Dynamic, Value::Null)),
        refinement().prop_map(|refinement| (Type::Number, Value::refined(refinement))),
    ];
    leaf.prop_recursive(4, 64, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(|parts| {
                let (types, values) = parts.into_iter().unzip();
                (Type::Tuple(types), Value::Tuple(values))
            }),
            btree_map("[a-z]{1,20}", inner.clone(), 0..20).prop_map(|parts| {
                let types = parts.iter().map(|(name, (ty, _))| (name.clone(), ty.clone()));
                let ty = Type::object(types);
                (ty, Value::object(parts.into_iter().map(|(name, (_, value))| (name, value))))
            }),
            (inner.clone(), 0_usize..20).prop_map(|((ty, value), length)| {
                (Type::list(ty), Value::List(std::iter::repeat_n(value, length).collect()))
            }),
            inner.clone().prop_map(|(ty, value)| (Type::set(ty), Value::set([value, Value::UNKNOWN]))),
            inner
                .clone()
                .prop_map(|(ty, value)| (Type::map(ty), Value::map([("a", value.clone()), ("ü", value)]))),
            inner.prop_map(|(ty, value)| (Type::Dynamic, Value::Dynamic(ty, Box::new(value)))),
        ]
    })
    .boxed()
}

fn refinement() -> impl Strategy<Value = Refinement> {
    let bound =
        (any::<i64>(), any::<bool>()).prop_map(|(int, inclusive)| Bound { number: int.into(), inclusive });
    (
        any::<bool>(),
        optional::of(".{0,20}"),
        optional::of(bound.clone()),
        optional::of(bound),
        optional::of(0_u64..9),
        optional::of(9_u64..99),
    )
        .prop_map(|(not_null, prefix, lower, upper, min_length, max_length)| Refinement {
            not_null,
            prefix,
            lower,
            upper,
            min_length,
            max_length,
        })
}

proptest! {
    #[test]
    fn what_is_written_reads_back((ty, value) in typed()) {
        let bytes = msgpack::encode(&value, &ty).unwrap();
        assert_eq!(msgpack::decode(&bytes, &ty).unwrap(), value);
    }

    #[test]
    fn no_bytes_break_the_reader(bytes in vec(any::<u8>(), 0..200), (ty, _) in typed()) {
        if let Ok(value) = msgpack::decode(&bytes, &ty) {
            msgpack::encode(&value, &ty).unwrap();
        }
    }

    #[test]
    fn no_damage_breaks_the_reader((ty, value) in typed(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = msgpack::encode(&value, &ty).unwrap();
        let position = at.index(bytes.len());
        bytes[position] = byte;
        if let Ok(value) = msgpack::decode(&bytes, &ty) {
            msgpack::encode(&value, &ty).unwrap();
        }
    }

    #[test]
    fn no_text_breaks_the_reader_of_states(text in ".*", (ty, _) in typed()) {
        drop(json::decode(text.as_bytes(), &ty));
    }
}
