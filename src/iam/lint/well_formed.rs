//! The text is JSON, and the JSON is a policy.

use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::{Finding, Findings};
use crate::iam::lint::{Rule, Subject};
use crate::iam::parse::ParseError;

/// The rule.
#[derive(Debug)]
pub(super) struct WellFormed;

impl Rule for WellFormed {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        for fault in subject.faults {
            findings.add(fault.at(), fault.message(), FIX);
        }
    }
}

/// The finding for what only the parser refuses.
pub(super) fn finding(refusal: &ParseError) -> Finding {
    Finding {
        rule: &DOC,
        severity: DOC.severity,
        at: refusal.at(),
        statement: None,
        message: refusal.message().to_owned(),
        fix: FIX.to_owned(),
    }
}

pub(super) const NUMBER: &str = "L01";
const FIX: &str = "correct the text here; AWS refuses the whole policy until then";

static DOC: Doc = Doc {
    id: "well-formed",
    number: NUMBER,
    title: "The policy is well-formed",
    severity: Severity::Error,
    kinds: &Kind::ALL,
    requires: "The text is JSON without duplicate names, and has only the elements, operators and values that the \
               policy language knows.",
    why: "AWS refuses the policy, often with a message that names no place. Where a tool reads it leniently, the \
          statement that is meant to protect is silently another one.",
    remedy: "Correct the text at the place that is named. Everything else in the policy is checked all the same.",
    references: &["Access Analyzer `JSON_SYNTAX_ERROR`", "parliament `MALFORMED_JSON`"],
};
