//! Nothing is said twice, and nothing in vain.

use std::collections::BTreeMap;

use crate::iam::arn::Arn;
use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::kms::{self, ACTIONS, Action, ResourceType};
use crate::iam::lint::{Rule, Subject};
use crate::iam::minify::takes_in;
use crate::iam::policy::{Actions, Resources, Statement, Text};

/// The rule.
#[derive(Debug)]
pub(super) struct NoRedundancy;

impl Rule for NoRedundancy {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        sids(subject, findings);
        let mut seen: Vec<Statement> = Vec::new();
        for statement in subject.statements() {
            let nameless = Statement { sid: None, ..statement.clone() };
            if seen.contains(&nameless) {
                findings.add_as(
                    Severity::Warning,
                    statement.at,
                    "the statement says the same as an earlier one",
                    "remove it",
                );
            }
            seen.push(nameless);
            covered(kms::patterns(statement), str::to_ascii_lowercase, findings);
            covered(kms::resources(statement), str::to_owned, findings);
            in_vain(statement, findings);
            for condition in statement.conditions.iter().filter(|condition| condition.values.is_empty()) {
                findings.add_as(
                    Severity::Warning,
                    condition.key.at(),
                    format!("`{}` is compared with an empty list", condition.key),
                    "give a value, or remove the condition",
                );
            }
        }
    }
}

fn sids(subject: &Subject<'_>, findings: &mut Findings) {
    let severity = if subject.kind == Kind::Key { Severity::Error } else { Severity::Warning };
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
    for (index, text) in texts.iter().enumerate() {
        let narrow = fold(text.as_str());
        let redundant = |(other, wide): &(usize, &Text)| {
            let wide = fold(wide.as_str());
            if wide == narrow { *other < index } else { is_whole(&wide) && takes_in(&wide, &narrow) }
        };
        if let Some((_, other)) = texts.iter().enumerate().find(redundant) {
            let message = format!("`{text}` is taken in by `{other}` of the same list");
            findings.add_as(Severity::Warning, text.at(), message, "remove it");
        }
    }
}

/// A pattern of a part of an ARN matches nothing, and so takes nothing in.
fn is_whole(pattern: &str) -> bool {
    !pattern.starts_with("arn:") || Arn::parse(pattern).is_some()
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
    requires: "Sids are unique; no statement, action or resource repeats what another says; no list of values is empty; \
               actions without a resource stand with `\"Resource\": \"*\"`.",
    why: "KMS refuses two equal Sids, an error; all else is a warning. What is said twice is changed once, and then the \
          other half still holds.",
    remedy: "Remove what is taken in by something else.",
    references: &[
        "Access Analyzer `REDUNDANT_ACTION`, `REDUNDANT_STATEMENT`, `EMPTY_ARRAY_…`",
        "parliament `DUPLICATE_SID`",
    ],
};
