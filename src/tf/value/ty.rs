//! Terraform's types, and their JSON form in schemas and dynamic values.
//!
//! INVARIANT: a type read from outside is nested at most [`MAX_DEPTH`] deep.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value as Json, json};

use crate::tf::error::Error;

/// A type of Terraform's type system.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Type {
    /// `true` or `false`.
    Bool,
    /// An exact number.
    Number,
    /// Unicode text.
    String,
    /// Any type; each value says its own.
    Dynamic,
    /// A list of one element type.
    List(Box<Self>),
    /// A set of one element type.
    Set(Box<Self>),
    /// A map from strings to one element type.
    Map(Box<Self>),
    /// A fixed sequence of types.
    Tuple(Vec<Self>),
    /// Named attributes, each of its own type; all are always present.
    Object(BTreeMap<String, Self>),
}

impl Type {
    /// A list of `element`.
    pub fn list(element: Self) -> Self {
        Self::List(Box::new(element))
    }

    /// A set of `element`.
    pub fn set(element: Self) -> Self {
        Self::Set(Box::new(element))
    }

    /// A map of `element`.
    pub fn map(element: Self) -> Self {
        Self::Map(Box::new(element))
    }

    /// An object of the given attributes.
    pub fn object<K: Into<String>>(attributes: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::Object(attributes.into_iter().map(|(name, ty)| (name.into(), ty)).collect())
    }

    /// Whether `dynamic` occurs anywhere in the type.
    pub fn has_dynamic(&self) -> bool {
        match self {
            Self::Dynamic => true,
            Self::Bool | Self::Number | Self::String => false,
            Self::List(element) | Self::Set(element) | Self::Map(element) => element.has_dynamic(),
            Self::Tuple(elements) => elements.iter().any(Self::has_dynamic),
            Self::Object(attributes) => attributes.values().any(Self::has_dynamic),
        }
    }

    /// The JSON form, compact, as bytes.
    pub fn to_json(&self) -> Vec<u8> {
        self.json().to_string().into_bytes()
    }

    /// Reads the JSON form.
    ///
    /// # Errors
    /// When the bytes are no JSON, no type, or nested more than 60 levels deep.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Error> {
        let json: Json = serde_json::from_slice(bytes).map_err(|error| Error::ty(error.to_string()))?;
        Self::of(&json, MAX_DEPTH)
    }

    fn json(&self) -> Json {
        match self {
            Self::Bool => json!("bool"),
            Self::Number => json!("number"),
            Self::String => json!("string"),
            Self::Dynamic => json!("dynamic"),
            Self::List(element) => json!(["list", element.json()]),
            Self::Set(element) => json!(["set", element.json()]),
            Self::Map(element) => json!(["map", element.json()]),
            Self::Tuple(elements) => json!(["tuple", elements.iter().map(Self::json).collect::<Vec<_>>()]),
            Self::Object(attributes) => {
                let attributes: BTreeMap<_, _> =
                    attributes.iter().map(|(name, ty)| (name, ty.json())).collect();
                json!(["object", attributes])
            }
        }
    }

    fn of(json: &Json, depth: usize) -> Result<Self, Error> {
        let depth = depth.checked_sub(1).ok_or_else(|| Error::ty("the type is nested too deep"))?;
        match json {
            Json::String(name) => Self::primitive(name),
            // A third part names optional attributes; it means nothing for a value.
            Json::Array(parts) => match parts.as_slice() {
                [Json::String(kind), inner] | [Json::String(kind), inner, _] => {
                    Self::compound(kind, inner, depth)
                }
                _ => Err(Error::ty("a compound type is an array of its kind and its content")),
            },
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => {
                Err(Error::ty("a type is a string or an array"))
            }
        }
    }

    fn primitive(name: &str) -> Result<Self, Error> {
        match name {
            "bool" => Ok(Self::Bool),
            "number" => Ok(Self::Number),
            "string" => Ok(Self::String),
            "dynamic" => Ok(Self::Dynamic),
            other => Err(Error::ty(format!("there is no type `{other}`"))),
        }
    }

    fn compound(kind: &str, inner: &Json, depth: usize) -> Result<Self, Error> {
        match (kind, inner) {
            ("list", element) => Ok(Self::list(Self::of(element, depth)?)),
            ("set", element) => Ok(Self::set(Self::of(element, depth)?)),
            ("map", element) => Ok(Self::map(Self::of(element, depth)?)),
            ("tuple", Json::Array(elements)) => elements
                .iter()
                .map(|element| Self::of(element, depth))
                .collect::<Result<_, _>>()
                .map(Self::Tuple),
            ("object", Json::Object(attributes)) => attributes
                .iter()
                .map(|(name, ty)| Ok((name.clone(), Self::of(ty, depth)?)))
                .collect::<Result<_, _>>()
                .map(Self::Object),
            (other, _) => Err(Error::ty(format!("there is no type `{other}` of this content"))),
        }
    }
}

/// The type as one writes it in a configuration: `list(string)`.
impl fmt::Display for Type {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => out.write_str("bool"),
            Self::Number => out.write_str("number"),
            Self::String => out.write_str("string"),
            Self::Dynamic => out.write_str("any"),
            Self::List(element) => write!(out, "list({element})"),
            Self::Set(element) => write!(out, "set({element})"),
            Self::Map(element) => write!(out, "map({element})"),
            Self::Tuple(_) => out.write_str("tuple"),
            Self::Object(_) => out.write_str("object"),
        }
    }
}

/// No schema nests deeper; `serde_json`'s own limit is 128 brackets, two per level here.
const MAX_DEPTH: usize = 60;
