//! Policies under which the caller could not manage the key: told while
//! planning, with the argument to change, and at apply in AWS's words.

use crate::secure_kms_key::PROVIDER;
use crate::secure_kms_key::key;
use crate::support::Said;
use crate::support::Stage;

/// Everything as in the other tests, by a session of `role` in the dev account;
/// the pipeline's role is exempt from MFA, wherever it is.
fn stage(role: &str, more: &str) -> Stage {
    let stage = Stage::new();
    let assume = format!(
        "provider \"kms\" {{\n  assume_role {{\n    role_arn = \"arn:aws:iam::222222222222:role/{role}\"\n  }}\n"
    );
    let provider = PROVIDER.replace("provider \"kms\" {\n", &assume);
    let provider =
        provider.replace("arn:aws:iam::111111111111:user/operator", "arn:aws:iam::*:role/terraform");
    stage.write("provider.tf", &provider);
    stage.write("keys.tf", &key("db", more));
    stage
}

/// What a plan says that is refused with one error.
#[track_caller]
fn refused(stage: &Stage) -> Said {
    let plan = stage.terraform(&["plan"]);
    assert_eq!((plan.code, plan.text.matches("Error: ").count()), (1, 1), "{}", plan.text);
    assert_eq!(plan.text.matches("Warning: The ").count(), 0, "{}", plan.text);
    plan
}

#[test]
fn a_role_that_is_not_exempt_from_mfa_is_named_with_the_setting_that_exempts_it() {
    refused(&stage("developer", "")).says(
        "Error: The key policy would lock the caller out
         with secure_kms_key.db,
         on keys.tf line 2, in resource \"secure_kms_key\" \"db\":
         2: resource \"secure_kms_key\" \"db\" {
         Found: the statement `CriticalOperationsNeedMfa` of the policy denies `kms:PutKeyPolicy` to",
    );
    refused(&stage("developer", "")).says(
        "Required: the caller can change the policy again, or AWS refuses it.
         Fix: add the caller, `arn:aws:iam::222222222222:role/developer` (with the role's path, if it has one), to
         `controls.mfa.exempt_principal_arns` in the provider block; or set `bypass_policy_lockout_safety_check = true`
         if somebody else shall have the last word.",
    );
}

#[test]
fn somebody_elses_policy_is_refused_at_the_argument_that_names_them() {
    let stage = Stage::new();
    stage.write("provider.tf", PROVIDER);
    let only = r#"key_administrators = ["arn:aws:iam::111111111111:role/developer"]"#;
    stage.write("keys.tf", &key("db", only));
    refused(&stage).says(
        "Error: The key policy would lock the caller out
         with secure_kms_key.db,
         on keys.tf line 10, in resource \"secure_kms_key\" \"db\":
         10: key_administrators = [\"arn:aws:iam::111111111111:role/developer\"]
         Found: no statement of the policy allows `kms:PutKeyPolicy` to `arn:aws:iam::111111111111:user/operator`.
         Required: the caller can change the policy again, or AWS refuses it.
         Fix: name the caller, `arn:aws:iam::111111111111:user/operator`, in `key_administrators` (`key_owners` may
         change the policy only); or set `allow_iam_policies = true`, so that identity policies of the account count; or
         set `bypass_policy_lockout_safety_check = true` if somebody else shall have the last word.",
    );
    assert_eq!(stage.keys().len(), 0);
}

#[test]
fn an_owner_who_could_not_manage_the_key_is_warned_and_the_key_is_made() {
    let stage = stage("terraform", r#"key_owners = ["arn:aws:iam::222222222222:role/terraform"]"#);
    let apply = stage.apply();
    apply.says(
        "Warning: The caller could not manage the key
         with secure_kms_key.db,
         on keys.tf line 10, in resource \"secure_kms_key\" \"db\":
         10: key_owners = [\"arn:aws:iam::222222222222:role/terraform\"]
         Found: no statement of the policy allows `kms:CreateAlias`, `kms:TagResource`, `kms:EnableKeyRotation`,
         `kms:UpdateKeyDescription`, `kms:DeleteAlias`, `kms:ScheduleKeyDeletion` to",
    );
    apply.says(
        "Required: the caller may do to the key what this resource does; what it may not is left undone.
         Fix: name the caller, `arn:aws:iam::222222222222:role/terraform` (with the role's path, if it has one), in
         `key_administrators` (`key_owners` may change the policy only); or set `allow_iam_policies = true`, so that
         identity policies of the account count.",
    );
    apply.says("Warning: The key exists, and is not finished");
    assert_eq!(stage.keys().len(), 1);
}

#[test]
fn who_gives_the_key_away_is_warned_and_aws_lets_it_pass() {
    let given = "key_administrators = [\"arn:aws:iam::222222222222:role/developer\"]\n  \
                 bypass_policy_lockout_safety_check = true";
    let stage = stage("terraform", given);
    let apply = stage.apply();
    apply.says(
        "Warning: The caller could not manage the key
         with secure_kms_key.db,
         on keys.tf line 10, in resource \"secure_kms_key\" \"db\":
         10: key_administrators = [\"arn:aws:iam::222222222222:role/developer\"]
         Found: no statement of the policy allows `kms:CreateAlias`, `kms:DescribeKey`, `kms:GetKeyPolicy`,
         `kms:PutKeyPolicy`, `kms:TagResource`, `kms:EnableKeyRotation`,",
    );
    assert_eq!(stage.keys().len(), 1);
}

/// Long-lived keys, of which the provider cannot tell whether MFA stands behind them.
#[test]
fn who_may_have_mfa_is_warned_and_the_refusal_at_apply_names_caller_and_argument() {
    let stage = Stage::new();
    stage.write("provider.tf", &PROVIDER.replace("user/operator", "role/terraform"));
    stage.write("keys.tf", &key("db", ""));
    let apply = stage.terraform(&["apply", "-auto-approve"]);
    assert_eq!(apply.code, 1, "{}", apply.text);
    apply.says(
        "Warning: The key policy locks the caller out without MFA
         with secure_kms_key.db,
         on keys.tf line 2, in resource \"secure_kms_key\" \"db\":
         2: resource \"secure_kms_key\" \"db\" {
         Found: the statement `CriticalOperationsNeedMfa` of the policy denies `kms:PutKeyPolicy` to
         `arn:aws:iam::111111111111:user/operator`, unless its credentials were made with MFA.
         Required: the caller can change the policy again, or AWS refuses it.
         Fix: sign in with MFA; or add the caller, `arn:aws:iam::111111111111:user/operator`, to
         `controls.mfa.exempt_principal_arns` in the provider block.",
    );
    apply.says("Error: Cannot create the key: the policy would lock the caller out");
    apply.says(
        "The caller was `arn:aws:iam::111111111111:user/operator` of account 111111111111.
         Under the generated policy the caller must be exempt from MFA, or call with it: add its role or user to
         `controls.mfa.exempt_principal_arns` in the provider block. Where `key_owners` or `key_administrators` are
         given, name it in one of them, or set `allow_iam_policies = true`. A policy of your own must allow
         `kms:PutKeyPolicy` to the caller or to the account, and no Deny of it may hit the caller.",
    );
    assert_eq!(stage.keys().len(), 0);
}
