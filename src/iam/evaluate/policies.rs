//! Every policy that may have a say in a request.

use std::sync::Arc;

use crate::iam::evaluate::{Compiled, Grant};

/// The policies of one request. The default restricts nothing and grants
/// nothing.
#[derive(Debug, Clone, Default)]
pub struct Policies {
    /// Policies of the caller and, for a user, of its groups.
    pub identity: Vec<Compiled>,
    /// The policy of the resource; for a key it is what everything hangs on.
    pub resource: Option<Compiled>,
    /// SCPs from the root down to the caller's account; `None` restricts
    /// nothing, a level without a policy denies everything.
    pub scp: Option<Vec<Level>>,
    /// RCPs from the root down to the resource's account. AWS's
    /// `RCPFullAWSAccess` is implied at each level.
    pub rcp: Option<Vec<Level>>,
    /// The caller's permissions boundary; several count as one policy.
    pub permission_boundaries: Vec<Compiled>,
    /// The session policy.
    pub session: Option<Compiled>,
    /// The policy of the VPC endpoint the call goes through; several count as
    /// one policy.
    pub endpoint: Vec<Compiled>,
    /// Grants on the key.
    pub grants: Vec<Grant>,
}

/// The policies attached to one root, OU or account.
#[derive(Debug, Clone)]
pub struct Level {
    /// Id of the root, OU or account.
    pub target: Arc<str>,
    /// What is attached to it.
    pub policies: Vec<Compiled>,
}

impl Level {
    /// A level of the organisation.
    pub fn new<P: Into<Compiled>>(target: &str, policies: impl IntoIterator<Item = P>) -> Self {
        Self { target: target.into(), policies: policies.into_iter().map(Into::into).collect() }
    }
}
