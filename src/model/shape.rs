//! JSON that people write by hand, into types: what does not fit is told in
//! words of ours, with its place, what was found and what is allowed.
//!
//! A type says with serde's `Deserialize` what it looks like; serde's own
//! messages name Rust's types and are never shown.

use std::fmt;
use std::vec;

use serde::de;
use serde::de::DeserializeOwned;
use serde::de::DeserializeSeed;
use serde::de::IntoDeserializer;
use serde::de::Visitor;
use serde_json::Value;

use super::spelling::nearest;

use crate::model::quoted;

/// Why a text is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// Where: names and indices from the outside in, as they are joined.
    path: String,
    problem: String,
}

/// Reads a text as JSON of this shape.
pub fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, Misfit> {
    of_value(json(text)?)
}

/// Reads a text as JSON of any shape.
pub fn json(text: &[u8]) -> Result<Value, Misfit> {
    serde_json::from_slice(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        if error.is_eof() {
            return Misfit::new("the JSON ends too early");
        }
        Misfit::new(format!("what stands at line {line}, column {column} is no JSON"))
    })
}

/// Reads a value of this shape.
pub fn of_value<T: DeserializeOwned>(value: Value) -> Result<T, Misfit> {
    T::deserialize(Found(value))
}

impl Misfit {
    fn new(problem: impl Into<String>) -> Self {
        Self { path: String::new(), problem: problem.into() }
    }

    /// The same, one level further out.
    fn within(mut self, place: &str) -> Self {
        let dot = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("{place}{dot}{}", self.path);
        self
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, problem } = self;
        if path.is_empty() { formatter.write_str(problem) } else { write!(formatter, "`{path}`: {problem}") }
    }
}

impl std::error::Error for Misfit {}

impl de::Error for Misfit {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    fn invalid_value(found: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self::new(format!("found {found}, which is out of range"))
    }

    fn unknown_variant(found: &str, allowed: &'static [&'static str]) -> Self {
        Self::new(format!("found `{found}`, allowed {}", one_of(found, allowed)))
    }

    fn unknown_field(found: &str, allowed: &'static [&'static str]) -> Self {
        Self::new(format!("found a member `{found}`, allowed {}", one_of(found, allowed)))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(format!("`{field}` is missing"))
    }
}

