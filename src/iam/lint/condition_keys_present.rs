//! Every condition key exists, and on the actions of its statement.

use crate::iam::lint::contract::conditions::{as_list, consequence, holds_without, says};
use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::keys::{Standing, standing};
use crate::iam::lint::contract::kms::{self, ACTIONS, Action, condition_key};
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::{Actions, Comparison, Condition, Effect, Statement, Text, Version};
use crate::iam::template::{Mention, mentions};

/// The rule.
#[derive(Debug)]
pub(super) struct ConditionKeysPresent;

impl Rule for ConditionKeysPresent {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        for (statement, condition) in subject.conditions() {
            match standing(condition.key.as_str(), kms::is_about_kms_alone(statement)) {
                Standing::Elsewhere => {}
                Standing::Known(_) => {
                    absent(statement, condition, findings);
                    omitted(statement, condition, findings);
                }
                Standing::Mistaken(meant) => mistaken(statement, condition, meant, findings),
                Standing::New => new(statement, condition, findings),
            }
        }
        // In the language of 2008 variables are plain text, which another rule tells.
        if subject.document.version == Some(Version::V2012) {
            for statement in subject.statements() {
                variables(statement, findings);
            }
        }
    }
}

fn mistaken(statement: &Statement, condition: &Condition, meant: Option<String>, findings: &mut Findings) {
    let holds = consequence(statement, holds_without(condition));
    let fix = match meant {
        Some(meant) => {
            format!("write `{meant}`{}, if that is what is meant", under(statement, condition, &meant))
        }
        None => "take the key from the list of condition keys, with the prefix before its colon".to_owned(),
    };
    findings.add(condition.key.at(), format!("there is no condition key `{}`: {holds}", condition.key), fix);
}

/// AWS adds keys, so that one that resembles none may be right.
fn new(statement: &Statement, condition: &Condition, findings: &mut Findings) {
    findings.add_as(
        Severity::Warning,
        condition.key.at(),
        format!(
            "`{}` is none of the condition keys that AWS documents for KMS; unless it is new, {}",
            condition.key,
            consequence(statement, holds_without(condition))
        ),
        NEW,
    );
}

/// The variables in the statement's resources and in the values of its
/// conditions, which stand for condition keys too.
fn variables(statement: &Statement, findings: &mut Findings) {
    for resource in kms::resources(statement) {
        for mention in mentions(resource.as_str()) {
            variable(statement, resource, &mention, "the resource matches nothing", findings);
        }
    }
    for condition in &statement.conditions {
        // What cannot be resolved matches nothing, so that a negated comparison holds.
        let effect = match condition.values.len() {
            1 => consequence(statement, condition.operator.comparison.is_negated()),
            _ => "the value matches nothing",
        };
        for value in &condition.values {
            for mention in mentions(value.as_str()) {
                variable(statement, value, &mention, effect, findings);
            }
        }
    }
}

fn variable(
    statement: &Statement,
    text: &Text,
    mention: &Mention<'_>,
    effect: &str,
    findings: &mut Findings,
) {
    let (inside, key, has_fallback) = match mention {
        Mention::Variable { inside, key, has_fallback } => (inside, key, *has_fallback),
        Mention::Open { inside } => {
            let message = format!("`${{{inside}` is never closed, so it is plain text and no variable");
            findings.add(text.at(), message, "write `}` behind the name of the key");
            return;
        }
    };
    let effect = if has_fallback { "the fallback always stands in for it" } else { effect };
    match standing(key, kms::is_about_kms_alone(statement)) {
        Standing::Known(known) if known.list => findings.add(
            text.at(),
            format!("`{key}` holds a list, which `${{{inside}}}` cannot stand for: {effect}"),
            "compare the key itself, with `ForAnyValue:` or `ForAllValues:`",
        ),
        Standing::Known(_) | Standing::Elsewhere => {}
        Standing::Mistaken(meant) => {
            let fix = match meant {
                Some(meant) => format!("write `${{{meant}}}`, if that is what is meant"),
                None => "name a condition key between the braces, with its prefix".to_owned(),
            };
            let message = format!("there is no condition key `{key}` for `${{{inside}}}` to stand for: {effect}");
            findings.add(text.at(), message, fix);
        }
        Standing::New => findings.add_as(
            Severity::Warning,
            text.at(),
            format!(
                "`{key}` in `${{{inside}}}` is none of the condition keys that AWS documents for KMS; unless it is new, \
                 {effect}"
            ),
            NEW,
        ),
    }
}

/// The operator that the key needs which is meant, where it is another.
fn under(statement: &Statement, condition: &Condition, meant: &str) -> String {
    let operator = condition.operator;
    let is_list = condition_key(meant).is_some_and(|definition| definition.list);
    if !is_list || operator.quantifier.is_some() || operator.comparison == Comparison::Null {
        return String::new();
    }
    let condition = Condition { key: meant.into(), ..condition.clone() };
    format!(" under {}", as_list(statement, &condition))
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
    if statement.effect != Effect::Deny || !condition.key.as_str().eq_ignore_ascii_case(key) {
        return;
    }
    let effect = if holds_without(condition) {
        "so this Deny stops every ordinary call"
    } else if condition.operator.comparison == Comparison::Bool && says(condition, "false") {
        "so this Deny stops only who writes `false` out, as every ordinary call means it"
    } else {
        return;
    };
    findings.add_as(
        Severity::Warning,
        condition.key.at(),
        format!("`{key}` is missing where the caller does not set it, {effect}"),
        "deny `true`, with `Bool`",
    );
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

const NEW: &str = "look it up in AWS's list of condition keys";

static DOC: Doc = Doc {
    id: "condition-keys-present",
    number: "L06",
    title: "Every condition key is there to be tested",
    severity: Severity::Error,
    kinds: &Kind::ALL,
    requires: "Each condition key, under an operator or as a variable `${…}`, is one that AWS documents, and one that \
               the actions of its statement carry. Keys of other services are left alone in statements about other \
               services too, keys of identity providers everywhere. A variable is closed, and stands for no list.",
    why: "A key that is not in the request is missing, and a missing key satisfies every negated operator. \
          `aws:PrincipalOrgPath`, an `s` short, in a Deny with `StringNotLike` denies everybody, the root user \
          included, and so does a key without its prefix; `kms:RotationPeriodInDays` on `CreateKey` denies nobody. A \
          name that resembles none may be a key that AWS has added since, and is a warning.",
    remedy: "Correct the name, or move the condition to a statement whose actions carry the key.",
    references: &[
        "Service authorization reference, AWS KMS",
        "IAM user guide, Global condition context keys",
        "parliament `UNKNOWN_CONDITION_FOR_ACTION`",
    ],
};
