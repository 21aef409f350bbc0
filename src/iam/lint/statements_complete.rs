//! Every statement has the elements that make it work.

use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::{Actions, Principals, Resources, Statement, Text};

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
            for (element, lack) in lacking(subject.kind, statement) {
                let (message, fix) =
                    (message(subject.kind, element, lack), fix(subject.kind, element, lack, nowhere));
                findings.add(statement.at, message, fix);
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

/// What is wrong with an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lack {
    Missing,
    /// It names nothing.
    Empty,
}

fn message(kind: Kind, element: &str, lack: Lack) -> String {
    let effect = match (kind, lack) {
        (Kind::Endpoint, Lack::Empty) if element == PRINCIPAL => "the whole statement has no effect",
        (Kind::Key, _) if element != PRINCIPAL => "KMS stores the policy and ignores the whole statement",
        (Kind::Key | Kind::ServiceControl | Kind::ResourceControl | Kind::Identity | Kind::Endpoint, _) => {
            "AWS refuses the policy"
        }
    };
    match lack {
        Lack::Missing => format!("the statement has no {element}, so {effect}"),
        Lack::Empty => format!("{element} is empty, so {effect}"),
    }
}

fn fix(kind: Kind, element: &str, lack: Lack, nowhere: bool) -> String {
    if lack == Lack::Empty {
        return format!("name what is meant in {element}, or remove the statement");
    }
    if nowhere && element == PRINCIPAL {
        let noun = kind.noun();
        return format!("add {PRINCIPAL}; {noun} has one in each statement, so perhaps the type is wrong");
    }
    if kind == Kind::Key && element == "`Resource`" {
        return "add `\"Resource\": \"*\"`, which means this key".to_owned();
    }
    format!("add {element}")
}

fn lacking(kind: Kind, statement: &Statement) -> impl Iterator<Item = (&'static str, Lack)> {
    let of_list = |name, list: &[Text]| (name, list.is_empty().then_some(Lack::Empty));
    let actions = match &statement.actions {
        None => ("`Action`", Some(Lack::Missing)),
        Some(Actions::Only(list)) => of_list("`Action`", list),
        Some(Actions::AllBut(list)) => of_list("`NotAction`", list),
    };
    let resources = match &statement.resources {
        None => ("`Resource`", Some(Lack::Missing)),
        Some(Resources::Only(list)) => of_list("`Resource`", list),
        Some(Resources::AllBut(list)) => of_list("`NotResource`", list),
    };
    let lack = match &statement.principals {
        _ if !matches!(kind, Kind::Key | Kind::Endpoint) => None,
        None => Some(Lack::Missing),
        Some(Principals::Only(set)) => set.is_nobody().then_some(Lack::Empty),
        Some(Principals::AllBut(_)) => None,
    };
    [actions, resources, (PRINCIPAL, lack)].into_iter().filter_map(|(element, lack)| Some((element, lack?)))
}

const PRINCIPAL: &str = "`Principal`";

static DOC: Doc = Doc {
    id: "statements-complete",
    number: "L02",
    title: "Every statement is complete",
    severity: Severity::Error,
    kinds: &Kind::ALL,
    requires: "Each statement has `Action` or `NotAction` and `Resource` or `NotResource`; in a key policy and an \
               endpoint policy also `Principal`, in an identity policy never. None of them is empty.",
    why: "KMS accepts a key policy with a statement that lacks `Action` or `Resource` and ignores the statement. A \
          Deny that is ignored protects nothing, and nobody is told. What else is missing is refused, a `Principal` that \
          names nobody by KMS too.",
    remedy: "Add what is missing. In a key policy the resource is `*`, which means the key itself.",
    references: &[
        "KMS developer guide, Key policies",
        "KMS API reference, `PutKeyPolicy`",
        "Access Analyzer `MISSING_RESOURCE`, `MISSING_ACTION`, `EMPTY_ARRAY_PRINCIPAL`, `EMPTY_OBJECT_PRINCIPAL`",
    ],
};
