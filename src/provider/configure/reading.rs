//! Reading the provider block: typed access to its parts, with the mistakes
//! and the unknown values noted on the way.
//!
//! INVARIANT: an unknown value is never an error and never read as absent.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::tf::{Diagnostic, Diagnostics, Error, Field, Path, Value};

/// What was found out about the block besides its values.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// What is wrong.
    pub(super) diagnostics: Diagnostics,
    /// The first value that is needed and unknown in this plan.
    pub(super) unknown: Option<Path>,
}

/// One object of the block, with its place.
#[derive(Debug, Clone)]
pub(super) struct Part<'a> {
    value: &'a Value,
    path: Path,
}

impl<'a> Part<'a> {
    /// The block as a whole.
    pub(super) fn whole(value: &'a Value) -> Self {
        Self { value, path: Path::root() }
    }

    /// The place of one of its attributes.
    pub(super) fn place(&self, name: &str) -> Path {
        self.path.clone().attr(name)
    }

    /// Its own place.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Notes {
    /// Notes that something is wrong.
    pub(super) fn wrong(&mut self, path: Path, summary: &str, detail: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(summary, detail).at(path));
    }

    /// Text; an empty one counts as absent, as in hashicorp/aws.
    pub(super) fn text(&mut self, part: &Part<'_>, name: &str) -> Option<String> {
        self.take(part, name, |value| Ok(value.as_str()?.map(str::to_owned))).filter(|text| !text.is_empty())
    }

    /// Text that may be empty.
    pub(super) fn text_or_empty(&mut self, part: &Part<'_>, name: &str) -> Option<String> {
        self.take(part, name, |value| Ok(value.as_str()?.map(str::to_owned)))
    }

    /// Text of a certain shape.
    pub(super) fn parsed<T>(&mut self, part: &Part<'_>, name: &str, summary: &str) -> Option<T>
    where
        T: FromStr,
        T::Err: std::fmt::Display,
    {
        let text = self.text(part, name)?;
        match text.parse() {
            Ok(parsed) => Some(parsed),
            Err(error) => {
                self.wrong(part.place(name), summary, sentence(&format!("{error}")));
                None
            }
        }
    }

    /// Yes or no.
    pub(super) fn flag(&mut self, part: &Part<'_>, name: &str) -> Option<bool> {
        self.take(part, name, Value::as_bool)
    }

    /// A whole number from `least`.
    pub(super) fn number(&mut self, part: &Part<'_>, name: &str, least: i64) -> Option<i64> {
        let number = self.take(part, name, Value::as_i64)?;
        if number >= least {
            return Some(number);
        }
        let detail = format!("`{name}` is {number}; required is a whole number from {least}.");
        self.wrong(part.place(name), "Number out of range", detail);
        None
    }

    /// Texts in their order; a set's order is the texts' own.
    pub(super) fn texts(&mut self, part: &Part<'_>, name: &str) -> Option<Vec<String>> {
        let elements = self.take(part, name, |value| Ok(value.elements()?.map(<[Value]>::to_vec)))?;
        let mut texts = Vec::with_capacity(elements.len());
        for element in &elements {
            texts.extend(
                self.value(element, part.place(name), |value| Ok(value.as_str()?.map(str::to_owned))),
            );
        }
        Some(texts)
    }

    /// Texts by name, each known, unknown or null.
    pub(super) fn fields(&mut self, part: &Part<'_>, name: &str) -> BTreeMap<String, Field<String>> {
        let entries = self.take(part, name, |value| Ok(value.entries()?.map(Clone::clone)));
        let read = |(key, value): (String, Value)| {
            let text = value.as_str().map(|text| text.map(str::to_owned));
            (key, text.unwrap_or(Field::Null))
        };
        entries.unwrap_or_default().into_iter().map(read).collect()
    }

    /// Texts by name, all known. Null stands for absent.
    pub(super) fn texts_by_name(&mut self, part: &Part<'_>, name: &str) -> Option<BTreeMap<String, String>> {
        let fields = self.fields(part, name);
        if fields.values().any(Field::is_unknown) {
            self.note_unknown(part.place(name));
        }
        let known: BTreeMap<String, String> =
            fields.into_iter().filter_map(|(key, value)| Some((key, value.known()?))).collect();
        (!known.is_empty()).then_some(known)
    }

    /// The occurrences of a nested block or the objects of a list.
    pub(super) fn parts<'a>(&mut self, part: &Part<'a>, name: &str) -> Vec<Part<'a>> {
        let Ok(value) = self.attribute(part, name) else { return Vec::new() };
        let place = part.place(name);
        match value.elements() {
            Ok(Field::Known(elements)) => {
                let part = |(index, value)| Part { value, path: place.clone().index(index) };
                elements.iter().enumerate().map(part).collect()
            }
            Ok(Field::Null) => Vec::new(),
            Ok(Field::Unknown) => {
                self.note_unknown(place);
                Vec::new()
            }
            Err(error) => {
                self.diagnostics.extend(Diagnostics::from(error));
                Vec::new()
            }
        }
    }

    /// The first occurrence of a nested block that may be written once.
    pub(super) fn part<'a>(&mut self, part: &Part<'a>, name: &str) -> Option<Part<'a>> {
        self.parts(part, name).into_iter().next()
    }

    /// The value of an attribute as it stands.
    pub(super) fn attribute<'a>(&mut self, part: &Part<'a>, name: &str) -> Result<&'a Value, ()> {
        part.value.attr(name).map_err(|error| self.diagnostics.extend(Diagnostics::from(error)))
    }

    /// Notes that a value is unknown in this plan.
    pub(super) fn note_unknown(&mut self, path: Path) {
        self.unknown.get_or_insert(path);
    }

    fn take<T>(
        &mut self,
        part: &Part<'_>,
        name: &str,
        read: impl FnOnce(&Value) -> Result<Field<T>, Error>,
    ) -> Option<T> {
        let value = self.attribute(part, name).ok()?.clone();
        self.value(&value, part.place(name), read)
    }

    fn value<T>(
        &mut self,
        value: &Value,
        place: Path,
        read: impl FnOnce(&Value) -> Result<Field<T>, Error>,
    ) -> Option<T> {
        match read(value) {
            Ok(Field::Known(found)) => Some(found),
            Ok(Field::Null) => None,
            Ok(Field::Unknown) => {
                self.note_unknown(place);
                None
            }
            Err(error) => {
                self.diagnostics.push(Diagnostic::from(error).at(place));
                None
            }
        }
    }
}

/// A message of a lower room as a sentence: it names the input first, so only the period is missing.
pub(super) fn sentence(message: &str) -> String {
    format!("{message}.")
}
