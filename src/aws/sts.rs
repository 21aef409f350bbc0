//! The one STS call that keyrail makes by itself; assuming roles is part of
//! the credentials.

use async_trait::async_trait;

use crate::aws::AwsError;
use crate::model::account::AccountId;
use crate::model::arn::Arn;

/// Who the credentials belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerIdentity {
    /// The account.
    pub account: AccountId,
    /// The user, role session or root user.
    pub arn: Arn,
}

/// AWS STS.
#[async_trait]
pub trait Sts: Send + Sync {
    /// Who the caller is.
    async fn caller_identity(&self) -> Result<CallerIdentity, AwsError>;
}
