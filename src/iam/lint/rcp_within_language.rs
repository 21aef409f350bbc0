//! A resource control policy stays within its narrow language.

use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::kms::{self, ResourceType};
use crate::iam::lint::{Rule, Subject};
use crate::iam::parse::is_managed_allow_all;
use crate::iam::policy::{Actions, Effect, PrincipalSet, Principals, Statement, Text};

/// The rule.
#[derive(Debug)]
pub(super) struct RcpWithinLanguage;

impl Rule for RcpWithinLanguage {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        for statement in subject.statements().iter().filter(|statement| !is_managed_allow_all(statement)) {
            let at = statement.at;
            if statement.effect == Effect::Allow {
                findings.add(
                    at,
                    "a resource control policy cannot allow",
                    "write `Deny`, or remove the statement",
                );
            }
            match &statement.principals {
                Some(Principals::Only(set)) if is_everybody(set) => listed(subject, set, findings),
                Some(Principals::AllBut(_)) => findings.add(
                    at,
                    "a resource control policy cannot have `NotPrincipal`",
                    "write `\"Principal\": \"*\"` and a condition on `aws:PrincipalArn`",
                ),
                Some(Principals::Only(_)) | None => findings.add(
                    at,
                    "a resource control policy means everybody, and AWS refuses any other principal",
                    "write `\"Principal\": \"*\"` and limit it by conditions",
                ),
            }
            match &statement.actions {
                Some(Actions::AllBut(_)) => findings.add(
                    at,
                    "a resource control policy cannot have `NotAction`",
                    "list the actions that are denied",
                ),
                Some(Actions::Only(patterns)) => {
                    actions(statement, patterns, findings);
                }
                None => {}
            }
        }
    }
}

fn is_everybody(set: &PrincipalSet) -> bool {
    match set {
        PrincipalSet::Everyone => true,
        PrincipalSet::Listed { aws, service, federated, canonical_user } => {
            matches!(aws.as_slice(), [name] if name.as_str() == "*")
                && [service, federated, canonical_user].iter().all(|names| names.is_empty())
        }
    }
}

/// AWS takes `"*"` and `{"AWS": "*"}`, and no list (recorded answers of AWS, read
/// 2026-11).
fn listed(subject: &Subject<'_>, set: &PrincipalSet, findings: &mut Findings) {
    let PrincipalSet::Listed { aws, .. } = set else { return };
    for everybody in aws.iter().filter(|everybody| subject.is_listed(everybody)) {
        findings.add(
            everybody.at(),
            "AWS refuses a list of principals in a resource control policy, even of `*` alone",
            "write `\"Principal\": \"*\"`",
        );
    }
}

fn actions(statement: &Statement, patterns: &[Text], findings: &mut Findings) {
    for pattern in patterns {
        action(statement, pattern, findings);
    }
}

fn action(statement: &Statement, pattern: &Text, findings: &mut Findings) {
    let (service, name) = pattern.as_str().split_once(':').unwrap_or((pattern.as_str(), ""));
    if kms::is_pattern(service) {
        findings.add(
            pattern.at(),
            format!("AWS refuses `{pattern}` in a resource control policy: the service must be written out"),
            "write `kms:*`",
        );
        return;
    }
    if NOT_SUPPORTED.iter().any(|other| other.eq_ignore_ascii_case(service)) {
        findings.add(
            pattern.at(),
            format!("resource control policies do not reach `{service}`"),
            "put it into a service control policy",
        );
        return;
    }
    if name.trim_end_matches('*').contains(['*', '?']) {
        findings.add_as(
            Severity::Warning,
            pattern.at(),
            format!("AWS's pages disagree on whether `{pattern}`, with a wildcard before its end, is taken"),
            "write the actions out, or put the wildcard at the end",
        );
    }
    let literal = !kms::is_pattern(name) && statement.effect == Effect::Deny;
    let without_resource =
        kms::expansion(pattern.as_str()).any(|action| action.resource == ResourceType::None);
    if literal && without_resource {
        findings.add_as(
            Severity::Warning,
            pattern.at(),
            format!(
                "`{pattern}` has no resource, and AWS does not say that a resource control policy reaches it"
            ),
            "deny it in a service control policy",
        );
    }
}

/// Services known to be outside (Organizations user guide, "Services that
/// support RCPs", read 2026-11).
const NOT_SUPPORTED: [&str; 4] = ["account", "iam", "organizations", "sso"];

static DOC: Doc = Doc {
    id: "rcp-within-language",
    number: "L26",
    title: "A resource control policy stays within its language",
    severity: Severity::Error,
    kinds: &[Kind::ResourceControl],
    requires: "Each statement denies everybody (`\"Principal\": \"*\"`) actions of services that resource control policies \
               reach, written out or with a wildcard at the end, on actions that have a resource.",
    why: "AWS refuses anything else with `MalformedPolicyDocumentException`. What it takes and does not reach, such as \
          `kms:CreateKey`, reads like protection and may be none.",
    remedy: "Use conditions for exemptions, and service control policies for actions without a resource.",
    references: &[
        "AWS Organizations user guide, RCP syntax",
        "Access Analyzer `RCP_SYNTAX_ERROR_ALLOW`, `…_PRINCIPAL`, `…_NOTACTION`, `…_ACTION`",
    ],
};
