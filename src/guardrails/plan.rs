//! What goes from hand to hand: statements that were generated, documents that
//! were packed, and what has to be proven of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::controls::contract::doc::ControlId;
use crate::controls::contract::guardrail::{Environment, Witness};
use crate::guardrails::layout::Layout;
use crate::iam::policy::{Document, Statement};
use crate::model::org::{PolicyType, TargetId};
use crate::model::quota;

/// What the names of the policies begin with where nobody says otherwise.
pub(crate) const NAME_PREFIX: &str = "keyrail-";

/// Everything that is to hang in the organisation, not yet packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The statements of the controls.
    pub statements: Vec<Placed>,
    /// Documents that somebody wrote by hand; they are attached as they are.
    pub written: Vec<Written>,
    /// Where the targets are.
    pub layout: Layout,
    /// What no policy can express, by control.
    pub limits: BTreeMap<ControlId, Vec<String>>,
    /// Exemptions that one kind of policy does not take, with the reason.
    pub notices: Vec<String>,
}

/// One statement with the places it hangs on and what must be proven of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The control it came from; none for the companion that protects exempt roles.
    pub control: Option<ControlId>,
    /// The kind of policy that carries it.
    pub policy_type: PolicyType,
    /// Its Sid.
    pub sid: String,
    /// The statement, exemptions included.
    pub statement: Statement,
    /// Where it hangs.
    pub targets: BTreeSet<TargetId>,
    /// Whom it spares.
    pub exempt: BTreeSet<String>,
    /// The environment it protects, if it is about one.
    pub environment: Option<Environment>,
    /// What it must deny and spare.
    pub witnesses: Vec<Witness>,
}

/// A document that somebody wrote by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Its name without the prefix.
    pub name: String,
    /// Its kind.
    pub policy_type: PolicyType,
    /// What it says.
    pub document: Document,
    /// Where it hangs.
    pub targets: BTreeSet<TargetId>,
}

/// Documents within their quotas, with all that has to be proven of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The documents, by kind and name.
    pub documents: Vec<Packed>,
    /// The statements that went in. Where several were merged into one, the
    /// proof looks for the Sid that [`Plan::merged`] tells.
    pub statements: Vec<Placed>,
    /// The Sid under which a merged statement stands in its document.
    pub merged: BTreeMap<String, String>,
    /// Where the targets are.
    pub layout: Layout,
    /// What is left for the plan on each target, for while it is put in force.
    pub room: Room,
    /// What no policy can express, by control.
    pub limits: BTreeMap<ControlId, Vec<String>>,
    /// Exemptions that one kind of policy does not take, with the reason.
    pub notices: Vec<String>,
}

/// What may hang at any moment between two plans.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Room {
    /// Characters in one document.
    pub characters: BTreeMap<PolicyType, usize>,
    /// Documents of ours on a target: those that others leave free. Where a
    /// target is not named, as many as there are.
    pub slots: BTreeMap<(PolicyType, TargetId), usize>,
}

/// One document as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// Its name in the organisation, unique within its kind.
    pub name: String,
    /// Its kind.
    pub policy_type: PolicyType,
    /// The JSON text, minified.
    pub content: String,
    /// Where it hangs.
    pub targets: BTreeSet<TargetId>,
    /// The Sids in it, in order; empty ones are left out.
    pub sids: Vec<String>,
    /// The name under which somebody wrote it by hand; none if it was generated.
    pub written: Option<String>,
}

impl Packed {
    /// The characters that AWS counts.
    pub fn characters(&self) -> usize {
        self.content.chars().count()
    }
}

/// How much fits into a document and onto a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Characters in one document.
    pub characters: usize,
    /// Documents attached directly to one target.
    pub per_target: usize,
}

impl Limits {
    /// AWS's quotas for this kind of policy.
    pub fn of(policy_type: PolicyType) -> Self {
        let (characters, per_target) = match policy_type {
            PolicyType::ServiceControl => (quota::SCP_CHARACTERS, quota::SCPS_PER_TARGET),
            PolicyType::ResourceControl => (quota::RCP_CHARACTERS, quota::RCPS_PER_TARGET),
        };
        Self { characters: characters.value, per_target: per_target.value }
    }
}

/// The two letters and `p` by which names tell the kinds apart.
pub(crate) fn short(policy_type: PolicyType) -> &'static str {
    match policy_type {
        PolicyType::ServiceControl => "scp",
        PolicyType::ResourceControl => "rcp",
    }
}
