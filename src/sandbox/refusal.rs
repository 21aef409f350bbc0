//! Refusals in AWS's words (IAM user guide, "Troubleshoot access denied error
//! messages", read 2026-11), with the Sid of the statement that decided, which
//! AWS keeps to itself: it is what somebody who tries a guardrail wants to see.

use crate::iam::evaluate::Layer;
use crate::iam::evaluate::Outcome;
use crate::model::org::PolicyType;
use crate::sandbox::state::Call;
use crate::sandbox::state::World;
use crate::sandbox::wire::ServiceError;

impl World {
    /// The refusal of an action for a reason.
    pub(crate) fn refusal(call: &Call, action: &str, resource: &str, reason: &str) -> ServiceError {
        let caller = &call.identity.arn;
        ServiceError::new(
            "AccessDeniedException",
            format!("User: {caller} is not authorized to perform: {action} on resource: {resource} {reason}"),
        )
    }

    /// The reason of an explicit deny: the kind of policy, and for policies of the
    /// organisation the policy's ARN.
    pub(crate) fn explicit(&self, outcome: &Outcome) -> String {
        // AWS names one of several policies that deny. The organisation's are the first that a request meets (IAM
        // user guide, "How AWS enforcement code logic evaluates requests", read 2026-11).
        let first = outcome.statements.iter().find(|statement| policy_type(statement.layer).is_some());
        let Some(statement) = first.or(outcome.statements.first()) else {
            return "with an explicit deny".to_owned();
        };
        let mut reason = format!("with an explicit deny in {}", with_article(statement.layer));
        let sid = statement.sid.as_deref();
        if let (Some(target), Some(sid)) = (statement.target.as_deref(), sid)
            && let Some(policy_type) = policy_type(statement.layer)
            && let Some(arn) = self.organizations.policy_with_sid(policy_type, target, sid)
        {
            reason.push_str(": ");
            reason.push_str(&arn);
        }
        if let Some(sid) = sid {
            reason.extend([" (Sid: ", sid, ")"]);
        }
        reason
    }
}

/// The reason of a missing allow.
pub(crate) fn implicit(outcome: &Outcome, action: &str) -> String {
    let layer = outcome.decided_by.first().copied().unwrap_or(Layer::Identity);
    format!("because no {} allows the {action} action", name(layer))
}

/// The kind of the organisation's policies that a layer is made of.
fn policy_type(layer: Layer) -> Option<PolicyType> {
    match layer {
        Layer::ServiceControl => Some(PolicyType::ServiceControl),
        Layer::ResourceControl => Some(PolicyType::ResourceControl),
        Layer::Identity
        | Layer::Resource
        | Layer::PermissionBoundary
        | Layer::Session
        | Layer::Endpoint
        | Layer::Grant => None,
    }
}

fn with_article(layer: Layer) -> String {
    let name = name(layer);
    let article = if name.starts_with('i') { "an" } else { "a" };
    format!("{article} {name}")
}

fn name(layer: Layer) -> &'static str {
    match layer {
        Layer::Identity => "identity-based policy",
        Layer::Resource => "resource-based policy",
        Layer::ServiceControl => "service control policy",
        Layer::ResourceControl => "resource control policy",
        Layer::PermissionBoundary => "permissions boundary",
        Layer::Session => "session policy",
        Layer::Endpoint => "VPC endpoint policy",
        Layer::Grant => "grant",
    }
}
