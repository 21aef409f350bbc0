//! Principals are such as KMS takes, and are there.

use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::kms::is_pattern;
use crate::iam::lint::contract::principals::{self, Principal, Who};
use crate::iam::lint::{Rule, Subject};

/// The rule.
#[derive(Debug)]
pub(super) struct PrincipalsExist;

impl Rule for PrincipalsExist {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        for principal in subject.statements().iter().flat_map(principals::named) {
            if let Some((severity, message, fix)) = fault(&principal) {
                findings.add_as(severity, principal.at, message, fix);
            }
        }
    }
}

fn fault(principal: &Principal<'_>) -> Option<(Severity, String, &'static str)> {
    let text = principal.text;
    match principal.who {
        Who::Id => Some((
            Severity::Warning,
            format!(
                "`{text}` is the id of an entity that was deleted; it matches nobody, even if the name is used again"
            ),
            "remove it, or name the present role by its ARN",
        )),
        Who::Entity { kind: "group", .. } => Some((
            Severity::Error,
            format!("`{text}` is a group, and AWS takes no groups as principals"),
            "name the role that the group's members assume",
        )),
        Who::Entity { .. } | Who::Malformed if text != "*" && is_pattern(text) => Some((
            Severity::Error,
            format!("`{text}` has a wildcard, and AWS takes none within a principal"),
            "name the account as principal and add `ArnLike` on `aws:PrincipalArn`",
        )),
        Who::Everyone | Who::Account(_) | Who::Entity { .. } => None,
        Who::Service if text.contains('.') && text.contains("amazonaws.") => None,
        Who::Service => Some((
            Severity::Warning,
            format!("`{text}` is no service principal"),
            "write it as `logs.amazonaws.com`",
        )),
        Who::Malformed => Some((
            Severity::Error,
            format!("`{text}` is neither an account nor the ARN of a role or user"),
            "write an ARN such as `arn:aws:iam::111122223333:role/app`, or an account's number",
        )),
    }
}

static DOC: Doc = Doc {
    id: "principals-exist",
    number: "L20",
    title: "Principals are there",
    severity: Severity::Error,
    kinds: &[Kind::Key, Kind::Endpoint],
    requires: "Principals are `*`, accounts, ARNs of roles, users and sessions without wildcards, or services.",
    why: "`PutKeyPolicy` fails for a principal that does not exist. A role that is deleted later stays in the policy as \
          its id, `AROA…`, and a new role of the same name is not let in.",
    remedy: "Name what exists. Patterns belong into a condition on `aws:PrincipalArn`.",
    references: &[
        "KMS API reference, `PutKeyPolicy`",
        "IAM user guide, Unique identifiers",
        "parliament `UNKNOWN_PRINCIPAL`",
    ],
};
