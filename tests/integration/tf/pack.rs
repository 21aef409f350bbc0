//! MessagePack to and from JSON, as a host does it. Shares nothing with the
//! code under test but the primitives of `rmp`.
//!
//! `{"$": "unknown"}` stands for an unknown value, `{"$": "dynamic", "type": T,
//! "value": V}` for a dynamic one.

use rmp::Marker;
use rmp::{decode, encode};
use serde_json::{Map, Value, json};

use super::tfplugin6::DynamicValue;

/// The message for a value, as the fields of requests take it.
#[expect(clippy::unnecessary_wraps, reason = "every field that takes it is optional")]
pub(crate) fn pack(value: &Value) -> Option<DynamicValue> {
    let mut out = Vec::new();
    put(&mut out, value);
    Some(DynamicValue { msgpack: out, json: Vec::new() })
}

/// The value of a message; an absent message is null.
pub(crate) fn unpack(message: Option<&DynamicValue>) -> Value {
    let Some(message) = message else { return Value::Null };
    let mut rest = message.msgpack.as_slice();
    let value = take(&mut rest);
    assert!(rest.is_empty(), "something follows the value");
    value
}

/// The stand-in for an unknown value.
pub(crate) fn unknown() -> Value {
    json!({"$": "unknown"})
}

fn put(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => encode::write_nil(out).unwrap(),
        Value::Bool(flag) => encode::write_bool(out, *flag).unwrap(),
        Value::Number(number) => match number.as_i64() {
            Some(int) => drop(encode::write_sint(out, int).unwrap()),
            None => encode::write_f64(out, number.as_f64().unwrap()).unwrap(),
        },
        Value::String(text) => encode::write_str(out, text).unwrap(),
        Value::Array(elements) => {
            encode::write_array_len(out, u32::try_from(elements.len()).unwrap()).unwrap();
            for element in elements {
                put(out, element);
            }
        }
        Value::Object(fields) => put_object(out, fields),
    }
}

fn put_object(out: &mut Vec<u8>, fields: &Map<String, Value>) {
    match fields.get("$").and_then(Value::as_str) {
        Some("unknown") => out.extend([0xd4, 0, 0]),
        Some(_) => {
            encode::write_array_len(out, 2).unwrap();
            encode::write_bin(out, fields["type"].to_string().as_bytes()).unwrap();
            put(out, &fields["value"]);
        }
        None => {
            encode::write_map_len(out, u32::try_from(fields.len()).unwrap()).unwrap();
            for (key, value) in fields {
                encode::write_str(out, key).unwrap();
                put(out, value);
            }
        }
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "all that is left are integers")]
fn take(rest: &mut &[u8]) -> Value {
    match Marker::from_u8(rest[0]) {
        Marker::Null => {
            decode::read_nil(rest).unwrap();
            Value::Null
        }
        Marker::True | Marker::False => decode::read_bool(rest).unwrap().into(),
        Marker::F64 => decode::read_f64(rest).unwrap().into(),
        Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => text(rest).into(),
        Marker::FixArray(_) | Marker::Array16 | Marker::Array32 => {
            let length = decode::read_array_len(rest).unwrap();
            if length == 2 && matches!(Marker::from_u8(rest[0]), Marker::Bin8 | Marker::Bin16) {
                let length = usize::try_from(decode::read_bin_len(rest).unwrap()).unwrap();
                let (ty, after) = rest.split_at(length);
                *rest = after;
                return json!({"$": "dynamic", "type": serde_json::from_slice::<Value>(ty).unwrap(), "value": take(rest)});
            }
            (0..length).map(|_| take(rest)).collect()
        }
        Marker::FixMap(_) | Marker::Map16 | Marker::Map32 => {
            let length = decode::read_map_len(rest).unwrap();
            Value::Object((0..length).map(|_| (text(rest), take(rest))).collect())
        }
        Marker::FixExt1 => {
            *rest = &rest[3..];
            unknown()
        }
        _ => decode::read_int::<i64, _>(rest).unwrap().into(),
    }
}

fn text(rest: &mut &[u8]) -> String {
    let length = usize::try_from(decode::read_str_len(rest).unwrap()).unwrap();
    let (text, after) = rest.split_at(length);
    *rest = after;
    String::from_utf8(text.to_vec()).unwrap()
}
