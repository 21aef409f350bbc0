//! Nothing is said twice, and nothing in vain.

use std::collections::BTreeMap;

use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::kms::{self, ResourceType};
use crate::iam::lint::{Rule, Subject};
use crate::iam::pattern::Pattern;
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
        let folded = fold(text.as_str());
        let takes_in = |(other, pattern): &(usize, &Text)| {
            let wide = fold(pattern.as_str());
            let same = wide == folded;
            (same && *other < index || !same && kms::is_pattern(&wide))
                && Pattern::wild(&wide).matches(&folded)
        };
        if let Some((_, other)) = texts.iter().enumerate().find(takes_in) {
            let message = format!("`{text}` is taken in by `{other}` of the same list");
            findings.add_as(Severity::Warning, text.at(), message, "remove it");
        }
    }
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
    for pattern in patterns.iter().filter(|pattern| !kms::is_pattern(pattern.as_str())) {
        if kms::expansion(pattern.as_str()).any(|action| action.resource == ResourceType::None) {
            findings.add_as(
                Severity::Warning,
                pattern.at(),
                format!(
                    "`{pattern}` has no resource, so with any other `Resource` than `*` it matches nothing"
                ),
                "give it a statement with `\"Resource\": \"*\"`",
            );
        }
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
