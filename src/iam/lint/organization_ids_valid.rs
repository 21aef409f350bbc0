//! Organisation ids and paths are such as AWS puts into requests.

use crate::iam::lint::contract::conditions::consequence_of_foreign;
use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::organizations;
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::{Condition, Statement, Text};
use crate::model::org::OrganizationId;

/// The rule.
#[derive(Debug)]
pub(super) struct OrganizationIdsValid;

impl Rule for OrganizationIdsValid {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        let concerned = subject.conditions().filter(|(_, condition)| organizations::is_about(condition));
        let values = concerned.flat_map(|(statement, one)| {
            organizations::compared(one).map(move |value| (statement, one, value))
        });
        for (statement, condition, value) in values {
            match organizations::fault(condition, value.as_str()) {
                Some(fault) => report(statement, condition, value, fault, findings),
                None if organizations::is_path(condition) && organizations::is_of_any(value.as_str()) => {
                    findings.add_as(
                        Severity::Warning,
                        value.at(),
                        format!("`{value}` has a wildcard for the organisation, so paths of strangers' organisations match it"),
                        "write the id of the organisation before the first `/`",
                    );
                }
                None => foreign(value, subject.surroundings.organization.as_ref(), findings),
            }
        }
    }
}

fn report(
    statement: &Statement,
    condition: &Condition,
    value: &Text,
    fault: &'static str,
    findings: &mut Findings,
) {
    let alone = condition.values.len() == 1;
    let effect =
        if alone { format!(": {}", consequence_of_foreign(statement, condition)) } else { String::new() };
    let like = condition.operator.comparison.as_str().ends_with("Like");
    let fix = match (organizations::is_path(condition), like) {
        (true, true) => {
            "write the ids from the organisation down, each with a `/` behind it: \
             `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*`"
        }
        (true, false) => {
            "write the ids from the organisation down, each with a `/` behind it: \
             `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`"
        }
        (false, _) => "write the id of the organisation, `o-` and ten to 32 letters and digits",
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
