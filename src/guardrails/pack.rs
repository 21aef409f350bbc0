//! Statements into documents: as few as fit, each within its quota, and the
//! same ones as last time where that is possible.
//!
//! INVARIANT: every statement that goes in comes out in exactly one document
//! for its targets, under its own Sid or a merged one.

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use crate::guardrails::layout::Layout;
use crate::guardrails::plan::{Draft, Limits, Packed, Placed, Plan, Room, short};
use crate::iam::policy::{Actions, Document, Statement, Text};
use crate::model::org::{PolicyType, TargetId};
use crate::model::quota;

/// What packing goes by.
#[derive(Debug, Clone)]
pub struct Packing {
    /// What every name begins with.
    pub name_prefix: String,
    /// The names by which targets go, for names of documents; a target without one goes by its id.
    pub labels: BTreeMap<TargetId, String>,
    /// Limits by kind.
    pub limits: BTreeMap<PolicyType, Limits>,
    /// Where each Sid was last time, by kind and document.
    pub previous: BTreeMap<(PolicyType, String), BTreeSet<String>>,
    /// Attachments of others, by kind and target.
    pub taken: BTreeMap<(PolicyType, TargetId), usize>,
    /// Attachments of ours, by kind and target.
    pub standing: BTreeMap<(PolicyType, TargetId), usize>,
}

impl Packing {
    fn limits(&self, policy_type: PolicyType) -> Limits {
        self.limits.get(&policy_type).copied().unwrap_or_else(|| Limits::of(policy_type))
    }

    fn room(&self, layout: &Layout) -> Room {
        let types = [PolicyType::ServiceControl, PolicyType::ResourceControl];
        let free = |policy_type, target: &TargetId| {
            let place = (policy_type, target.clone());
            let taken = self.taken.get(&place).copied().unwrap_or_default();
            (place, self.limits(policy_type).per_target.saturating_sub(taken))
        };
        Room {
            characters: types.map(|policy_type| (policy_type, self.limits(policy_type).characters)).into(),
            slots: types
                .iter()
                .flat_map(|policy_type| layout.paths().keys().map(|target| free(*policy_type, target)))
                .collect(),
        }
    }
}

/// Why statements do not fit.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PackError {
    /// One statement or one document written by hand is longer than a document may be.
    #[error("`{name}` has {found} characters; a {policy_type} may have {limit}")]
    TooLong {
        /// The Sid or the document.
        name: String,
        /// The kind.
        policy_type: PolicyType,
        /// Its characters.
        found: usize,
        /// The most there may be.
        limit: usize,
    },
    /// More documents than a target takes.
    #[error(
        "`{target}` would carry {needed} policies of type {policy_type} made here and {taken} of others; it takes {limit}"
    )]
    TooMany {
        /// The target.
        target: TargetId,
        /// The kind.
        policy_type: PolicyType,
        /// Documents of this plan.
        needed: usize,
        /// Attachments of others.
        taken: usize,
        /// The most there may be.
        limit: usize,
    },
    /// A name that AWS would refuse.
    #[error("the policy name `{name}` has {found} characters; a name may have {limit}")]
    NameTooLong {
        /// The name.
        name: String,
        /// Its characters.
        found: usize,
        /// The most there may be.
        limit: usize,
    },
}

