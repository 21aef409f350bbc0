//! The companion of every exemption that holds in any account: without it
//! whoever administers an account makes a role or a user of the exempt name and is free
//! of every guardrail.

use std::collections::BTreeSet;

use crate::controls::contract::exemption::has_literal_account;
use crate::controls::contract::guardrail::{Witness, WitnessCaller};
use crate::guardrails::plan::Placed;
use crate::iam::policy::{Comparison, Statement};
use crate::model::org::{PolicyType, TargetId};

/// The statement that keeps roles and users which are exempt in every account
/// in the hands of those who are exempt and of the administrators named;
/// nothing if every exemption names its account.
pub(super) fn protect(
    exempt: &BTreeSet<String>,
    administrators: Option<&BTreeSet<String>>,
    root: TargetId,
) -> Vec<Placed> {
    let everywhere = |pattern: &&String| !has_literal_account(pattern);
    let partitions: BTreeSet<&str> =
        exempt.iter().filter(everywhere).filter_map(|one| partition(one)).collect();
    if partitions.is_empty() {
        return Vec::new();
    }
    let account_access =
        || partitions.iter().map(|partition| format!("arn:{partition}:iam::*:{ACCOUNT_ACCESS}"));
    let administrators = administrators.cloned().unwrap_or_else(|| account_access().collect());
    // An administrator's role is protected too, or it would be the way around.
    let trusted: BTreeSet<String> = exempt.union(&administrators).cloned().collect();
    let guarded: BTreeSet<String> = trusted.iter().filter(everywhere).cloned().collect();
    let changes: Vec<(&'static str, &String)> = guarded
        .iter()
        .flat_map(|pattern| changes_of(pattern).iter().map(move |action| (*action, pattern)))
        .collect();
    let actions: BTreeSet<&'static str> = changes.iter().map(|(action, _)| *action).collect();
    let statement = Statement::deny(SID).actions(actions).resources(&guarded).when(
        Comparison::ArnNotLike,
        "aws:PrincipalArn",
        &trusted,
    );
    let witness = |(action, pattern): &(&'static str, &String)| {
        let story = "an exempt principal made, changed or taken over";
        Witness::denied(story, WitnessCaller::Inside, action).on(pattern.as_str())
    };
    vec![Placed {
        control: None,
        policy_type: PolicyType::ServiceControl,
        sid: SID.to_owned(),
        targets: BTreeSet::from([root]),
        environment: None,
        witnesses: changes.iter().map(witness).collect(),
        exempt: trusted,
        statement,
    }]
}

pub(super) const SID: &str = "KmsExemptRolesStay";

fn partition(pattern: &str) -> Option<&str> {
    pattern.split(':').nth(1)
}

fn changes_of(pattern: &str) -> &'static [&'static str] {
    if pattern.contains(":user/") { CHANGES_OF_USERS } else { CHANGES_OF_ROLES }
}

// The role by which AWS Organizations opens new accounts.
const ACCOUNT_ACCESS: &str = "role/OrganizationAccountAccessRole";

// Whatever makes a principal of that name, changes what it may do or who may become it: the actions that are
// authorised on the role or the user (service authorization reference, "AWS IAM" and "AWS STS", read 2026-11).
const CHANGES_OF_ROLES: &[&str] = &[
    "iam:AttachRolePolicy",
    "iam:CreateRole",
    "iam:DeleteRole",
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:PassRole",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
    "iam:TagRole",
    "iam:UntagRole",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateRole",
    "sts:AssumeRole",
];

// A rename is authorised on the old name and on the new one (IAM user guide, "Rename an IAM user", read 2026-11);
// an access key that is switched on again is as good as a new one.
const CHANGES_OF_USERS: &[&str] = &[
    "iam:AttachUserPolicy",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreateServiceSpecificCredential",
    "iam:CreateUser",
    "iam:DeactivateMFADevice",
    "iam:DeleteUser",
    "iam:DeleteUserPermissionsBoundary",
    "iam:DeleteUserPolicy",
    "iam:DetachUserPolicy",
    "iam:EnableMFADevice",
    "iam:PutUserPermissionsBoundary",
    "iam:PutUserPolicy",
    "iam:ResetServiceSpecificCredential",
    "iam:ResyncMFADevice",
    "iam:TagUser",
    "iam:UntagUser",
    "iam:UpdateAccessKey",
    "iam:UpdateLoginProfile",
    "iam:UpdateServiceSpecificCredential",
    "iam:UpdateSigningCertificate",
    "iam:UpdateUser",
    "iam:UploadSigningCertificate",
];
