//! From what is in force to what was proven, in an order that never leaves
//! less protection than before and after.
//!
//! INVARIANT: everything that protects is gained before anything is lost. A
//! statement that moves from one document to another is in the other before it
//! leaves the one.

use std::collections::{BTreeMap, BTreeSet};

use crate::guardrails::plan::Packed;
use crate::iam::policy::{Document, PolicyKind, Statement};
use crate::iam::{equivalent, parse};
use crate::model::org::{PolicyId, PolicyType, TargetId};

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
    /// Hang a document somewhere.
    Attach(Name, TargetId),
    /// Read back that everything wanted is in force.
    Verify,
    /// Take a document away from somewhere.
    Detach(Name, TargetId),
    /// Remove a document that hangs nowhere.
    Delete(Name),
}

/// A kind and a name, which together are unique.
pub type Name = (PolicyType, String);

/// The steps from `current` to `wanted`; none if nothing differs.
pub fn steps(current: &[InForce], wanted: &[Packed]) -> Vec<Step> {
    let present: BTreeMap<Name, &InForce> = current.iter().map(|policy| (name_of(policy), policy)).collect();
    let mut steps = Vec::new();
    for packed in wanted.iter().filter(|packed| !present.contains_key(&key(packed))) {
        steps.push(Step::Create(key(packed), packed.content.clone()));
        steps.extend(packed.targets.iter().map(|target| Step::Attach(key(packed), target.clone())));
    }
    let kept = || wanted.iter().filter_map(|packed| Some((packed, *present.get(&key(packed))?)));
    let changed: Vec<(&Packed, &InForce)> =
        kept().filter(|(packed, policy)| !says(policy, &packed.content)).collect();
    let (gained, late) = updates(&changed, wanted);
    steps.extend(gained);
    for (packed, policy) in kept() {
        let missing = packed.targets.difference(&policy.targets);
        steps.extend(missing.map(|target| Step::Attach(key(packed), target.clone())));
    }
    let losses = losses(current, wanted, late);
    if !steps.is_empty() || !losses.is_empty() {
        steps.push(Step::Verify);
    }
    steps.extend(losses);
    steps
}

/// Whether the policy says this, whatever the order and spelling AWS keeps it in.
pub fn says(policy: &InForce, content: &str) -> bool {
    same_meaning(policy.policy_type, &policy.content, content)
}

/// Whether two documents of one kind mean the same.
pub fn same_meaning(policy_type: PolicyType, one: &str, other: &str) -> bool {
    match (read(one, policy_type), read(other, policy_type)) {
        (Some(one), Some(other)) => equivalent(&one, &other),
        _ => one == other,
    }
}

/// The Sids in a policy; none if it cannot be read.
pub fn sids_of(policy: &InForce) -> BTreeSet<String> {
    read(&policy.content, policy.policy_type)
        .map(|document| sids(&document))
        .unwrap_or_default()
        .into_iter()
        .collect()
}

fn losses(current: &[InForce], wanted: &[Packed], late: Vec<Step>) -> Vec<Step> {
    let wanted: BTreeMap<Name, &Packed> = wanted.iter().map(|packed| (key(packed), packed)).collect();
    let mut steps = late;
    for policy in current {
        let name = name_of(policy);
        let none = BTreeSet::new();
        let kept = wanted.get(&name).map_or(&none, |packed| &packed.targets);
        steps
            .extend(policy.targets.difference(kept).map(|target| Step::Detach(name.clone(), target.clone())));
        if !wanted.contains_key(&name) {
            steps.push(Step::Delete(name));
        }
    }
    steps
}

/// The updates that lose nothing to other documents, and those that do: they
/// wait until everything else is in force, and come after whoever takes over.
fn updates(changed: &[(&Packed, &InForce)], wanted: &[Packed]) -> (Vec<Step>, Vec<Step>) {
    let mut pending: Vec<(&Packed, &InForce)> = changed.to_vec();
    let (mut steps, mut late) = (Vec::new(), Vec::new());
    while !pending.is_empty() {
        let free = pending.iter().position(|(packed, policy)| {
            let leaving = leaving(packed, policy);
            let comes_later = |other: &Packed| leaving.iter().any(|sid| other.sids.contains(sid));
            !pending.iter().any(|(other, _)| key(other) != key(packed) && comes_later(other))
        });
        if let Some(at) = free {
            let (packed, policy) = pending.remove(at);
            let moves = leaving(packed, policy).iter().any(|sid| moved(sid, packed, wanted));
            let update = Step::Update(key(packed), packed.content.clone());
            if moves {
                late.push(update);
            } else {
                steps.push(update);
            }
            continue;
        }
        // They exchange statements: each says both for a while.
        for (packed, policy) in pending.drain(..) {
            if let Some(both) = united(packed, policy) {
                steps.push(Step::Update(key(packed), both));
            }
            late.push(Step::Update(key(packed), packed.content.clone()));
        }
    }
    (steps, late)
}

fn moved(sid: &str, from: &Packed, wanted: &[Packed]) -> bool {
    wanted.iter().any(|other| key(other) != key(from) && other.sids.iter().any(|name| name == sid))
}

fn leaving(packed: &Packed, policy: &InForce) -> Vec<String> {
    let before =
        read(&policy.content, policy.policy_type).map(|document| sids(&document)).unwrap_or_default();
    before.into_iter().filter(|sid| !packed.sids.contains(sid)).collect()
}

/// What is wanted, and what leaves it. Nothing if that says no more than what is in force.
fn united(packed: &Packed, policy: &InForce) -> Option<String> {
    let wanted = read(&packed.content, packed.policy_type)?;
    let leaving: BTreeSet<String> = leaving(packed, policy).into_iter().collect();
    let before = read(&policy.content, policy.policy_type)?.statements;
    let stays =
        before.into_iter().filter(|statement| sid(statement).is_some_and(|sid| leaving.contains(&sid)));
    let both = Document::new(wanted.statements.into_iter().chain(stays)).to_json();
    (!says(policy, &both)).then_some(both)
}

fn read(content: &str, policy_type: PolicyType) -> Option<Document> {
    let kind = match policy_type {
        PolicyType::ServiceControl => PolicyKind::ServiceControl,
        PolicyType::ResourceControl => PolicyKind::ResourceControl,
    };
    parse(content, kind).ok()
}

fn sids(document: &Document) -> Vec<String> {
    document.statements.iter().filter_map(sid).collect()
}

fn sid(statement: &Statement) -> Option<String> {
    statement.sid.as_ref().map(|sid| sid.as_str().to_owned())
}

fn key(packed: &Packed) -> Name {
    (packed.policy_type, packed.name.clone())
}

fn name_of(policy: &InForce) -> Name {
    (policy.policy_type, policy.name.clone())
}

#[cfg(test)]
mod tests;
