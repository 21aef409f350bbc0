//! A resource control policy stays within its narrow language.

use crate::iam::catalogue::RCP_SERVICES;
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
        let (service, name) = pattern.as_str().split_once(':').unwrap_or((pattern.as_str(), ""));
        match beyond(pattern, service) {
            Some((severity, message, fix)) => findings.add_as(severity, pattern.at(), message, fix),
            None => action(statement, pattern, name, findings),
        }
    }
}

/// What becomes of an action of a service that these policies do not reach.
fn beyond(pattern: &Text, service: &str) -> Option<(Severity, String, &'static str)> {
    let is_one_of = |services: &[&str]| services.iter().any(|one| one.eq_ignore_ascii_case(service));
    let elsewhere = "put it into a service control policy";
    if kms::is_pattern(service) {
        let message =
            format!("AWS refuses `{pattern}` in a resource control policy: the service must be written out");
        Some((Severity::Error, message, "write `kms:*`"))
    } else if is_one_of(&NEVER_SUPPORTED) {
        let message = format!("resource control policies do not reach `{service}`");
        Some((Severity::Error, message, elsewhere))
    } else if is_one_of(&RCP_SERVICES) {
        None
    } else {
        let message = format!(
            "`{service}` is none of the services that resource control policies reach (as of 2026-09); unless it is new, \
             AWS refuses the policy"
        );
        Some((Severity::Warning, message, elsewhere))
    }
}

fn action(statement: &Statement, pattern: &Text, name: &str, findings: &mut Findings) {
    let mut doubt = |message: String, fix: &'static str| {
        findings.add_as(Severity::Warning, pattern.at(), message, fix);
    };
    if name.trim_end_matches('*').contains(['*', '?']) {
        doubt(
            format!("AWS's pages disagree on whether `{pattern}`, with a wildcard before its end, is taken"),
            "write the actions out, or put the wildcard at the end",
        );
    }
    // Organizations user guide, "Resources and entities not restricted by RCPs", as of 2026-09.
    if pattern.as_str().eq_ignore_ascii_case("kms:RetireGrant") {
        doubt(
            format!("resource control policies do not reach `{pattern}`, whatever they say"),
            "deny it in a service control policy, and take grants back with `kms:RevokeGrant`",
        );
    }
    let literal = !kms::is_pattern(name) && statement.effect == Effect::Deny;
    let without_resource =
        kms::expansion(pattern.as_str()).any(|action| action.resource == ResourceType::None);
    if literal && without_resource {
        doubt(
            format!(
                "`{pattern}` has no resource, and AWS does not say that a resource control policy reaches it"
            ),
            "deny it in a service control policy",
        );
    }
}

/// Services whose actions are about accounts and identities, and not about
/// resources that strangers reach.
const NEVER_SUPPORTED: [&str; 4] = ["account", "iam", "organizations", "sso"];

static DOC: Doc = Doc {
    id: "rcp-within-language",
    number: "L26",
    title: "A resource control policy stays within its language",
    severity: Severity::Error,
    kinds: &[Kind::ResourceControl],
    requires: "Each statement denies everybody (`\"Principal\": \"*\"`) actions of services that resource control policies \
               reach, written out or with a wildcard at the end, on actions that have a resource.",
    why: "AWS refuses anything else with `MalformedPolicyDocumentException`. What it takes and does not reach, such as \
          `kms:CreateKey` and `kms:RetireGrant`, reads like protection and may be none. A service that AWS did not list \
          when this version was made is a warning, for AWS adds services.",
    remedy: "Use conditions for exemptions, and service control policies for actions without a resource.",
    references: &[
        "AWS Organizations user guide, RCP syntax",
        "Access Analyzer `RCP_SYNTAX_ERROR_ALLOW`, `…_PRINCIPAL`, `…_NOTACTION`, `…_ACTION`",
    ],
};