/// Packs a draft.
pub fn pack(draft: Draft, packing: &Packing) -> Result<Plan, PackError> {
    let mut groups: BTreeMap<(PolicyType, BTreeSet<TargetId>), Vec<&Placed>> = BTreeMap::new();
    for placed in &draft.statements {
        groups.entry((placed.policy_type, placed.targets.clone())).or_default().push(placed);
    }
    let mut documents = Vec::new();
    let mut merged = BTreeMap::new();
    for ((policy_type, targets), statements) in &groups {
        let statements = merge(statements, &mut merged);
        documents.extend(fill(*policy_type, targets, statements, packing)?);
    }
    for written in &draft.written {
        documents.push(Packed {
            name: format!("{}{}", packing.name_prefix, written.name),
            policy_type: written.policy_type,
            content: written.document.to_json(),
            targets: written.targets.clone(),
            sids: sids(&written.document.statements),
            written: Some(written.name.clone()),
        });
    }
    documents.sort_by(|one, other| (one.policy_type, &one.name).cmp(&(other.policy_type, &other.name)));
    check(&documents, packing)?;
    let Draft { statements, layout, limits, notices, written: _ } = draft;
    let room = packing.room(&layout);
    Ok(Plan { documents, statements, merged, layout, room, limits, notices })
}

/// Unites statements that differ in their actions alone.
fn merge(statements: &[&Placed], merged: &mut BTreeMap<String, String>) -> Vec<Statement> {
    let mut kept: Vec<(Statement, Vec<String>)> = Vec::new();
    for placed in statements {
        let alike = kept.iter_mut().find(|(statement, _)| unites(statement, &placed.statement));
        match alike {
            Some((statement, names)) => {
                unite(statement, &placed.statement);
                names.push(placed.sid.clone());
            }
            None => kept.push((placed.statement.clone(), vec![placed.sid.clone()])),
        }
    }
    let name = |(mut statement, names): (Statement, Vec<String>)| {
        if names.len() > 1 {
            let sid = names.concat();
            statement.sid = Some(Text::from(&sid));
            merged.extend(names.into_iter().map(|name| (name, sid.clone())));
        }
        statement
    };
    kept.into_iter().map(name).collect()
}

fn unites(one: &Statement, other: &Statement) -> bool {
    let listed = |statement: &Statement| matches!(statement.actions, Some(Actions::Only(_)));
    let bare = |statement: &Statement| Statement { sid: None, actions: None, ..statement.clone() };
    listed(one) && listed(other) && bare(one) == bare(other)
}

fn unite(one: &mut Statement, other: &Statement) {
    if let (Some(Actions::Only(kept)), Some(Actions::Only(more))) = (&mut one.actions, &other.actions) {
        let all: BTreeSet<Text> = kept.iter().chain(more).cloned().collect();
        *kept = all.into_iter().collect();
    }
}

struct Bin {
    name: String,
    statements: Vec<Statement>,
}

/// First the documents of last time with what they had, then the longest
/// statement first into the first document with room for it.
fn fill(
    policy_type: PolicyType,
    targets: &BTreeSet<TargetId>,
    mut statements: Vec<Statement>,
    packing: &Packing,
) -> Result<Vec<Packed>, PackError> {
    let limit = packing.limits(policy_type).characters;
    let stem = stem(policy_type, targets, packing);
    statements.sort_by_key(|statement| {
        (std::cmp::Reverse(length(std::slice::from_ref(statement))), sid(statement))
    });
    let mut bins = former(policy_type, &stem, packing);
    let (stay, moving): (Vec<Statement>, Vec<Statement>) =
        statements.into_iter().partition(|statement| home(&bins, policy_type, statement, packing).is_some());
    for statement in stay.into_iter().chain(moving) {
        let found = length(std::slice::from_ref(&statement));
        if found > limit {
            return Err(PackError::TooLong { name: sid(&statement), policy_type, found, limit });
        }
        let fits = |bin: &Bin| {
            let together: Vec<Statement> = bin.statements.iter().chain([&statement]).cloned().collect();
            length(&together) <= limit
        };
        let home = home(&bins, policy_type, &statement, packing).filter(|at| bins.get(*at).is_some_and(fits));
        match home.or_else(|| bins.iter().position(fits)).and_then(|at| bins.get_mut(at)) {
            Some(bin) => bin.statements.push(statement),
            None => bins.push(Bin { name: free_name(&stem, &bins), statements: vec![statement] }),
        }
    }
    let filled = bins.into_iter().filter(|bin| !bin.statements.is_empty());
    Ok(filled.map(|bin| bin.into_packed(policy_type, targets)).collect())
}

