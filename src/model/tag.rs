//! Tags on keys and on policies.

use std::collections::{BTreeMap, BTreeSet};

/// Tag keys and their values, in order. Keys are compared with regard to case,
/// as the KMS API does; condition keys are not (see `iam`).
pub type Tags = BTreeMap<String, String>;

/// The most characters in a tag key (KMS API reference, `Tag`, read 2026-11).
pub const MAX_TAG_KEY: usize = 128;

/// The most characters in a tag value (KMS API reference, `Tag`, read 2026-11).
pub const MAX_TAG_VALUE: usize = 256;

/// The prefix that AWS keeps for its own tags.
pub const RESERVED_PREFIX: &str = "aws:";

/// Tags that keyrail neither plans, nor sees, nor removes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IgnoredTags {
    /// Exact tag keys.
    pub keys: BTreeSet<String>,
    /// Beginnings of tag keys.
    pub key_prefixes: BTreeSet<String>,
}

impl IgnoredTags {
    /// Whether somebody else manages the tag. AWS's own tags always are.
    pub fn ignores(&self, key: &str) -> bool {
        self.keys.contains(key)
            || self.key_prefixes.iter().any(|prefix| key.starts_with(prefix.as_str()))
            || key.starts_with(RESERVED_PREFIX)
    }
}
