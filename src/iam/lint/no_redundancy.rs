//! Nothing is said twice, and nothing in vain.

use std::collections::BTreeMap;

use crate::iam::canonical::account_form;
use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::kms::{self, ACTIONS, Action, ResourceType};
use crate::iam::lint::contract::reach::{Reach, is_whole};
use crate::iam::lint::{Rule, Subject};
use crate::iam::minify::Wide;
use crate::iam::policy::{Actions, Condition, Effect, PrincipalSet, Principals, Resources, Statement, Text};

/// The rule.
#[derive(Debug)]
pub(super) struct NoRedundancy;

impl Rule for NoRedundancy {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        sids(subject, findings);
        repeated(subject, findings);
        for statement in subject.statements() {
            covered(kms::patterns(statement), str::to_ascii_lowercase, findings);
            covered(kms::resources(statement), str::to_owned, findings);
            for names in listed(statement) {
                twice(names, account_form, findings);
            }
            in_vain(statement, findings);
            for condition in &statement.conditions {
                values(condition, findings);
            }
        }
    }
}

fn values(condition: &Condition, findings: &mut Findings) {
    twice(&condition.values, str::to_owned, findings);
    if condition.values.is_empty() {
        findings.add_as(
            Severity::Warning,
            condition.key.at(),
            format!("`{}` is compared with an empty list", condition.key),
            "give a value, or remove the condition",
        );
    }
}

/// Statements that another one takes in.
fn repeated(subject: &Subject<'_>, findings: &mut Findings) {
    let statements: Vec<Reach<'_>> = subject.statements().iter().map(Reach::of).collect();
    for (index, narrow) in statements.iter().enumerate() {
        let takes_in = |(other, wide): &(usize, &Reach<'_>)| {
            *other != index && wide.takes_in(narrow) && (*other < index || !narrow.takes_in(wide))
        };
        let Some((_, wide)) = statements.iter().enumerate().find(takes_in) else { continue };
        let does = match narrow.statement.effect {
            Effect::Allow => "allows",
            Effect::Deny => "denies",
        };
        let other = match wide.statement.sid.as_ref().filter(|sid| !sid.as_str().is_empty()) {
            Some(sid) => format!("`{sid}`"),
            None => format!("the statement in line {}", wide.statement.at.line),
        };
        findings.add_as(
            Severity::Warning,
            narrow.statement.at,
            format!("{other} {does} everything that this statement {does}"),
            "remove it",
        );
    }
}

/// The lists of `Principal` or `NotPrincipal`.
fn listed(statement: &Statement) -> Vec<&[Text]> {
    match &statement.principals {
        Some(Principals::Only(set) | Principals::AllBut(set)) => match set {
            PrincipalSet::Everyone => Vec::new(),
            PrincipalSet::Listed { aws, service, federated, canonical_user } => {
                vec![aws, service, federated, canonical_user]
            }
        },
        None => Vec::new(),
    }
}

fn sids(subject: &Subject<'_>, findings: &mut Findings) {
    let severity = match subject.kind {
        Kind::Key | Kind::Identity => Severity::Error,
        Kind::ServiceControl | Kind::ResourceControl | Kind::Endpoint => Severity::Warning,
    };
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    let sids = subject.statements().iter().filter_map(|statement| statement.sid.as_ref());
    for sid in sids.filter(|sid| !sid.as_str().is_empty()) {
        if let Some(line) = seen.get(sid.as_str()) {
            findings.add_as(
                severity,
                sid.at(),
                format!("the Sid `{sid}` is taken by the statement in line {line}"),
                "give each statement a Sid of its own",
            );
        }
        seen.entry(sid.as_str()).or_insert(sid.at().line);
    }
}

/// Entries that another entry of the list takes in.
fn covered(texts: &[Text], fold: impl Fn(&str) -> String, findings: &mut Findings) {
    let folded = texts.iter().map(|text| (text, fold(text.as_str())));
    // A text without a wildcard takes in nothing but itself.
    let wide = folded.filter(|(_, folded)| kms::is_pattern(folded) && is_whole(folded));
    let wide = wide.map(|(text, folded)| (text, Wide::new(&folded), folded)).collect::<Vec<_>>();
    let taken_in = |narrow: &str| {
        let other = wide.iter().find(|(_, wide, folded)| folded != narrow && wide.takes_in(narrow));
        other.map(|(text, _, _)| *text)
    };
    unless_first(texts, fold, taken_in, findings);
}

/// Entries that say the same as an earlier one.
fn twice(texts: &[Text], fold: impl Fn(&str) -> String, findings: &mut Findings) {
    unless_first(texts, fold, |_| None, findings);
}

fn unless_first<'t>(
    texts: &'t [Text],
    fold: impl Fn(&str) -> String,
    otherwise: impl Fn(&str) -> Option<&'t Text>,
    findings: &mut Findings,
) {
    let mut seen: BTreeMap<String, &Text> = BTreeMap::new();
    for text in texts {
        let narrow = fold(text.as_str());
        let other = seen.get(&narrow).copied().or_else(|| otherwise(&narrow));
        seen.entry(narrow).or_insert(text);
        if let Some(other) = other {
            taken_in(text, other, findings);
        }
    }
}

fn taken_in(text: &Text, other: &Text, findings: &mut Findings) {
    let message = if text == other {
        format!("`{text}` is in the list twice")
    } else {
        format!("`{text}` is taken in by `{other}` of the same list")
    };
    findings.add_as(Severity::Warning, text.at(), message, "remove it");
}

/// Actions without a resource, where `Resource` names some.
fn in_vain(statement: &Statement, findings: &mut Findings) {
    let (Some(Actions::Only(patterns)), Some(Resources::Only(resources))) =
        (&statement.actions, &statement.resources)
    else {
        return;
    };
    if resources.is_empty() || resources.iter().any(|resource| resource.as_str() == "*") {
        return;
    }
    for pattern in patterns {
        let all: Vec<&Action> = kms::expansion(pattern.as_str()).collect();
        let without: Vec<&Action> =
            all.iter().copied().filter(|action| action.resource == ResourceType::None).collect();
        // Nobody who writes `kms:*` means each of them.
        if without.is_empty() || all.len() == ACTIONS.len() {
            continue;
        }
        let names = kms::list(&kms::names(&without));
        let (severity, has) = match (kms::is_pattern(pattern.as_str()), without.len()) {
            (false, _) => (Severity::Warning, "has"),
            (true, 1) => (Severity::Info, "has"),
            (true, _) => (Severity::Info, "have"),
        };
        findings.add_as(
            severity,
            pattern.at(),
            format!(
                "{names} {has} no resource, so any other `Resource` than `*` leaves out what is named here"
            ),
            "give it a statement with `\"Resource\": \"*\"`, if it is meant",
        );
    }
}

static DOC: Doc = Doc {
    id: "no-redundancy",
    number: "L32",
    title: "Nothing is said twice or in vain",
    severity: Severity::Error,
    kinds: &Kind::ALL,
    requires: "Sids are unique; no statement, action, resource, principal or value repeats what another says; no list of \
               values is empty; actions without a resource stand with `\"Resource\": \"*\"`.",
    why: "KMS and IAM refuse two equal Sids, an error; all else is a warning. What is said twice is changed once, and then the \
          other half still holds.",
    remedy: "Remove what is taken in by something else.",
    references: &[
        "Access Analyzer `REDUNDANT_ACTION`, `REDUNDANT_STATEMENT`, `EMPTY_ARRAY_…`",
        "parliament `DUPLICATE_SID`",
    ],
};
