//! `GetProviderSchema`, `GetMetadata`, `GetFunctions`: what the provider offers.

use std::collections::BTreeMap;

use super::Server;
use crate::tf::traits::Provider;
use crate::tf::wire::tfplugin6::{
    Function, ServerCapabilities, get_functions, get_metadata, get_provider_schema,
};
use crate::tf::wire::to_proto;

pub(super) fn provider_schema<P: Provider>(server: &Server<P>) -> get_provider_schema::Response {
    let catalogue = server.catalogue();
    get_provider_schema::Response {
        provider: Some(to_proto::schema(&catalogue.provider.schema)),
        provider_meta: catalogue.meta.as_ref().map(|shape| to_proto::schema(&shape.schema)),
        resource_schemas: catalogue
            .resources
            .iter()
            .map(|(name, entry)| ((*name).to_owned(), to_proto::schema(&entry.shape.schema)))
            .collect(),
        data_source_schemas: catalogue
            .data_sources
            .iter()
            .map(|(name, entry)| ((*name).to_owned(), to_proto::schema(&entry.shape.schema)))
            .collect(),
        functions: functions_of(server),
        server_capabilities: Some(CAPABILITIES),
        diagnostics: to_proto::diagnostics(catalogue.problems()),
        ..Default::default()
    }
}

pub(super) fn metadata<P: Provider>(server: &Server<P>) -> get_metadata::Response {
    let catalogue = server.catalogue();
    let name = |name: &&'static str| (*name).to_owned();
    get_metadata::Response {
        server_capabilities: Some(CAPABILITIES),
        resources: catalogue
            .resources
            .keys()
            .map(|type_name| get_metadata::ResourceMetadata { type_name: name(type_name) })
            .collect(),
        data_sources: catalogue
            .data_sources
            .keys()
            .map(|type_name| get_metadata::DataSourceMetadata { type_name: name(type_name) })
            .collect(),
        functions: catalogue
            .functions
            .keys()
            .map(|function| get_metadata::FunctionMetadata { name: name(function) })
            .collect(),
        ..Default::default()
    }
}

pub(super) fn functions<P: Provider>(server: &Server<P>) -> get_functions::Response {
    get_functions::Response { functions: functions_of(server), diagnostics: Vec::new() }
}

fn functions_of<P: Provider>(server: &Server<P>) -> BTreeMap<String, Function> {
    let functions = server.catalogue().functions.iter();
    functions.map(|(name, (_, signature))| ((*name).to_owned(), to_proto::function(signature))).collect()
}

const CAPABILITIES: ServerCapabilities = ServerCapabilities {
    plan_destroy: true,
    get_provider_schema_optional: true,
    move_resource_state: true,
    generate_resource_config: false,
};
