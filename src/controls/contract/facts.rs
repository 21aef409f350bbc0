//! What a control may know of a key: the evidence, gathered from a plan or
//! from AWS by those who ask.
//!
//! The one who asks defines the evidence: plan and audit both build this and
//! nothing else reaches a control.

use std::collections::BTreeMap;

use time::OffsetDateTime;

use crate::controls::contract::verdict::Verdict;
use crate::model::arn::Arn;
use crate::model::fact::Fact;
use crate::model::key::{AliasName, KeyId, KeyManager, KeyOrigin, KeySpec, KeyState, KeyUsage};

/// One key, planned or live.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFacts {
    /// Its id; `Known(None)` while the key does not exist.
    pub id: Fact<Option<KeyId>>,
    /// Its ARN; `Known(None)` while the key does not exist.
    pub arn: Fact<Option<Arn>>,
    /// Its aliases, in order.
    pub aliases: Fact<Vec<AliasName>>,
    /// Who manages it.
    pub manager: Fact<KeyManager>,
    /// Where it is in its life; a planned key counts as enabled or disabled.
    pub state: Fact<KeyState>,
    /// The kind of its material.
    pub spec: Fact<KeySpec>,
    /// What it may be used for.
    pub usage: Fact<KeyUsage>,
    /// Where its material comes from.
    pub origin: Fact<KeyOrigin>,
    /// The part it plays as a multi-Region key.
    pub multi_region: Fact<MultiRegionRole>,
    /// Its automatic rotation.
    pub rotation: Fact<RotationFacts>,
    /// How its deletion would happen, or happens.
    pub deletion: Fact<DeletionFacts>,
    /// Its tags. The keys are known before the values are.
    pub tags: Fact<BTreeMap<String, Fact<String>>>,
    /// Its key policy as JSON text.
    pub policy: Fact<String>,
}

impl KeyFacts {
    /// Nothing where the account manages the key itself; otherwise the verdict
    /// that every control then gives.
    pub(crate) fn not_ours(&self) -> Option<Verdict> {
        match &self.manager {
            Fact::Known(KeyManager::Aws) => Some(Verdict::not_applicable("AWS manages this key")),
            Fact::Known(KeyManager::Customer | KeyManager::Other(_)) => None,
            Fact::Unknown => Some(Verdict::undecided("who manages the key is known after apply")),
            Fact::Unreadable(reason) => {
                Some(Verdict::undecided(format!("who manages the key could not be read: {reason}")))
            }
        }
    }
}

/// The value of a fact, or the verdict that follows from not having it;
/// `subject` is what the fact is about: `the key spec`.
pub(crate) fn required<'a, T>(fact: &'a Fact<T>, subject: &str) -> Result<&'a T, Verdict> {
    match fact {
        Fact::Known(value) => Ok(value),
        Fact::Unknown => Err(Verdict::undecided(format!("{subject} is known after apply"))),
        Fact::Unreadable(reason) => Err(Verdict::undecided(format!("{subject} could not be read: {reason}"))),
    }
}

/// The part a key plays among multi-Region keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MultiRegionRole {
    /// It is a key of one region.
    SingleRegion,
    /// It is the primary; shared properties are judged here.
    Primary,
    /// It is a replica; shared properties are judged on its primary.
    Replica,
}

/// A key's automatic rotation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RotationFacts {
    /// Whether it is on.
    pub enabled: Fact<bool>,
    /// Days between rotations; `Known(None)` where AWS names none.
    pub period: Fact<Option<u16>>,
}

/// A key's deletion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeletionFacts {
    /// The window that the configuration asks for when the key is destroyed.
    Planned {
        /// Days between scheduling and deletion.
        window: Fact<i64>,
    },
    /// The key lives and nothing schedules its deletion; AWS keeps no window for such a key.
    NotScheduled,
    /// The deletion is scheduled. AWS tells the date, not the window that was asked for.
    Scheduled {
        /// When the key will be gone.
        date: OffsetDateTime,
        /// When the facts were gathered.
        now: OffsetDateTime,
    },
    /// A primary that waits for its replicas: here AWS does tell the window.
    WaitingForReplicas {
        /// Days between the last replica's end and the deletion.
        window: u16,
    },
}