fn one_of(found: &str, allowed: &[&'static str]) -> String {
    let verb = if allowed.len() == 1 { "is" } else { "are" };
    let hint = nearest(found, allowed.iter().copied());
    let hint = hint.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
    format!("{verb} {}{hint}", quoted(allowed))
}

/// A value that says of itself how it is read.
struct Found(Value);

impl Found {
    /// The value if it is one of these.
    fn checked(self, fits: impl Fn(&Value) -> bool, what: &str) -> Result<Self, Misfit> {
        if fits(&self.0) { Ok(self) } else { Err(self.required(what)) }
    }

    fn required(&self, what: &str) -> Misfit {
        Misfit::new(format!("found {}, required is {what}", shown(&self.0)))
    }
}

/// The value, if it is short.
fn shown(value: &Value) -> String {
    match value {
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => format!("`{value}`"),
    }
}

impl<'de> de::Deserializer<'de> for Found {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(yes) => visitor.visit_bool(yes),
            Value::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(number), _) => visitor.visit_u64(number),
                (None, Some(number)) => visitor.visit_i64(number),
                (None, None) => visitor.visit_f64(number.as_f64().unwrap_or_default()),
            },
            Value::String(text) => visitor.visit_string(text),
            Value::Array(items) => visitor.visit_seq(Items { items: items.into_iter(), next: 0 }),
            Value::Object(members) => visitor.visit_map(Members { left: members.into_iter(), value: None }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.checked(Value::is_boolean, "`true` or `false`")?.deserialize_any(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.checked(Value::is_string, "a text")?.deserialize_any(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_string(visitor)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.checked(Value::is_u64, "a whole number from 0")?.deserialize_any(visitor)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.checked(|value| value.as_i64().is_some(), "a whole number")?.deserialize_any(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.checked(Value::is_array, "a list")?.deserialize_any(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.checked(Value::is_object, "an object")?.deserialize_any(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        self.deserialize_map(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        let refused = self.required(&format!("one of {}", quoted(variants)));
        match self.0 {
            Value::String(name) => visitor.visit_enum(Choice { name, value: None }),
            Value::Object(members) if members.len() == 1 => match members.into_iter().next() {
                Some((name, value)) => visitor.visit_enum(Choice { name, value: Some(value) }),
                None => Err(refused),
            },
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                Err(refused)
            }
        }
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i32 i128 u8 u16 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct identifier
        ignored_any
    }
}

/// The items of a list that are left.
struct Items {
    items: vec::IntoIter<Value>,
    next: usize,
}

impl<'de> de::SeqAccess<'de> for Items {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Misfit> {
        let Some(item) = self.items.next() else { return Ok(None) };
        let place = format!("[{}]", self.next);
        self.next = self.next.saturating_add(1);
        seed.deserialize(Found(item)).map(Some).map_err(|misfit| misfit.within(&place))
    }
}

/// The members of an object that are left, and the value of the one whose name was taken.
struct Members {
    left: serde_json::map::IntoIter,
    value: Option<(String, Value)>,
}

impl<'de> de::MapAccess<'de> for Members {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Misfit> {
        let Some((name, value)) = self.left.next() else { return Ok(None) };
        self.value = Some((name.clone(), value));
        let name: de::value::StringDeserializer<Misfit> = name.into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Misfit> {
        let (name, value) = self.value.take().unwrap_or_default();
        seed.deserialize(Found(value)).map_err(|misfit| misfit.within(&name))
    }
}

/// One of several, by its name, with what belongs to it.
struct Choice {
    name: String,
    value: Option<Value>,
}

impl<'de> de::EnumAccess<'de> for Choice {
    type Error = Misfit;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Misfit> {
        let name: de::value::StringDeserializer<Misfit> = self.name.clone().into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> de::VariantAccess<'de> for Choice {
    type Error = Misfit;

    fn unit_variant(self) -> Result<(), Misfit> {
        let name = self.name;
        match self.value {
            None => Ok(()),
            Some(_) => Err(Misfit::new(format!("found a value for `{name}`, allowed is `\"{name}\"` alone"))),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Misfit> {
        let name = self.name;
        match self.value {
            None => {
                let example = format!("{{\"{name}\": 2}}");
                Err(Misfit::new(format!("found `{name}` alone, required is a number with it: `{example}`")))
            }
            Some(value) => seed.deserialize(Found(value)).map_err(|misfit| misfit.within(&name)),
        }
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Misfit> {
        de::Deserializer::deserialize_seq(Found(self.value.unwrap_or_default()), visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        de::Deserializer::deserialize_map(Found(self.value.unwrap_or_default()), visitor)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde_json::Value;

    use super::read;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct House {
        name: String,
        #[serde(default)]
        rooms: Vec<Room>,
        #[serde(default)]
        more: BTreeMap<String, Value>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Room {
        beds: u32,
        #[serde(default)]
        light: Option<Light>,
        #[serde(default)]
        warm: bool,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Light {
        Off,
        Lamps(u32),
    }

    #[test]
    fn what_fits_is_read() {
        let text = r#"{"name": "a", "rooms": [{"beds": 2, "light": {"lamps": 3}, "warm": true}, {"beds": 0, "light": "off"}],
            "more": {"x": [1, -2, 0.5, null, {"y": "z"}]}}"#;
        let more = BTreeMap::from([("x".to_owned(), serde_json::json!([1, -2, 0.5, null, {"y": "z"}]))]);
        let rooms = vec![
            Room { beds: 2, light: Some(Light::Lamps(3)), warm: true },
            Room { beds: 0, light: Some(Light::Off), warm: false },
        ];
        assert_eq!(read(text.as_bytes()), Ok(House { name: "a".to_owned(), rooms, more }));
    }

    #[test]
    fn what_does_not_fit_is_told_with_its_place_and_what_is_allowed() {
        let told = |text: &str| read::<House>(text.as_bytes()).unwrap_err().to_string();
        for (text, problem) in [
            ("", "the JSON ends too early"),
            ("{\n  'a': 1}", "what stands at line 2, column 3 is no JSON"),
            ("[]", "found a list, required is an object"),
            ("{}", "`name` is missing"),
            (r#"{"name": 5}"#, "`name`: found `5`, required is a text"),
            (
                r#"{"nam": "a"}"#,
                "found a member `nam`, allowed are `name`, `rooms`, `more`; did you mean `name`?",
            ),
            (r#"{"name": "a", "rooms": {}}"#, "`rooms`: found an object, required is a list"),
            (
                r#"{"name": "a", "rooms": [{"beds": 1}, {"beds": -1}]}"#,
                "`rooms[1].beds`: found `-1`, required is a whole number from 0",
            ),
            (
                r#"{"name": "a", "rooms": [{"beds": 4294967296}]}"#,
                "`rooms[0].beds`: found integer `4294967296`, which is out of range",
            ),
            (
                r#"{"name": "a", "rooms": [{"beds": 1, "warm": "yes"}]}"#,
                "`rooms[0].warm`: found `\"yes\"`, required is `true` or `false`",
            ),
            (
                r#"{"name": "a", "rooms": [{"beds": 1, "light": "on"}]}"#,
                "`rooms[0].light`: found `on`, allowed are `off`, `lamps`",
            ),
            (
                r#"{"name": "a", "rooms": [{"beds": 1, "light": 5}]}"#,
                "`rooms[0].light`: found `5`, required is one of `off`, `lamps`",
            ),
            (
                r#"{"name": "a", "rooms": [{"beds": 1, "light": {"off": 1}}]}"#,
                "`rooms[0].light`: found a value for `off`, allowed is `\"off\"` alone",
            ),
            (
                r#"{"name": "a", "rooms": [{"beds": 1, "light": "lamps"}]}"#,
                "`rooms[0].light`: found `lamps` alone, required is a number with it: `{\"lamps\": 2}`",
            ),
            (
                r#"{"name": "a", "rooms": [{"beds": 1, "light": {"lamps": "x"}}]}"#,
                "`rooms[0].light.lamps`: found `\"x\"`, required is a whole number from 0",
            ),
        ] {
            assert_eq!(told(text), problem, "{text}");
        }
    }
}
