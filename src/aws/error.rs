//! What went wrong in a call to AWS, classified by what a caller can do.
//!
//! INVARIANT: no credential, token or key material is in any field.

use std::fmt;

/// Why a call failed, as far as the caller's next step depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The caller may not do this.
    AccessDenied,
    /// The thing is not there, or not visible yet.
    NotFound,
    /// A thing of that name is there already.
    AlreadyExists,
    /// The thing is in a state that forbids the call.
    InvalidState,
    /// The key or policy does not support the call.
    Unsupported,
    /// The policy was refused because it names a principal AWS does not know (yet).
    UnknownPrincipal,
    /// The policy was refused because it would lock the caller out.
    LockOut,
    /// The policy was refused for its form.
    MalformedPolicy,
    /// A quota is used up.
    LimitExceeded,
    /// Another change to the same thing is under way.
    Conflict,
    /// Too many calls.
    Throttled,
    /// The request was refused as malformed.
    Validation,
    /// No credentials, or AWS does not accept them.
    Credentials,
    /// The service could not be reached; the request was certainly not carried out.
    Unreachable,
    /// The request may or may not have been carried out: the response was lost
    /// or did not come in time.
    Ambiguous,
    /// AWS failed on its side.
    Service,
    /// None of the above.
    Other,
}

/// A failed call to AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsError {
    pub(crate) fault: Fault,
    pub(crate) service: &'static str,
    pub(crate) operation: &'static str,
    pub(crate) code: Option<String>,
    pub(crate) message: String,
    pub(crate) resource: Option<String>,
    pub(crate) account: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) request_id: Option<String>,
}

impl AwsError {
    /// What a caller can make of it.
    pub fn fault(&self) -> Fault {
        self.fault
    }

    /// The operation, such as `CreateKey`.
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// AWS's error code, such as `AccessDeniedException`.
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// AWS's message, or what the transport said.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The id by which AWS's support finds the request.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// Whether the same call may succeed when it is made again later.
    pub fn is_transient(&self) -> bool {
        matches!(
            self.fault,
            Fault::Throttled | Fault::Conflict | Fault::Unreachable | Fault::Ambiguous | Fault::Service
        )
    }
}

impl fmt::Display for AwsError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.service, self.operation)?;
        if let Some(resource) = &self.resource {
            write!(formatter, " on `{resource}`")?;
        }
        match (&self.account, &self.region) {
            (Some(account), Some(region)) => write!(formatter, " in account {account}, region {region}")?,
            (Some(account), None) => write!(formatter, " in account {account}")?,
            (None, Some(region)) => write!(formatter, " in region {region}")?,
            (None, None) => {}
        }
        formatter.write_str(": ")?;
        if let Some(code) = &self.code {
            write!(formatter, "{code}: ")?;
        }
        formatter.write_str(&self.message)?;
        if let Some(request_id) = &self.request_id {
            write!(formatter, " (request id {request_id})")?;
        }
        Ok(())
    }
}

impl std::error::Error for AwsError {}
