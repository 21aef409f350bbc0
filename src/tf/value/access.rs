//! Reading a value as Rust types, and building objects up.
//!
//! A field that the schema has is never missing, so a wrong name or kind is a
//! bug of the provider; it comes as an error that says so, and `?` turns it
//! into a diagnostic.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "each accessor wants one kind and refuses all others alike"
)]

use std::collections::BTreeMap;

use super::{Field, Number, Value};
use crate::tf::error::Error;
use crate::tf::path::{Path, Step};

impl Value {
    /// The attribute or block `name` of an object. A null object has null
    /// attributes, an unknown one unknown attributes.
    ///
    /// # Errors
    /// When the value is no object, or has no such attribute.
    pub fn attr(&self, name: &str) -> Result<&Self, Error> {
        match self.inner() {
            Self::Null => Ok(&NULL),
            Self::Unknown(_) => Ok(&UNKNOWN),
            Self::Object(attributes) => attributes.get(name).ok_or_else(|| Error::no_attribute(name)),
            other => Err(Error::wrong_kind("object", other.kind())),
        }
    }

    /// The value as text.
    ///
    /// # Errors
    /// When it is known and no string.
    pub fn as_str(&self) -> Result<Field<&str>, Error> {
        self.read("string", |value| if let Self::String(text) = value { Some(text.as_str()) } else { None })
    }

    /// The value as a bool.
    ///
    /// # Errors
    /// When it is known and no bool.
    pub fn as_bool(&self) -> Result<Field<bool>, Error> {
        self.read("bool", |value| if let Self::Bool(flag) = value { Some(*flag) } else { None })
    }

    /// The value as an exact number.
    ///
    /// # Errors
    /// When it is known and no number.
    pub fn as_number(&self) -> Result<Field<&Number>, Error> {
        self.read("number", |value| if let Self::Number(number) = value { Some(number) } else { None })
    }

    /// The value as a whole number.
    ///
    /// # Errors
    /// When it is known and no whole number of 64 bits. This one users can cause (`1.5`).
    pub fn as_i64(&self) -> Result<Field<i64>, Error> {
        self.as_number()?
            .try_map(|number| number.as_i64().ok_or_else(|| Error::not_whole(number.to_string())))
    }

    /// The elements of a list, set or tuple.
    ///
    /// # Errors
    /// When it is known and none of these.
    pub fn elements(&self) -> Result<Field<&[Self]>, Error> {
        self.read("list or set", |value| match value {
            Self::List(elements) | Self::Set(elements) | Self::Tuple(elements) => Some(elements.as_slice()),
            _ => None,
        })
    }

    /// The entries of a map, or the attributes of an object.
    ///
    /// # Errors
    /// When it is known and neither.
    pub fn entries(&self) -> Result<Field<&BTreeMap<String, Self>>, Error> {
        self.read("map or object", |value| match value {
            Self::Map(entries) | Self::Object(entries) => Some(entries),
            _ => None,
        })
    }

    /// The value at `path`, if the path leads somewhere.
    pub fn at(&self, path: &Path) -> Option<&Self> {
        path.steps().iter().try_fold(self, |value, step| match (value.inner(), step) {
            (Self::Object(of), Step::Attribute(name)) => of.get(name),
            (Self::Map(of), Step::Key(key)) => of.get(key),
            (Self::List(of) | Self::Tuple(of), Step::Index(index)) => of.get(*index),
            _ => None,
        })
    }

    /// Puts `value` under `name` into an object; a null value becomes an object first.
    ///
    /// # Errors
    /// When this is neither an object nor null.
    pub fn set_attr(&mut self, name: &str, value: impl Into<Self>) -> Result<(), Error> {
        if matches!(self, Self::Null) {
            *self = Self::Object(BTreeMap::new());
        }
        let kind = self.kind();
        match self {
            Self::Object(attributes) => {
                attributes.insert(name.to_owned(), value.into());
                Ok(())
            }
            _ => Err(Error::wrong_kind("object", kind)),
        }
    }

    /// Puts another value at `path` and returns the one that was there; `None`
    /// if the path leads nowhere.
    pub fn replace(&mut self, path: &Path, value: Self) -> Option<Self> {
        let place = path.steps().iter().try_fold(self, |at, step| match (at.inner_mut(), step) {
            (Self::Object(of), Step::Attribute(name)) => of.get_mut(name),
            (Self::Map(of), Step::Key(key)) => of.get_mut(key),
            (Self::List(of) | Self::Tuple(of), Step::Index(index)) => of.get_mut(*index),
            _ => None,
        })?;
        Some(std::mem::replace(place, value))
    }

    /// The value itself, whoever says its type.
    pub(crate) fn inner(&self) -> &Self {
        if let Self::Dynamic(_, inner) = self { inner.inner() } else { self }
    }

    /// The same, to be changed.
    pub(crate) fn inner_mut(&mut self) -> &mut Self {
        if let Self::Dynamic(_, inner) = self { inner.inner_mut() } else { self }
    }

    fn read<'a, T>(
        &'a self,
        expected: &'static str,
        take: impl FnOnce(&'a Self) -> Option<T>,
    ) -> Result<Field<T>, Error> {
        match self.inner() {
            Self::Null => Ok(Field::Null),
            Self::Unknown(_) => Ok(Field::Unknown),
            known => take(known).map(Field::Known).ok_or_else(|| Error::wrong_kind(expected, known.kind())),
        }
    }
}

static NULL: Value = Value::Null;
static UNKNOWN: Value = Value::UNKNOWN;
