//! The condition keys of a request as a caller of the room states them.

use std::collections::BTreeMap;

use crate::iam::catalogue::{Source, definition};
use crate::iam::evaluate::unknown::as_aws_spells;

/// Condition keys by name; case does not count. What is not stated is derived
/// from the request where AWS derives it, unknown where AWS always sends it,
/// and absent otherwise.
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

    /// States that nobody knows whether the key is there or what it holds; of a
    /// family, such as `aws:ResourceTag/`, that of every member not stated.
    #[must_use]
    pub fn with_unknown(self, key: &str) -> Self {
        self.state(key, Stated::Unknown)
    }

    /// Whether anything is stated of the key.
    pub fn states(&self, key: &str) -> bool {
        self.entries.contains_key(&key.to_lowercase())
    }

    /// Whether the key, given in lower case, is stated to be unknown.
    pub(super) fn calls_unknown(&self, key: &str) -> bool {
        self.entries.get(key).is_some_and(|entry| entry.stated == Stated::Unknown)
    }

    /// What is stated of a key that has one value.
    pub fn value(&self, key: &str) -> Option<&str> {
        match &self.entries.get(&key.to_lowercase())?.stated {
            Stated::One(value) => Some(value),
            Stated::List(_) | Stated::Absent | Stated::Unknown => None,
        }
    }

    /// Whether a key is stated to be there, or one of a family, named by the
    /// beginning of its members' names: `None` where that is unknown.
    pub fn has(&self, key: &str) -> Option<bool> {
        let mut unknown = false;
        for entry in self.under(key) {
            match &entry.stated {
                Stated::One(_) => return Some(true),
                Stated::List(values) if !values.is_empty() => return Some(true),
                Stated::List(_) | Stated::Absent => {}
                Stated::Unknown => unknown = true,
            }
        }
        (!unknown).then_some(false)
    }

    /// The names, in AWS's spelling, of the unknown keys of a family, or of the one
    /// of this name.
    pub fn unknown_in(&self, key: &str) -> Vec<String> {
        let unknown = self.under(key).filter(|entry| entry.stated == Stated::Unknown);
        unknown.map(|entry| as_aws_spells(&entry.name)).collect()
    }

    /// What another context states, over what this one does.
    #[must_use]
    pub fn overlaid(mut self, over: Self) -> Self {
        if over.has("kms:EncryptionContext:") != Some(false) {
            self.entries.retain(|key, _| !key.starts_with("kms:encryptioncontext"));
        }
        self.entries.extend(over.entries);
        self.collision = self.collision.or(over.collision);
        self
    }

    /// The same for a request on another key: what is stated of the key itself
    /// is left out.
    #[must_use]
    pub fn without_key(mut self) -> Self {
        self.entries.retain(|key, _| !is_of_key(key));
        self
    }

    /// The same with everything unknown of the key that is not stated.
    #[must_use]
    pub fn with_unknown_key(self) -> Self {
        let unstated = |context: Self, key: &&str| {
            if context.states(key) { context } else { context.with_unknown(key) }
        };
        OF_KEY.iter().fold(self, unstated)
    }

    fn under<'c>(&'c self, key: &str) -> impl Iterator<Item = &'c Entry> + use<'c> {
        let key = key.to_lowercase();
        let family = key.ends_with([':', '/']);
        let entries = self.entries.iter();
        let asked = move |name: &String| if family { name.starts_with(&key) } else { *name == key };
        entries.filter(move |(name, _)| asked(name)).map(|(_, entry)| entry)
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

/// Whether a key, in lower case, tells of the resource and not of the request
/// or its caller.
fn is_of_key(key: &str) -> bool {
    definition(key).is_some_and(|definition| definition.source == Source::Key)
        || ["aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths", "kms:requestalias"]
            .contains(&key)
}

/// What a KMS key has and its ARN does not tell.
const OF_KEY: [&str; 5] =
    ["aws:ResourceTag/", "kms:KeyOrigin", "kms:KeySpec", "kms:KeyUsage", "kms:ResourceAliases"];
