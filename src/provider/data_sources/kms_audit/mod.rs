//! `kms_audit`: every key of the account and region against the controls.
//!
//! A read that fails makes findings unknown and never an error; only bad input
//! and a list of keys that cannot be had are errors. INVARIANT: the value holds
//! nothing that changes by itself, no time and no request id, so that two plans
//! over the same keys agree.

mod request;
mod schema;
#[cfg(test)]
mod tests;
mod value;

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;

use request::Request;

use crate::audit::CollectError;
use crate::audit::Limits;
use crate::audit::Place;
use crate::audit::Report;
use crate::audit::Source;
use crate::audit::collect;
use crate::audit::evaluate;
use crate::aws::CallerIdentity;
use crate::controls::catalogue::Catalogue;
use crate::model::capitalised;
use crate::provider::configured::Configured;
use crate::provider::diagnostic::key_failure;
use crate::tf::Context;
use crate::tf::DataSource;
use crate::tf::Diagnostic;
use crate::tf::Diagnostics;
use crate::tf::Path;
use crate::tf::Schema;
use crate::tf::Value;
use crate::tf::calls::ReadDataRequest;
use crate::tf::calls::ReadDataResponse;

/// The data source.
#[derive(Debug)]
pub(crate) struct KmsAudit;

#[async_trait]
impl DataSource<Configured> for KmsAudit {
    fn type_name(&self) -> &'static str {
        "kms_audit"
    }

    fn schema(&self) -> Schema {
        schema::schema()
    }

    async fn validate(&self, config: &Value) -> Diagnostics {
        Request::read(config).err().unwrap_or_default()
    }

    async fn read(&self, context: &Context<Configured>, request: ReadDataRequest) -> ReadDataResponse {
        let request = match Request::read(&request.config) {
            Ok(request) => request,
            Err(diagnostics) => return diagnostics.into(),
        };
        match report(context, &request).await {
            Ok(report) => {
                ReadDataResponse { state: value::state(&request, &report), diagnostics: Diagnostics::new() }
            }
            Err(diagnostic) => Diagnostics::from(diagnostic).into(),
        }
    }
}

async fn report(context: &Context<Configured>, request: &Request) -> Result<Report, Diagnostic> {
    let provider = &context.provider;
    let session =
        provider.session.as_ref().map_err(|unknown| Diagnostic::error(SUMMARY, sentence(unknown)))?;
    let source = Source {
        kms: Arc::clone(&session.kms),
        place: Place { account: session.account.clone(), region: session.region.clone() },
        limits: Limits::default(),
        clock: provider.clock,
    };
    let collected = tokio::select! {
        collected = collect(&source, &request.scope, &|_| {}) => collected,
        () = context.cancelled.cancelled() => {
            return Err(Diagnostic::error(SUMMARY, "The audit was interrupted before every key was read."));
        }
    };
    match collected {
        Ok(collection) => Ok(evaluate(collection, |key| provider.judge(key), request.checks.as_ref())),
        Err(error) => {
            let caller = provider.caller(session).await.ok();
            Err(refusal(&error, request, caller.as_ref(), &provider.catalogue))
        }
    }
}

/// Why there is no audit, with what to do about it.
fn refusal(
    error: &CollectError,
    request: &Request,
    caller: Option<&CallerIdentity>,
    catalogue: &Catalogue,
) -> Diagnostic {
    let advice = match error {
        CollectError::Listing { listed, source } => {
            return key_failure(&format!("list the {listed}"), source, caller, catalogue);
        }
        CollectError::Credentials(source) => return key_failure("audit the keys", source, caller, catalogue),
        CollectError::NoSuchKey { .. } => "Check the name, and the account and region of the provider.",
        CollectError::Elsewhere { .. } => {
            "Use a provider configuration for the account and region that the key is in."
        }
        CollectError::Reserved(_) => "Name the key by its id.",
    };
    let named = request.named.map_or_else(Path::root, Path::attribute);
    Diagnostic::error("No such key to audit", format!("{} {advice}", sentence(error))).at(named)
}

/// An inner error as a sentence.
fn sentence(error: &impl Error) -> String {
    format!("{}.", capitalised(&error.to_string()))
}

const SUMMARY: &str = "Keys cannot be audited";
