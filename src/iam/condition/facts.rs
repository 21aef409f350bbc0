//! The condition keys of a request, ready to be looked up.

/// What is known of a key that is not known to be absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fact {
    One(Box<str>),
    /// Never empty: an empty list is an absent key.
    List(Vec<Box<str>>),
    Unknown,
}

/// Keys sorted by their name in lower case.
#[derive(Debug, Clone, Default)]
pub(crate) struct Keys {
    entries: Vec<Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    key: Box<str>,
    /// As stated; encryption contexts are case-sensitive in grants.
    name: Box<str>,
    fact: Fact,
}

impl Keys {
    /// `key` is `name` in lower case.
    pub(crate) fn insert(&mut self, key: &str, name: &str, fact: Fact) {
        let entry = Entry { key: key.into(), name: name.into(), fact };
        match self.search(key) {
            Ok(at) => {
                if let Some(former) = self.entries.get_mut(at) {
                    *former = entry;
                }
            }
            Err(at) => self.entries.insert(at, entry),
        }
    }

    /// `None` is known absent.
    pub(crate) fn find(&self, key: &str) -> Option<&Fact> {
        self.entries.get(self.search(key).ok()?).map(|entry| &entry.fact)
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
        let members = self.entries.iter().filter(move |entry| entry.key.starts_with(family));
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
        self.entries.binary_search_by(|entry| (*entry.key).cmp(key))
    }
}