impl Bin {
    fn into_packed(mut self, policy_type: PolicyType, targets: &BTreeSet<TargetId>) -> Packed {
        self.statements.sort_by_key(sid);
        let sids = sids(&self.statements);
        let content = Document::new(self.statements).to_json();
        Packed { name: self.name, policy_type, content, targets: targets.clone(), sids, written: None }
    }
}

fn home(bins: &[Bin], policy_type: PolicyType, statement: &Statement, packing: &Packing) -> Option<usize> {
    let sid = sid(statement);
    bins.iter().position(|bin| {
        packing.previous.get(&(policy_type, bin.name.clone())).is_some_and(|former| former.contains(&sid))
    })
}

fn former(policy_type: PolicyType, stem: &str, packing: &Packing) -> Vec<Bin> {
    let numbered = |name: &str| name.strip_prefix(stem).is_some_and(|number| number.parse::<u16>().is_ok());
    let names = packing.previous.keys().filter(|(kind, name)| *kind == policy_type && numbered(name));
    names.map(|(_, name)| Bin { name: name.clone(), statements: Vec::new() }).collect()
}

fn stem(policy_type: PolicyType, targets: &BTreeSet<TargetId>, packing: &Packing) -> String {
    let label = |target: &TargetId| packing.labels.get(target).cloned().unwrap_or_else(|| target.to_string());
    let mut labels: Vec<String> = targets.iter().map(label).collect();
    labels.sort_unstable();
    format!("{}{}-{}-", packing.name_prefix, short(policy_type), labels.join("-"))
}

fn free_name(stem: &str, bins: &[Bin]) -> String {
    let taken = |name: &String| bins.iter().any(|bin| bin.name == *name);
    (1..=u16::MAX)
        .map(|number| format!("{stem}{number}"))
        .find(|name| !taken(name))
        .unwrap_or_else(|| stem.to_owned())
}

fn check(documents: &[Packed], packing: &Packing) -> Result<(), PackError> {
    let mut needed: BTreeMap<(PolicyType, &TargetId), usize> = BTreeMap::new();
    for document in documents {
        let limit = packing.limits(document.policy_type).characters;
        let found = document.characters();
        if found > limit {
            let (name, policy_type) = (document.name.clone(), document.policy_type);
            return Err(PackError::TooLong { name, policy_type, found, limit });
        }
        let (found, limit) = (document.name.chars().count(), quota::POLICY_NAME_CHARACTERS.value);
        if found > limit {
            return Err(PackError::NameTooLong { name: document.name.clone(), found, limit });
        }
        for target in &document.targets {
            let count = needed.entry((document.policy_type, target)).or_default();
            *count = count.saturating_add(1);
        }
    }
    for ((policy_type, target), needed) in needed {
        let place = (policy_type, target.clone());
        let at = |counted: &BTreeMap<_, usize>| counted.get(&place).copied().unwrap_or_default();
        let (taken, standing) = (at(&packing.taken), at(&packing.standing));
        let limit = packing.limits(policy_type).per_target;
        // What hangs there already is not refused for what others hung beside it.
        if needed.saturating_add(taken) > limit && needed > standing {
            return Err(PackError::TooMany { target: target.clone(), policy_type, needed, taken, limit });
        }
    }
    Ok(())
}

fn length(statements: &[Statement]) -> usize {
    Document::new(statements.iter().cloned()).to_json().chars().count()
}

fn sid(statement: &Statement) -> String {
    statement.sid.as_ref().map(|sid| sid.as_str().to_owned()).unwrap_or_default()
}

fn sids(statements: &[Statement]) -> Vec<String> {
    statements.iter().map(sid).filter(|sid| !sid.is_empty()).collect()
}

#[cfg(test)]
mod tests;
