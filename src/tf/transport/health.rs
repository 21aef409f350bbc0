//! gRPC's health service, as go-plugin's own server has it: the process serves
//! from its first connection to its end, so there is one status and no registry.

use std::pin::Pin;

use futures::{Stream, StreamExt, stream};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, async_trait};

use crate::tf::wire::health::health_check_response::ServingStatus;
use crate::tf::wire::health::health_server;
use crate::tf::wire::health::{HealthCheckRequest, HealthCheckResponse};

/// Says that the plugin serves, until `ended` is cancelled.
#[derive(Debug, Clone)]
pub(crate) struct Health {
    /// Cancelled when the process has to end.
    pub(crate) ended: CancellationToken,
}

#[async_trait]
impl health_server::Health for Health {
    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        match self.status_of(&request.get_ref().service) {
            ServingStatus::ServiceUnknown => Err(Status::not_found("unknown service")),
            status @ (ServingStatus::Unknown | ServingStatus::Serving | ServingStatus::NotServing) => {
                Ok(Response::new(answer(status)))
            }
        }
    }

    async fn watch(&self, request: Request<HealthCheckRequest>) -> Result<Response<Statuses>, Status> {
        let now = stream::once(std::future::ready(Ok(answer(self.status_of(&request.get_ref().service)))));
        // Nothing changes before the end, and the end is the end of the stream.
        let end = stream::once(self.ended.clone().cancelled_owned()).filter_map(|()| async { None });
        Ok(Response::new(Box::pin(now.chain(end))))
    }
}

type Statuses = Pin<Box<dyn Stream<Item = Result<HealthCheckResponse, Status>> + Send>>;

impl Health {
    fn status_of(&self, service: &str) -> ServingStatus {
        match service {
            "" | PLUGIN if self.ended.is_cancelled() => ServingStatus::NotServing,
            "" | PLUGIN => ServingStatus::Serving,
            _ => ServingStatus::ServiceUnknown,
        }
    }
}

fn answer(status: ServingStatus) -> HealthCheckResponse {
    HealthCheckResponse { status: status.into() }
}

/// What go-plugin calls the whole plugin; the empty name is gRPC's for the whole server.
const PLUGIN: &str = "plugin";
