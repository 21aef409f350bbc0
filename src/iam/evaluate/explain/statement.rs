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
use crate::iam::template::{Mention, mentions};

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
            Matching::Perhaps(unknown(&request.keys, statement.open_keys(request)))
        }
        None => Matching::Yes,
        Some(Mismatch::Inert(element)) => {
            Matching::No(format!("the statement has no {element}, so it does nothing"))
        }
        Some(Mismatch::Action) => Matching::OtherAction(actions(request, source)),
        Some(Mismatch::Principal) => Matching::No(principals(request, source)),
        Some(Mismatch::Resource) => Matching::No(resources(request, statement)),
        Some(Mismatch::Condition(place, condition)) => {
            Matching::No(conditions(request, statement, condition, source.conditions.get(place)))
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
            let pattern = texts(wanted).any(|text| text.len() > 1 && text.contains(['*', '?']));
            let literal = if pattern { "; a name in `Principal` is no pattern" } else { "" };
            format!("`Principal` wants {}, the caller is {caller}{literal}", named(wanted))
        }
        Some(Principals::AllBut(spared)) => {
            format!("`NotPrincipal` leaves out {}, the caller is {caller}", named(spared))
        }
        None => "the statement has no `Principal`, so it does nothing".to_owned(),
    }
}

fn resources(request: &Request, statement: &Statement) -> String {
    let asked = request.resource.text();
    match &statement.source.resources {
        Some(Resources::Only(wanted)) => {
            let variables = variables(request, statement, wanted);
            format!("`Resource` wants {}, the request is on `{asked}`{variables}", listed(wanted))
        }
        Some(Resources::AllBut(spared)) => {
            format!("`NotResource` leaves out {}, the request is on `{asked}`", listed(spared))
        }
        None => "the statement has no `Resource`, so it does nothing".to_owned(),
    }
}

fn conditions(
    request: &Request,
    statement: &Statement,
    condition: &Condition,
    source: Option<&policy::Condition>,
) -> String {
    let operator = condition.operator();
    let key = as_aws_spells(source.map_or(condition.key(), |source| source.key.as_str()));
    let wanted = source.map(|source| listed(&source.values)).unwrap_or_default();
    let found = match request.keys.find(condition.key()) {
        None => absent(request, &key),
        Some(Fact::One(value)) => format!("the request has `{value}`"),
        Some(Fact::List(values)) => {
            let list = quoted(values.iter().map(|value| &**value));
            let never = "only `ForAnyValue` and `ForAllValues` compare lists";
            let never = if operator.quantifier.is_none() { format!("; {never}") } else { String::new() };
            format!("the request has the list {list}{never}")
        }
        Some(Fact::There) => "it is there, and its value is unknown".to_owned(),
        Some(Fact::Partly(_) | Fact::Unknown) => "it is unknown".to_owned(),
    };
    let variables = source.map(|source| variables(request, statement, &source.values)).unwrap_or_default();
    format!("`{operator}` on `{key}` with {wanted} does not hold: {found}{variables}")
}

/// What is to be known of the policy variables in the texts where they match nothing.
fn variables(request: &Request, statement: &Statement, texts: &[Text]) -> String {
    let named = texts.iter().flat_map(|text| mentions(text.as_str())).filter_map(|mention| match mention {
        Mention::Variable { key, has_fallback: false, .. } => Some(key),
        Mention::Variable { .. } | Mention::Open { .. } => None,
    });
    let named: Vec<&str> = named.collect();
    let read: BTreeSet<&str> = statement.keys().collect();
    if named.iter().any(|name| !read.contains(&*name.to_lowercase())) {
        return "; variables are read in policies of version 2012-10-17 alone".to_owned();
    }
    let without = |name: &&str| request.keys.find(&name.to_lowercase()).is_none();
    let empty: BTreeSet<&str> = named.into_iter().filter(without).collect();
    if empty.is_empty() { String::new() } else { format!("; without a value: {}", quoted(empty)) }
}

/// Why the request does not have a key.
fn absent(request: &Request, key: &str) -> String {
    let of_aws = ["aws:", "kms:"].iter().any(|prefix| key.starts_with(prefix));
    if of_aws && condition_key(key).is_none() {
        "AWS has no key of that name".to_owned()
    } else if never_sent(request, key) {
        format!("`{}` never has it", request.action.name)
    } else {
        "the request does not have it".to_owned()
    }
}

/// What the request says to the conditions of a statement that matches, and
/// why a caller that it lists is not spared.
pub(super) fn evidence(request: &Request, statement: &Statement, bounded: bool) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let not_spared = statement.hits_whom_it_lists(request).then(|| {
        let why = if bounded {
            "`NotPrincipal` spares nobody who has a permissions boundary"
        } else {
            "`NotPrincipal` spares a caller only where it lists the account as well, and for a session the role"
        };
        why.to_owned()
    });
    let keys = statement.source.conditions.iter().map(|condition| as_aws_spells(condition.key.as_str()));
    let told = keys.filter(|key| seen.insert(key.to_lowercase())).filter_map(|key| {
        match request.keys.find(&key.to_lowercase()) {
            None if never_sent(request, &key) => {
                Some(format!("no `{key}`, which `{}` never has", request.action.name))
            }
            None => Some(format!("no `{key}`")),
            Some(Fact::One(value)) => Some(format!("`{key}` is `{value}`")),
            Some(Fact::List(values)) => {
                Some(format!("`{key}` is {}", quoted(values.iter().map(|value| &**value))))
            }
            Some(Fact::There) => Some(format!("`{key}` is there")),
            Some(Fact::Partly(_) | Fact::Unknown) => None,
        }
    });
    not_spared.into_iter().chain(told).collect()
}

/// Whether AWS has the key and never sends it with the action.
fn never_sent(request: &Request, key: &str) -> bool {
    match (condition_key(key), request.action.kms) {
        (Some(known), Some(action)) => !action.carries_defined(known),
        _ => false,
    }
}

fn named(set: &PrincipalSet) -> String {
    match set {
        PrincipalSet::Everyone => "`*`".to_owned(),
        PrincipalSet::Listed { .. } => quoted(texts(set)),
    }
}

fn texts(set: &PrincipalSet) -> impl Iterator<Item = &str> {
    let lists = match set {
        PrincipalSet::Everyone => [[].as_slice(); 4],
        PrincipalSet::Listed { aws, service, federated, canonical_user } => {
            [aws, service, federated, canonical_user].map(Vec::as_slice)
        }
    };
    lists.into_iter().flatten().map(Text::as_str)
}
