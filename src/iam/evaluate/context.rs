//! The condition keys of a request as a caller of the room states them.

use std::collections::BTreeMap;

/// Condition keys by name; case does not count. What is not stated is derived
/// from the request where AWS derives it, and absent otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context {
    pub(super) entries: BTreeMap<String, Entry>,
    /// A key stated twice in different letter case.
    pub(super) collision: Option<String>,
}

/// What is stated of one key, under its name as stated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) stated: Stated,
}

/// The three states of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stated {
    One(String),
    List(Vec<String>),
    Absent,
    Unknown,
}

impl Context {
    /// No key stated.
    pub fn new() -> Self {
        Self::default()
    }

    /// States one value. Whether the key is a list is decided by its
    /// definition, not by this call.
    #[must_use]
    pub fn with(self, key: &str, value: impl Into<String>) -> Self {
        self.state(key, Stated::One(value.into()))
    }

    /// States several values.
    #[must_use]
    pub fn with_list<T: Into<String>>(self, key: &str, values: impl IntoIterator<Item = T>) -> Self {
        self.state(key, Stated::List(values.into_iter().map(Into::into).collect()))
    }

    /// States that the key is not in the request, even if it could be derived.
    #[must_use]
    pub fn without(self, key: &str) -> Self {
        self.state(key, Stated::Absent)
    }

    /// States that nobody knows whether the key is there or what it holds.
    #[must_use]
    pub fn with_unknown(self, key: &str) -> Self {
        self.state(key, Stated::Unknown)
    }

    /// Whether anything is stated of the key.
    pub fn states(&self, key: &str) -> bool {
        self.entries.contains_key(&key.to_lowercase())
    }

    fn state(mut self, key: &str, stated: Stated) -> Self {
        let entry = Entry { name: key.to_owned(), stated };
        if let Some(former) = self.entries.insert(key.to_lowercase(), entry)
            && former.name != key
        {
            self.collision = Some(key.to_owned());
        }
        self
    }
}
