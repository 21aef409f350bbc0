//! The provider service: one file per group of calls, each decode → call the
//! trait → check → encode.
//!
//! No business rules live here. INVARIANT: whatever a provider returns, what
//! leaves fits its schema; where it did not, a diagnostic says so.

mod catalogue;
mod configure;
mod data;
mod function;
mod guard;
mod output;
mod resource;
mod running;
mod schemas;
mod service;
mod state;

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use tokio_util::sync::CancellationToken;

pub(crate) use guard::report_panics;
pub(crate) use running::Running;

use super::calls::Context;
use super::diagnostics::{Diagnostic, Diagnostics};
use super::log::Logger;
use super::traits::Provider;
use super::wire::from_proto;
use super::wire::tfplugin6::DynamicValue;
use catalogue::Catalogue;

/// One provider, served.
pub(crate) struct Server<P: Provider> {
    provider: P,
    catalogue: OnceLock<Catalogue<P::Configured>>,
    configured: RwLock<Option<Arc<P::Configured>>>,
    pub(crate) running: Arc<Running>,
    log: Logger,
}

impl<P: Provider> Server<P> {
    pub(crate) fn new(provider: P, log: Logger) -> Self {
        Self {
            provider,
            catalogue: OnceLock::new(),
            configured: RwLock::new(None),
            running: Arc::new(Running::new()),
            log,
        }
    }

    // Schemas are built when the first call needs one, not before the
    // handshake: Terraform starts several processes per command.
    fn catalogue(&self) -> &Catalogue<P::Configured> {
        self.catalogue.get_or_init(|| Catalogue::of(&self.provider))
    }

    fn context(&self, meta: Option<&DynamicValue>) -> Result<Context<P::Configured>, Diagnostics> {
        let configured = self.configured.read().unwrap_or_else(PoisonError::into_inner).clone();
        let provider = configured.ok_or_else(|| {
            Diagnostic::error(
                "Provider not configured",
                "This operation needs a configured provider, and Terraform has not configured it yet.",
            )
        })?;
        let provider_meta = match &self.catalogue().meta {
            Some(schema) => Some(from_proto::value(meta, &schema.ty)?),
            None => None,
        };
        Ok(Context { provider, cancelled: self.running.token(), provider_meta, log: self.log.clone() })
    }
}

/// Work that changes nothing is dropped where it stands when the user
/// interrupts, however long what it waits for would still take. What changes
/// something ends by itself, because only it knows what is worth keeping.
async fn unless_stopped<T>(
    stopped: &CancellationToken,
    work: impl Future<Output = T> + Send,
) -> Result<T, Diagnostics> {
    tokio::select! {
        biased;
        () = stopped.cancelled() => Err(interrupted().into()),
        done = work => Ok(done),
    }
}

fn interrupted() -> Diagnostic {
    Diagnostic::error("Interrupted", "The user interrupted before this was read. Nothing was changed by it.")
}
