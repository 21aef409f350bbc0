//! An error as AWS's services answer it.

/// A modelled error: its code, the sentence for people, the HTTP status, and
/// the further members some errors carry (`Reason`, `Type`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServiceError {
    /// The name of the error's shape, such as `NotFoundException`.
    pub(crate) code: &'static str,
    /// What a person reads.
    pub(crate) message: String,
    /// The HTTP status.
    pub(crate) status: u16,
    /// One further member and its value.
    pub(crate) member: Option<(&'static str, &'static str)>,
}

impl ServiceError {
    /// An error of the caller's making.
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), status: 400, member: None }
    }

    /// The same error with another HTTP status.
    pub(crate) fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// The same error with a further member.
    pub(crate) fn with_member(self, name: &'static str, value: &'static str) -> Self {
        Self { member: Some((name, value)), ..self }
    }

    /// A request whose JSON does not have the types of the operation's input.
    pub(crate) fn serialization(message: impl Into<String>) -> Self {
        Self::new("SerializationException", message)
    }

    /// A member outside the limits that the service's model gives it.
    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationException", message)
    }

    /// An operation nobody here serves.
    pub(crate) fn unknown_operation(named: &str) -> Self {
        Self::new(
            "UnknownOperationException",
            format!(
                "`{named}` is not served by the sandbox; it serves the calls of AWS KMS, AWS Organizations and \
                 AWS STS that keyrail makes"
            ),
        )
    }
}
