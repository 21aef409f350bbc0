//! Why a statement does or does not match a request: what the request has and
//! what the statement wants.

use std::collections::BTreeSet;

use super::Matching;
use super::words::{listed, quoted};
use crate::iam::catalogue::condition_key;
use crate::iam::condition::{Condition, Fact, Truth};
use crate::iam::evaluate::Request;
use crate::iam::evaluate::compiled::{Mismatch, Statement};
use crate::iam::evaluate::unknown::{as_aws_spells, unknown};
use crate::iam::policy::{self, Actions, PrincipalSet, Principals, Resources, Text};

/// Whether the statement matches, and if not, for which reason.
pub(super) fn matching(
    request: &Request,
    statement: &Statement,
    of_resource: bool,
    bounded: bool,
) -> Matching {
    let source = &statement.source;
    match statement.mismatch(request, of_resource, bounded) {
        None if statement.applies(request) == Truth::Unknown => {
            Matching::Perhaps(unknown(&request.keys, statement.keys()))
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
    let asked = &request.action.name;
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
    let key = as_aws_spells(source.map_or(condition.key(), |source| source.key.as_str()));
    let wanted = source.map(|source| listed(&source.values)).unwrap_or_default();
    let found = match request.keys.find(condition.key()) {
        None => absent(request, &key),
        Some(Fact::One(value)) => format!("the request has `{value}`"),
        Some(Fact::List(values)) => {
            format!("the request has the list {}", quoted(values.iter().map(|value| &**value)))
        }
        Some(Fact::Unknown) => "it is unknown".to_owned(),
    };
    format!("`{}` on `{key}` with {wanted} does not hold: {found}", condition.operator())
}

/// Why the request does not have a key.
fn absent(request: &Request, key: &str) -> String {
    let of_aws = ["aws:", "kms:"].iter().any(|prefix| key.starts_with(prefix));
    match (condition_key(key), request.action.kms) {
        (None, _) if of_aws => "AWS has no key of that name".to_owned(),
        (Some(known), Some(action)) if !action.carries_defined(known) => {
            format!("`kms:{}` never has it", action.name)
        }
        _ => "the request does not have it".to_owned(),
    }
}

/// What the request says to the conditions of a statement that matches.
pub(super) fn evidence(request: &Request, statement: &Statement) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let keys = statement.source.conditions.iter().map(|condition| as_aws_spells(condition.key.as_str()));
    let told = keys.filter(|key| seen.insert(key.to_lowercase())).filter_map(|key| {
        match request.keys.find(&key.to_lowercase()) {
            None => Some(format!("no `{key}`")),
            Some(Fact::One(value)) => Some(format!("`{key}` is `{value}`")),
            Some(Fact::List(values)) => {
                Some(format!("`{key}` is {}", quoted(values.iter().map(|value| &**value))))
            }
            Some(Fact::Unknown) => None,
        }
    });
    told.collect()
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
