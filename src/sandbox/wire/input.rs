//! Reading the members of a request, each with the type its operation asks for.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use time::OffsetDateTime;

use crate::sandbox::wire::ServiceError;

/// The members of one request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Input<'a> {
    members: &'a Map<String, Value>,
}

impl<'a> Input<'a> {
    /// The members of the JSON object that came.
    pub(crate) fn new(members: &'a Map<String, Value>) -> Self {
        Self { members }
    }

    /// A text, if the member is there and not null.
    pub(crate) fn text(self, name: &str) -> Result<Option<&'a str>, ServiceError> {
        self.typed(name, "a string", Value::as_str)
    }

    /// A text that the operation cannot do without.
    pub(crate) fn needed(self, name: &str) -> Result<&'a str, ServiceError> {
        self.text(name)?.ok_or_else(|| missing(name))
    }

    /// A text of at least one and at most `most` characters.
    pub(crate) fn bounded(self, name: &str, most: usize) -> Result<Option<&'a str>, ServiceError> {
        let text = self.text(name)?;
        text.map(|text| within(text, name, 1, most)).transpose()
    }

    /// A switch, off unless it is there.
    pub(crate) fn flag(self, name: &str) -> Result<bool, ServiceError> {
        Ok(self.typed(name, "a boolean", Value::as_bool)?.unwrap_or(false))
    }

    /// A whole number.
    pub(crate) fn number(self, name: &str) -> Result<Option<i64>, ServiceError> {
        self.typed(name, "an integer", Value::as_i64)
    }

    /// A whole number within a range.
    pub(crate) fn within(self, name: &str, low: i64, high: i64) -> Result<Option<i64>, ServiceError> {
        let Some(number) = self.number(name)? else { return Ok(None) };
        let bound = match number {
            _ if number < low => format!("greater than or equal to {low}"),
            _ if number > high => format!("less than or equal to {high}"),
            _ => return Ok(Some(number)),
        };
        Err(constraint(number, name, &format!("Member must have value {bound}")))
    }

    /// A list, if it is there.
    pub(crate) fn list(self, name: &str) -> Result<Option<&'a [Value]>, ServiceError> {
        self.typed(name, "a list", |value| value.as_array().map(Vec::as_slice))
    }

    /// A list of texts, empty if it is not there.
    pub(crate) fn texts(self, name: &str) -> Result<Vec<&'a str>, ServiceError> {
        let wrong = || wrong_type(name, "a list of strings");
        self.list(name)?.unwrap_or_default().iter().map(|value| value.as_str().ok_or_else(wrong)).collect()
    }

    /// A structure, if it is there.
    pub(crate) fn structure(self, name: &str) -> Result<Option<Self>, ServiceError> {
        Ok(self.typed(name, "a structure", Value::as_object)?.map(Self::new))
    }

    /// A map from text to text, empty if it is not there.
    pub(crate) fn text_map(self, name: &str) -> Result<BTreeMap<String, String>, ServiceError> {
        let Some(map) = self.typed(name, "a map", Value::as_object)? else { return Ok(BTreeMap::new()) };
        let entry = |(key, value): (&String, &Value)| {
            let value = value.as_str().ok_or_else(|| wrong_type(name, "a map of strings"))?;
            Ok((key.clone(), value.to_owned()))
        };
        map.iter().map(entry).collect()
    }

    /// Bytes in base64, of at least one and at most `most`.
    pub(crate) fn blob(self, name: &str, most: usize) -> Result<Option<Vec<u8>>, ServiceError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let bytes = STANDARD.decode(text).map_err(|_| wrong_type(name, "bytes in base64"))?;
        if bytes.is_empty() || bytes.len() > most {
            let rule = format!("Member must have length between 1 and {most}, inclusive");
            return Err(constraint("*** Sensitive Data Redacted ***", name, &rule));
        }
        Ok(Some(bytes))
    }

    /// Refuses a value outside the list that the service's model gives.
    pub(crate) fn one_of(self, name: &str, accepted: &[&str]) -> Result<Option<&'a str>, ServiceError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        if accepted.contains(&text) {
            return Ok(Some(text));
        }
        let rule = format!("Member must satisfy enum value set: [{}]", accepted.join(", "));
        Err(constraint(text, name, &rule))
    }

    fn typed<T>(
        self,
        name: &str,
        expected: &str,
        read: impl Fn(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, ServiceError> {
        match self.members.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => read(value).map(Some).ok_or_else(|| wrong_type(name, expected)),
        }
    }
}

/// A point in time as JSON 1.1 writes it: seconds since 1970 with milliseconds.
pub(crate) fn timestamp(at: OffsetDateTime) -> Value {
    let text = format!("{}.{:03}", at.unix_timestamp(), at.millisecond());
    text.parse::<f64>().map_or(Value::Null, |seconds| json!(seconds))
}

/// Letters, digits and spaces of any script, and `_ . / = + - : @` (KMS API
/// reference, `Tag`, and Organizations user guide, "Tagging", read 2026-11).
pub(crate) fn is_tag_character(character: char) -> bool {
    character.is_alphanumeric()
        || (character.is_whitespace() && !character.is_control())
        || "_.:/=+-@".contains(character)
}

fn within<'a>(text: &'a str, name: &str, least: usize, most: usize) -> Result<&'a str, ServiceError> {
    let length = text.chars().count();
    if length < least {
        return Err(constraint(
            text,
            name,
            &format!("Member must have length greater than or equal to {least}"),
        ));
    }
    if length > most {
        return Err(constraint(text, name, &format!("Member must have length less than or equal to {most}")));
    }
    Ok(text)
}

fn missing(name: &str) -> ServiceError {
    let member = member_name(name);
    ServiceError::validation(format!(
        "1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null"
    ))
}

fn constraint(found: impl std::fmt::Display, name: &str, rule: &str) -> ServiceError {
    let member = member_name(name);
    ServiceError::validation(format!(
        "1 validation error detected: Value '{found}' at '{member}' failed to satisfy constraint: {rule}"
    ))
}

fn wrong_type(name: &str, expected: &str) -> ServiceError {
    ServiceError::serialization(format!("{name} cannot be read: expected {expected}"))
}

/// AWS names members in these messages with a small first letter.
fn member_name(name: &str) -> String {
    let mut characters = name.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}
