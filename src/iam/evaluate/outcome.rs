//! The answer to a request and its reasons.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::iam::policy::Effect;

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Everything that must allow allows and nothing denies.
    Allowed,
    /// Something that must allow does not.
    ImplicitlyDenied,
    /// A Deny statement matches.
    ExplicitlyDenied,
    /// The answer hangs on condition keys whose values are unknown.
    Undecided,
}

impl Decision {
    /// As `keyrail simulate` prints it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::ImplicitlyDenied => "implicitly_denied",
            Self::ExplicitlyDenied => "explicitly_denied",
            Self::Undecided => "undecided",
        }
    }
}

/// A kind of policy that has a say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// Policies of the caller.
    Identity,
    /// The key policy, or another resource's policy.
    Resource,
    /// Service control policies of the caller's account.
    ServiceControl,
    /// Resource control policies of the resource's account.
    ResourceControl,
    /// The caller's permissions boundary.
    PermissionBoundary,
    /// The session policy.
    Session,
    /// The policy of the VPC endpoint.
    Endpoint,
    /// A KMS grant.
    Grant,
}

impl Layer {
    /// As `keyrail simulate` prints it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Resource => "resource",
            Self::ServiceControl => "scp",
            Self::ResourceControl => "rcp",
            Self::PermissionBoundary => "permission_boundary",
            Self::Session => "session",
            Self::Endpoint => "endpoint",
            Self::Grant => "grant",
        }
    }
}

/// One statement, or one grant, that decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementRef {
    /// The kind of policy.
    pub layer: Layer,
    /// For SCPs and RCPs the id of the root, OU or account it hangs on.
    pub target: Option<Arc<str>>,
    /// The statement's Sid, or the grant's id.
    pub sid: Option<Arc<str>>,
    /// What the statement does.
    pub effect: Effect,
}

/// A decision and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The answer.
    pub decision: Decision,
    /// The layers that decided: those that granted, those whose Allow is
    /// missing, those that deny, or those that are undecided.
    pub decided_by: Vec<Layer>,
    /// The statements that decided. Empty when something is missing.
    pub statements: Vec<StatementRef>,
    /// For [`Decision::ImplicitlyDenied`] by SCPs the ids of the levels without
    /// an Allow that matches, root first.
    pub at: Vec<Arc<str>>,
    /// What the evaluator had to leave out. Whoever needs safety treats a
    /// non-empty list as a failure.
    pub not_modelled: Vec<String>,
    /// For [`Decision::Undecided`] the unknown keys it hangs on, in AWS's
    /// spelling.
    pub unknown: BTreeSet<String>,
    /// The Deny statements that, by unknown keys, may match. Beside
    /// [`Decision::ImplicitlyDenied`] they say that the denial may be an
    /// explicit one.
    pub perhaps: Vec<Perhaps>,
}

/// A Deny that may match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Perhaps {
    /// The statement.
    pub statement: StatementRef,
    /// The unknown keys it hangs on, in AWS's spelling.
    pub unknown: BTreeSet<String>,
}

impl Outcome {
    /// Whether the request is allowed and nothing was left out.
    pub fn is_certainly_allowed(&self) -> bool {
        self.decision == Decision::Allowed && self.not_modelled.is_empty()
    }

    /// Whether the request is denied and nothing was left out.
    pub fn is_certainly_denied(&self) -> bool {
        let denied = matches!(self.decision, Decision::ImplicitlyDenied | Decision::ExplicitlyDenied);
        denied && self.not_modelled.is_empty()
    }
}
