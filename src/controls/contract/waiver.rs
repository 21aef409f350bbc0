//! Waivers: somebody answers for a violation, or for what cannot be said of a
//! key, by name and until a date.

use time::Date;

use crate::controls::contract::doc::ControlId;
use crate::controls::contract::facts::KeyFacts;
use crate::model::fact::Fact;

/// A violation, or a verdict that cannot be had, that is accepted for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// The control that is waived.
    pub control: ControlId,
    /// The key: an alias name, a key id or a key ARN.
    pub key: String,
    /// Why the violation is accepted.
    pub reason: String,
    /// Who accepted it.
    pub approved_by: String,
    /// The last day on which it holds.
    pub expires: Date,
}

impl Waiver {
    /// Whether it speaks of this key. What is not known of the key does not match.
    pub fn concerns(&self, key: &KeyFacts) -> bool {
        let id = key.id.known().and_then(Option::as_ref).is_some_and(|id| id.as_str() == self.key);
        let arn = key.arn.known().and_then(Option::as_ref).is_some_and(|arn| arn.to_string() == self.key);
        let alias = match &key.aliases {
            Fact::Known(aliases) => aliases.iter().any(|alias| alias.as_str() == self.key),
            Fact::Unknown | Fact::Unreadable(_) => false,
        };
        id || arn || alias
    }

    /// Whether it no longer holds on this day.
    pub fn has_expired(&self, today: Date) -> bool {
        today > self.expires
    }
}
