//! Why each statement did or did not match a request: what the request has and
//! what the statement wants.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::iam::condition::{Condition, Fact, Truth};
use crate::iam::evaluate::analyse::has_principals;
use crate::iam::evaluate::compiled::{Mismatch, Statement};
use crate::iam::evaluate::{Compiled, Layer, Policies, Request, StatementRef};
use crate::iam::policy::{self, Actions, PrincipalSet, Principals, Resources, Text};

/// One statement and why it does or does not apply to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The statement.
    pub statement: StatementRef,
    /// Which policy of its layer or level it is in, from 1.
    pub policy: usize,
    /// Which statement of its policy it is, from 1.
    pub number: usize,
    /// Whether it matches.
    pub matching: Matching,
}

/// Whether a statement matches a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matching {
    /// In every element.
    Yes,
    /// In every element whose keys are known; these, in lower case, are not.
    Perhaps(BTreeSet<String>),
    /// It does not name the action.
    OtherAction(String),
    /// It names the action, and something else keeps it from matching.
    No(String),
}

impl Matching {
    /// What keeps the statement from matching, in words.
    pub fn mismatch(&self) -> Option<&str> {
        match self {
            Self::Yes | Self::Perhaps(_) => None,
            Self::OtherAction(why) | Self::No(why) => Some(why),
        }
    }
}

/// Explains every statement of every policy, layer by layer. Whether a layer
/// applies to the request at all is the decision's business.
pub fn explain(request: &Request, policies: &Policies) -> Vec<Explanation> {
    let bounded = request.caller.account().is_some() && !policies.permission_boundaries.is_empty();
    let mut explained = Vec::new();
    let mut add = |layer: Layer, target: Option<&Arc<str>>, policies: &[Compiled]| {
        for (policy, compiled) in (1_usize..).zip(policies) {
            for (number, statement) in (1_usize..).zip(compiled.statements.iter()) {
                let matching = matching(request, statement, has_principals(layer), bounded);
                let statement = reference(layer, target, statement);
                explained.push(Explanation { statement, policy, number, matching });
            }
        }
    };
    add(Layer::Identity, None, &policies.identity);
    add(Layer::Resource, None, policies.resource.as_slice());
    for (layer, levels) in [(Layer::ServiceControl, &policies.scp), (Layer::ResourceControl, &policies.rcp)] {
        for level in levels.iter().flatten() {
            add(layer, Some(&level.target), &level.policies);
        }
    }
    add(Layer::PermissionBoundary, None, &policies.permission_boundaries);
    add(Layer::Session, None, policies.session.as_slice());
    add(Layer::Endpoint, None, &policies.endpoint);
    explained
}

fn reference(layer: Layer, target: Option<&Arc<str>>, statement: &Statement) -> StatementRef {
    StatementRef { layer, target: target.cloned(), sid: statement.sid.clone(), effect: statement.effect }
}

fn matching(request: &Request, statement: &Statement, of_resource: bool, bounded: bool) -> Matching {
    let source = &statement.source;
    match statement.mismatch(request, of_resource, bounded) {
        None if statement.applies(request) == Truth::Unknown => {
            let unknown = statement.keys().filter(|key| request.keys.find(key) == Some(&Fact::Unknown));
            Matching::Perhaps(unknown.map(str::to_owned).collect())
        }
        None => Matching::Yes,
        Some(Mismatch::Inert(element)) => {
            Matching::No(format!("the statement has no {element}, so it does nothing"))
        }
        Some(Mismatch::Action) => Matching::OtherAction(actions(request, source)),
        Some(Mismatch::Principal) => Matching::No(principals(request, source)),
        Some(Mismatch::Resource) => Matching::No(resources(request, source)),
        Some(Mismatch::Condition(place, condition)) => {
            Matching::No(conditions(request, condition, source.conditions.get(place)))
        }
    }
}

fn actions(request: &Request, source: &policy::Statement) -> String {
    let asked = &request.action.text;
    match &source.actions {
        Some(Actions::Only(wanted)) => {
            format!("`Action` wants {}, the request asks for `{asked}`", listed(wanted))
        }
        Some(Actions::AllBut(spared)) => {
            format!("`NotAction` leaves out {}, the request asks for `{asked}`", listed(spared))
        }
        None => "the statement has no `Action`, so it does nothing".to_owned(),
    }
}

fn principals(request: &Request, source: &policy::Statement) -> String {
    let caller = request.caller.name();
    match &source.principals {
        Some(Principals::Only(wanted)) => {
            format!("`Principal` wants {}, the caller is {caller}", named(wanted))
        }
        Some(Principals::AllBut(spared)) => {
            format!("`NotPrincipal` leaves out {}, the caller is {caller}", named(spared))
        }
        None => "the statement has no `Principal`, so it does nothing".to_owned(),
    }
}

fn resources(request: &Request, source: &policy::Statement) -> String {
    let asked = request.resource.text();
    match &source.resources {
        Some(Resources::Only(wanted)) => {
            format!("`Resource` wants {}, the request is on `{asked}`", listed(wanted))
        }
        Some(Resources::AllBut(spared)) => {
            format!("`NotResource` leaves out {}, the request is on `{asked}`", listed(spared))
        }
        None => "the statement has no `Resource`, so it does nothing".to_owned(),
    }
}

fn conditions(request: &Request, condition: &Condition, source: Option<&policy::Condition>) -> String {
    let found = match request.keys.find(condition.key()) {
        None => "the request does not have it".to_owned(),
        Some(Fact::One(value)) => format!("the request has `{value}`"),
        Some(Fact::List(values)) => {
            format!("the request has the list {}", quoted(values.iter().map(|value| &**value)))
        }
        Some(Fact::Unknown) => "it is unknown".to_owned(),
    };
    let key = source.map_or(condition.key(), |source| source.key.as_str());
    let wanted = source.map(|source| listed(&source.values)).unwrap_or_default();
    format!("`{}` on `{key}` with {wanted} does not hold: {found}", condition.operator())
}

fn named(set: &PrincipalSet) -> String {
    match set {
        PrincipalSet::Everyone => "`*`".to_owned(),
        PrincipalSet::Listed { aws, service, federated, canonical_user } => {
            let all = aws.iter().chain(service).chain(federated).chain(canonical_user);
            quoted(all.map(Text::as_str))
        }
    }
}

fn listed(texts: &[Text]) -> String {
    quoted(texts.iter().map(Text::as_str))
}

/// A few of the words, so that a line stays one.
fn quoted<'t>(words: impl Iterator<Item = &'t str>) -> String {
    let words: Vec<&str> = words.collect();
    let shown: Vec<String> = words.iter().take(SHOWN).map(|word| format!("`{word}`")).collect();
    match words.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// How many values of a list are shown.
const SHOWN: usize = 4;
