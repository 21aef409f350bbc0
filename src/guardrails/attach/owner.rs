//! Whose policies are whose: the tags by which a resource knows its own, and
//! what a new one may find.
//!
//! INVARIANT: what was put in force in full belongs to one resource for good.
//! A new one takes over nothing but what a create left that never ended.

use std::collections::BTreeSet;
use std::fmt;

use crate::guardrails::change::InForce;
use crate::model::tag::Tags;

/// The tag by which guardrails are known; its value is what their names begin with.
pub const OWNER_TAG: &str = "keyrail:guardrails";

/// The tag that tells resources apart; its value is an [`OwnerId`], and
/// `unfinished` behind it until the resource is made in full.
pub const ID_TAG: &str = "keyrail:owner";

/// The id of a resource, drawn when it is made: 16 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OwnerId(String);

impl OwnerId {
    /// An id that nobody has.
    ///
    /// # Errors
    /// When the machine has no source of random numbers.
    pub fn draw() -> Result<Self, getrandom::Error> {
        Ok(Self(format!("{:016x}", getrandom::u64()?)))
    }

    /// An id as it was written down; none if it is no such id.
    pub fn read(text: &str) -> Option<Self> {
        let digits = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        digits.then(|| Self(text.to_owned()))
    }

    /// The value of [`ID_TAG`].
    pub(super) fn tag(&self, finished: bool) -> String {
        if finished { self.0.clone() } else { format!("{}{UNFINISHED}", self.0) }
    }
}

impl fmt::Display for OwnerId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Whose policies are meant, of those that have one prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// A new resource's: what creates left that never ended, and nothing else.
    New,
    /// Those of one resource.
    Of(OwnerId),
    /// All of them, for a state that knows of no id.
    Any,
}

/// Policies of one prefix, by whose they are.
#[derive(Debug, Default)]
pub struct Divided {
    /// The claimant's.
    pub ours: Vec<InForce>,
    /// Others'.
    pub others: Vec<InForce>,
}

impl Claim {
    /// Divides what is in force under a prefix. A policy without an id is
    /// anybody's who is there already, and nobody's who is new.
    pub fn divide(&self, all: Vec<InForce>) -> Divided {
        let never_ended: BTreeSet<OwnerId> =
            all.iter().filter(|policy| is_unfinished(policy)).filter_map(|policy| id(&policy.tags)).collect();
        let ours = |policy: &InForce| match (self, id(&policy.tags)) {
            (Self::Any, _) | (Self::Of(_), None) => true,
            (Self::New, None) => false,
            (Self::New, Some(found)) => never_ended.contains(&found),
            (Self::Of(id), Some(found)) => *id == found,
        };
        let (ours, others) = all.into_iter().partition(ours);
        Divided { ours, others }
    }
}

/// Whose the policy with these tags is.
pub fn id(tags: &Tags) -> Option<OwnerId> {
    let text = tags.get(ID_TAG)?;
    OwnerId::read(text.strip_suffix(UNFINISHED).unwrap_or(text))
}

/// Whether it was made by a create that is under way, or that never ended.
pub(super) fn is_unfinished(policy: &InForce) -> bool {
    policy.tags.get(ID_TAG).is_some_and(|text| text.ends_with(UNFINISHED))
}

const UNFINISHED: &str = " unfinished";
