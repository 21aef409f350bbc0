//! Ids and paths of organisations, as conditions compare them.

use crate::iam::arn::is_account;
use crate::iam::lint::contract::conditions;
use crate::iam::lint::contract::kms::is_pattern;
use crate::iam::policy::{Comparison, Condition, Text};
use crate::model::org::{OrganizationId, RootId};

/// Whether the condition is on an organisation's id or path.
pub(crate) fn is_about(condition: &Condition) -> bool {
    conditions::is_on(condition, &IDS) || is_path(condition)
}

/// Whether the condition is on a path.
pub(crate) fn is_path(condition: &Condition) -> bool {
    conditions::is_on(condition, &PATHS)
}

/// The values that stand for themselves.
pub(crate) fn compared(condition: &Condition) -> impl Iterator<Item = &Text> {
    let null = condition.operator.comparison == Comparison::Null;
    condition.values.iter().filter(move |value| !null && !value.as_str().contains("${"))
}

/// Why no request has a value like this one.
pub(crate) fn fault(condition: &Condition, value: &str) -> Option<&'static str> {
    if is_path(condition) { path_fault(value) } else { id_fault(value) }
}

/// Whether some request may have a value that the condition names.
pub(crate) fn is_plausible(condition: &Condition) -> bool {
    condition.values.iter().any(|value| fault(condition, value.as_str()).is_none())
}

/// Whether the path is one of any organisation.
pub(crate) fn is_of_any(path: &str) -> bool {
    path.split('/').next().is_some_and(is_pattern)
}

/// Wildcards in an id are the business of the rule about sensitive keys.
fn id_fault(value: &str) -> Option<&'static str> {
    let valid = is_pattern(value) || value.contains("${") || value.parse::<OrganizationId>().is_ok();
    (!valid).then_some("is no id of an organisation")
}

fn path_fault(value: &str) -> Option<&'static str> {
    if value.contains("${") || is_of_any(value) {
        return None;
    }
    let mut parts = value.split('/');
    if parts.next().is_none_or(|id| id.parse::<OrganizationId>().is_err()) {
        return Some("does not begin with the id of an organisation, so no path of AWS's looks like it");
    }
    let root = parts.next().unwrap_or_default();
    if root == "*" && parts.next().is_none() {
        return None;
    }
    if !is_pattern(root) && root.parse::<RootId>().is_err() {
        return Some("has no id of a root after the organisation, so no path of AWS's looks like it");
    }
    let units: Vec<&str> = parts.collect();
    if units.iter().any(|unit| is_account(unit)) {
        return Some(
            "names an account, and the path of an account is that of its parent, without its own number",
        );
    }
    let [between @ .., last] = units.as_slice() else { return Some(OPEN) };
    if !last.is_empty() && !last.ends_with('*') {
        return Some(OPEN);
    }
    let fits = |unit: &&str| is_pattern(unit) || is_pattern(root) || is_unit_of(root, unit);
    if between.iter().all(fits) {
        None
    } else {
        Some("names an organisational unit that is none of its root")
    }
}

fn is_unit_of(root: &str, unit: &str) -> bool {
    unit.strip_prefix("ou-").and_then(|rest| rest.split_once('-')).is_some_and(|(of, id)| {
        of == root.trim_start_matches("r-")
            && (8..=32).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

const OPEN: &str = "does not end with `/` or `*`, and every path of AWS's ends with `/`";
const IDS: [&str; 4] = ["aws:principalorgid", "aws:resourceorgid", "aws:sourceorgid", "aws:vpceorgid"];
const PATHS: [&str; 4] =
    ["aws:principalorgpaths", "aws:resourceorgpaths", "aws:sourceorgpaths", "aws:vpceorgpaths"];
