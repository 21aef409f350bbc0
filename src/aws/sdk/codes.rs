//! AWS's error codes, and what each means to a caller.

use crate::aws::Fault;

/// What AWS's error code means to a caller (KMS and Organizations API
/// references and "Common error types", read 2026-11).
pub(super) fn classify(code: &str, message: &str, status: u16) -> Fault {
    match code {
        "AccessDeniedException" | "AccessDenied" | "AccessDeniedForDependencyException" => {
            Fault::AccessDenied
        }
        "NotFoundException"
        | "AWSOrganizationsNotInUseException"
        | "AccountNotFoundException"
        | "ChildNotFoundException"
        | "OrganizationalUnitNotFoundException"
        | "ParentNotFoundException"
        | "PolicyNotFoundException"
        | "RootNotFoundException"
        | "TargetNotFoundException" => Fault::NotFound,
        "AlreadyExistsException" | "DuplicatePolicyException" | "DuplicatePolicyAttachmentException" => {
            Fault::AlreadyExists
        }
        "KMSInvalidStateException"
        | "DisabledException"
        | "KeyUnavailableException"
        | "PolicyInUseException"
        | "PolicyNotAttachedException"
        | "PolicyTypeAlreadyEnabledException"
        | "PolicyTypeNotEnabledException" => Fault::InvalidState,
        "UnsupportedOperationException"
        | "PolicyTypeNotAvailableForOrganizationException"
        | "UnsupportedAPIEndpointException" => Fault::Unsupported,
        "MalformedPolicyDocumentException" => malformed_policy(message),
        "LimitExceededException" => Fault::LimitExceeded,
        "ConstraintViolationException" => constraint(message),
        "ConcurrentModificationException"
        | "ConflictException"
        | "FinalizingOrganizationException"
        | "PolicyChangesInProgressException" => Fault::Conflict,
        _ => classify_common(code, status),
    }
}

/// Codes that every service uses.
fn classify_common(code: &str, status: u16) -> Fault {
    match code {
        "Throttling" | "ThrottlingException" | "TooManyRequestsException" | "RequestLimitExceeded" => {
            Fault::Throttled
        }
        "ExpiredToken"
        | "ExpiredTokenException"
        | "IDPCommunicationError"
        | "IDPRejectedClaim"
        | "IncompleteSignature"
        | "InvalidClientTokenId"
        | "InvalidIdentityToken"
        | "InvalidSignatureException"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "NotAuthorized"
        | "OptInRequired"
        | "RequestExpired"
        | "SignatureDoesNotMatch"
        | "UnrecognizedClientException" => Fault::Credentials,
        "DependencyTimeoutException"
        | "InternalFailure"
        | "InternalFailureException"
        | "KMSInternalException"
        | "ServiceException"
        | "ServiceUnavailable"
        | "ServiceUnavailableException" => Fault::Service,
        "InvalidAliasNameException"
        | "InvalidArnException"
        | "InvalidInputException"
        | "InvalidMarkerException"
        | "MalformedPolicyDocument"
        | "TagException"
        | "ValidationError"
        | "ValidationException" => Fault::Validation,
        _ if status == 429 => Fault::Throttled,
        _ if status >= 500 => Fault::Service,
        _ => Fault::Other,
    }
}

/// KMS has one code for three troubles, of which only the first heals by
/// waiting: a principal that IAM made a moment ago.
fn malformed_policy(message: &str) -> Fault {
    let message = message.to_ascii_lowercase();
    if message.contains("invalid principal") {
        Fault::UnknownPrincipal
    } else if message.contains("in the future") || message.contains("in future") {
        Fault::LockOut
    } else {
        Fault::MalformedPolicy
    }
}

fn constraint(message: &str) -> Fault {
    if message.contains("LIMIT_EXCEEDED") { Fault::LimitExceeded } else { Fault::InvalidState }
}

#[cfg(test)]
mod tests {
    use super::classify;
    use crate::aws::Fault;

    #[test]
    fn a_malformed_policy_is_one_of_three_troubles() {
        for (message, fault) in [
            ("Policy contains a statement with one or more invalid principals.", Fault::UnknownPrincipal),
            ("The new key policy will not allow you to update the key policy in the future.", Fault::LockOut),
            ("Policy document should not specify a principal.", Fault::MalformedPolicy),
        ] {
            assert_eq!(classify("MalformedPolicyDocumentException", message, 400), fault, "{message}");
        }
    }

    #[test]
    fn a_constraint_is_a_quota_when_its_reason_says_so() {
        let full = "You have attached the maximum. (reason MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED)";
        assert_eq!(classify("ConstraintViolationException", full, 400), Fault::LimitExceeded);
        let mode = "Not in all features mode. (reason ORGANIZATION_NOT_IN_ALL_FEATURES_MODE)";
        assert_eq!(classify("ConstraintViolationException", mode, 400), Fault::InvalidState);
    }

    #[test]
    fn codes_mean_the_same_to_every_service() {
        for (code, status, fault) in [
            ("AccessDeniedException", 400, Fault::AccessDenied),
            ("UnrecognizedClientException", 400, Fault::Credentials),
            ("InvalidClientTokenId", 403, Fault::Credentials),
            ("ExpiredTokenException", 400, Fault::Credentials),
            ("ThrottlingException", 400, Fault::Throttled),
            ("TooManyRequestsException", 400, Fault::Throttled),
            ("ConcurrentModificationException", 400, Fault::Conflict),
            ("KMSInternalException", 500, Fault::Service),
            ("LimitExceededException", 400, Fault::LimitExceeded),
            ("SomethingNewException", 400, Fault::Other),
            ("", 503, Fault::Service),
            ("", 429, Fault::Throttled),
        ] {
            assert_eq!(classify(code, "", status), fault, "{code}");
        }
    }
}
