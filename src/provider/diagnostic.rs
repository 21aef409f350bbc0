//! A failed call to AWS as Terraform's users read it: what could not be done,
//! what AWS said, who asked, and what to do about it.
//!
//! The only place where an AWS failure becomes a diagnostic.

mod refusal;

use refusal::Refusal;

use crate::aws::{AwsError, CallerIdentity, Fault};
use crate::controls::catalogue::Catalogue;
use crate::tf::Diagnostic;

/// The error of a call that failed. `doing` completes the sentence "Cannot …",
/// such as `create the key`.
pub(crate) fn aws_failure(doing: &str, error: &AwsError, caller: Option<&CallerIdentity>) -> Diagnostic {
    failure(doing, error, caller, None)
}

/// The same of a call about a key. Where a guardrail denied it, the controls with
/// these settings say which one it likely was.
pub(crate) fn key_failure(
    doing: &str,
    error: &AwsError,
    caller: Option<&CallerIdentity>,
    catalogue: &Catalogue,
) -> Diagnostic {
    failure(doing, error, caller, Some(catalogue))
}

fn failure(
    doing: &str,
    error: &AwsError,
    caller: Option<&CallerIdentity>,
    catalogue: Option<&Catalogue>,
) -> Diagnostic {
    let mut detail = vec![format!("{error}.")];
    if let Some(caller) = caller {
        detail.push(format!("The caller was `{}` of account {}.", caller.arn, caller.account));
    }
    detail.extend(advice(error, catalogue));
    Diagnostic::error(format!("Cannot {doing}: {}", reason(error)), detail.join("\n\n"))
}

/// The fault in a few words.
fn reason(error: &AwsError) -> &'static str {
    match error.fault() {
        Fault::Credentials if error.message().starts_with("no credentials were found") => {
            "there are no credentials"
        }
        Fault::Credentials if error.code().is_some_and(|code| code.starts_with("AccessDenied")) => {
            "access denied"
        }
        Fault::AccessDenied => "access denied",
        Fault::NotFound => "not found",
        Fault::AlreadyExists => "the name is taken",
        Fault::InvalidState => "its state forbids it",
        Fault::Unsupported => "not supported",
        Fault::UnknownPrincipal => "the policy names an unknown principal",
        Fault::LockOut => "the policy would lock the caller out",
        Fault::MalformedPolicy => "the policy is malformed",
        Fault::LimitExceeded => "a quota is used up",
        Fault::Conflict => "another change is under way",
        Fault::Throttled => "too many calls",
        Fault::Validation => "the request is refused",
        Fault::Credentials => "AWS does not accept the credentials",
        Fault::Unreachable => "AWS cannot be reached",
        Fault::Ambiguous => "the answer was lost",
        Fault::Service => "AWS failed",
        Fault::Other => "AWS refused",
    }
}

/// What to do, in one paragraph per thought.
fn advice(error: &AwsError, catalogue: Option<&Catalogue>) -> Vec<String> {
    let one = |text: &str| vec![text.to_owned()];
    match error.fault() {
        Fault::AccessDenied => denied(error, catalogue),
        Fault::UnknownPrincipal => one(
            "A role or user that was made a moment ago is known to KMS only after a while: apply again. Otherwise \
             correct the ARN; groups and patterns cannot be principals of a key policy.",
        ),
        Fault::LockOut => one(
            "Under the generated policy the caller must be exempt from MFA, or call with it: add its role or user to \
             `controls.mfa.exempt_principal_arns` in the provider block. Where `key_owners` or `key_administrators` \
             are given, name it in one of them, or set `allow_iam_policies = true`. A policy of your own must allow \
             `kms:PutKeyPolicy` to the caller or to the account, and no Deny of it may hit the caller.",
        ),
        Fault::LimitExceeded => one("Remove what is no longer needed, or ask AWS for a higher quota."),
        Fault::Conflict => one("Apply again when the other change is through."),
        Fault::Throttled => one(
            "Apply again with a lower `-parallelism`, or set `retry_mode = \"adaptive\"` in the provider block.",
        ),
        Fault::Credentials if !refuses_keys(error) && error.operation().starts_with("AssumeRole") => one(
            "Check the role's ARN. Its trust policy must name the caller, and the caller's identity policy must allow \
             `sts:AssumeRole` on it.",
        ),
        Fault::Credentials => one(
            "Check the keys, the profile or the role in the provider block and the environment. Temporary credentials \
             expire: sign in again.",
        ),
        Fault::Unreachable => one(
            "Check `region`, `endpoints` and `AWS_ENDPOINT_URL`, the proxy, and whether this machine reaches the \
             network.",
        ),
        Fault::Ambiguous => {
            one("Whether AWS did it is not known. Apply again: what was done is found and not done twice.")
        }
        Fault::Service => one("Apply again later; the AWS Health Dashboard tells of disturbances."),
        Fault::NotFound
        | Fault::AlreadyExists
        | Fault::InvalidState
        | Fault::Unsupported
        | Fault::MalformedPolicy
        | Fault::Validation
        | Fault::Other => Vec::new(),
    }
}

/// Whether the keys that sign the call are to blame, or missing, and not what
/// they were used for.
pub(crate) fn refuses_keys(error: &AwsError) -> bool {
    let codes =
        ["ExpiredToken", "InvalidClientTokenId", "SignatureDoesNotMatch", "UnrecognizedClientException"];
    let refused = error.code.as_deref().is_none_or(|code| codes.contains(&code));
    error.fault() == Fault::Credentials && refused && !error.operation().starts_with("AssumeRoleWith")
}

fn denied(error: &AwsError, catalogue: Option<&Catalogue>) -> Vec<String> {
    let refusal = Refusal::read(error.message());
    let mut advice = vec![refusal.advice(error.service, error.operation())];
    advice.extend(catalogue.and_then(|catalogue| refusal.likely_controls(error.operation(), catalogue)));
    if error.operation() == "CreateKey" && !refusal.is_a_guardrails() {
        advice.push(
            "A key that is made with tags needs `kms:TagResource` besides `kms:CreateKey`. A condition on \
             `aws:ResourceTag` cannot give it, because the key has no tags yet: use `aws:RequestTag`."
                .to_owned(),
        );
    }
    advice
}

#[cfg(test)]
mod tests;
