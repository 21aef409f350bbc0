//! The life of a managed object: validate, read, plan, apply.

use super::Server;
use super::catalogue::Shape;
use super::output::{self, Stage};
use super::unless_stopped;
use crate::tf::calls::{
    ApplyResponse, Context, CreateRequest, DeleteRequest, PlanRequest, ReadRequest, UpdateRequest,
};
use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::traits::{Provider, Resource};
use crate::tf::value::Value;
use crate::tf::wire::tfplugin6::{
    DynamicValue, apply_resource_change, plan_resource_change, read_resource, validate_resource_config,
};
use crate::tf::wire::{from_proto, to_proto};

pub(super) async fn validate<P: Provider>(
    server: &Server<P>,
    request: validate_resource_config::Request,
) -> Result<validate_resource_config::Response, Diagnostics> {
    let entry = server.catalogue().resource(&request.type_name)?;
    let config = decode(request.config.as_ref(), &entry.shape)?;
    let mut diagnostics = Diagnostics::new();
    if !request.client_capabilities.unwrap_or_default().write_only_attributes_allowed {
        diagnostics.extend(storable(&config, &entry.shape));
    }
    diagnostics.extend(entry.item.validate(&config).await);
    Ok(validate_resource_config::Response { diagnostics: to_proto::diagnostics(diagnostics) })
}

pub(super) async fn read<P: Provider>(
    server: &Server<P>,
    request: read_resource::Request,
) -> Result<read_resource::Response, Diagnostics> {
    let entry = server.catalogue().resource(&request.type_name)?;
    let context = server.context(request.provider_meta.as_ref())?;
    let read = ReadRequest {
        state: decode(request.current_state.as_ref(), &entry.shape)?,
        private: request.private.clone(),
    };
    let mut response = unless_stopped(&context.cancelled, entry.item.read(&context, read)).await?;
    let found = response.state.unwrap_or_default();
    let stage = Stage::of(&response.diagnostics);
    Ok(read_resource::Response {
        new_state: output::object(found, &entry.shape, stage, &mut response.diagnostics),
        private: response.private.unwrap_or(request.private),
        diagnostics: to_proto::diagnostics(response.diagnostics),
        ..Default::default()
    })
}

pub(super) async fn plan<P: Provider>(
    server: &Server<P>,
    request: plan_resource_change::Request,
) -> Result<plan_resource_change::Response, Diagnostics> {
    let entry = server.catalogue().resource(&request.type_name)?;
    let context = server.context(request.provider_meta.as_ref())?;
    let plan = PlanRequest {
        prior: decode(request.prior_state.as_ref(), &entry.shape)?,
        proposed: decode(request.proposed_new_state.as_ref(), &entry.shape)?,
        config: decode(request.config.as_ref(), &entry.shape)?,
        private: request.prior_private.clone(),
    };
    let is_destroy = plan.is_destroy();
    let mut response = unless_stopped(&context.cancelled, entry.item.plan(&context, plan)).await?;
    if is_destroy {
        // Terraform accepts nothing else, so there is nothing to ask the resource for.
        response.planned = Value::Null;
    }
    Ok(plan_resource_change::Response {
        planned_state: output::object(
            response.planned,
            &entry.shape,
            Stage::Planned,
            &mut response.diagnostics,
        ),
        requires_replace: response.requires_replace.iter().map(to_proto::path).collect(),
        planned_private: response.private.unwrap_or(request.prior_private),
        diagnostics: to_proto::diagnostics(response.diagnostics),
        ..Default::default()
    })
}

pub(super) async fn apply<P: Provider>(
    server: &Server<P>,
    request: apply_resource_change::Request,
) -> Result<apply_resource_change::Response, Diagnostics> {
    let entry = server.catalogue().resource(&request.type_name)?;
    let context = server.context(request.provider_meta.as_ref())?;
    if context.cancelled.is_cancelled() {
        return Err(not_begun());
    }
    let change = Change {
        prior: decode(request.prior_state.as_ref(), &entry.shape)?,
        planned: decode(request.planned_state.as_ref(), &entry.shape)?,
        config: decode(request.config.as_ref(), &entry.shape)?,
        private: request.planned_private.clone(),
    };
    let must_exist = !change.planned.is_null();
    let mut response = change.make(&*entry.item, &context).await;
    check_existence(must_exist, &mut response);
    let stage = Stage::of(&response.diagnostics);
    let new_state = response
        .state
        .or_else(|| (!response.diagnostics.has_errors()).then_some(Value::Null))
        .and_then(|state| output::object(state, &entry.shape, stage, &mut response.diagnostics));
    Ok(apply_resource_change::Response {
        new_state,
        private: response.private.unwrap_or(request.planned_private),
        diagnostics: to_proto::diagnostics(response.diagnostics),
        ..Default::default()
    })
}

struct Change {
    prior: Value,
    planned: Value,
    config: Value,
    private: Vec<u8>,
}

impl Change {
    async fn make<C: Send + Sync + 'static>(
        self,
        resource: &dyn Resource<C>,
        context: &Context<C>,
    ) -> ApplyResponse {
        let Self { prior, planned, config, private } = self;
        match (prior.is_null(), planned.is_null()) {
            (true, false) => resource.create(context, CreateRequest { planned, config, private }).await,
            (false, false) => {
                resource.update(context, UpdateRequest { prior, planned, config, private }).await
            }
            (false, true) => resource.delete(context, DeleteRequest { prior, private }).await,
            (true, true) => ApplyResponse::default(),
        }
    }
}

/// The process is about to end: what is not begun cannot be cut in the middle.
fn not_begun() -> Diagnostics {
    let detail = "The provider was told to end (SIGTERM) before it began this change, so nothing was changed. \
                  Run Terraform again.";
    Diagnostic::error("Change not begun", detail).into()
}

/// After create and update there is an object, after delete there is none.
fn check_existence(must_exist: bool, response: &mut ApplyResponse) {
    if response.diagnostics.has_errors() {
        return;
    }
    match (must_exist, response.state.as_ref().is_some_and(|state| !state.is_null())) {
        (true, false) => response.diagnostics.push(Diagnostic::bug(
            "The provider returned no object after creating or updating it, and no error",
        )),
        (false, true) => response
            .diagnostics
            .push(Diagnostic::bug("The provider returned an object after deleting it, and no error")),
        (true, true) | (false, false) => {}
    }
}

/// An error for every write-only value that this host would store in plain text.
fn storable(config: &Value, shape: &Shape) -> Diagnostics {
    let paths = shape.schema.block.write_only_paths(config).into_iter();
    paths
        .filter(|path| config.at(path).is_some_and(|value| !value.is_null()))
        .map(|path| {
            let detail = format!(
                "`{path}` is a write-only attribute, which needs Terraform 1.11 or newer: this version would store its value in the state."
            );
            Diagnostic::error("Write-only attribute not supported", detail).at(path)
        })
        .collect()
}

fn decode(value: Option<&DynamicValue>, shape: &Shape) -> Result<Value, Diagnostics> {
    Ok(from_proto::value(value, &shape.ty)?)
}
