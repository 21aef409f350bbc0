//! go-plugin's own services. Shutdown matters: without it every process costs
//! the host two seconds and a kill. The other two are opened by the host and
//! carry nothing.

use std::pin::Pin;

use futures::{Stream, StreamExt, stream};
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming, async_trait};

use crate::tf::wire::plugin::grpc_broker_server::GrpcBroker;
use crate::tf::wire::plugin::grpc_controller_server::GrpcController;
use crate::tf::wire::plugin::grpc_stdio_server::GrpcStdio;
use crate::tf::wire::plugin::{ConnInfo, Empty, StdioData};

/// Serves all three until `ended` is cancelled, and cancels it on Shutdown.
#[derive(Debug, Clone)]
pub(crate) struct Controller {
    /// Cancelled when the process has to end.
    pub(crate) ended: CancellationToken,
}

#[async_trait]
impl GrpcController for Controller {
    async fn shutdown(&self, _request: Request<Empty>) -> Result<Response<Empty>, Status> {
        self.ended.cancel();
        Ok(Response::new(Empty {}))
    }
}

type Silence<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[async_trait]
impl GrpcStdio for Controller {
    async fn stream_stdio(&self, _request: Request<()>) -> Result<Response<Silence<StdioData>>, Status> {
        Ok(Response::new(self.silence()))
    }
}

#[async_trait]
impl GrpcBroker for Controller {
    async fn start_stream(
        &self,
        _request: Request<Streaming<ConnInfo>>,
    ) -> Result<Response<Silence<ConnInfo>>, Status> {
        Ok(Response::new(self.silence()))
    }
}

impl Controller {
    /// A stream without items that ends with the process.
    fn silence<T: Send + 'static>(&self) -> Silence<T> {
        let end = stream::once(self.ended.clone().cancelled_owned());
        Box::pin(end.filter_map(|()| async { None }))
    }
}
