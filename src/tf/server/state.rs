//! Objects that come from elsewhere: import, upgrade of an old state, move
//! from another type.

use super::Server;
use super::output::{self, Stage};
use super::unless_stopped;
use crate::tf::calls::{MoveRequest, RawState, UpgradeRequest};
use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::traits::Provider;
use crate::tf::value::Value;
use crate::tf::wire::tfplugin6::{import_resource_state, move_resource_state, upgrade_resource_state};
use crate::tf::wire::{from_proto, to_proto};

pub(super) async fn import<P: Provider>(
    server: &Server<P>,
    request: import_resource_state::Request,
) -> Result<import_resource_state::Response, Diagnostics> {
    let name = request.type_name;
    let entry = server.catalogue().resource(&name)?;
    let import = entry.item.import().ok_or_else(|| {
        Diagnostic::error("Import not supported", format!("Objects of type `{name}` cannot be imported."))
    })?;
    let context = server.context(None)?;
    let found = import.import(&context, &request.id);
    let mut response = unless_stopped(&context.cancelled, found).await?;
    let state = response.state.filter(|state| !state.is_null());
    if state.is_none() && !response.diagnostics.has_errors() {
        response.diagnostics.push(Diagnostic::bug("The import returned no object, and no error"));
    }
    let state = state.and_then(|state| {
        output::object(state, &entry.shape, Stage::of(&response.diagnostics), &mut response.diagnostics)
    });
    let imported = state.map(|state| import_resource_state::ImportedResource {
        type_name: name,
        state: Some(state),
        private: response.private,
        identity: None,
    });
    Ok(import_resource_state::Response {
        imported_resources: imported.into_iter().collect(),
        diagnostics: to_proto::diagnostics(response.diagnostics),
        deferred: None,
    })
}

/// Terraform asks for every stored object, most of which are current.
pub(super) async fn upgrade<P: Provider>(
    server: &Server<P>,
    request: upgrade_resource_state::Request,
) -> Result<upgrade_resource_state::Response, Diagnostics> {
    let entry = server.catalogue().resource(&request.type_name)?;
    let state = from_proto::state(request.raw_state)?;
    let mut diagnostics = Diagnostics::new();
    let state = if request.version == i64::from(entry.shape.schema.version) {
        state.decode(&entry.shape.ty)?
    } else {
        let upgrade = entry.item.upgrade().ok_or_else(|| outdated(&request.type_name, request.version))?;
        let response = upgrade.upgrade(UpgradeRequest { version: request.version, state }).await;
        diagnostics.extend(response.diagnostics);
        response.state
    };
    let upgraded_state = output::object(state, &entry.shape, Stage::of(&diagnostics), &mut diagnostics);
    Ok(upgrade_resource_state::Response { upgraded_state, diagnostics: to_proto::diagnostics(diagnostics) })
}

pub(super) async fn move_state<P: Provider>(
    server: &Server<P>,
    request: move_resource_state::Request,
) -> Result<move_resource_state::Response, Diagnostics> {
    let name = request.target_type_name;
    let entry = server.catalogue().resource(&name)?;
    let capability = entry.item.move_state().ok_or_else(|| {
        let from = &request.source_type_name;
        Diagnostic::error("Move not supported", format!("A `{from}` cannot be moved to a `{name}`."))
    })?;
    let source_state: RawState = from_proto::state(request.source_state)?;
    let source = MoveRequest {
        source_provider: request.source_provider_address,
        source_type: request.source_type_name,
        source_version: request.source_schema_version,
        source_state,
        source_private: request.source_private,
    };
    let mut response = capability.move_state(source).await;
    if response.state.as_ref().is_none_or(Value::is_null) && !response.diagnostics.has_errors() {
        response.diagnostics.push(Diagnostic::bug("The move returned no object, and no error"));
    }
    let target_state = response.state.and_then(|state| {
        output::object(state, &entry.shape, Stage::of(&response.diagnostics), &mut response.diagnostics)
    });
    Ok(move_resource_state::Response {
        target_state,
        target_private: response.private,
        diagnostics: to_proto::diagnostics(response.diagnostics),
        target_identity: None,
    })
}

fn outdated(name: &str, version: i64) -> Diagnostics {
    Diagnostic::error(
        "State version not supported",
        format!(
            "The state of this `{name}` was written with version {version} of its schema, which this version of the provider does not read. Use a version of the provider that does, and apply with it first."
        ),
    )
    .into()
}
