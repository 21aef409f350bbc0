//! `secure_kms_key`: key, alias, policy, rotation and tags as one unit.
//!
//! `validate` refuses what AWS would never accept, `plan` what the controls
//! refuse, and `create`, `changes` and `destroy` bring it about. Terraform's
//! calls come in here and nowhere else.
//!
//! INVARIANT: a key that AWS made is never lost from the state, and nothing
//! that heals in place makes Terraform replace a key.

mod calls;
mod changes;
mod create;
mod destroy;
mod import;
mod model;
mod moved;
mod occupied;
mod orphans;
mod plan;
mod schema;
mod settle;
mod state;
#[cfg(test)]
mod tests;
mod trouble;
mod update;
mod validate;
mod waiting;
mod wanted;

use std::collections::BTreeSet;
use std::sync::Mutex;

use async_trait::async_trait;

use crate::model::key::AliasName;
use crate::model::region::Region;
use crate::provider::configured::Configured;
use crate::tf::Context;
use crate::tf::Diagnostics;
use crate::tf::Resource;
use crate::tf::Schema;
use crate::tf::Value;
use crate::tf::calls::ApplyResponse;
use crate::tf::calls::CreateRequest;
use crate::tf::calls::DeleteRequest;
use crate::tf::calls::PlanRequest;
use crate::tf::calls::PlanResponse;
use crate::tf::calls::ReadRequest;
use crate::tf::calls::ReadResponse;
use crate::tf::calls::UpdateRequest;
use crate::tf::capabilities::Import;
use crate::tf::capabilities::MoveState;

use model::Model;
use occupied::Own;
use orphans::Orphans;
use waiting::Pace;

pub(crate) use calls::session;
pub(crate) use import::{Located, WrongKey, key_reference};
pub(crate) use plan::digest;
pub(crate) use state::{date, findings};
pub(crate) use trouble::{not_found, reading};
pub(crate) use wanted::CREATION_TAG;

/// An alias in the Region where it can be had once.
type Place = (Region, AliasName);

/// The resource.
#[derive(Debug)]
pub(crate) struct SecureKmsKey {
    pace: Pace,
    /// Aliases that creates in flight have taken: two resources of one
    /// configuration that want the same alias must not adopt each other's key.
    taken: Mutex<BTreeSet<Place>>,
    orphans: Orphans,
    own: Own,
}

impl SecureKmsKey {
    /// The resource at the pace of AWS.
    pub(crate) fn new() -> Self {
        Self::at_pace(Pace::AWS)
    }

    fn at_pace(pace: Pace) -> Self {
        Self { pace, taken: Mutex::default(), orphans: Orphans::default(), own: Own::default() }
    }
}

#[async_trait]
impl Resource<Configured> for SecureKmsKey {
    fn type_name(&self) -> &'static str {
        "secure_kms_key"
    }

    fn schema(&self) -> Schema {
        schema::schema()
    }

    async fn validate(&self, config: &Value) -> Diagnostics {
        Model::read(config).map_or_else(Diagnostics::from, |config| validate::validate(&config))
    }

    async fn read(&self, context: &Context<Configured>, request: ReadRequest) -> ReadResponse {
        self.refresh(context, &request).await.unwrap_or_else(ReadResponse::from)
    }

    async fn plan(&self, context: &Context<Configured>, request: PlanRequest) -> PlanResponse {
        self.planned(context, &request).await.unwrap_or_else(|error| Diagnostics::from(error).into())
    }

    async fn create(&self, context: &Context<Configured>, request: CreateRequest) -> ApplyResponse {
        self.make(context, &request).await.unwrap_or_else(ApplyResponse::from)
    }

    async fn update(&self, context: &Context<Configured>, request: UpdateRequest) -> ApplyResponse {
        self.change(context, &request).await.unwrap_or_else(ApplyResponse::from)
    }

    async fn delete(&self, context: &Context<Configured>, request: DeleteRequest) -> ApplyResponse {
        self.destroy(context, request).await.unwrap_or_else(ApplyResponse::from)
    }

    fn import(&self) -> Option<&dyn Import<Configured>> {
        Some(self)
    }

    fn move_state(&self) -> Option<&dyn MoveState> {
        Some(self)
    }
}
