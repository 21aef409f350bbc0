//! Terraform's values: what a configuration, a plan or a state holds.
//!
//! A [`Value`] is null, unknown, or known, and carries no schema; its
//! [`Type`] comes from the schema when it is read or written. Typed access is in
//! `access.rs`, the wire forms in `tf::wire`.
//!
//! INVARIANT: strings made by the constructors are in Unicode NFC, because
//! Terraform compares and stores them so.

mod access;
mod field;
mod number;
mod refinement;
#[cfg(test)]
mod tests;
mod ty;

use std::cmp::Ordering;
use std::collections::BTreeMap;

use unicode_normalization::{UnicodeNormalization, is_nfc};

pub use field::Field;
pub(crate) use number::Form;
pub use number::Number;
pub use refinement::{Bound, Refinement};
pub use ty::Type;

/// One value of Terraform's type system.
///
/// Two values are equal when Terraform would call them equal: numbers by
/// value whatever their form, sets whatever their order.
#[derive(Debug, Clone, Default)]
pub enum Value {
    /// Known to be absent.
    #[default]
    Null,
    /// Known only after apply, with what can be said of it already.
    Unknown(Option<Box<Refinement>>),
    /// `true` or `false`.
    Bool(bool),
    /// An exact number.
    Number(Number),
    /// Text in NFC.
    String(String),
    /// Elements of one type, in order.
    List(Vec<Self>),
    /// Elements of one type without order; use [`Value::set`] to drop duplicates.
    Set(Vec<Self>),
    /// Elements of one type by key.
    Map(BTreeMap<String, Self>),
    /// Attributes and nested blocks by name.
    Object(BTreeMap<String, Self>),
    /// Elements of their own types, in order.
    Tuple(Vec<Self>),
    /// A value of a type that the schema left open.
    Dynamic(Type, Box<Self>),
}

impl Value {
    /// A value about which nothing is known before apply.
    pub const UNKNOWN: Self = Self::Unknown(None);

    /// An unknown value with a promise about it, which the applied value must keep.
    pub fn refined(refinement: Refinement) -> Self {
        if refinement.is_empty() { Self::UNKNOWN } else { Self::Unknown(Some(Box::new(refinement))) }
    }

    /// A string, brought into NFC.
    pub fn string(text: impl Into<String>) -> Self {
        Self::String(composed(text.into()))
    }

    /// A list of the given elements.
    pub fn list<V: Into<Self>>(elements: impl IntoIterator<Item = V>) -> Self {
        Self::List(elements.into_iter().map(Into::into).collect())
    }

    /// A set of the given elements, sorted, known duplicates dropped.
    pub fn set<V: Into<Self>>(elements: impl IntoIterator<Item = V>) -> Self {
        let mut elements: Vec<Self> = elements.into_iter().map(Into::into).collect();
        elements.sort();
        // Two unknown elements may become different values, so both stay.
        elements.dedup_by(|a, b| a == b && a.is_wholly_known());
        Self::Set(elements)
    }

    /// A map of the given entries, keys brought into NFC.
    pub fn map<K: Into<String>, V: Into<Self>>(entries: impl IntoIterator<Item = (K, V)>) -> Self {
        Self::Map(entries.into_iter().map(|(key, value)| (composed(key.into()), value.into())).collect())
    }

    /// An object of the given attributes.
    pub fn object<K: Into<String>, V: Into<Self>>(attributes: impl IntoIterator<Item = (K, V)>) -> Self {
        Self::Object(attributes.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }

    /// Whether the value is null itself.
    pub fn is_null(&self) -> bool {
        matches!(self.inner(), Self::Null)
    }

    /// Whether the value is unknown itself; elements inside may be unknown although it is not.
    pub fn is_unknown(&self) -> bool {
        matches!(self.inner(), Self::Unknown(_))
    }

    /// Whether neither the value nor anything inside it is unknown.
    pub fn is_wholly_known(&self) -> bool {
        match self {
            Self::Unknown(_) => false,
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_) => true,
            Self::List(elements) | Self::Set(elements) | Self::Tuple(elements) => {
                elements.iter().all(Self::is_wholly_known)
            }
            Self::Map(entries) | Self::Object(entries) => entries.values().all(Self::is_wholly_known),
            Self::Dynamic(_, inner) => inner.is_wholly_known(),
        }
    }

    /// The kind of value in Terraform's words: `string`, `list`, `null`, `unknown`, …
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Unknown(_) => "unknown",
            Self::Bool(_) => "bool",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::List(_) => "list",
            Self::Set(_) => "set",
            Self::Map(_) => "map",
            Self::Object(_) => "object",
            Self::Tuple(_) => "tuple",
            Self::Dynamic(_, inner) => inner.kind(),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Unknown(_) => 1,
            Self::Bool(_) => 2,
            Self::Number(_) => 3,
            Self::String(_) => 4,
            Self::List(_) => 5,
            Self::Set(_) => 6,
            Self::Map(_) => 7,
            Self::Object(_) => 8,
            Self::Tuple(_) => 9,
            Self::Dynamic(..) => 10,
        }
    }
}

impl Ord for Value {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Unknown(a), Self::Unknown(b)) => a.cmp(b),
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Number(a), Self::Number(b)) => a.cmp(b),
            (Self::String(a), Self::String(b)) => a.cmp(b),
            (Self::List(a), Self::List(b)) | (Self::Tuple(a), Self::Tuple(b)) => a.cmp(b),
            (Self::Set(a), Self::Set(b)) => sorted(a).cmp(&sorted(b)),
            (Self::Map(a), Self::Map(b)) | (Self::Object(a), Self::Object(b)) => a.cmp(b),
            (Self::Dynamic(a, x), Self::Dynamic(b, y)) => a.cmp(b).then_with(|| x.cmp(y)),
            (a, b) => a.rank().cmp(&b.rank()),
        }
    }
}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Value {}

fn composed(text: String) -> String {
    if is_nfc(&text) { text } else { text.nfc().collect() }
}

fn sorted(elements: &[Value]) -> Vec<&Value> {
    let mut elements: Vec<&Value> = elements.iter().collect();
    elements.sort();
    elements
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Number(value.into())
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Self {
        Self::Number(i64::from(value).into())
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Number(i64::from(value).into())
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::Number(value.into())
    }
}

impl From<Number> for Value {
    fn from(value: Number) -> Self {
        Self::Number(value)
    }
}

impl<V: Into<Self>> From<Field<V>> for Value {
    fn from(field: Field<V>) -> Self {
        match field {
            Field::Known(value) => value.into(),
            Field::Null => Self::Null,
            Field::Unknown => Self::UNKNOWN,
        }
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::string(value)
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::string(value)
    }
}

/// `None` is null.
impl<V: Into<Self>> From<Option<V>> for Value {
    fn from(value: Option<V>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
