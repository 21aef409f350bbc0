//! Real AWS behind narrow traits that speak [`crate::model`].
//!
//! The only room that may name a type of the AWS SDK; none of them leaves it.
//! Callers see one trait per service, one error with the fault classified, and
//! [`Session`], which holds the three for one account and region.

#[cfg(test)]
pub(crate) mod canned;
pub mod config;
mod error;
#[cfg(test)]
pub(crate) mod fake;
mod kms;
mod organizations;
mod sdk;
mod sts;

use std::sync::Arc;

use crate::model::account::AccountId;
use crate::model::region::Region;

pub use error::{AwsError, Fault};
pub use kms::{CreateKey, KeyReference, Kms};
pub use organizations::{NewPolicy, Organizations};
pub use sdk::{ConnectError, InvalidMetadataEndpoint, ProxyRefused, connect};
pub use sts::{CallerIdentity, Sts};

/// The services as one caller sees them in one region.
#[derive(Clone)]
pub struct Session {
    /// Keys.
    pub kms: Arc<dyn Kms>,
    /// The organisation's policies.
    pub organizations: Arc<dyn Organizations>,
    /// Who the caller is.
    pub sts: Arc<dyn Sts>,
    /// The region that the KMS calls go to.
    pub region: Region,
    /// The caller's account, unless finding it out was skipped.
    pub account: Option<AccountId>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = formatter.debug_struct("Session");
        shown.field("region", &self.region).field("account", &self.account).finish_non_exhaustive()
    }
}
