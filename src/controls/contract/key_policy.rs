//! What a control asks of a key policy: whether some Deny in it protects at
//! least as much as a wanted one.
//!
//! The answer is structural and errs to the safe side: protection in an
//! unusual form may go unseen, missing protection never does.

use crate::controls::contract::verdict::{Property, Verdict, Violation};
use crate::iam::parse;
use crate::iam::policy::{
    Actions, Comparison, Condition, Document, Effect, PolicyKind, Principals, Resources, Statement, Text,
};
use crate::model::fact::Fact;

/// The key policy as a tree, or the verdict that follows from not having one.
pub(crate) fn read(policy: &Fact<String>) -> Result<Document, Verdict> {
    match policy {
        Fact::Unknown => Err(Verdict::undecided("the key policy is known after apply")),
        Fact::Unreadable(reason) => {
            Err(Verdict::undecided(format!("the key policy could not be read: {reason}")))
        }
        Fact::Known(text) => parse(text, PolicyKind::Resource).map_err(|error| {
            Verdict::Violated(vec![Violation {
                property: Property::Policy,
                found: format!("a key policy that cannot be read: {error}"),
                required: "a key policy in JSON".to_owned(),
                fix: "correct the policy at the place that is named".to_owned(),
            }])
        }),
    }
}

/// The actions of `wanted` that no Deny of the policy forbids whenever `wanted` would.
pub(crate) fn unprotected<'a>(policy: &Document, wanted: &'a Statement) -> Vec<&'a str> {
    let Some(Actions::Only(actions)) = &wanted.actions else { return Vec::new() };
    let protects = |action: &&str| policy.statements.iter().any(|found| forbids(found, action, wanted));
    actions.iter().map(Text::as_str).filter(|action| !protects(action)).collect()
}

fn forbids(found: &Statement, action: &str, wanted: &Statement) -> bool {
    let everybody = matches!(&found.principals, Some(Principals::Only(set)) if set.is_everyone());
    let acts = matches!(&found.actions, Some(Actions::Only(patterns)) if patterns.iter().any(|pattern| {
        matches(&pattern.as_str().to_ascii_lowercase(), &action.to_ascii_lowercase())
    }));
    let here = matches!(&found.resources, Some(Resources::Only(patterns)) if patterns.iter().any(|pattern| {
        pattern.as_str() == "*"
    }));
    let whenever =
        found.conditions.iter().all(|found| wanted.conditions.iter().any(|wanted| implies(wanted, found)));
    found.effect == Effect::Deny && everybody && acts && here && whenever
}

/// Whether `found` holds whenever `wanted` holds: a negated operator holds more
/// often with fewer values, a positive one with more.
fn implies(wanted: &Condition, found: &Condition) -> bool {
    let same_key = wanted.key.as_str().eq_ignore_ascii_case(found.key.as_str());
    let same_test = comparison(wanted) == comparison(found)
        && wanted.operator.quantifier == found.operator.quantifier
        && (wanted.operator.if_exists == found.operator.if_exists || wanted.operator.comparison.is_negated());
    let values = if wanted.operator.comparison.is_negated() {
        found
            .values
            .iter()
            .all(|found| wanted.values.iter().any(|wanted| matches(wanted.as_str(), found.as_str())))
    } else {
        wanted.values.iter().all(|wanted| {
            found.values.iter().any(|found| found.as_str().eq_ignore_ascii_case(wanted.as_str()))
        })
    };
    same_key && same_test && values && !found.values.is_empty()
}

// `ArnLike` and `ArnEquals` are one test (IAM user guide, "ARN condition operators", read 2026-11).
fn comparison(condition: &Condition) -> Comparison {
    let comparison = condition.operator.comparison;
    if comparison == Comparison::ArnNotEquals { Comparison::ArnNotLike } else { comparison }
}

/// Whether the pattern, in which `*` stands for any text, matches the whole
/// text. The text may be a pattern itself: each of its wildcards then has to
/// fall under a `*`.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    let middle = parts.into_iter().try_fold(rest, |rest, part| rest.split_once(part).map(|(_, after)| after));
    middle.is_some_and(|rest| rest.ends_with(last))
}
