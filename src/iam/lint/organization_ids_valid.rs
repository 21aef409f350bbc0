//! Organisation ids and paths are such as AWS puts into requests.

use crate::iam::lint::contract::conditions::{self, consequence};
use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::{Comparison, Condition, Statement, Text};
use crate::model::org::{OrganizationId, RootId};

/// The rule.
#[derive(Debug)]
pub(super) struct OrganizationIdsValid;

impl Rule for OrganizationIdsValid {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        let concerned = subject.conditions().filter(|(_, condition)| {
            conditions::is_on(condition, &IDS) || conditions::is_on(condition, &PATHS)
        });
        let values =
            concerned.flat_map(|(statement, one)| compared(one).map(move |value| (statement, one, value)));
        for (statement, condition, value) in values {
            let paths = conditions::is_on(condition, &PATHS);
            let fault = if paths { path_fault(value.as_str()) } else { id_fault(value.as_str()) };
            match fault {
                Some(fault) => report(statement, condition, value, fault, findings),
                None => foreign(value, subject.surroundings.organization.as_ref(), findings),
            }
        }
    }
}

/// The values that stand for themselves.
fn compared(condition: &Condition) -> impl Iterator<Item = &Text> {
    let null = condition.operator.comparison == Comparison::Null;
    condition.values.iter().filter(move |value| !null && !value.as_str().contains("${"))
}

fn report(
    statement: &Statement,
    condition: &Condition,
    value: &Text,
    fault: &'static str,
    findings: &mut Findings,
) {
    let alone = condition.values.len() == 1;
    let negated = condition.operator.comparison.is_negated();
    let effect = if alone { format!(": {}", consequence(statement, negated)) } else { String::new() };
    let fix = if conditions::is_on(condition, &PATHS) {
        "write the ids from the organisation down, each with a `/` behind it: \
         `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*`"
    } else {
        "write the id of the organisation, `o-` and ten to 32 letters and digits"
    };
    findings.add(value.at(), format!("`{value}` {fault}{effect}"), fix);
}

fn foreign(value: &Text, ours: Option<&OrganizationId>, findings: &mut Findings) {
    let id = value.as_str().split('/').next().unwrap_or_default();
    if let Some(ours) = ours
        && id != ours.as_str()
        && id.parse::<OrganizationId>().is_ok()
    {
        findings.add_as(
            Severity::Warning,
            value.at(),
            format!("`{id}` is another organisation than `{ours}`"),
            "correct the id, unless the other organisation is meant",
        );
    }
}

/// Wildcards in an id are the business of the rule about sensitive keys.
fn id_fault(value: &str) -> Option<&'static str> {
    let valid = value.contains(['*', '?']) || value.parse::<OrganizationId>().is_ok();
    (!valid).then_some("is no id of an organisation")
}

fn path_fault(value: &str) -> Option<&'static str> {
    let mut parts = value.split('/');
    if parts.next().is_none_or(|id| id.parse::<OrganizationId>().is_err()) {
        return Some("does not begin with the id of an organisation, so no path of AWS's looks like it");
    }
    let root = parts.next().unwrap_or_default();
    if root == "*" && parts.next().is_none() {
        return None;
    }
    if root.parse::<RootId>().is_err() {
        return Some("has no id of a root after the organisation, so no path of AWS's looks like it");
    }
    let suffix = root.trim_start_matches("r-");
    let units: Vec<&str> = parts.collect();
    let [between @ .., last] = units.as_slice() else { return Some(OPEN) };
    if !last.is_empty() && !last.ends_with('*') {
        return Some(OPEN);
    }
    let fits = |unit: &&str| {
        unit.contains(['*', '?'])
            || unit.strip_prefix("ou-").and_then(|rest| rest.split_once('-')).is_some_and(|(of, id)| {
                of == suffix
                    && (8..=32).contains(&id.len())
                    && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
            })
    };
    if between.iter().all(fits) {
        None
    } else {
        Some("names an organisational unit that is none of its root")
    }
}

const OPEN: &str = "does not end with `/` or `*`, and every path of AWS's ends with `/`";
const IDS: [&str; 4] = ["aws:principalorgid", "aws:resourceorgid", "aws:sourceorgid", "aws:vpceorgid"];
const PATHS: [&str; 4] =
    ["aws:principalorgpaths", "aws:resourceorgpaths", "aws:sourceorgpaths", "aws:vpceorgpaths"];

static DOC: Doc = Doc {
    id: "organization-ids-valid",
    number: "L10",
    title: "Organisation ids and paths are real ones",
    severity: Severity::Error,
    kinds: &Kind::ALL,
    requires: "Values of `aws:PrincipalOrgID` and its like are ids `o-…`; values of `aws:PrincipalOrgPaths` and its like \
               are paths of ids, `o-…/r-…/ou-…/`, and not of names.",
    why: "`/root/prod/*` matches no path that AWS makes. With a negated operator the Deny then hits everybody who has a \
          path, the intended users first; a root's id in place of an organisation's denies the whole organisation.",
    remedy: "Take the ids from Organizations. The path of an account is that of its parent, with a `/` at the end.",
    references: &["IAM user guide, `aws:PrincipalOrgPaths`"],
};
