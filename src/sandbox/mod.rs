//! The embedded AWS: KMS, Organizations and STS on one local port.
//!
//! Written from AWS's documented behaviour and sharing no code with
//! [`crate::aws`], so that a misreading there is not confirmed here. Callers
//! sign their requests; every call is judged by [`crate::iam`] with the policies
//! in force. A clock that can be turned, a fault script and a log make it the
//! instrument that keyrail's promises are measured with.
//!
//! INVARIANT: nothing here may accept what AWS would refuse. Only the command
//! line and tests use this room.

mod clock;
mod control;
mod enforce;
mod faults;
mod http;
mod ids;
mod kms;
mod organisation;
mod organizations;
mod paging;
mod policy;
mod principals;
pub mod reference;
mod refusal;
mod service;
mod sigv4;
mod stale;
mod state;
mod sts;
#[cfg(test)]
mod testing;
mod wire;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use self::faults::InvalidScript;
pub use self::organisation::Organisation;
pub use self::organisation::OrganisationError;

use crate::sandbox::state::World;

/// How a sandbox is started.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The organisation that is there from the start.
    pub organisation: Organisation,
    /// A fault script as JSON, played from the first call.
    pub faults: Option<String>,
}

/// The world behind the port. Cloning shares it.
#[derive(Debug, Clone)]
pub struct Sandbox {
    world: Arc<Mutex<World>>,
    described: Arc<Organisation>,
}

/// A sandbox that answers. Dropping it ends it.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    sandbox: Sandbox,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

/// Why a sandbox does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The organisation cannot be built.
    #[error(transparent)]
    Organisation(#[from] OrganisationError),
    /// The fault script is not one.
    #[error(transparent)]
    Faults(#[from] InvalidScript),
    /// The address cannot be listened on.
    #[error("cannot listen on `{address}`: {error}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        #[source]
        error: std::io::Error,
    },
}

/// Starts a sandbox; it answers when this returns.
pub async fn start(options: Options) -> Result<Running, StartError> {
    let mut world = World::new(&options.organisation)?;
    if let Some(script) = &options.faults {
        world.faults.load(faults::read(script.as_bytes())?);
    }
    let failed = |error| StartError::Listen { address: options.listen, error };
    let listener = TcpListener::bind(options.listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let sandbox = Sandbox { world: Arc::new(Mutex::new(world)), described: Arc::new(options.organisation) };
    let stop = CancellationToken::new();
    let serving = tokio::spawn(http::serve(sandbox.clone(), listener, stop.clone()));
    Ok(Running { address, sandbox, stop, serving })
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The world behind the port.
    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// Ends it, with every connection.
    pub fn stop(&self) {
        self.stop.cancel();
        self.serving.abort();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Sandbox {
    /// Everything as at the start: no keys, no policies of one's own, no faults,
    /// real time.
    pub fn reset(&self) -> Result<(), OrganisationError> {
        let world = World::new(&self.described)?;
        *service::lock(&self.world) = world;
        Ok(())
    }
}
