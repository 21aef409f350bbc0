//! A resource without any capability.

use async_trait::async_trait;
use keyrail::tf::calls::{
    ApplyResponse, Context, CreateRequest, DeleteRequest, PlanRequest, PlanResponse, ReadRequest,
    ReadResponse, UpdateRequest,
};
use keyrail::tf::plan::plan_change;
use keyrail::tf::{Attribute, Block, Resource, Schema, Type};

use crate::Configured;

pub(crate) struct Plain;

#[async_trait]
impl Resource<Configured> for Plain {
    fn type_name(&self) -> &'static str {
        "corner_plain"
    }

    fn schema(&self) -> Schema {
        Schema::new(Block::new("Plain.").attribute("name", Attribute::optional(Type::String))).version(2)
    }

    async fn read(&self, _context: &Context<Configured>, request: ReadRequest) -> ReadResponse {
        ReadResponse { state: Some(request.state), ..ReadResponse::default() }
    }

    async fn plan(&self, _context: &Context<Configured>, request: PlanRequest) -> PlanResponse {
        plan_change(&self.schema(), &request)
    }

    async fn create(&self, _context: &Context<Configured>, request: CreateRequest) -> ApplyResponse {
        ApplyResponse { state: Some(request.planned), ..ApplyResponse::default() }
    }

    async fn update(&self, _context: &Context<Configured>, request: UpdateRequest) -> ApplyResponse {
        ApplyResponse { state: Some(request.planned), ..ApplyResponse::default() }
    }

    async fn delete(&self, _context: &Context<Configured>, _request: DeleteRequest) -> ApplyResponse {
        ApplyResponse::default()
    }
}
