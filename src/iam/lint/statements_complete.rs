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
        let nowhere = subject.statements().iter().all(|statement| statement.principals.is_none());
        for statement in subject.statements().iter().filter(|statement| !subject.is_faulty(statement)) {
            missing(subject.kind, statement).for_each(|element| {
                findings.add(
                    statement.at,
                    message(subject.kind, element),
                    fix(subject.kind, element, nowhere),
                );
            });
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

fn message(kind: Kind, element: &str) -> String {
    let effect = match kind {
        Kind::Key if element != PRINCIPAL => "KMS stores the policy and ignores the whole statement",
        Kind::Key | Kind::ServiceControl | Kind::ResourceControl | Kind::Identity | Kind::Endpoint => {
            "AWS refuses the policy"
        }
    };
    format!("the statement has no {element}, so {effect}")
}

fn fix(kind: Kind, element: &str, nowhere: bool) -> String {
    if nowhere && element == PRINCIPAL {
        let noun = kind.noun();
        return format!("add {PRINCIPAL}; {noun} has one in each statement, so perhaps the type is wrong");
    }
    if kind == Kind::Key && element == "`Resource`" {
        return "add `\"Resource\": \"*\"`, which means this key".to_owned();
    }
    format!("add {element}")
}

fn missing(kind: Kind, statement: &Statement) -> impl Iterator<Item = &'static str> {
    let lists = [
        (kms::patterns(statement).is_empty(), "`Action`"),
        (kms::resources(statement).is_empty(), "`Resource`"),
        (matches!(kind, Kind::Key | Kind::Endpoint) && statement.principals.is_none(), PRINCIPAL),
    ];
    lists.into_iter().filter_map(|(missing, element)| missing.then_some(element))
}

const PRINCIPAL: &str = "`Principal`";

static DOC: Doc = Doc {
    id: "statements-complete",
    number: "L02",
    title: "Every statement is complete",
    severity: Severity::Error,
    kinds: &Kind::ALL,
    requires: "Each statement has `Action` or `NotAction` and `Resource` or `NotResource`; in a key policy and an \
               endpoint policy also `Principal`, in an identity policy never.",
    why: "KMS accepts a key policy with a statement that lacks `Action` or `Resource` and ignores the statement. A \
          Deny that is ignored protects nothing, and nobody is told. What else is missing is refused.",
    remedy: "Add what is missing. In a key policy the resource is `*`, which means the key itself.",
    references: &[
        "KMS developer guide, Key policies",
        "Access Analyzer `MISSING_RESOURCE`, `MISSING_ACTION`",
    ],
};
