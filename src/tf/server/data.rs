//! `ValidateDataResourceConfig` and `ReadDataSource`.

use super::Server;
use super::output::{self, Stage};
use super::unless_stopped;
use crate::tf::calls::ReadDataRequest;
use crate::tf::diagnostics::{Diagnostic, Diagnostics};
use crate::tf::traits::Provider;
use crate::tf::wire::tfplugin6::{read_data_source, validate_data_resource_config};
use crate::tf::wire::{from_proto, to_proto};

pub(super) async fn validate<P: Provider>(
    server: &Server<P>,
    request: validate_data_resource_config::Request,
) -> Result<validate_data_resource_config::Response, Diagnostics> {
    let entry = server.catalogue().data_source(&request.type_name)?;
    let config = from_proto::value(request.config.as_ref(), &entry.shape.ty)?;
    let diagnostics = entry.item.validate(&config).await;
    Ok(validate_data_resource_config::Response { diagnostics: to_proto::diagnostics(diagnostics) })
}

pub(super) async fn read<P: Provider>(
    server: &Server<P>,
    request: read_data_source::Request,
) -> Result<read_data_source::Response, Diagnostics> {
    let entry = server.catalogue().data_source(&request.type_name)?;
    let context = server.context(request.provider_meta.as_ref())?;
    let config = from_proto::value(request.config.as_ref(), &entry.shape.ty)?;
    let read = entry.item.read(&context, ReadDataRequest { config });
    let mut response = unless_stopped(&context.cancelled, read).await?;
    if response.diagnostics.has_errors() {
        return Err(response.diagnostics);
    }
    if response.state.is_null() {
        response.diagnostics.push(Diagnostic::bug("The data source returned nothing, and no error"));
    }
    Ok(read_data_source::Response {
        state: output::object(response.state, &entry.shape, Stage::Final, &mut response.diagnostics),
        diagnostics: to_proto::diagnostics(response.diagnostics),
        deferred: None,
    })
}
