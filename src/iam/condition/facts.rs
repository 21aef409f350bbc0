//! The condition keys of a request, ready to be looked up.

use crate::iam::catalogue::{CONDITION_KEYS, place};

/// What is known of a key that is not known to be absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fact {
    One(Box<str>),
    /// Never empty: an empty list is an absent key.
    List(Vec<Box<str>>),
    /// A list of which nobody knows whether some members are in it.
    Partly(Box<Members>),
    /// There, and nobody knows what it holds.
    There,
    /// Nobody knows whether it is there nor what it holds.
    Unknown,
}

/// What is known of a list. It is there where it has a member.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Members {
    pub(crate) sure: Vec<Box<str>>,
    /// Never empty.
    pub(crate) perhaps: Vec<Box<str>>,
}

impl Fact {
    /// Whether something of it is left to find out.
    pub(crate) fn is_unknown(&self) -> bool {
        matches!(self, Self::Partly(_) | Self::There | Self::Unknown)
    }

    /// Whether the key is there for certain.
    pub(crate) fn is_there(&self) -> bool {
        match self {
            Self::One(_) | Self::List(_) | Self::There => true,
            Self::Partly(members) => !members.sure.is_empty(),
            Self::Unknown => false,
        }
    }
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

    /// Whether its definition makes it a list.
    pub(crate) fn is_list(&self) -> bool {
        let definition = self.place.and_then(|place| CONDITION_KEYS.get(usize::from(place)));
        definition.is_some_and(|definition| definition.list)
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
    /// Families of which any member may be there, in lower case.
    open: Vec<Box<str>>,
}

#[derive(Debug, Clone)]
struct Entry {
    key: Box<str>,
    /// As stated; encryption contexts are case-sensitive in grants.
    name: Box<str>,
    /// `None` is known absent, which only open families need to be told.
    fact: Option<Fact>,
}

impl Default for Keys {
    fn default() -> Self {
        Self {
            places: [0; CONDITION_KEYS.len()],
            defined: Vec::with_capacity(40),
            others: Vec::new(),
            open: Vec::new(),
        }
    }
}

impl Keys {
    /// `key` is `name` in lower case.
    pub(crate) fn insert(&mut self, key: &str, name: &str, fact: Fact) {
        match place(key) {
            Some(place) => self.insert_defined(place, fact),
            None => self.insert_other(Entry { key: key.into(), name: name.into(), fact: Some(fact) }),
        }
    }

    /// Says that the member of a family is not there, even if the family is
    /// open.
    pub(crate) fn insert_absent(&mut self, key: &str, name: &str) {
        if place(key).is_none() {
            self.insert_other(Entry { key: key.into(), name: name.into(), fact: None });
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

    /// Says that any member of the family may be there, with any value; those
    /// that are inserted are as they are inserted.
    pub(crate) fn open(&mut self, family: &str) {
        self.open.push(family.into());
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

    /// Whether something of the key, by its name in lower case, is left to find
    /// out.
    pub(crate) fn is_unknown(&self, key: &str) -> bool {
        self.find(key).is_some_and(Fact::is_unknown)
    }

    /// Whether any member of the family may be there.
    pub(crate) fn is_open(&self, family: &str) -> bool {
        self.open.iter().any(|open| &**open == family)
    }

    fn at(&self, place: u8) -> Option<&Fact> {
        let at = self.places.get(usize::from(place))?.checked_sub(1)?;
        self.defined.get(usize::from(at))
    }

    fn other(&self, key: &str) -> Option<&Fact> {
        match self.search(key) {
            Ok(at) => self.others.get(at)?.fact.as_ref(),
            Err(_) => self.open.iter().any(|family| key.starts_with(&**family)).then_some(&Fact::Unknown),
        }
    }

    /// The value of a single-valued key.
    pub(crate) fn one(&self, key: &str) -> Option<&str> {
        match self.find(key) {
            Some(Fact::One(value)) => Some(value),
            Some(Fact::List(_) | Fact::Partly(_) | Fact::There | Fact::Unknown) | None => None,
        }
    }

    /// The list that the members of a family make, each by the rest of its
    /// name; `None` where there is none.
    pub(crate) fn list_of(&self, family: &str) -> Option<Fact> {
        let mut members = Members::default();
        for (name, fact) in self.pairs_in(family) {
            let known = if fact.is_there() { &mut members.sure } else { &mut members.perhaps };
            known.push(name.into());
        }
        match (self.is_open(family), members.sure.is_empty(), members.perhaps.is_empty()) {
            (true, true, _) => Some(Fact::Unknown),
            (true, false, _) => Some(Fact::There),
            (false, true, true) => None,
            (false, false, true) => Some(Fact::List(members.sure)),
            (false, _, false) => Some(Fact::Partly(Box::new(members))),
        }
    }

    /// Each key of a family: the rest of its name, and what is known.
    pub(crate) fn pairs_in<'k>(&'k self, family: &'k str) -> impl Iterator<Item = (&'k str, &'k Fact)> {
        let members = self.others.iter().filter(move |entry| entry.key.starts_with(family));
        members.filter_map(move |entry| Some((entry.name.get(family.len()..)?, entry.fact.as_ref()?)))
    }

    /// Whether the key of the request bears an alias AWS keeps for itself.
    pub(crate) fn names_aws_managed_alias(&self) -> bool {
        let reserved = |name: &str| name.starts_with("alias/aws/");
        let listed = match self.find("kms:resourcealiases") {
            Some(Fact::List(names)) => names.iter().any(|name| reserved(name)),
            Some(Fact::One(name)) => reserved(name),
            Some(Fact::Partly(_) | Fact::There | Fact::Unknown) | None => false,
        };
        listed || self.one("kms:requestalias").is_some_and(reserved)
    }

    fn search(&self, key: &str) -> Result<usize, usize> {
        self.others.binary_search_by(|entry| (*entry.key).cmp(key))
    }
}
