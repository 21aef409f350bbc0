//! What a plan costs before a provider has done anything: our schemas behind a
//! provider that answers every question with what it was given.
//!
//! The benchmark's own executable is that provider when Terraform starts it, so
//! the floor shares Terraform, protocol, schema, configuration and state with
//! the real thing, and nothing else.

use std::process::ExitCode;

use async_trait::async_trait;
use keyrail::provider::Configured;
use keyrail::provider::Kms;
use keyrail::tf::Context;
use keyrail::tf::DataSource;
use keyrail::tf::Diagnostics;
use keyrail::tf::Provider;
use keyrail::tf::Resource;
use keyrail::tf::Schema;
use keyrail::tf::ServeOptions;
use keyrail::tf::calls::ApplyResponse;
use keyrail::tf::calls::ConfigureRequest;
use keyrail::tf::calls::CreateRequest;
use keyrail::tf::calls::DeleteRequest;
use keyrail::tf::calls::PlanRequest;
use keyrail::tf::calls::PlanResponse;
use keyrail::tf::calls::ReadRequest;
use keyrail::tf::calls::ReadResponse;
use keyrail::tf::calls::UpdateRequest;
use keyrail::tf::serve;

/// Serves the provider that does nothing, if a host of providers started this process.
pub(crate) fn serve_if_asked() -> Option<ExitCode> {
    std::env::var_os("TF_PLUGIN_MAGIC_COOKIE")?;
    let address = "registry.terraform.io/keyrail/kms";
    Some(serve(Floor, ServeOptions { address, version: "0.0.0", debug: false }))
}

struct Floor;

#[async_trait]
impl Provider for Floor {
    type Configured = ();

    fn schema(&self) -> Schema {
        Kms.schema()
    }

    fn resources(&self) -> Vec<Box<dyn Resource<()>>> {
        let still = |real| -> Box<dyn Resource<()>> { Box::new(Still(real)) };
        Kms.resources().into_iter().map(still).collect()
    }

    fn data_sources(&self) -> Vec<Box<dyn DataSource<()>>> {
        Vec::new()
    }

    async fn configure(&self, _: ConfigureRequest<'_>) -> Result<(), Diagnostics> {
        Ok(())
    }
}

/// A resource that looks like the real one and never changes.
struct Still(Box<dyn Resource<Configured>>);

#[async_trait]
impl Resource<()> for Still {
    fn type_name(&self) -> &'static str {
        self.0.type_name()
    }

    fn schema(&self) -> Schema {
        self.0.schema()
    }

    async fn read(&self, _: &Context<()>, request: ReadRequest) -> ReadResponse {
        ReadResponse { state: Some(request.state), ..ReadResponse::default() }
    }

    async fn plan(&self, _: &Context<()>, request: PlanRequest) -> PlanResponse {
        PlanResponse { planned: request.prior, ..PlanResponse::default() }
    }

    async fn create(&self, _: &Context<()>, _: CreateRequest) -> ApplyResponse {
        ApplyResponse::default()
    }

    async fn update(&self, _: &Context<()>, _: UpdateRequest) -> ApplyResponse {
        ApplyResponse::default()
    }

    async fn delete(&self, _: &Context<()>, _: DeleteRequest) -> ApplyResponse {
        ApplyResponse::default()
    }
}
