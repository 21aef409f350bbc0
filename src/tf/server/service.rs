//! The generated service, one line of routing per call. Calls that are not
//! here are answered with `Unimplemented`, which hosts take for "has none".

use tonic::{Request, Response, Status, async_trait};

use super::{Server, configure, data, function, resource, schemas, state};
use crate::tf::traits::Provider;
use crate::tf::wire::tfplugin6::provider_server::Provider as Service;
use crate::tf::wire::tfplugin6::{
    apply_resource_change, call_function, configure_provider, get_functions, get_metadata,
    get_provider_schema, import_resource_state, move_resource_state, plan_resource_change, read_data_source,
    read_resource, stop_provider, upgrade_resource_state, validate_data_resource_config,
    validate_provider_config, validate_resource_config,
};
use crate::tf::wire::to_proto::diagnostics;

/// A call whose failure is its diagnostics and nothing else.
macro_rules! answer {
    ($server:expr, $rpc:literal, $handler:path, $request:expr, $($response:ident)::+ { $($keep:ident: $kept:expr),* }) => {{
        let request = $request.into_inner();
        let mut failure = $($response)::+::default();
        $(failure.$keep = $kept(&request);)*
        let response = $server.run($rpc, $handler($server, request), |failed| {
            failure.diagnostics = diagnostics(failed);
            failure
        });
        Ok(Response::new(response.await))
    }};
}

#[async_trait]
impl<P: Provider> Service for Server<P> {
    async fn get_metadata(
        &self,
        _request: Request<get_metadata::Request>,
    ) -> Result<Response<get_metadata::Response>, Status> {
        let work = async { Ok(schemas::metadata(self)) };
        let response = self.run("GetMetadata", work, |failed| get_metadata::Response {
            diagnostics: diagnostics(failed),
            ..Default::default()
        });
        Ok(Response::new(response.await))
    }

    async fn get_provider_schema(
        &self,
        _request: Request<get_provider_schema::Request>,
    ) -> Result<Response<get_provider_schema::Response>, Status> {
        let work = async { Ok(schemas::provider_schema(self)) };
        let response = self.run("GetProviderSchema", work, |failed| get_provider_schema::Response {
            diagnostics: diagnostics(failed),
            ..Default::default()
        });
        Ok(Response::new(response.await))
    }

    async fn get_functions(
        &self,
        _request: Request<get_functions::Request>,
    ) -> Result<Response<get_functions::Response>, Status> {
        let work = async { Ok(schemas::functions(self)) };
        let response = self.run("GetFunctions", work, |failed| get_functions::Response {
            diagnostics: diagnostics(failed),
            ..Default::default()
        });
        Ok(Response::new(response.await))
    }

    async fn validate_provider_config(
        &self,
        request: Request<validate_provider_config::Request>,
    ) -> Result<Response<validate_provider_config::Response>, Status> {
        answer!(
            self,
            "ValidateProviderConfig",
            configure::validate,
            request,
            validate_provider_config::Response {}
        )
    }

    async fn configure_provider(
        &self,
        request: Request<configure_provider::Request>,
    ) -> Result<Response<configure_provider::Response>, Status> {
        answer!(self, "ConfigureProvider", configure::configure, request, configure_provider::Response {})
    }

    async fn validate_resource_config(
        &self,
        request: Request<validate_resource_config::Request>,
    ) -> Result<Response<validate_resource_config::Response>, Status> {
        answer!(
            self,
            "ValidateResourceConfig",
            resource::validate,
            request,
            validate_resource_config::Response {}
        )
    }

    async fn validate_data_resource_config(
        &self,
        request: Request<validate_data_resource_config::Request>,
    ) -> Result<Response<validate_data_resource_config::Response>, Status> {
        answer!(
            self,
            "ValidateDataResourceConfig",
            data::validate,
            request,
            validate_data_resource_config::Response {}
        )
    }

    async fn upgrade_resource_state(
        &self,
        request: Request<upgrade_resource_state::Request>,
    ) -> Result<Response<upgrade_resource_state::Response>, Status> {
        answer!(self, "UpgradeResourceState", state::upgrade, request, upgrade_resource_state::Response {})
    }

    async fn read_resource(
        &self,
        request: Request<read_resource::Request>,
    ) -> Result<Response<read_resource::Response>, Status> {
        answer!(
            self,
            "ReadResource",
            resource::read,
            request,
            read_resource::Response { private: |request: &read_resource::Request| request.private.clone() }
        )
    }

    async fn plan_resource_change(
        &self,
        request: Request<plan_resource_change::Request>,
    ) -> Result<Response<plan_resource_change::Response>, Status> {
        answer!(
            self,
            "PlanResourceChange",
            resource::plan,
            request,
            plan_resource_change::Response {
                planned_private: |request: &plan_resource_change::Request| request.prior_private.clone()
            }
        )
    }

    // The state stays absent, which keeps what Terraform has; private bytes
    // that are not sent back would be erased.
    async fn apply_resource_change(
        &self,
        request: Request<apply_resource_change::Request>,
    ) -> Result<Response<apply_resource_change::Response>, Status> {
        answer!(
            self,
            "ApplyResourceChange",
            resource::apply,
            request,
            apply_resource_change::Response {
                private: |request: &apply_resource_change::Request| request.planned_private.clone()
            }
        )
    }

    async fn import_resource_state(
        &self,
        request: Request<import_resource_state::Request>,
    ) -> Result<Response<import_resource_state::Response>, Status> {
        answer!(self, "ImportResourceState", state::import, request, import_resource_state::Response {})
    }

    async fn move_resource_state(
        &self,
        request: Request<move_resource_state::Request>,
    ) -> Result<Response<move_resource_state::Response>, Status> {
        answer!(self, "MoveResourceState", state::move_state, request, move_resource_state::Response {})
    }

    async fn read_data_source(
        &self,
        request: Request<read_data_source::Request>,
    ) -> Result<Response<read_data_source::Response>, Status> {
        answer!(self, "ReadDataSource", data::read, request, read_data_source::Response {})
    }

    async fn call_function(
        &self,
        request: Request<call_function::Request>,
    ) -> Result<Response<call_function::Response>, Status> {
        let request = request.into_inner();
        let work = async { Ok(function::call(self, &request)) };
        Ok(Response::new(self.run("CallFunction", work, function::panicked).await))
    }

    async fn stop_provider(
        &self,
        _request: Request<stop_provider::Request>,
    ) -> Result<Response<stop_provider::Response>, Status> {
        self.log.info("stopping: calls in flight are asked to end", &[]);
        self.running.stop();
        Ok(Response::new(stop_provider::Response::default()))
    }
}
