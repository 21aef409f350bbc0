//! The SDK's failures in our words: what happened, in which call, and what a
//! caller can make of it.
//!
//! INVARIANT: whether a request was carried out is never guessed. What may
//! have reached AWS without an answer is [`Fault::Ambiguous`].

use std::error::Error;
use std::fmt;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::{ConnectorError, SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;

use super::codes::classify;
use super::http::{NoConnection, chain};
use crate::aws::{AwsError, Fault};
use crate::model::account::AccountId;
use crate::model::region::Region;

/// The call that is made, for the error it may become.
#[derive(Debug, Clone)]
pub(super) struct Call {
    service: &'static str,
    operation: &'static str,
    resource: Option<String>,
    account: Option<String>,
    region: Option<String>,
}

impl Call {
    pub(super) fn new(service: &'static str, operation: &'static str) -> Self {
        Self { service, operation, resource: None, account: None, region: None }
    }

    /// Names what the call is about.
    pub(super) fn on(mut self, resource: impl fmt::Display) -> Self {
        self.resource = Some(resource.to_string());
        self
    }

    /// Names the caller's account and the region.
    pub(super) fn at(mut self, account: Option<&AccountId>, region: Option<&Region>) -> Self {
        self.account = account.map(ToString::to_string);
        self.region = region.map(ToString::to_string);
        self
    }

    /// The failure of this call.
    pub(super) fn failed<E>(self, error: &SdkError<E, HttpResponse>) -> AwsError
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let request_id = error.request_id().map(str::to_owned);
        let failure = match error {
            SdkError::ServiceError(refusal) => Failure::refused(refusal.err(), refusal.raw()),
            SdkError::ResponseError(_) => {
                Failure::ambiguous(format!("AWS's answer could not be read: {}", reasons(error)))
            }
            SdkError::TimeoutError(_) => Failure::ambiguous("no answer came in time".to_owned()),
            SdkError::DispatchFailure(failure) => match failure.as_connector_error() {
                Some(error) => return self.undelivered(error),
                None => Failure::ambiguous("the connection failed".to_owned()),
            },
            SdkError::ConstructionFailure(_) => return self.unsent(error),
            _ => Failure::ambiguous(reasons(error)),
        };
        self.became(failure, request_id)
    }

    /// An answer that lacks what AWS promises to send.
    pub(super) fn without(self, missing: &str) -> AwsError {
        self.became(Failure::other(format!("AWS's answer has no {missing}")), None)
    }

    /// An answer that holds something that cannot be.
    pub(super) fn unusable(self, reason: &impl fmt::Display) -> AwsError {
        self.became(Failure::other(format!("AWS's answer cannot be used: {reason}")), None)
    }

    /// What was asked for is on its way and not there.
    pub(super) fn pending(self, state: &str) -> AwsError {
        self.became(Failure { fault: Fault::Conflict, code: None, message: state.to_owned() }, None)
    }

    /// Time ran out while AWS was asked again and again; `last` is its last answer.
    pub(super) fn outlasted(last: AwsError, waited: std::time::Duration) -> AwsError {
        let message = format!("{} (still so after {} seconds)", last.message, waited.as_secs());
        AwsError { message, ..last }
    }

    /// Failures between us and AWS.
    fn undelivered(self, error: &ConnectorError) -> AwsError {
        if let Some(known) = self.known_cause(error) {
            return known;
        }
        let failure = if error.is_timeout() {
            Failure::ambiguous("no answer came in time".to_owned())
        } else if error.is_user() {
            Failure { fault: Fault::Validation, code: None, message: reasons(error) }
        } else {
            let why = reasons(error);
            let why = if why.is_empty() { why } else { format!(": {why}") };
            Failure::ambiguous(format!("the connection broke before the answer came{why}"))
        };
        self.became(failure, None)
    }

    /// Failures before anything was sent.
    fn unsent(self, error: &(dyn Error + 'static)) -> AwsError {
        self.known_cause(error).unwrap_or_else(|| {
            let failure = Failure { fault: Fault::Validation, code: None, message: reasons(error) };
            self.became(failure, None)
        })
    }

    /// The failures that come wrapped: of a connection that was never made, and
    /// of the calls that fetch credentials.
    fn known_cause(&self, error: &(dyn Error + 'static)) -> Option<AwsError> {
        if let Some(inner) = chain(error).find_map(|cause| cause.downcast_ref::<AwsError>()) {
            let fault =
                if inner.fault == Fault::Unreachable { Fault::Unreachable } else { Fault::Credentials };
            return Some(AwsError { fault, ..inner.clone() });
        }
        if let Some(cause) = chain(error).find_map(|cause| cause.downcast_ref::<NoConnection>()) {
            let message = cause.to_string();
            return Some(
                self.clone().became(Failure { fault: Fault::Unreachable, code: None, message }, None),
            );
        }
        let cause = chain(error).find_map(|cause| cause.downcast_ref::<CredentialsError>())?;
        let failure = Failure { fault: Fault::Credentials, code: None, message: without_credentials(cause) };
        Some(self.clone().became(failure, None))
    }

    fn became(self, failure: Failure, request_id: Option<String>) -> AwsError {
        AwsError {
            fault: failure.fault,
            service: self.service,
            operation: self.operation,
            code: failure.code,
            message: failure.message,
            resource: self.resource,
            account: self.account,
            region: self.region,
            request_id,
        }
    }
}

/// Why there are no credentials. The SDK tells a profile that leads nowhere like
/// one that is not there, and of a sign-on that ran out only that it did.
fn without_credentials(cause: &CredentialsError) -> String {
    if matches!(cause, CredentialsError::CredentialsNotLoaded(_)) {
        let found_none = "no credentials were found";
        let why = chain(cause).map(ToString::to_string).find(|why| why.contains("profile"));
        return why.map_or_else(|| found_none.to_owned(), |why| format!("{found_none}: {why}"));
    }
    let reasons = reasons(cause);
    let advice = if reasons.contains("SSO token") { "; sign on with `aws sso login`" } else { "" };
    reasons + advice
}

struct Failure {
    fault: Fault,
    code: Option<String>,
    message: String,
}

impl Failure {
    fn ambiguous(message: String) -> Self {
        Self { fault: Fault::Ambiguous, code: None, message }
    }

    fn other(message: String) -> Self {
        Self { fault: Fault::Other, code: None, message }
    }

    /// AWS's own words. Organizations puts what exactly was wrong into a field
    /// of its own, `Reason`.
    fn refused<E: ProvideErrorMetadata>(error: &E, response: &HttpResponse) -> Self {
        let status = response.status().as_u16();
        let code = error.code().map(str::to_owned);
        let mut message = error.message().unwrap_or_default().to_owned();
        if message.is_empty() {
            message = format!("the service answered with HTTP status {status} and no explanation");
        }
        if let Some(reason) = reason(response) {
            message = format!("{message} (reason {reason})");
        }
        Self { fault: classify(code.as_deref().unwrap_or_default(), &message, status), code, message }
    }
}

fn reason(response: &HttpResponse) -> Option<String> {
    let body: serde_json::Value = serde_json::from_slice(response.body().bytes()?).ok()?;
    body.get("Reason")?.as_str().map(str::to_owned)
}

/// Everything the error and its causes say, once each, outermost first, without
/// what only the SDK's authors understand.
fn reasons(error: &(dyn Error + 'static)) -> String {
    let mut said: Vec<String> = Vec::new();
    for cause in chain(error) {
        let text = cause.to_string();
        let jargon = text.starts_with("client error (")
            || ["other", "io error", "user error"].contains(&text.as_str());
        if !jargon && !said.iter().any(|earlier| earlier.contains(&text)) {
            said.push(text);
        }
    }
    said.join(": ")
}
