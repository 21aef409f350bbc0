//! The grants that a statement lets make are such as KMS takes, and no wider
//! than they must be.

use crate::iam::arn::is_account;
use crate::iam::lint::contract::conditions;
use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::kms;
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::{Condition, Effect, Statement, Text};

/// The rule.
#[derive(Debug)]
pub(super) struct GrantsConstrained;

impl Rule for GrantsConstrained {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        let makes_grants = |statement: &&Statement| kms::covers(statement, "CreateGrant");
        for statement in subject.with_effect(Effect::Allow).filter(makes_grants) {
            operations(statement, findings);
            grantees(statement, findings);
            service_grantees(statement, findings);
        }
    }
}

fn operations(statement: &Statement, findings: &mut Findings) {
    let constrained = conditions::mentions(statement, &CONSTRAINTS);
    for value in values(statement, "kms:grantoperations") {
        if value.as_str() == "Decrypt" && !constrained && !for_aws(statement) {
            findings.add(
                value.at(),
                "grants for `Decrypt` need not name an encryption context, so they reach everything under the key",
                "add a condition on `kms:GrantConstraintType`",
            );
        }
        if constrained && NOT_SYMMETRIC.contains(&value.as_str()) {
            findings.add(
                value.at(),
                format!("`{value}` has no encryption context, and KMS refuses a grant with both"),
                "give it a statement without the condition on the encryption context",
            );
        }
    }
}

fn grantees(statement: &Statement, findings: &mut Findings) {
    for value in values(statement, "kms:granteeprincipal") {
        if is_account(value.as_str()) || value.as_str().ends_with(":root") {
            findings.add(
                value.at(),
                format!("the grantee `{value}` is a whole account: every principal there that its administrators choose"),
                "name the role that needs the grant",
            );
        }
    }
}

/// KMS takes a grant for a service only with a source and somebody to retire it
/// (KMS API reference, `CreateGrant`, read 2026-11).
fn service_grantees(statement: &Statement, findings: &mut Findings) {
    let Some(value) = values(statement, "kms:granteeserviceprincipal").next() else { return };
    for (keys, missing) in [
        (&["kms:grantconstraintsourcearn"][..], "kms:GrantConstraintSourceArn"),
        (&["kms:retiringprincipal", "kms:retiringserviceprincipal"], "kms:RetiringPrincipal"),
    ] {
        if !conditions::mentions(statement, keys) {
            findings.add(
                value.at(),
                format!("grants for the service `{value}` are not limited by `{missing}`, which KMS requires of each of them"),
                format!("add a condition on `{missing}`"),
            );
        }
    }
}

fn values<'s>(statement: &'s Statement, key: &'static str) -> impl Iterator<Item = &'s Text> {
    let on_key = |condition: &&Condition| condition.key.as_str().eq_ignore_ascii_case(key);
    let positive = |condition: &&Condition| {
        conditions::confines(condition)
            || conditions::is_always_there(statement, condition)
                && !condition.operator.comparison.is_negated()
    };
    statement.conditions.iter().filter(on_key).filter(positive).flat_map(|condition| &condition.values)
}

fn for_aws(statement: &Statement) -> bool {
    conditions::confined_by(statement, &["kms:grantisforawsresource"])
}

const CONSTRAINTS: [&str; 3] =
    ["kms:encryptioncontext:", "kms:encryptioncontextkeys", "kms:grantconstrainttype"];

/// Operations of asymmetric and HMAC keys.
const NOT_SYMMETRIC: [&str; 7] =
    ["DeriveSharedSecret", "GenerateMac", "GetPublicKey", "Sign", "Verify", "VerifyMac", "GenerateRandom"];

static DOC: Doc = Doc {
    id: "grants-constrained",
    number: "L36",
    title: "Grants are constrained",
    severity: Severity::Warning,
    kinds: &[Kind::Key, Kind::Identity],
    requires: "A statement that allows `kms:CreateGrant` for `Decrypt` asks for an encryption context; it names roles as \
               grantees and no accounts; for a service it asks for a source and a retiring principal.",
    why: "A grant without constraint reaches all that the key protects. KMS refuses a grant whose encryption context \
          meets an operation that has none, and a grant for a service without a source, so such a statement allows \
          less than it says.",
    remedy: "Add `kms:GrantConstraintType`, `kms:GrantConstraintSourceArn` and `kms:RetiringPrincipal` as named.",
    references: &["KMS API reference, `CreateGrant`", "KMS developer guide, Grant constraints"],
};
