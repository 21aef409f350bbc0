//! Calls that rules ask the evaluator about: what is known of one that a
//! principal of an account makes in its own account.
//!
//! Everything is unknown that does not follow from the caller.

use crate::iam::evaluate::Context;
use crate::iam::lint::contract::conditions::{self, holds_without, says};
use crate::iam::lint::contract::keys::{self, Standing};
use crate::iam::lint::contract::{kms, organizations};
use crate::iam::policy::{Comparison, Condition, Document, Statement};

/// What the conditions ask of a call and nothing tells. Keys in `missing`, in
/// lower case, are taken to be absent; those in `told` follow from the caller too.
pub(crate) fn context(document: &Document, missing: &[&str], told: &[&str]) -> Context {
    let keys = document.statements.iter().flat_map(|statement| &statement.conditions);
    let keys = keys.map(|condition| condition.key.as_str().to_ascii_lowercase());
    let open = keys.filter(|key| !DERIVED.iter().chain(told).any(|name| key == name) && is_some_key(key));
    open.fold(Context::new(), |context, key| {
        let absent = OF_SERVICES.iter().chain(missing).any(|name| key == *name);
        if absent { context.without(&key) } else { context.with_unknown(&key) }
    })
}

/// The document for callers of some organisation, or of none, without the
/// conditions that compare its id or path with what is none.
pub(crate) fn settled(document: &Document, member: bool) -> Document {
    let settle = |statement: &Statement| {
        let mut settled = statement.clone();
        settled.conditions.retain(|condition| truth(condition, member) != Some(true));
        let never = settled.conditions.iter().any(|condition| truth(condition, member) == Some(false));
        (!never).then_some(settled)
    };
    Document::new(document.statements.iter().filter_map(settle).collect::<Vec<_>>())
}

/// Whether a condition holds that compares with no organisation's id or path;
/// `None` for all others.
fn truth(condition: &Condition, member: bool) -> Option<bool> {
    if !organizations::is_about(condition) || conditions::is_on(condition, &OF_SERVICES) {
        return None;
    }
    if condition.operator.comparison == Comparison::Null {
        return Some(says(condition, if member { "false" } else { "true" }));
    }
    if organizations::is_plausible(condition) {
        return None;
    }
    // A plain operator never matches a list.
    let compared = !organizations::is_path(condition) || condition.operator.quantifier.is_some();
    let present = compared && condition.operator.comparison.is_negated();
    Some(if member { present } else { holds_without(condition) })
}

/// The key as the policy spells it, or as AWS does.
pub(crate) fn spelt<'d>(document: &'d Document, key: &'d str) -> &'d str {
    let mut conditions = document.statements.iter().flat_map(|statement| &statement.conditions);
    let written = conditions.find(|condition| condition.key.as_str().eq_ignore_ascii_case(key));
    let known = kms::condition_key(key).filter(|known| known.name.eq_ignore_ascii_case(key));
    match (known, written) {
        (Some(known), _) => known.name,
        (None, Some(written)) => written.key.as_str(),
        (None, None) => key,
    }
}

/// A key that nobody ever sends is missing, and not unknown.
fn is_some_key(key: &str) -> bool {
    !matches!(keys::standing(key, true), Standing::Mistaken(_))
}

/// Keys that only a service carries that calls for itself (IAM user guide,
/// "Global condition context keys", read 2026-11).
pub(crate) const OF_SERVICES: [&str; 6] = [
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
];

/// Keys that follow from a caller in its own account.
const DERIVED: [&str; 6] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:principaltype",
    "aws:resourceaccount",
    "kms:calleraccount",
];
