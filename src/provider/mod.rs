//! What Terraform users see: the provider, its resources and data sources.
//!
//! Only this room turns what the others answer into Terraform's words. A new
//! resource, data source or function is a module and a line in the lists below.

mod alias_format;
mod configure;
mod configured;
mod data_sources;
mod diagnostic;
mod facts;
mod functions;
pub(crate) mod key_policy;
mod linted;
mod live_key;
mod resources;
mod tag_rules;
mod verdicts;

use std::collections::BTreeMap;

use async_trait::async_trait;
use time::OffsetDateTime;

use crate::tf::calls::ConfigureRequest;
use crate::tf::function::Function;
use crate::tf::{DataSource, Diagnostics, Provider, Resource, Schema, Value};

pub use configured::Configured;

/// What the command line asks of an organisation in the way that the resource does.
#[cfg(feature = "cli")]
pub(crate) mod guardrails {
    pub(crate) use super::resources::kms_org_guardrails::draw::{known_environments, located};
    pub(crate) use super::resources::kms_org_guardrails::survey::path_of;
}

/// The provider `registry.terraform.io/keyrail/kms`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Kms;

#[async_trait]
impl Provider for Kms {
    type Configured = Configured;

    fn schema(&self) -> Schema {
        configure::schema()
    }

    fn resources(&self) -> Vec<Box<dyn Resource<Configured>>> {
        vec![Box::<resources::KmsOrgGuardrails>::default(), Box::new(resources::SecureKmsKey::new())]
    }

    fn data_sources(&self) -> Vec<Box<dyn DataSource<Configured>>> {
        vec![
            Box::new(data_sources::KmsAudit),
            Box::new(data_sources::KmsOrgGuardrailsData),
            Box::new(data_sources::SecureKmsKeyData),
        ]
    }

    fn functions(&self) -> Vec<Box<dyn Function>> {
        functions::all()
    }

    async fn validate(&self, config: &Value) -> Diagnostics {
        configure::validate(config)
    }

    async fn configure(&self, request: ConfigureRequest<'_>) -> Result<Configured, Diagnostics> {
        // A variable that is not UTF-8 is none that anybody here reads.
        let readable = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        let environment: BTreeMap<String, String> = std::env::vars_os().filter_map(readable).collect();
        configure::configure(request.config, &environment, request.terraform_version, OffsetDateTime::now_utc)
            .await
    }
}
