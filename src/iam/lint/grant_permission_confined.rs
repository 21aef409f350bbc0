//! Whoever may make grants may make harmless ones only.

use crate::iam::lint::contract::conditions;
use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::kms::{self, Duty, duty};
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::{Actions, Comparison, Condition, Effect, Position, Quantifier, Statement, Text};

/// The rule.
#[derive(Debug)]
pub(super) struct GrantPermissionConfined;

impl Rule for GrantPermissionConfined {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        for statement in subject.with_effect(Effect::Allow) {
            if subject.delegates(statement)
                || !kms::covers(statement, "CreateGrant")
                || conditions::on(statement, &LIMITS).any(|condition| is_limit(statement, condition))
            {
                continue;
            }
            let administers =
                kms::actions(statement).iter().any(|action| duty(action) == Duty::Administration);
            let message = if administers {
                "an administrator who may call `kms:CreateGrant` can let anybody decrypt, himself included"
            } else if conditions::on(statement, &["kms:grantoperations"]).any(conditions::confines) {
                "one operation of the list is enough for `ForAnyValue`, so a grant may have any others beside it"
            } else {
                "`kms:CreateGrant` without a limit: whoever may call it can let anybody use the key in any way"
            };
            findings.add(
                place(statement),
                message,
                "allow it in a statement of its own with `\"Bool\": {\"kms:GrantIsForAWSResource\": \"true\"}`, or limit \
                 `kms:GrantOperations` by `ForAllValues` and `kms:GranteePrincipal`",
            );
        }
    }
}

/// Whether the grants that can be made are not all there are.
fn is_limit(statement: &Statement, condition: &Condition) -> bool {
    let operator = condition.operator;
    // A plain operator never matches the list, and another rule says so.
    let all = operator.quantifier != Some(Quantifier::ForAnyValue);
    match condition.key.as_str().to_ascii_lowercase().as_str() {
        "kms:grantisforawsresource" => {
            operator.comparison == Comparison::Bool
                && conditions::limits(statement, condition)
                && !conditions::says(condition, "false")
        }
        // `CreateGrant` always carries the list, and of several operations
        // `ForAnyValue` asks for one alone (KMS developer guide,
        // `kms:GrantOperations`, read 2026-11).
        "kms:grantoperations" => {
            all && operator.comparison != Comparison::Null && conditions::is_narrow(condition)
        }
        _ => conditions::limits(statement, condition) && conditions::is_narrow(condition),
    }
}

/// The pattern that takes `CreateGrant` in.
fn place(statement: &Statement) -> Position {
    let Some(Actions::Only(patterns)) = &statement.actions else { return statement.at };
    let takes_in = |pattern: &str| kms::expansion(pattern).any(|action| action.name == "CreateGrant");
    patterns.iter().find(|pattern| takes_in(pattern.as_str())).map_or(statement.at, Text::at)
}

/// A service that forwards a call makes the grant that it needs, and not the one
/// that its user may want; AWS's own keys let it by `kms:ViaService` alone (KMS
/// developer guide, "AWS managed keys", read 2026-11).
const LIMITS: [&str; 5] = [
    "kms:granteeprincipal",
    "kms:granteeserviceprincipal",
    "kms:grantisforawsresource",
    "kms:grantoperations",
    "kms:viaservice",
];

static DOC: Doc = Doc {
    id: "grant-permission-confined",
    number: "L17",
    title: "The permission to make grants is confined",
    severity: Severity::Warning,
    kinds: &[Kind::Key, Kind::Identity],
    requires: "A statement that allows `kms:CreateGrant` wants `kms:GrantIsForAWSResource` to be `true`, every one of \
               `kms:GrantOperations` to be in a list (`ForAllValues`), `kms:GranteePrincipal` or \
               `kms:GranteeServicePrincipal` to be somebody, or the call to come through a service by `kms:ViaService`.",
    why: "A grant lets its grantee use the key whatever identity policies say. Whoever may make any grant may decrypt, so \
          separation of duties ends there. `ForAnyValue` on `kms:GrantOperations` is met by a grant of one harmless \
          operation and any others.",
    remedy: "Let services make the grants they need with `kms:GrantIsForAWSResource`, and nobody else any.",
    references: &["AWS Control Tower CT.KMS.PV.1", "KMS developer guide, Controlling access to grants"],
};
