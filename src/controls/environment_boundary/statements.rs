//! The Denies that draw the boundary: in the key policy, on the environment's
//! unit, on the root.

use super::Boundaries;
use crate::controls::contract::guardrail::{Clause, Environment, Scope, Witness, WitnessCaller, exempting};
use crate::controls::contract::place::Place;
use crate::controls::contract::tags::{misspellings, sid_parts};
use crate::iam::policy::{Comparison, PrincipalSet, Statement};
use crate::model::org::{OrganizationId, PolicyType};

impl Boundaries {
    /// The Deny of a key's own policy; nothing while the organisation is unknown.
    pub(super) fn key_policy_deny(
        &self,
        environment: &str,
        pattern: fn(&Place, Option<&OrganizationId>) -> Option<String>,
    ) -> Option<Statement> {
        let place = self.places.get(environment)?;
        let admitted = std::iter::once(place).chain(&self.shared);
        let patterns: Vec<String> =
            admitted.map(|place| pattern(place, self.organization.as_ref())).collect::<Option<_>>()?;
        let deny = Statement::deny("UseFromOwnEnvironment")
            .principals(PrincipalSet::Everyone)
            .actions(FROM_OTHER_ACCOUNTS.iter().copied());
        Some(exempting(outside(deny, &patterns), &self.exempt))
    }

    /// What hangs into the organisation for one environment.
    pub(super) fn clauses(&self, environment: &Environment) -> Option<Vec<Clause>> {
        let shared: Option<Vec<String>> =
            self.shared.iter().map(|place| place.pattern(self.organization.as_ref())).collect();
        let mut admitted = vec![environment.pattern.clone()];
        admitted.extend(shared?);
        Some(vec![
            self.on_the_keys(environment, &admitted),
            self.on_the_callers(environment, &admitted),
            self.tag_at_creation(environment),
            self.tag_spelled(environment),
            self.tag_set_once(environment),
            self.tag_stays(environment),
        ])
    }

    fn on_the_keys(&self, environment: &Environment, admitted: &[String]) -> Clause {
        let sid = self.sid("KmsBoundary", environment);
        Clause::new(PolicyType::ResourceControl, Scope::UnitOf(environment.clone()), sid)
            .stating(|deny| outside(deny.actions(["kms:*"]), admitted))
            .exempting(&self.exempt)
            .witnessed(Witness::spared("use from the environment", WitnessCaller::Inside, DECRYPT))
            .witnessed(
                Witness::spared(
                    "use from the environment through S3",
                    WitnessCaller::Inside,
                    "kms:GenerateDataKey",
                )
                .with("aws:ViaAWSService", "true"),
            )
            .witnessed(Witness::denied("use from another environment", WitnessCaller::Elsewhere, DECRYPT))
            .witnessed(Witness::denied(
                "a grant for another environment",
                WitnessCaller::Elsewhere,
                "kms:CreateGrant",
            ))
            .witnessed(Witness::denied("use from outside the organisation", WitnessCaller::Outsider, DECRYPT))
            .witnessed(Witness::spared(
                "use by a service for itself",
                WitnessCaller::Service,
                "kms:GenerateDataKey",
            ))
    }

    fn on_the_callers(&self, environment: &Environment, admitted: &[String]) -> Clause {
        let sid = self.sid("KmsBoundaryByTag", environment);
        let tag = self.resource_tag();
        let ask = |witness: fn(_, _, _) -> Witness, story, caller, value: &str| {
            witness(story, caller, DECRYPT).with(&tag, value)
        };
        Clause::new(PolicyType::ServiceControl, Scope::RootFor(environment.clone()), sid)
            .stating(|deny| {
                deny.actions(["kms:*"]).when(Comparison::StringEquals, &tag, [&environment.name]).when(
                    Comparison::StringNotLike.for_all_values(),
                    PATHS,
                    admitted,
                )
            })
            .exempting(&self.exempt)
            .witnessed(ask(
                Witness::denied,
                "a tagged key from another environment",
                WitnessCaller::Elsewhere,
                &environment.name,
            ))
            .witnessed(ask(
                Witness::spared,
                "a tagged key from its environment",
                WitnessCaller::Inside,
                &environment.name,
            ))
            .witnessed(ask(Witness::spared, "a key with another tag", WitnessCaller::Elsewhere, UNRELATED))
            .witnessed(Witness::spared("a key without the tag", WitnessCaller::Elsewhere, DECRYPT))
    }

    fn tag_at_creation(&self, environment: &Environment) -> Clause {
        let sid = self.sid("KmsEnvironmentTag", environment);
        let tag = self.request_tag();
        let create =
            |witness: fn(_, _, _) -> Witness, story| witness(story, WitnessCaller::Inside, "kms:CreateKey");
        Clause::new(PolicyType::ServiceControl, Scope::UnitOf(environment.clone()), sid)
            .stating(|deny| {
                deny.actions(["kms:CreateKey"]).when(Comparison::StringNotEquals, &tag, [&environment.name])
            })
            .exempting(&self.exempt)
            .witnessed(create(Witness::denied, "a key made without the tag"))
            .witnessed(
                create(Witness::denied, "a key made with another environment's tag").with(&tag, UNRELATED),
            )
            .witnessed(create(Witness::spared, "a key made with the tag").with(&tag, &environment.name))
    }

