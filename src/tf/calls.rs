//! What goes into and comes out of each call of a provider's traits.
//!
//! `private` bytes are the provider's own: Terraform stores them with the
//! object and hands them back. In a response `None` keeps what was there.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::diagnostics::Diagnostics;
use super::error::Error;
use super::log::Logger;
use super::path::Path;
use super::value::{Type, Value};
use super::wire;

/// What a call may use besides its request.
#[derive(Debug)]
pub struct Context<C> {
    /// What [`super::Provider::configure`] returned.
    pub provider: Arc<C>,
    /// Cancelled when the user interrupts Terraform. Stop waiting then, and
    /// return what exists together with an error.
    pub cancelled: CancellationToken,
    /// The `provider_meta` block of the module, if the provider has such a schema.
    pub provider_meta: Option<Value>,
    /// Writes to Terraform's log.
    pub log: Logger,
}

/// The provider block, to be turned into a configured provider.
#[derive(Debug)]
pub struct ConfigureRequest<'a> {
    /// The provider block; in a plan it may hold unknown values.
    pub config: &'a Value,
    /// The version of Terraform or OpenTofu.
    pub terraform_version: &'a str,
    /// Takes warnings that do not keep the provider from working.
    pub warnings: &'a mut Diagnostics,
    /// Cancelled when the user interrupts Terraform.
    pub cancelled: CancellationToken,
    /// Writes to Terraform's log.
    pub log: Logger,
}

/// An object to be refreshed.
#[derive(Debug)]
pub struct ReadRequest {
    /// The object as it was last seen; after an import a stub.
    pub state: Value,
    /// The provider's own bytes of the object.
    pub private: Vec<u8>,
}

/// A refreshed object.
#[derive(Debug, Default)]
pub struct ReadResponse {
    /// The object as it is; `None` when it is gone.
    pub state: Option<Value>,
    /// New private bytes; `None` keeps them.
    pub private: Option<Vec<u8>>,
    /// With an error in here the rest is ignored.
    pub diagnostics: Diagnostics,
}

/// A change to be planned. Terraform asks twice for a replacement (the second
/// time with a null `prior`), and again at apply with values known by then.
#[derive(Debug)]
pub struct PlanRequest {
    /// The object as it is; null when it is to be created.
    pub prior: Value,
    /// Terraform's merge of configuration and prior; null when it is to be destroyed.
    pub proposed: Value,
    /// The configuration; null when the object is to be destroyed.
    pub config: Value,
    /// The provider's own bytes of the object.
    pub private: Vec<u8>,
}

impl PlanRequest {
    /// Whether the object is to be created.
    pub fn is_create(&self) -> bool {
        self.prior.is_null() && !self.proposed.is_null()
    }

    /// Whether the object is to be destroyed; the planned value must be null then.
    pub fn is_destroy(&self) -> bool {
        self.proposed.is_null()
    }
}

/// A planned change.
#[derive(Debug, Default)]
pub struct PlanResponse {
    /// The object as it will be; null for a destroy.
    pub planned: Value,
    /// Attributes whose change replaces the object.
    pub requires_replace: Vec<Path>,
    /// Private bytes for apply; `None` keeps them.
    pub private: Option<Vec<u8>>,
    /// With an error in here the rest is ignored.
    pub diagnostics: Diagnostics,
}

/// An object to be created.
#[derive(Debug)]
pub struct CreateRequest {
    /// What was planned; unknown values are to be found out.
    pub planned: Value,
    /// The configuration, wholly known; write-only values are only here.
    pub config: Value,
    /// The private bytes of the plan.
    pub private: Vec<u8>,
}

/// An object to be changed in place.
#[derive(Debug)]
pub struct UpdateRequest {
    /// The object as it was when planned.
    pub prior: Value,
    /// What was planned; unknown values are to be found out.
    pub planned: Value,
    /// The configuration, wholly known; write-only values are only here.
    pub config: Value,
    /// The private bytes of the plan.
    pub private: Vec<u8>,
}

