//! Which keys an audit looks at.

use std::fmt;

use crate::aws::KeyReference;
use crate::model::account::AccountId;
use crate::model::key::AliasName;
use crate::model::region::Region;
use crate::model::tag::Tags;

/// The account and region an audit speaks about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The account, unless finding it out was skipped.
    pub account: Option<AccountId>,
    /// The region.
    pub region: Region,
}

/// The keys to look at, and which of them to keep.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// The keys to look at.
    pub selection: Selection,
    /// Which of them to keep.
    pub filter: Filter,
}

/// The keys to look at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Selection {
    /// Every customer managed key of the account and region.
    #[default]
    CustomerKeys,
    /// These keys of the account and region.
    Named(Vec<KeyReference>),
}

/// Which of the keys to keep. An empty filter keeps all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Keys with an alias that starts so: `alias/payments/`.
    pub alias_prefix: Option<String>,
    /// Keys with this tag.
    pub tag: Option<TagFilter>,
}

/// A tag that a key must carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagFilter {
    /// Its key.
    pub key: String,
    /// Its value; any value when absent.
    pub value: Option<String>,
}

/// The key that a user names by id, ARN, alias or ARN of an alias.
pub fn reference(text: &str) -> Option<KeyReference> {
    let id = text.parse().map(KeyReference::Id).ok();
    let alias = || text.parse().map(KeyReference::Alias).ok();
    let arn = || text.parse().map(KeyReference::Arn).ok();
    id.or_else(alias).or_else(arn)
}

impl Filter {
    pub(crate) fn keeps_aliases(&self, aliases: &[AliasName]) -> bool {
        let starts =
            |prefix: &String| aliases.iter().any(|alias| alias.as_str().starts_with(prefix.as_str()));
        self.alias_prefix.as_ref().is_none_or(starts)
    }

    pub(crate) fn keeps_tags(&self, tags: &Tags) -> bool {
        let Some(filter) = &self.tag else { return true };
        let matches = |value: &String| filter.value.as_ref().is_none_or(|wanted| wanted == value);
        tags.get(&filter.key).is_some_and(matches)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.account {
            Some(account) => write!(formatter, "account {account}, region {}", self.region),
            None => write!(formatter, "region {}", self.region),
        }
    }
}
