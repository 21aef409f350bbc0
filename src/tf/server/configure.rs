//! `ValidateProviderConfig` and `ConfigureProvider`.

use std::sync::{Arc, PoisonError};

use super::Server;
use super::unless_stopped;
use crate::tf::calls::ConfigureRequest;
use crate::tf::diagnostics::Diagnostics;
use crate::tf::traits::Provider;
use crate::tf::wire::tfplugin6::{configure_provider, validate_provider_config};
use crate::tf::wire::{from_proto, to_proto};

pub(super) async fn validate<P: Provider>(
    server: &Server<P>,
    request: validate_provider_config::Request,
) -> Result<validate_provider_config::Response, Diagnostics> {
    let config = from_proto::value(request.config.as_ref(), &server.catalogue().provider.ty)?;
    let diagnostics = server.provider.validate(&config).await;
    Ok(validate_provider_config::Response { diagnostics: to_proto::diagnostics(diagnostics) })
}

pub(super) async fn configure<P: Provider>(
    server: &Server<P>,
    request: configure_provider::Request,
) -> Result<configure_provider::Response, Diagnostics> {
    let config = from_proto::value(request.config.as_ref(), &server.catalogue().provider.ty)?;
    let mut diagnostics = Diagnostics::new();
    let stopped = server.running.token();
    let request = ConfigureRequest {
        config: &config,
        terraform_version: &request.terraform_version,
        warnings: &mut diagnostics,
        cancelled: stopped.clone(),
        log: server.log.clone(),
    };
    let result = unless_stopped(&stopped, server.provider.configure(request)).await?;
    if let Some(configured) = diagnostics.absorb(result) {
        *server.configured.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(configured));
    }
    Ok(configure_provider::Response { diagnostics: to_proto::diagnostics(diagnostics) })
}