    /// Condition keys do not tell spellings apart, so a second one could stand
    /// in for the tag.
    fn tag_spelled(&self, environment: &Environment) -> Clause {
        let sid = self.sid("KmsEnvironmentTagCase", environment);
        let ask = |witness: fn(_, _, _) -> Witness, story, action, key: &str| {
            witness(story, WitnessCaller::Inside, action).with_list("aws:TagKeys", &[key])
        };
        let clause = Clause::new(PolicyType::ServiceControl, Scope::UnitOf(environment.clone()), sid)
            .stating(|deny| {
                deny.actions(["kms:CreateKey", "kms:TagResource"])
                    .when(Comparison::StringEqualsIgnoreCase.for_any_value(), "aws:TagKeys", [&self.tag])
                    .when(Comparison::StringNotEquals.for_all_values(), "aws:TagKeys", [&self.tag])
            })
            .exempting(&self.exempt)
            .witnessed(ask(Witness::spared, "the right spelling", "kms:TagResource", &self.tag))
            .witnessed(ask(Witness::spared, "another tag", "kms:TagResource", UNRELATED));
        misspellings(&self.tag).iter().fold(clause, |clause, variant| {
            clause
                .witnessed(ask(Witness::denied, "another spelling", "kms:TagResource", variant))
                .witnessed(ask(Witness::denied, "a key made with another spelling", "kms:CreateKey", variant))
        })
    }

    fn tag_set_once(&self, environment: &Environment) -> Clause {
        let sid = self.sid("KmsEnvironmentTagSetOnce", environment);
        let (asked, present) = (self.request_tag(), self.resource_tag());
        let retag = |witness: fn(_, _, _) -> Witness, story| {
            witness(story, WitnessCaller::Inside, "kms:TagResource").with(&present, &environment.name)
        };
        // Both tests for presence: without them AWS lets an unresolved variable
        // match a negated comparison, and a first tag would be denied.
        Clause::new(PolicyType::ServiceControl, Scope::UnitOf(environment.clone()), sid)
            .stating(|deny| {
                deny.actions(["kms:TagResource"])
                    .when(Comparison::Null, &asked, ["false"])
                    .when(Comparison::Null, &present, ["false"])
                    .when(Comparison::StringNotEquals, &present, [format!("${{{asked}}}")])
            })
            .exempting(&self.exempt)
            .witnessed(retag(Witness::denied, "the tag changed").with(&asked, UNRELATED))
            .witnessed(retag(Witness::spared, "the tag set to what it is").with(&asked, &environment.name))
            .witnessed(retag(Witness::spared, "another tag set").with("aws:RequestTag/keyrail-witness", "x"))
            .witnessed(
                Witness::spared("the first tag of a key", WitnessCaller::Inside, "kms:TagResource")
                    .with(&asked, &environment.name),
            )
    }

    fn tag_stays(&self, environment: &Environment) -> Clause {
        let sid = self.sid("KmsEnvironmentTagStays", environment);
        let untag = |witness: fn(_, _, _) -> Witness, story, key: &str| {
            witness(story, WitnessCaller::Inside, "kms:UntagResource").with_list("aws:TagKeys", &[key])
        };
        Clause::new(PolicyType::ServiceControl, Scope::UnitOf(environment.clone()), sid)
            .stating(|deny| {
                deny.actions(["kms:UntagResource"]).when(
                    Comparison::StringEqualsIgnoreCase.for_any_value(),
                    "aws:TagKeys",
                    [&self.tag],
                )
            })
            .exempting(&self.exempt)
            .witnessed(untag(Witness::denied, "the tag removed", &self.tag))
            .witnessed(untag(Witness::spared, "another tag removed", UNRELATED))
    }

    fn sid(&self, about: &str, environment: &Environment) -> String {
        let parts = sid_parts(self.places.keys(), &["ByTag", "Case", "SetOnce", "Stays"]);
        format!("{about}{}", parts.get(&environment.name).map_or(environment.name.as_str(), String::as_str))
    }

    fn request_tag(&self) -> String {
        format!("aws:RequestTag/{}", self.tag)
    }

    fn resource_tag(&self) -> String {
        format!("aws:ResourceTag/{}", self.tag)
    }
}

// In a Deny the set operator's answer for a missing key is the wanted one:
// principals of no organisation have no path and are denied.
fn outside(deny: Statement, admitted: &[String]) -> Statement {
    deny.when(Comparison::StringNotLike.for_all_values(), PATHS, admitted).when(
        Comparison::Bool.if_exists(),
        "aws:PrincipalIsAWSService",
        ["false"],
    )
}

/// What another account can call on a key (service authorization reference,
/// "AWS KMS", and the KMS developer guide's permission reference, read
/// 2026-11); `RetireGrant` is missing because key policies do not govern it.
pub(super) const FROM_OTHER_ACCOUNTS: &[&str] = &[
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DeriveSharedSecret",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyPair",
    "kms:GenerateDataKeyPairWithoutPlaintext",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:GenerateMac",
    "kms:GetKeyRotationStatus",
    "kms:GetPublicKey",
    "kms:ListGrants",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:RevokeGrant",
    "kms:Sign",
    "kms:Verify",
    "kms:VerifyMac",
];

const DECRYPT: &str = "kms:Decrypt";
const PATHS: &str = "aws:PrincipalOrgPaths";
const UNRELATED: &str = "keyrail-witness";
