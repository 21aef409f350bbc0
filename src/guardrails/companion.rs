//! The companion of every exemption that holds in any account: without it
//! whoever administers an account makes a role of the exempt name and is free
//! of every guardrail.

use std::collections::BTreeSet;

use crate::controls::contract::exemption::has_literal_account;
use crate::controls::contract::guardrail::{Witness, WitnessCaller};
use crate::guardrails::plan::Placed;
use crate::iam::policy::{Comparison, Statement};
use crate::model::org::{PolicyType, TargetId};

/// The statement that keeps roles which are exempt in every account in the
/// hands of those who are exempt and of the administrators named; nothing if
/// every exemption names its account.
pub(super) fn protect(
    exempt: &BTreeSet<String>,
    administrators: &BTreeSet<String>,
    root: TargetId,
) -> Vec<Placed> {
    let everywhere = |pattern: &&String| !has_literal_account(pattern);
    if !exempt.iter().any(|pattern| everywhere(&pattern)) {
        return Vec::new();
    }
    // An administrator's role is protected too, or it would be the way around.
    let trusted: BTreeSet<String> = exempt.union(administrators).cloned().collect();
    let guarded: BTreeSet<String> = trusted.iter().filter(everywhere).cloned().collect();
    let statement = Statement::deny(SID).actions(CHANGES.iter().copied()).resources(&guarded).when(
        Comparison::ArnNotLike,
        "aws:PrincipalArn",
        &trusted,
    );
    let witness = |action: &&'static str| {
        Witness::denied("an exempt principal made, changed or taken over", WitnessCaller::Inside, action)
    };
    vec![Placed {
        control: None,
        policy_type: PolicyType::ServiceControl,
        sid: SID.to_owned(),
        statement,
        targets: BTreeSet::from([root]),
        exempt: trusted,
        environment: None,
        witnesses: CHANGES.iter().map(witness).collect(),
    }]
}

pub(super) const SID: &str = "KmsExemptRolesStay";

// Whatever makes a principal of that name, changes what it may do or who may
// become it (service authorization reference, "AWS IAM" and "AWS STS", read 2026-11).
const CHANGES: &[&str] = &[
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreateRole",
    "iam:CreateUser",
    "iam:DeleteRole",
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:PassRole",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
    "iam:TagRole",
    "iam:UntagRole",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateLoginProfile",
    "iam:UpdateRole",
    "sts:AssumeRole",
];
