//! Denies by network or MFA spare those who cannot meet them.

use crate::iam::lint::contract::conditions::{self, holds_without, requires_presence, says};
use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::kms::{self, Duty, duty};
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::{Comparison, Condition, Effect, Statement};

/// The rule.
#[derive(Debug)]
pub(super) struct ServicesExemptFromNetworkAndMfa;

impl Rule for ServicesExemptFromNetworkAndMfa {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        for statement in subject.with_effect(Effect::Deny) {
            network(statement, findings);
            multi_factor(subject, statement, findings);
        }
        for statement in subject.with_effect(Effect::Allow) {
            let open = |condition: &&Condition| holds_without(condition) && says(condition, "true");
            if let Some(condition) = mfa(statement).filter(open) {
                findings.add(
                    condition.key.at(),
                    "the condition also holds without the key, so long-term access keys need no MFA",
                    "use `Bool`, which needs the key",
                );
            }
        }
    }
}

fn network(statement: &Statement, findings: &mut Findings) {
    let hits_services = |condition: &&Condition| {
        holds_without(condition)
            && condition.operator.comparison != Comparison::Null
            && !requires_presence(statement, &condition.key.as_str().to_ascii_lowercase())
    };
    let Some(condition) = conditions::on(statement, &NETWORK).find(hits_services) else { return };
    if uses(statement) && !conditions::mentions(statement, &SPARES) {
        findings.add(
            condition.key.at(),
            format!(
                "`{}` is missing when a service calls for its user, so this Deny stops S3, EBS, RDS and all others",
                condition.key
            ),
            "add `\"BoolIfExists\": {\"aws:ViaAWSService\": \"false\", \"aws:PrincipalIsAWSService\": \"false\"}`",
        );
    }
}

fn multi_factor(subject: &Subject<'_>, statement: &Statement, findings: &mut Findings) {
    let Some(condition) = mfa(statement) else { return };
    let plain = condition.operator.comparison == Comparison::Bool && !condition.operator.if_exists;
    if plain && says(condition, "false") {
        findings.add(
            condition.key.at(),
            "long-term access keys carry no `aws:MultiFactorAuthPresent`, so this Deny lets them pass",
            "use `BoolIfExists`",
        );
    }
    if condition.operator.comparison == Comparison::Null && says(condition, "true") {
        findings.add(
            condition.key.at(),
            "temporary credentials made without MFA carry the key, and it is `false`, so this Deny lets them pass",
            "use `BoolIfExists` with `false`",
        );
    }
    if uses(statement) && !conditions::mentions(statement, &SPARES) {
        findings.add(
            condition.key.at(),
            "services that use the key for their users, pipelines and federated sessions come without MFA, so this Deny \
             stops them",
            "ask for MFA on administration only, or add `\"BoolIfExists\": {\"aws:ViaAWSService\": \"false\"}`",
        );
    } else if subject.kind == Kind::Key && !conditions::mentions(statement, &EXEMPTIONS) {
        findings.add(
            condition.key.at(),
            "pipelines and federated sessions, those of Identity Center included, come without MFA, and nobody is exempt \
             from this Deny",
            "add `ArnNotLike` on `aws:PrincipalArn` with the roles that manage keys",
        );
    }
}

fn mfa(statement: &Statement) -> Option<&Condition> {
    statement
        .conditions
        .iter()
        .find(|condition| condition.key.as_str().eq_ignore_ascii_case("aws:MultiFactorAuthPresent"))
}

fn uses(statement: &Statement) -> bool {
    kms::actions(statement).iter().any(|action| duty(action) == Duty::Use)
}

/// Keys that only a call by way of the network has.
const NETWORK: [&str; 8] = [
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpcarn",
    "aws:sourcevpce",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "aws:vpcsourceip",
];

const SPARES: [&str; 3] = ["aws:calledvia", "aws:viaawsservice", "kms:viaservice"];

const EXEMPTIONS: [&str; 5] =
    ["aws:principalarn", "aws:principaltag/", "aws:principaltype", "aws:userid", "aws:viaawsservice"];

static DOC: Doc = Doc {
    id: "services-exempt-from-network-and-mfa",
    number: "L21",
    title: "Network and MFA are asked of those who have them",
    severity: Severity::Warning,
    kinds: &Kind::ALL,
    requires: "A Deny of the use of keys by network or MFA spares calls that services make for their users; a Deny by MFA \
               uses `BoolIfExists` and, in a key policy, exempts the roles that manage keys.",
    why: "A service that calls with its user's identity carries neither the user's network nor MFA: S3, EBS and RDS stop \
          working. Long-term access keys carry no MFA key at all, so `Bool` lets them pass; nor do federated sessions and \
          those of pipelines, so `BoolIfExists` denies them. A role that a user assumes with MFA carries it.",
    remedy: "Exempt `aws:ViaAWSService` where use is denied, and named roles where administration is.",
    references: &["IAM user guide, `aws:MultiFactorAuthPresent`", "parliament `BAD_PATTERN_FOR_MFA`"],
};
