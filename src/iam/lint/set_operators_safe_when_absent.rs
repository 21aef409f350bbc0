//! Set operators do not decide by a key that is missing.

use crate::iam::lint::contract::conditions::{is_always_there, requires_presence};
use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::kms::condition_key;
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::{Condition, Effect, Quantifier, Statement};

/// The rule.
#[derive(Debug)]
pub(super) struct SetOperatorsSafeWhenAbsent;

impl Rule for SetOperatorsSafeWhenAbsent {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        for statement in subject.statements() {
            for condition in &statement.conditions {
                judge(statement, condition, findings);
            }
        }
    }
}

fn judge(statement: &Statement, condition: &Condition, findings: &mut Findings) {
    let Some(quantifier) = condition.operator.quantifier else { return };
    let key = condition.key.as_str();
    let lower = key.to_ascii_lowercase();
    let Some(definition) = condition_key(key) else { return };
    let at = condition.key.at();
    match (quantifier, statement.effect) {
        (Quantifier::ForAllValues, Effect::Allow) => {
            all_allowed(statement, condition, definition.list, findings);
        }
        (Quantifier::ForAllValues, Effect::Deny) if !definition.list => findings.add_as(
            Severity::Warning,
            at,
            format!("`{key}` has one value, and `ForAllValues` also holds where it is missing"),
            "use the plain operator, with `IfExists` if a missing key shall be denied",
        ),
        (Quantifier::ForAnyValue, Effect::Deny)
            if condition.operator.comparison.is_negated()
                && (!definition.list || lower.ends_with("orgpaths")) =>
        {
            findings.add_as(
                Severity::Warning,
                at,
                format!("`ForAnyValue` does not hold where `{key}` is missing, so whoever comes without it is not denied"),
                if definition.list { "use `ForAllValues`" } else { "use the plain operator" },
            );
        }
        (Quantifier::ForAllValues | Quantifier::ForAnyValue, Effect::Deny)
        | (Quantifier::ForAnyValue, Effect::Allow) => {}
    }
}

/// `ForAllValues` in an Allow.
fn all_allowed(statement: &Statement, condition: &Condition, list: bool, findings: &mut Findings) {
    let (key, at) = (condition.key.as_str(), condition.key.at());
    if is_always_there(statement, condition) {
        if !list {
            findings.add_as(
                Severity::Warning,
                at,
                format!("`{key}` has one value, and `ForAllValues` is made for lists"),
                "use the plain operator",
            );
        }
    } else if !requires_presence(statement, &key.to_ascii_lowercase()) {
        findings.add(
            at,
            format!(
                "`ForAllValues` also holds where `{key}` is missing, so whoever comes without it is allowed"
            ),
            if list {
                format!("add `\"Null\": {{\"{key}\": \"false\"}}`, or use `ForAnyValue`")
            } else {
                format!("`{key}` has one value: use the plain operator")
            },
        );
    }
}

static DOC: Doc = Doc {
    id: "set-operators-safe-when-absent",
    number: "L08",
    title: "Set operators are safe where the key is missing",
    severity: Severity::Error,
    kinds: &Kind::ALL,
    requires: "No Allow hangs on `ForAllValues` without a test for presence, unless each of its actions always carries the \
               key, as `kms:CreateGrant` does `kms:GrantOperations`; no Deny hangs on `ForAnyValue` with a negated \
               operator; and keys with one value are compared with plain operators.",
    why: "`ForAllValues` holds for a missing key, `ForAnyValue` does not. In an Allow the first lets strangers in; in a \
          Deny the second lets them slip through: principals of no organisation carry no `aws:PrincipalOrgPaths`.",
    remedy: "In a Deny that means everybody but some, use `ForAllValues` with the negated operator. In an Allow add \
             `Null` with `false` for the key.",
    references: &[
        "Access Analyzer `FORALLVALUES_WITH_SINGLE_VALUED_KEY`",
        "IAM user guide, Multivalued context keys",
    ],
};
