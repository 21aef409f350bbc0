//! From what is in force to what was proven, in an order that never leaves
//! less protection than before and after.
//!
//! INVARIANT: after every single step each place is protected by every
//! statement that protects it both before and after, denied nothing that is
//! denied neither before nor after, and within AWS's quotas. Where there is no
//! such order there are no steps.

mod board;
mod detour;
mod marks;
mod order;

use std::collections::BTreeSet;
use std::fmt;

use crate::guardrails::plan::Plan;
use crate::iam::policy::{Document, PolicyKind, Text};
use crate::iam::{equivalent, parse};
use crate::model::org::{PolicyId, PolicyType, TargetId};
use crate::model::tag::Tags;
use board::Frame;
use order::Journey;

pub use detour::NoRoom;

/// A policy of ours as it is in the organisation now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InForce {
    /// Its id.
    pub id: PolicyId,
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub policy_type: PolicyType,
    /// Its description.
    pub description: String,
    /// Its tags.
    pub tags: Tags,
    /// What it says.
    pub content: String,
    /// Where it hangs.
    pub targets: BTreeSet<TargetId>,
}

/// One change. Documents go by kind and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Make a document.
    Create(Name, String),
    /// Replace what a document says, at once wherever it hangs.
    Update(Name, String),
    /// Replace a document's name and what it says, at once wherever it hangs.
    Replace(Name, String, String),
    /// Hang a document somewhere.
    Attach(Name, TargetId),
    /// Read back that everything done so far is in force.
    Verify,
    /// Take a document away from somewhere.
    Detach(Name, TargetId),
    /// Remove a document that hangs nowhere.
    Delete(Name),
}

/// A kind and a name, which together are unique.
pub type Name = (PolicyType, String);

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Create((_, name), _) => write!(formatter, "make `{name}`"),
            Self::Update((_, name), _) => write!(formatter, "change `{name}`"),
            Self::Replace((_, name), next, _) => write!(formatter, "make `{next}` of `{name}`"),
            Self::Attach((_, name), target) => write!(formatter, "attach `{name}` to `{target}`"),
            Self::Verify => formatter.write_str("see the changes in force"),
            Self::Detach((_, name), target) => write!(formatter, "detach `{name}` from `{target}`"),
            Self::Delete((_, name)) => write!(formatter, "delete `{name}`"),
        }
    }
}

/// The steps from `current` to the plan; none if nothing differs. Names of
/// documents that exist for the time of the change alone begin with `owner`.
pub fn steps(current: &[InForce], plan: &Plan, owner: &str) -> Result<Vec<Step>, NoRoom> {
    Journey::new(Frame::new(current, plan, owner)).steps()
}

/// Whether the policy says this, whatever the order and spelling AWS keeps it in.
pub fn says(policy: &InForce, content: &str) -> bool {
    same_meaning(policy.policy_type, &policy.content, content)
}

/// Whether two documents of one kind mean the same.
pub fn same_meaning(policy_type: PolicyType, one: &str, other: &str) -> bool {
    one == other
        || match (read(one, policy_type), read(other, policy_type)) {
            (Some(one), Some(other)) => equivalent(&one, &other),
            _ => false,
        }
}

/// The Sids in a policy; none if it cannot be read.
pub fn sids_of(policy: &InForce) -> BTreeSet<String> {
    let statements = read(&policy.content, policy.policy_type).map(|document| document.statements);
    let sids = statements.into_iter().flatten().filter_map(|statement| statement.sid);
    sids.map(|sid: Text| sid.as_str().to_owned()).collect()
}

fn read(content: &str, policy_type: PolicyType) -> Option<Document> {
    let kind = match policy_type {
        PolicyType::ServiceControl => PolicyKind::ServiceControl,
        PolicyType::ResourceControl => PolicyKind::ResourceControl,
    };
    parse(content, kind).ok()
}

#[cfg(test)]
mod tests;
