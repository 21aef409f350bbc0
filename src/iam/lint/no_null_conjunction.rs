//! Keys of one block that are all asked for are not meant as alternatives.

use crate::iam::lint::contract::conditions::says;
use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::kms;
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::{Comparison, Condition, Effect, Statement};

/// The rule.
#[derive(Debug)]
pub(super) struct NoNullConjunction;

impl Rule for NoNullConjunction {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        for statement in subject.with_effect(Effect::Deny) {
            joined(statement, Comparison::Null, "true", "missing", findings);
            joined(statement, Comparison::Bool, "false", "false", findings);
        }
    }
}

/// Two keys under one operator, that are both asked for.
fn joined(statement: &Statement, comparison: Comparison, word: &str, state: &str, findings: &mut Findings) {
    let exempts =
        |condition: &Condition| EXEMPTIONS.iter().any(|key| condition.key.as_str().eq_ignore_ascii_case(key));
    let asked: Vec<&Condition> = statement
        .conditions
        .iter()
        .filter(|condition| condition.operator.comparison == comparison && says(condition, word))
        .filter(|condition| !exempts(condition))
        .collect();
    let [first, _, ..] = asked.as_slice() else { return };
    let keys: Vec<&str> = asked.iter().map(|condition| condition.key.as_str()).collect();
    findings.add(
        first.key.at(),
        format!(
            "the statement denies only where {} are all {state}; one of them that is not is enough to pass",
            kms::list(&keys)
        ),
        "give each key a statement of its own, unless all together are meant",
    );
}

/// Keys that exempt, of which several are rightly asked for together.
const EXEMPTIONS: [&str; 3] = ["aws:PrincipalIsAWSService", "aws:ViaAWSService", "kms:GrantIsForAWSResource"];

static DOC: Doc = Doc {
    id: "no-null-conjunction",
    number: "L30",
    title: "Alternatives are statements of their own",
    severity: Severity::Warning,
    kinds: &[Kind::Key, Kind::ServiceControl, Kind::ResourceControl],
    requires: "A Deny has at most one key under `Null` with `true`, and at most one under `Bool` with `false` that is not \
               an exemption.",
    why: "Keys in one block are joined by AND. A Deny for missing tags that lists three of them denies only a request \
          that lacks all three.",
    remedy: "Write one statement per key.",
    references: &["IAM user guide, Conditions with multiple context keys or values"],
};
