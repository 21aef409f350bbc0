//! Every condition key exists, and on the actions of its statement.

use crate::iam::lint::contract::conditions::{consequence, holds_without, says};
use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::kms::{self, ACTIONS, Action, CONDITION_KEYS, condition_key};
use crate::iam::lint::contract::nearest::nearest;
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::{Actions, Comparison, Condition, Effect, Statement};

/// The rule.
#[derive(Debug)]
pub(super) struct ConditionKeysPresent;

impl Rule for ConditionKeysPresent {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        for (statement, condition) in subject.conditions() {
            if condition_key(condition.key.as_str()).is_none() {
                unknown(statement, condition, findings);
            } else {
                absent(statement, condition, findings);
                omitted(statement, condition, findings);
            }
        }
    }
}

fn unknown(statement: &Statement, condition: &Condition, findings: &mut Findings) {
    let key = condition.key.as_str();
    let lower = key.to_ascii_lowercase();
    if !lower.starts_with("aws:") && !lower.starts_with("kms:") {
        return;
    }
    let holds = consequence(statement, holds_without(condition));
    let fix = match nearest(key, CONDITION_KEYS.iter().map(|known| known.name)) {
        Some(meant) => format!("write `{meant}`, if that is what is meant"),
        None => "take the key from the list of condition keys".to_owned(),
    };
    findings.add(condition.key.at(), format!("there is no condition key `{key}`: {holds}"), fix);
}

/// A key that AWS knows, on actions whose requests never carry it.
fn absent(statement: &Statement, condition: &Condition, findings: &mut Findings) {
    let lower = condition.key.as_str().to_ascii_lowercase();
    let without = |actions: &[&'static Action]| -> Vec<&'static Action> {
        actions.iter().copied().filter(|action| !action.carries(&lower)).collect()
    };
    let all = kms::actions(statement);
    let missing = without(&all);
    let holds = holds_without(condition);
    if !all.is_empty() && missing.len() == all.len() {
        // Actions of other services may carry it.
        if kms::is_about_kms_alone(statement) {
            let message = format!(
                "`{}` is never present on {}: {}",
                condition.key,
                kms::list(&kms::names(&all)),
                consequence(statement, holds)
            );
            findings.add(condition.key.at(), message, fix(&lower));
        }
        return;
    }
    let named = without(&literal(statement));
    if named.is_empty() {
        return;
    }
    let severity = match (statement.effect, holds) {
        (Effect::Deny | Effect::Allow, true) => Severity::Error,
        (Effect::Deny | Effect::Allow, false) => Severity::Warning,
    };
    let message = format!(
        "`{}` is never present on {}: for {} {}",
        condition.key,
        kms::list(&kms::names(&named)),
        if named.len() == 1 { "it" } else { "them" },
        consequence(statement, holds)
    );
    findings.add_as(severity, condition.key.at(), message, "give these actions a statement of their own");
}

/// For most parameters that a caller omits KMS fills in the default; for this
/// one it does not (KMS developer guide, "Condition keys", read 2026-11).
fn omitted(statement: &Statement, condition: &Condition, findings: &mut Findings) {
    let key = "kms:BypassPolicyLockoutSafetyCheck";
    let asks = condition.key.as_str().eq_ignore_ascii_case(key)
        && condition.operator.comparison == Comparison::Bool
        && says(condition, "false");
    if asks && statement.effect == Effect::Deny && !holds_without(condition) {
        findings.add_as(
            Severity::Warning,
            condition.key.at(),
            format!("`{key}` is missing where the caller does not set it, so the condition does not hold for ordinary calls"),
            "use `BoolIfExists`, or deny `true`",
        );
    }
    let forbids = condition.key.as_str().eq_ignore_ascii_case(key) && says(condition, "true");
    if forbids && statement.effect == Effect::Deny && condition.operator.if_exists {
        findings.add_as(
            Severity::Warning,
            condition.key.at(),
            format!(
                "`{key}` is missing where the caller does not set it, so this Deny stops every ordinary call"
            ),
            "use `Bool`",
        );
    }
}

/// The KMS actions that are named in full.
fn literal(statement: &Statement) -> Vec<&'static Action> {
    let Some(Actions::Only(patterns)) = &statement.actions else { return Vec::new() };
    let named = patterns.iter().filter(|pattern| !kms::is_pattern(pattern.as_str()));
    named.flat_map(|pattern| kms::expansion(pattern.as_str())).collect()
}

fn fix(key: &str) -> String {
    let carriers: Vec<&Action> = ACTIONS.iter().filter(|action| action.carries(key)).collect();
    match carriers.len() {
        0 => "remove the condition".to_owned(),
        _ => format!("test it on an action that carries it: {}", kms::list(&kms::names(&carriers))),
    }
}

static DOC: Doc = Doc {
    id: "condition-keys-present",
    number: "L06",
    title: "Every condition key is there to be tested",
    severity: Severity::Error,
    kinds: &Kind::ALL,
    requires: "Each `aws:` and `kms:` condition key is one that AWS documents, and one that the actions of its \
               statement carry.",
    why: "A key that is not in the request is missing, and a missing key satisfies every negated operator. \
          `aws:PrincipalOrgPath`, an `s` short, in a Deny with `StringNotLike` denies everybody, the root user \
          included; `kms:RotationPeriodInDays` on `CreateKey` denies nobody.",
    remedy: "Correct the name, or move the condition to a statement whose actions carry the key.",
    references: &[
        "Service authorization reference, AWS KMS",
        "IAM user guide, Global condition context keys",
        "parliament `UNKNOWN_CONDITION_FOR_ACTION`",
    ],
};
