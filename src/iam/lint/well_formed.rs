//! The text is JSON, and the JSON is a policy.

use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::{Finding, Findings};
use crate::iam::lint::{Rule, Subject};
use crate::iam::parse::ParseError;
use crate::iam::policy::Text;

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
        if subject.kind == Kind::Identity {
            for sid in subject.statements().iter().filter_map(|statement| statement.sid.as_ref()) {
                alphanumeric(sid, findings);
            }
        }
    }
}

/// IAM takes letters and digits in a Sid, and KMS anything (IAM user guide, "Sid";
/// KMS developer guide, "Key policy format"). Organizations calls it a friendly
/// name and says no more (user guide, "SCP syntax"; read 2026-11).
fn alphanumeric(sid: &Text, findings: &mut Findings) {
    let Some(letter) = sid.as_str().chars().find(|letter| !letter.is_ascii_alphanumeric()) else { return };
    let words = sid.as_str().split(|letter: char| !letter.is_ascii_alphanumeric());
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>()
    };
    let fix = match words.map(capital).collect::<String>() {
        name if name.is_empty() => "write letters and digits".to_owned(),
        name => format!("write `{name}`"),
    };
    findings.add(
        sid.at(),
        format!(
            "the Sid `{sid}` has `{}`, and IAM takes letters from A to Z and digits alone",
            letter.escape_debug()
        ),
        fix,
    );
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
               policy language knows. In an identity policy each Sid is of ASCII letters and digits.",
    why: "AWS refuses the policy, often with a message that names no place. Where a tool reads it leniently, the \
          statement that is meant to protect is silently another one.",
    remedy: "Correct the text at the place that is named. What else can be read is checked all the same; where the text \
             is no JSON nothing can.",
    references: &[
        "Access Analyzer `JSON_SYNTAX_ERROR`",
        "Access Analyzer `UNSUPPORTED_SID`",
        "parliament `MALFORMED_JSON`",
    ],
};
