//! The condition keys of a request, ready to be looked up.

use crate::iam::catalogue::{CONDITION_KEYS, place};

/// What is known of a key that is not known to be absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fact {
    One(Box<str>),
    /// Never empty: an empty list is an absent key.
    List(Vec<Box<str>>),
    Unknown,
}

/// A key as policies name it, looked up in the table once.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    name: Box<str>,
    place: Option<u8>,
}

impl Key {
    /// Of a name in any letter case.
    pub(crate) fn new(name: &str) -> Self {
        let name = name.to_lowercase();
        Self { place: place(&name), name: name.into() }
    }

    /// In lower case.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }
}

/// The keys of a request.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    /// For each key of the table its place in `defined` and one; 0 is absent.
    places: [u8; CONDITION_KEYS.len()],
    defined: Vec<Fact>,
    /// The members of families and the keys without definition, sorted by
    /// their name in lower case.
    others: Vec<Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    key: Box<str>,
    /// As stated; encryption contexts are case-sensitive in grants.
    name: Box<str>,
    fact: Fact,
}

impl Default for Keys {
    fn default() -> Self {
        Self { places: [0; CONDITION_KEYS.len()], defined: Vec::with_capacity(24), others: Vec::new() }
    }
}

impl Keys {
    /// `key` is `name` in lower case.
    pub(crate) fn insert(&mut self, key: &str, name: &str, fact: Fact) {
        match place(key) {
            Some(place) => self.insert_defined(place, fact),
            None => self.insert_other(Entry { key: key.into(), name: name.into(), fact }),
        }
    }

    fn insert_defined(&mut self, place: u8, fact: Fact) {
        let next = u8::try_from(self.defined.len()).unwrap_or(u8::MAX).saturating_add(1);
        let Some(slot) = self.places.get_mut(usize::from(place)) else { return };
        if let Some(former) = slot.checked_sub(1).and_then(|at| self.defined.get_mut(usize::from(at))) {
            *former = fact;
        } else {
            *slot = next;
            self.defined.push(fact);
        }
    }

    fn insert_other(&mut self, entry: Entry) {
        match self.search(&entry.key) {
            Ok(at) => {
                if let Some(former) = self.others.get_mut(at) {
                    *former = entry;
                }
            }
            Err(at) => self.others.insert(at, entry),
        }
    }

    /// `None` is known absent.
    pub(crate) fn get(&self, key: &Key) -> Option<&Fact> {
        match key.place {
            Some(place) => self.at(place),
            None => self.other(&key.name),
        }
    }

    /// The same by the name in lower case.
    pub(crate) fn find(&self, key: &str) -> Option<&Fact> {
        match place(key) {
            Some(place) => self.at(place),
            None => self.other(key),
        }
    }

    fn at(&self, place: u8) -> Option<&Fact> {
        let at = self.places.get(usize::from(place))?.checked_sub(1)?;
        self.defined.get(usize::from(at))
    }

    fn other(&self, key: &str) -> Option<&Fact> {
        self.others.get(self.search(key).ok()?).map(|entry| &entry.fact)
    }

    /// The value of a single-valued key.
    pub(crate) fn one(&self, key: &str) -> Option<&str> {
        match self.find(key) {
            Some(Fact::One(value)) => Some(value),
            Some(Fact::List(_) | Fact::Unknown) | None => None,
        }
    }

    /// The rest of each name that begins with `family`, in lower case given.
    pub(crate) fn names_in(&self, family: &str) -> Vec<Box<str>> {
        self.pairs_in(family).map(|(name, _)| name.into()).collect()
    }

    /// Each key of a family: the rest of its name, and what is known.
    pub(crate) fn pairs_in<'k>(&'k self, family: &'k str) -> impl Iterator<Item = (&'k str, &'k Fact)> {
        let members = self.others.iter().filter(move |entry| entry.key.starts_with(family));
        members.filter_map(move |entry| Some((entry.name.get(family.len()..)?, &entry.fact)))
    }

    /// Whether the key of the request bears an alias AWS keeps for itself.
    pub(crate) fn names_aws_managed_alias(&self) -> bool {
        let reserved = |name: &str| name.starts_with("alias/aws/");
        let listed = match self.find("kms:resourcealiases") {
            Some(Fact::List(names)) => names.iter().any(|name| reserved(name)),
            Some(Fact::One(name)) => reserved(name),
            Some(Fact::Unknown) | None => false,
        };
        listed || self.one("kms:requestalias").is_some_and(reserved)
    }

    fn search(&self, key: &str) -> Result<usize, usize> {
        self.others.binary_search_by(|entry| (*entry.key).cmp(key))
    }
}
