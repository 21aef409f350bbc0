//! What a provider implements.
//!
//! Everything is usable behind `dyn`, and generic over `C`, the provider's
//! configured data, so that no global is needed. What Terraform may ask before
//! the provider is configured (schemas, validation, functions, upgrades, moves)
//! gets no [`Context`].

use async_trait::async_trait;

use super::calls::{
    ApplyResponse, ConfigureRequest, Context, CreateRequest, DeleteRequest, PlanRequest, PlanResponse,
    ReadDataRequest, ReadDataResponse, ReadRequest, ReadResponse, UpdateRequest,
};
use super::capabilities::{Import, MoveState, Upgrade};
use super::diagnostics::Diagnostics;
use super::function::Function;
use super::schema::Schema;
use super::value::Value;

/// A provider: its block, and what it offers.
#[async_trait]
pub trait Provider: Send + Sync + 'static {
    /// What configuring makes: clients, settings, everything resources share.
    type Configured: Send + Sync + 'static;

    /// The schema of the provider block.
    fn schema(&self) -> Schema;

    /// The schema of the `provider_meta` block, if there is one.
    fn meta_schema(&self) -> Option<Schema> {
        None
    }

    /// The managed resources.
    fn resources(&self) -> Vec<Box<dyn Resource<Self::Configured>>>;

    /// The data sources.
    fn data_sources(&self) -> Vec<Box<dyn DataSource<Self::Configured>>>;

    /// The functions.
    fn functions(&self) -> Vec<Box<dyn Function>> {
        Vec::new()
    }

    /// Checks the provider block, which may hold unknown values.
    async fn validate(&self, _config: &Value) -> Diagnostics {
        Diagnostics::new()
    }

    /// Makes the configured provider. May be called again in one process.
    async fn configure(&self, request: ConfigureRequest<'_>) -> Result<Self::Configured, Diagnostics>;
}

/// A managed resource.
#[async_trait]
pub trait Resource<C>: Send + Sync
where
    C: Send + Sync + 'static,
{
    /// The type in a configuration, such as `secure_kms_key`.
    fn type_name(&self) -> &'static str;

    /// The schema of the block.
    fn schema(&self) -> Schema;

    /// Checks a configuration, which may hold unknown values.
    async fn validate(&self, _config: &Value) -> Diagnostics {
        Diagnostics::new()
    }

    /// Refreshes an object.
    async fn read(&self, context: &Context<C>, request: ReadRequest) -> ReadResponse;

    /// Plans a change, a destroy included. [`super::plan::plan_change`] does what the schema says.
    async fn plan(&self, context: &Context<C>, request: PlanRequest) -> PlanResponse;

    /// Creates an object.
    async fn create(&self, context: &Context<C>, request: CreateRequest) -> ApplyResponse;

    /// Changes an object in place.
    async fn update(&self, context: &Context<C>, request: UpdateRequest) -> ApplyResponse;

    /// Deletes an object.
    async fn delete(&self, context: &Context<C>, request: DeleteRequest) -> ApplyResponse;

    /// How existing objects come under management, if they can.
    fn import(&self) -> Option<&dyn Import<C>> {
        None
    }

    /// How states of older schema versions are read, if there are any.
    fn upgrade(&self) -> Option<&dyn Upgrade> {
        None
    }

    /// How objects of other types become objects of this one, if they can.
    fn move_state(&self) -> Option<&dyn MoveState> {
        None
    }
}

/// A data source.
#[async_trait]
pub trait DataSource<C>: Send + Sync
where
    C: Send + Sync + 'static,
{
    /// The type in a configuration, such as `kms_audit`.
    fn type_name(&self) -> &'static str;

    /// The schema of the block.
    fn schema(&self) -> Schema;

    /// Checks a configuration, which may hold unknown values.
    async fn validate(&self, _config: &Value) -> Diagnostics {
        Diagnostics::new()
    }

    /// Reads it.
    async fn read(&self, context: &Context<C>, request: ReadDataRequest) -> ReadDataResponse;
}
