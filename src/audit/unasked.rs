//! What an audit leaves unasked of a key on purpose. That is no failed read:
//! nothing went wrong and nobody has to look into it, but it is not known either.

use std::fmt;

/// Why part of a key was not asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unasked {
    /// The policies of AWS's own keys refuse most reads.
    ManagedByAws,
    /// Whoever may not even describe a key is refused the rest too.
    NotDescribed,
    /// `ListGrants` has the smallest quota.
    TooManyKeys {
        /// The most keys whose grants are read.
        limit: usize,
    },
}

impl Unasked {
    /// What was left out.
    pub fn reads(self) -> &'static [&'static str] {
        match self {
            Self::ManagedByAws | Self::NotDescribed => &["key policy", "rotation", "tags", "grants"],
            Self::TooManyKeys { .. } => &["grants"],
        }
    }
}

impl fmt::Display for Unasked {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ManagedByAws => formatter.write_str("AWS manages the key"),
            Self::NotDescribed => formatter.write_str("the key could not be described"),
            Self::TooManyKeys { limit } => write!(formatter, "there are more than {limit} keys"),
        }
    }
}
