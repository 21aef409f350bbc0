//! Every statement has the elements that make it work.

use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::kms;
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::Statement;

/// The rule.
#[derive(Debug)]
pub(super) struct StatementsComplete;

impl Rule for StatementsComplete {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        // What is missing may be what could not be read.
        for statement in subject.statements().iter().filter(|statement| !subject.is_faulty(statement)) {
            for element in missing(subject.kind, statement) {
                let effect = if subject.kind == Kind::Key {
                    "KMS stores the policy and ignores the whole statement"
                } else {
                    "AWS refuses the policy"
                };
                let fix = match element {
                    "`Resource`" if subject.kind == Kind::Key => {
                        "add `\"Resource\": \"*\"`, which means this key"
                    }
                    "`Resource`" => "add `Resource`",
                    "`Action`" => "add `Action`",
                    _ => "add `Principal`",
                };
                findings.add(statement.at, format!("the statement has no {element}, so {effect}"), fix);
            }
            if subject.kind == Kind::Identity && statement.principals.is_some() {
                findings.add(
                    statement.at,
                    "the statement names principals, which an identity policy must not",
                    "remove `Principal`; the policy means whoever it is attached to",
                );
            }
        }
    }
}

fn missing(kind: Kind, statement: &Statement) -> impl Iterator<Item = &'static str> {
    let lists = [
        (kms::patterns(statement).is_empty(), "`Action`"),
        (kms::resources(statement).is_empty(), "`Resource`"),
        (matches!(kind, Kind::Key | Kind::Endpoint) && statement.principals.is_none(), "`Principal`"),
    ];
    lists.into_iter().filter_map(|(missing, element)| missing.then_some(element))
}

static DOC: Doc = Doc {
    id: "statements-complete",
    number: "L02",
    title: "Every statement is complete",
    severity: Severity::Error,
    kinds: &Kind::ALL,
    requires: "Each statement has `Action` or `NotAction` and `Resource` or `NotResource`; in a key policy and an \
               endpoint policy also `Principal`, in an identity policy never.",
    why: "KMS accepts a key policy with a statement that lacks one of these and ignores the statement. A Deny that is \
          ignored protects nothing, and nobody is told.",
    remedy: "Add what is missing. In a key policy the resource is `*`, which means the key itself.",
    references: &[
        "KMS developer guide, Key policies",
        "Access Analyzer `MISSING_RESOURCE`, `MISSING_ACTION`",
    ],
};
