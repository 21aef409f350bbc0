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
pub use sdk::{
    ConnectError, InvalidMetadataEndpoint, NamedBy, ProfileError, ProxyRefused, UnusableBundle, connect,
};
pub use sts::{CallerIdentity, Sts};

/// The services as one caller sees them in one region.
#[derive(Clone)]
pub struct Session {
    /// Keys, in [`Self::region`].
    pub kms: Arc<dyn Kms>,
    /// Keys in every other region.
    pub regions: Arc<dyn Regions>,
    /// The organisation's policies.
    pub organizations: Arc<dyn Organizations>,
    /// Who the caller is.
    pub sts: Arc<dyn Sts>,
    /// The region that the KMS calls go to.
    pub region: Region,
    /// The caller's account, unless finding it out was skipped.
    pub account: Option<AccountId>,
    /// Whether the credentials certainly carry no MFA: those of a role that the
    /// settings name do not (IAM user guide, "Secure API access with MFA", read
    /// 2026-11). Others may or may not.
    pub without_mfa: bool,
}

/// KMS in each region, with the credentials of one session.
pub trait Regions: Send + Sync {
    /// The service in `region`, which must be of the session's partition:
    /// credentials are not accepted in another one.
    fn kms(&self, region: &Region) -> Arc<dyn Kms>;
}

impl Session {
    /// The same session with its KMS calls going to `region`.
    #[must_use]
    pub fn within(&self, region: &Region) -> Self {
        if *region == self.region {
            return self.clone();
        }
        Self { kms: self.regions.kms(region), region: region.clone(), ..self.clone() }
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = formatter.debug_struct("Session");
        shown.field("region", &self.region).field("account", &self.account).finish_non_exhaustive()
    }
}
