//! What destroys a key, or hands it to somebody else, takes a second factor.
//!
//! Two Denies carry it: one in the organisation, one in the key policy. The
//! one in the key policy leaves `PutKeyPolicy` open unless somebody is exempt,
//! because a key policy that nobody can change any more is lost; a policy of
//! the organisation can always be detached.

use std::collections::BTreeSet;

use crate::controls::contract::doc::{ControlId, Doc, Reference, Severity};
use crate::controls::contract::exemption::{Reach, check_exemptions};
use crate::controls::contract::facts::KeyFacts;
use crate::controls::contract::guardrail::{Clause, Guardrail, Scope, Witness, WitnessCaller, exempting};
use crate::controls::contract::key_policy;
use crate::controls::contract::settings::{SettingError, SettingKind, SettingSpec, Settings, texts};
use crate::controls::contract::verdict::{Property, Verdict, Violation};
use crate::controls::{Control, Rule};
use crate::iam::policy::{Comparison, PrincipalSet, Statement};
use crate::model::fact::Fact;
use crate::model::org::PolicyType;
use crate::model::quoted;

/// The definition.
#[derive(Debug)]
pub(super) struct MfaForCriticalOperations;

#[derive(Debug)]
struct MfaExcept {
    exempt: BTreeSet<String>,
}

impl Control for MfaForCriticalOperations {
    fn id(&self) -> ControlId {
        ControlId("mfa-for-critical-operations")
    }

    fn argument(&self) -> &'static str {
        "mfa"
    }

    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn settings(&self) -> &'static [SettingSpec] {
        SETTINGS
    }

    fn configure(&self, settings: &Settings) -> Result<Box<dyn Rule>, SettingError> {
        let exempt = texts(settings, EXEMPT, &[]);
        check_exemptions(EXEMPT, &exempt, Reach::AnyAccount)?;
        Ok(Box::new(MfaExcept { exempt }))
    }
}

impl Rule for MfaExcept {
    fn check(&self, key: &KeyFacts) -> Verdict {
        if let Some(verdict) = key.not_ours() {
            return verdict;
        }
        let policy = match key_policy::read(&key.policy) {
            Ok(policy) => policy,
            Err(verdict) => return verdict,
        };
        let wanted = self.key_policy_deny();
        let open = key_policy::unprotected(&policy, &wanted);
        if open.is_empty() {
            return Verdict::satisfied("the key policy denies every critical operation without MFA");
        }
        Verdict::Violated(vec![self.violation(&open)])
    }

    fn guardrail(&self) -> Guardrail {
        Guardrail::of(vec![self.critical(), self.grants()]).but_not(
            "principals of the management account, service-linked roles and AWS services are beyond service control \
             policies; the Deny in the key policy reaches those of them that call with credentials of their own",
        )
    }

    fn key_policy_statements(&self, _key: &KeyFacts) -> Fact<Vec<Statement>> {
        Fact::Known(vec![self.key_policy_deny()])
    }
}

impl MfaExcept {
    fn key_policy_deny(&self) -> Statement {
        let recovery = (!self.exempt.is_empty()).then_some(&POLICY_CHANGE);
        let deny = Statement::deny("CriticalOperationsNeedMfa")
            .principals(PrincipalSet::Everyone)
            .actions(IN_KEY_POLICY.iter().chain(recovery).copied())
            .when(Comparison::Bool.if_exists(), MFA, ["false"]);
        exempting(deny, &self.exempt)
    }

    fn violation(&self, open: &[&str]) -> Violation {
        let exempt = if self.exempt.is_empty() {
            String::new()
        } else {
            format!(", sparing at most {} by `ArnNotLike` on `aws:PrincipalArn`", quoted(&self.exempt))
        };
        Violation {
            property: Property::Policy,
            found: format!("a key policy that does not deny {} without MFA", quoted(open)),
            required: format!(
                "a Deny of these operations to every principal on every resource when \
                 `BoolIfExists` `{MFA}` is `false`{exempt}"
            ),
            fix: "add that statement to the policy, or give no policy of your own and let one be generated"
                .to_owned(),
        }
    }

    fn critical(&self) -> Clause {
        let ask =
            |witness: fn(_, _, _) -> Witness, story, action| witness(story, WitnessCaller::Inside, action);
        let clause = Clause::new(PolicyType::ServiceControl, Scope::WherePlaced, "KmsCriticalNeedsMfa")
            .stating(|deny| {
                deny.actions(IN_ORGANISATION.iter().copied()).when(
                    Comparison::Bool.if_exists(),
                    MFA,
                    ["false"],
                )
            })
            .exempting(&self.exempt)
            .witnessed(
                ask(Witness::denied, "a session made without MFA", "kms:ScheduleKeyDeletion")
                    .with(MFA, "false"),
            )
            .witnessed(
                ask(Witness::spared, "a session made with MFA", "kms:ScheduleKeyDeletion").with(MFA, "true"),
            )
            .witnessed(ask(Witness::spared, "a deletion cancelled without MFA", "kms:CancelKeyDeletion"))
            .witnessed(ask(Witness::spared, "ordinary use without MFA", "kms:Decrypt"));
        IN_ORGANISATION.iter().fold(clause, |clause, action| {
            clause.witnessed(ask(Witness::denied, "an access key, which says nothing of MFA", action))
        })
    }

