//! Nobody can make himself one of those who are exempt.

use crate::iam::arn::Arn;
use crate::iam::lint::contract::conditions;
use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::kms;
use crate::iam::lint::{Rule, Subject};
use crate::iam::minify::takes_in;
use crate::iam::policy::{Comparison, Effect, Resources, Statement, Text};

/// The rule.
#[derive(Debug)]
pub(super) struct ExemptionsOutOfReach;

impl Rule for ExemptionsOutOfReach {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        let roles = subject.with_effect(Effect::Deny).flat_map(exempt);
        for role in roles.filter(|role| !is_out_of_reach(role.as_str(), subject.kind)) {
            match subject.kind {
                Kind::ResourceControl => findings.add(
                    role.at(),
                    format!("`{role}` also means a role of that name in a stranger's account, who can make one"),
                    "write the number of the account",
                ),
                Kind::ServiceControl if !is_protected(subject, role) => findings.add(
                    role.at(),
                    format!("whoever may make roles in a member account can make `{role}` and is exempt"),
                    "deny `iam:CreateRole`, `iam:UpdateAssumeRolePolicy` and their like on these roles, here or in a \
                     policy linted together with this one",
                ),
                Kind::Key | Kind::Identity | Kind::Endpoint | Kind::ServiceControl => {}
            }
        }
    }
}

/// The roles that are exempt in every account.
fn exempt(statement: &Statement) -> impl Iterator<Item = &Text> {
    let negated = conditions::on(statement, &["aws:principalarn"])
        .filter(|condition| condition.operator.comparison.is_negated());
    let open = |comparison: Comparison, value: &Text| match Arn::parse(value.as_str()) {
        Some(arn) => kms::is_pattern(arn.account),
        // An ARN operator matches nothing else: another rule says so.
        None => !matches!(comparison, Comparison::ArnNotEquals | Comparison::ArnNotLike),
    };
    negated.flat_map(move |condition| {
        let comparison = condition.operator.comparison;
        condition.values.iter().filter(move |value| open(comparison, value))
    })
}

/// Whether nobody can make a role that the pattern means.
///
/// IAM takes no `:` in the name of a role, and only services make roles below
/// `aws-service-role/`. Those below `aws-reserved/` are made by the Identity
/// Center of an organisation, and strangers have one too (IAM user guide, "IAM
/// and STS quotas" and "Service-linked roles"; Identity Center user guide; read
/// 2026-11).
fn is_out_of_reach(pattern: &str, kind: Kind) -> bool {
    let Some(path) = Arn::parse(pattern).and_then(|arn| arn.resource.strip_prefix("role/")) else {
        return false;
    };
    let name = path.rsplit('/').next().unwrap_or(path);
    let reserved = name.rsplit_once(':').is_some_and(|(_, end)| !kms::is_pattern(end));
    reserved
        || path.starts_with("aws-service-role/")
        || kind == Kind::ServiceControl && path.starts_with("aws-reserved/")
}

/// Whether a Deny in force keeps people from making or changing the role: one
/// that spares nobody but principals by name, which are looked at in their turn.
fn is_protected(subject: &Subject<'_>, role: &Text) -> bool {
    let reaches = |statement: &Statement| match &statement.resources {
        Some(Resources::Only(resources)) => {
            resources.iter().any(|resource| takes_in(resource.as_str(), role.as_str()))
        }
        Some(Resources::AllBut(_)) | None => false,
    };
    let guards: Vec<&Statement> = subject
        .in_force()
        .filter(|statement| statement.effect == Effect::Deny && reaches(statement))
        .filter(|statement| statement.conditions.iter().all(conditions::is_exemption))
        .collect();
    NEEDED.iter().all(|action| guards.iter().any(|statement| kms::is_about(statement, action)))
}

/// Without these nobody becomes somebody else.
const NEEDED: [&str; 2] = ["iam:createrole", "iam:updateassumerolepolicy"];

static DOC: Doc = Doc {
    id: "exemptions-out-of-reach",
    number: "L29",
    title: "Exemptions are out of reach",
    severity: Severity::Warning,
    kinds: &[Kind::ServiceControl, Kind::ResourceControl],
    requires: "A resource control policy exempts roles of named accounts. A service control policy may exempt a role in \
               every account if a Deny that spares principals by name alone keeps others from making or changing roles of \
               that name, or if AWS alone makes such roles.",
    why: "A Deny that spares `arn:aws:iam::*:role/break-glass` spares whoever can make a role of that name: in a resource \
          control policy anybody with an AWS account, in a service control policy every administrator of a member \
          account. A Deny that protects the role only without MFA, for some tag or in some Region leaves the others free.",
    remedy: "Name the account, or add the statement that protects the role, on all but those who make it. Policies of \
             several files are seen together when they are linted together.",
    references: &["AWS Organizations user guide, SCP examples"],
};