/// An object to be deleted.
#[derive(Debug)]
pub struct DeleteRequest {
    /// The object as it was when planned.
    pub prior: Value,
    /// The private bytes of the plan.
    pub private: Vec<u8>,
}

/// What create, update or delete left behind.
///
/// Together with an error, a state is still saved: after a partial create
/// return the partial object (Terraform marks it as tainted), after a partial
/// update what is true now. `None` with an error keeps the prior state.
#[derive(Debug, Default)]
pub struct ApplyResponse {
    /// The object as it is now; `None` when it is gone.
    pub state: Option<Value>,
    /// New private bytes; `None` keeps those of the plan.
    pub private: Option<Vec<u8>>,
    /// Errors and warnings.
    pub diagnostics: Diagnostics,
}

/// What [`crate::tf::capabilities::Import::import`] found.
#[derive(Debug, Default)]
pub struct ImportResponse {
    /// The object, or a stub that holds enough for the read that follows.
    pub state: Option<Value>,
    /// The first private bytes of the object.
    pub private: Vec<u8>,
    /// Errors and warnings.
    pub diagnostics: Diagnostics,
}

/// A state of an older schema version.
#[derive(Debug)]
pub struct UpgradeRequest {
    /// The schema version that wrote the state.
    pub version: i64,
    /// The state as it was stored.
    pub state: RawState,
}

/// A state brought to the current schema version.
#[derive(Debug, Default)]
pub struct UpgradeResponse {
    /// The object in the current shape.
    pub state: Value,
    /// With an error in here the rest is ignored.
    pub diagnostics: Diagnostics,
}

/// An object of another type that a `moved` block turns into one of ours.
#[derive(Debug)]
pub struct MoveRequest {
    /// The provider it belongs to, such as `registry.terraform.io/hashicorp/aws`.
    pub source_provider: String,
    /// Its type there.
    pub source_type: String,
    /// The version of its schema there.
    pub source_version: i64,
    /// Its state as it was stored.
    pub source_state: RawState,
    /// The other provider's private bytes.
    pub source_private: Vec<u8>,
}

/// A moved object.
#[derive(Debug, Default)]
pub struct MoveResponse {
    /// The object in our shape.
    pub state: Option<Value>,
    /// The first private bytes of the object.
    pub private: Vec<u8>,
    /// Errors and warnings; an unsupported source is an error.
    pub diagnostics: Diagnostics,
}

/// A data source to be read.
#[derive(Debug)]
pub struct ReadDataRequest {
    /// The configuration, wholly known.
    pub config: Value,
}

/// What a data source found.
#[derive(Debug, Default)]
pub struct ReadDataResponse {
    /// The whole object. A data source that finds nothing reports an error.
    pub state: Value,
    /// Errors and warnings.
    pub diagnostics: Diagnostics,
}

/// A state as it was stored: JSON in the shape of whoever wrote it.
#[derive(Debug, Clone, Default)]
pub struct RawState {
    json: Vec<u8>,
}

impl RawState {
    /// A state from its JSON text.
    pub fn new(json: impl Into<Vec<u8>>) -> Self {
        Self { json: json.into() }
    }

    /// The JSON text.
    pub fn json(&self) -> &[u8] {
        &self.json
    }

    /// Reads the state as a value of `ty`. Attributes that `ty` lacks are
    /// ignored, attributes that the state lacks are null.
    ///
    /// # Errors
    /// When the text is no JSON or does not fit the type.
    pub fn decode(&self, ty: &Type) -> Result<Value, Error> {
        wire::json::decode(&self.json, ty)
    }
}

macro_rules! from_diagnostics {
    ($($response:ty),*) => {$(
        /// A response that only says what went wrong.
        impl From<Diagnostics> for $response {
            fn from(diagnostics: Diagnostics) -> Self {
                Self { diagnostics, ..Self::default() }
            }
        }
    )*};
}

from_diagnostics!(
    ReadResponse,
    PlanResponse,
    ApplyResponse,
    ImportResponse,
    UpgradeResponse,
    MoveResponse,
    ReadDataResponse
);