    fn grants(&self) -> Clause {
        let ask =
            |witness: fn(_, _, _) -> Witness, story| witness(story, WitnessCaller::Inside, "kms:CreateGrant");
        Clause::new(PolicyType::ServiceControl, Scope::WherePlaced, "KmsGrantsNeedMfa")
            .stating(|deny| {
                deny.actions(["kms:CreateGrant", "kms:RevokeGrant"])
                    .when(Comparison::Bool.if_exists(), MFA, ["false"])
                    .when(Comparison::Bool.if_exists(), VIA_SERVICE, ["false"])
            })
            .exempting(&self.exempt)
            .witnessed(ask(Witness::denied, "a grant made by hand without MFA").with(VIA_SERVICE, "false"))
            .witnessed(
                Witness::denied(
                    "a grant revoked by hand without MFA",
                    WitnessCaller::Inside,
                    "kms:RevokeGrant",
                )
                .with(VIA_SERVICE, "false"),
            )
            .witnessed(
                ask(Witness::spared, "a grant made by hand with MFA")
                    .with(MFA, "true")
                    .with(VIA_SERVICE, "false"),
            )
            .witnessed(
                ask(Witness::spared, "a grant that EC2 makes for its caller")
                    .with(VIA_SERVICE, "true")
                    .with("kms:GrantIsForAWSResource", "true"),
            )
    }
}

const MFA: &str = "aws:MultiFactorAuthPresent";
const VIA_SERVICE: &str = "aws:ViaAWSService";
const EXEMPT: &str = "exempt_principal_arns";
const POLICY_CHANGE: &str = "kms:PutKeyPolicy";

// What loses a key or opens it to others. Grants are apart: services make and
// revoke them for their callers.
const IN_ORGANISATION: &[&str] = &[
    "kms:DeleteAlias",
    "kms:DeleteCustomKeyStore",
    "kms:DeleteImportedKeyMaterial",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:DisconnectCustomKeyStore",
    "kms:ImportKeyMaterial",
    POLICY_CHANGE,
    "kms:ReplicateKey",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateCustomKeyStore",
    "kms:UpdatePrimaryRegion",
];

// Of these, what destroys the key itself: aliases and key stores have no key
// policy, and tags are protected where they mean something.
const IN_KEY_POLICY: &[&str] = &[
    "kms:DeleteImportedKeyMaterial",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:ImportKeyMaterial",
    "kms:ReplicateKey",
    "kms:ScheduleKeyDeletion",
    "kms:UpdatePrimaryRegion",
];

static SETTINGS: &[SettingSpec] = &[SettingSpec {
    name: EXEMPT,
    kind: SettingKind::Texts,
    doc: "Patterns of the ARNs of roles and users that need no MFA: pipelines, which have no second factor, roles \
          of IAM Identity Center, whose second factor AWS does not see, and break-glass roles. `*` may stand for \
          the account.",
    default: "[]",
}];

static DOC: Doc = Doc {
    title: "Critical operations must require MFA",
    severity: Severity::High,
    requires: "The key policy denies deleting, disabling, re-importing, replicating and un-rotating the key to every \
               principal that is not exempt and has not shown a second factor; changing the key policy too, once \
               somebody is exempt.",
    why: "A stolen access key or session is enough to schedule a key's deletion, and with it all data under the key. \
          A second factor stops everything that was merely copied.",
    reach: "The service control policy also covers aliases, tags, custom key stores and, unless a service makes them \
            for its caller, grants. Sessions without a trace of MFA are denied as well: access keys, pipelines, \
            federated roles, IAM Identity Center. Those that must work are exempt by name, and the roles that are \
            exempt are protected against being made or changed by others. `CancelKeyDeletion` stays open, because \
            saving a key must never be harder than losing it. The key policy leaves `PutKeyPolicy` open while nobody \
            is exempt: a key policy that nobody can change is lost to its owner. The organisation's policy guards \
            that call, and can always be detached.",
    evidence: "The key policy. A Deny counts if it speaks to everybody, on every resource, of these actions, under no \
               condition but `BoolIfExists aws:MultiFactorAuthPresent false` and exemptions that are within the \
               configured ones.",
    remedy: "Add the Deny to the key policy, or let the policy be generated.",
    references: &[
        Reference { standard: "NIST SP 800-53 Rev. 5", requirement: "IA-2(1), AC-6" },
        Reference { standard: "PCI DSS 4.0.1", requirement: "8.4" },
        Reference { standard: "ISO/IEC 27001:2022", requirement: "A.8.5" },
    ],
};

#[cfg(test)]
mod tests;
