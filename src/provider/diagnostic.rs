//! A failed call to AWS as Terraform's users read it: what could not be done,
//! what AWS said, who asked, and what to do about it.
//!
//! The only place where an AWS failure becomes a diagnostic.

use crate::aws::{AwsError, CallerIdentity, Fault};
use crate::tf::Diagnostic;

/// The error of a call that failed. `doing` completes the sentence "Cannot …",
/// such as `create the key`.
pub(crate) fn aws_failure(doing: &str, error: &AwsError, caller: Option<&CallerIdentity>) -> Diagnostic {
    let mut detail = vec![format!("{error}.")];
    if let Some(caller) = caller {
        detail.push(format!("The caller was `{}` of account {}.", caller.arn, caller.account));
    }
    detail.extend(advice(error));
    Diagnostic::error(format!("Cannot {doing}: {}", reason(error.fault())), detail.join("\n\n"))
}

/// The fault in a few words.
fn reason(fault: Fault) -> &'static str {
    match fault {
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
fn advice(error: &AwsError) -> Vec<String> {
    let one = |text: &str| vec![text.to_owned()];
    match error.fault() {
        Fault::AccessDenied => denied(error),
        Fault::UnknownPrincipal => one(
            "A role or user that was made a moment ago is known to KMS only after a while: apply again. Otherwise \
             correct the ARN; groups and patterns cannot be principals of a key policy.",
        ),
        Fault::LockOut => one(
            "Let a statement of the policy allow `kms:PutKeyPolicy` to the caller's role or to the account, and let \
             no Deny of it, such as one that requires MFA, hit the caller.",
        ),
        Fault::LimitExceeded => one("Remove what is no longer needed, or ask AWS for a higher quota."),
        Fault::Conflict => one("Apply again when the other change is through."),
        Fault::Throttled => one(
            "Apply again with a lower `-parallelism`, or set `retry_mode = \"adaptive\"` in the provider block.",
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

fn denied(error: &AwsError) -> Vec<String> {
    let refusal = Refusal::read(error.message());
    let mut advice = vec![refusal.advice()];
    if error.operation() == "CreateKey" && refusal.deciding != Deciding::ExplicitDeny(Layer::ServiceControl) {
        advice.push(
            "A key that is made with tags needs `kms:TagResource` besides `kms:CreateKey`. A condition on \
             `aws:ResourceTag` cannot give it, because the key has no tags yet: use `aws:RequestTag`."
                .to_owned(),
        );
    }
    advice
}

/// What AWS's text says of why it refused (IAM user guide, "Troubleshoot access
/// denied error messages", read 2026-11).
#[derive(Debug, PartialEq, Eq)]
struct Refusal {
    deciding: Deciding,
    /// The id of the policy, where AWS names it.
    policy: Option<String>,
    /// The statement, where AWS names it.
    sid: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deciding {
    ExplicitDeny(Layer),
    NothingAllows,
    NotSaid,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layer {
    ServiceControl,
    ResourceControl,
    Resource,
    Identity,
    Boundary,
    Session,
    Endpoint,
    NotSaid,
}

impl Refusal {
    fn read(message: &str) -> Self {
        let deciding = if let Some((_, rest)) = message.split_once("explicit deny") {
            Deciding::ExplicitDeny(Layer::read(rest))
        } else if message.contains("because no ") {
            Deciding::NothingAllows
        } else {
            Deciding::NotSaid
        };
        Self { deciding, policy: policy_id(message), sid: sid(message) }
    }

    fn advice(&self) -> String {
        let named = self.named();
        match self.deciding {
            Deciding::ExplicitDeny(layer @ (Layer::ServiceControl | Layer::ResourceControl)) => format!(
                "A guardrail of the organisation forbids this: {} denies it{named}, whatever the caller's own \
                 policies allow. The data source `kms_org_guardrails` shows what is in force and why. Do what the \
                 guardrail asks for, or have the caller's role added to its `exempt_principal_arns`.",
                layer.words()
            ),
            Deciding::ExplicitDeny(layer) => format!(
                "A Deny in {} forbids this{named}; no other policy can allow it. Change that statement, or call as \
                 somebody it does not concern.",
                layer.words()
            ),
            Deciding::NothingAllows => {
                "No policy allows this to the caller. Allow the action in the caller's identity policy, and let the \
                 key policy allow it or delegate to the account."
                    .to_owned()
            }
            Deciding::NotSaid => {
                "AWS does not say which policy decided. Look at the caller's identity policy, at the key policy, and \
                 at the guardrails in force (data source `kms_org_guardrails`)."
                    .to_owned()
            }
        }
    }

    fn named(&self) -> String {
        match (&self.policy, &self.sid) {
            (Some(policy), Some(sid)) => format!(" (policy `{policy}`, statement `{sid}`)"),
            (Some(policy), None) => format!(" (policy `{policy}`)"),
            (None, Some(sid)) => format!(" (statement `{sid}`)"),
            (None, None) => String::new(),
        }
    }
}

impl Layer {
    fn read(text: &str) -> Self {
        const NAMES: &[(&str, Layer)] = &[
            ("service control policy", Layer::ServiceControl),
            ("resource control policy", Layer::ResourceControl),
            ("resource-based policy", Layer::Resource),
            ("identity-based policy", Layer::Identity),
            ("permissions boundary", Layer::Boundary),
            ("session policy", Layer::Session),
            ("VPC endpoint policy", Layer::Endpoint),
        ];
        NAMES.iter().find(|(name, _)| text.contains(name)).map_or(Self::NotSaid, |(_, layer)| *layer)
    }

    fn words(self) -> &'static str {
        match self {
            Self::ServiceControl => "a service control policy",
            Self::ResourceControl => "a resource control policy",
            Self::Resource => "the key policy",
            Self::Identity => "the caller's identity policy",
            Self::Boundary => "the caller's permissions boundary",
            Self::Session => "the session policy",
            Self::Endpoint => "the policy of the VPC endpoint",
            Self::NotSaid => "a policy",
        }
    }
}

/// The id of an organisation's policy, alone or at the end of an ARN.
fn policy_id(message: &str) -> Option<String> {
    let words = message
        .split(|character: char| !character.is_ascii_alphanumeric() && character != '-' && character != '_');
    words.map(str::to_owned).find(|word| word.parse::<crate::model::org::PolicyId>().is_ok())
}

/// What follows the word `Sid` or `statement`, without quotes.
fn sid(message: &str) -> Option<String> {
    let words: Vec<&str> = message
        .split(|character: char| !character.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let named = |pair: &[&str]| match pair {
        ["Sid" | "sid" | "statement", sid] => Some((*sid).to_owned()),
        _ => None,
    };
    words.windows(2).find_map(named)
}

#[cfg(test)]
mod tests;
