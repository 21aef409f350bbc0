//! Keys of one block that are all asked for are not meant as alternatives.

use crate::iam::lint::contract::conditions::says;
use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::kms;
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::{Comparison, Condition, Effect};

/// The rule.
#[derive(Debug)]
pub(super) struct NoNullConjunction;

impl Rule for NoNullConjunction {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        for statement in subject.with_effect(Effect::Deny) {
            for (comparison, word, verb) in
                [(Comparison::Null, "true", "missing"), (Comparison::Bool, "false", "false")]
            {
                let joined: Vec<&Condition> = statement
                    .conditions
                    .iter()
                    .filter(|condition| condition.operator.comparison == comparison && says(condition, word))
                    .filter(|condition| {
                        !EXEMPTIONS.iter().any(|key| condition.key.as_str().eq_ignore_ascii_case(key))
                    })
                    .collect();
                let [first, _, ..] = joined.as_slice() else { continue };
                let keys: Vec<&str> = joined.iter().map(|condition| condition.key.as_str()).collect();
                findings.add(
                    first.key.at(),
                    format!("the statement denies only where {} are all {verb}; one of them that is not is enough to pass", kms::list(&keys)),
                    "give each key a statement of its own, unless all together are meant",
                );
            }
        }
    }
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
