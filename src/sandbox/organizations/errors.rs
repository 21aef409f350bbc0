//! The errors of AWS Organizations, with the reasons some of them carry.

use crate::sandbox::wire::ServiceError;

/// `InvalidInputException` with its reason.
pub(super) fn invalid_input(reason: &'static str, message: impl Into<String>) -> ServiceError {
    ServiceError::new("InvalidInputException", message).with_member("Reason", reason)
}

/// `ConstraintViolationException` with its reason.
pub(super) fn constraint(reason: &'static str, message: impl Into<String>) -> ServiceError {
    ServiceError::new("ConstraintViolationException", message).with_member("Reason", reason)
}

/// Members outside the service's model are an `InvalidInputException` here.
pub(super) fn input_error(error: ServiceError) -> ServiceError {
    if error.code != "ValidationException" {
        return error;
    }
    let reason = match error.message.as_str() {
        text if text.contains("must not be null") => "INPUT_REQUIRED",
        text if text.contains("length less than") => "MAX_LENGTH_EXCEEDED",
        text if text.contains("length greater than") => "MIN_LENGTH_EXCEEDED",
        text if text.contains("value less than") => "MAX_VALUE_EXCEEDED",
        text if text.contains("value greater than") => "MIN_VALUE_EXCEEDED",
        text if text.contains("enum value") => "INVALID_ENUM",
        _ => "INVALID_PATTERN",
    };
    invalid_input(reason, error.message)
}

/// No root, unit or account of this id.
pub(super) fn no_target() -> ServiceError {
    ServiceError::new("TargetNotFoundException", "You specified a target that doesn't exist.")
}

/// No policy of this id.
pub(super) fn no_policy() -> ServiceError {
    ServiceError::new(
        "PolicyNotFoundException",
        "We can't find a policy with the PolicyId that you specified.",
    )
}
