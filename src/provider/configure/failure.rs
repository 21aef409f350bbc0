//! Why AWS cannot be used with this provider block, at the argument that is
//! most likely at fault.

use crate::aws::config::ConnectionSettings;
use crate::aws::{AwsError, ConnectError, Fault, NamedBy, ProfileError};
use crate::model::capitalised;
use crate::provider::diagnostic::{aws_failure, refuses_keys};
use crate::tf::{Diagnostic, Diagnostics, Path};

/// The diagnostic of a connection that could not be made.
pub(super) fn not_connected(error: &ConnectError, settings: &ConnectionSettings) -> Diagnostics {
    let diagnostic = match error {
        ConnectError::NoRegion => Diagnostic::error(
            "Missing AWS region",
            "Neither the provider block nor `AWS_REGION`, `AWS_DEFAULT_REGION`, the profile or the instance names a \
             region. Set `region`.",
        )
        .at(Path::attribute("region")),
        ConnectError::InvalidRegion(error) => Diagnostic::error(
            "Invalid AWS region",
            format!("{error}. It comes from the environment or the profile; correct it there, or set `region`."),
        )
        .at(Path::attribute("region")),
        ConnectError::Profile(error) => unknown_profile(error, settings),
        ConnectError::CaBundle { .. } => Diagnostic::error(
            "Unusable CA bundle",
            format!("{}.", capitalised(&error.to_string())),
        )
        .at(Path::attribute("custom_ca_bundle")),
        ConnectError::Proxy(error) => {
            Diagnostic::error("Unusable proxy", format!("{}.", capitalised(&error.to_string())))
        }
        ConnectError::InstanceMetadata(error) => {
            Diagnostic::error("Unusable instance metadata service", format!("{}.", capitalised(&error.to_string())))
                .at(Path::attribute("ec2_metadata_service_endpoint"))
        }
        ConnectError::Caller(failure) => {
            let assuming = failure.operation().starts_with("AssumeRole");
            let doing = if assuming { "assume the role" } else { "find out who the caller is" };
            aws_failure(doing, failure, None).at(likely_place(failure, settings))
        }
    };
    diagnostic.into()
}

fn unknown_profile(error: &ProfileError, settings: &ConnectionSettings) -> Diagnostic {
    let profile = error.profile();
    let named_at = match error.named_by() {
        NamedBy::Settings => "`profile`",
        NamedBy::Environment => "`AWS_PROFILE`",
        NamedBy::Profile => "`source_profile`",
    };
    let place = if settings.profile.is_some() { Path::attribute("profile") } else { Path::root() };
    let found = capitalised(&error.to_string());
    let end = if found.ends_with('?') { "" } else { "." };
    let detail = format!(
        "{found}{end} Correct {named_at}, or make the profile with `aws configure --profile {profile}`."
    );
    Diagnostic::error("Unusable profile", detail).at(place)
}

/// The argument a reader should look at first.
fn likely_place(failure: &AwsError, settings: &ConnectionSettings) -> Path {
    let operation = failure.operation();
    if operation.starts_with("AssumeRoleWith") {
        return Path::attribute("assume_role_with_web_identity").index(0);
    }
    if operation == "AssumeRole" && !settings.roles.is_empty() && !refuses_keys(failure) {
        return Path::attribute("assume_role").index(0);
    }
    if failure.fault() == Fault::Unreachable {
        return if settings.endpoints.sts.is_some() {
            Path::attribute("endpoints").index(0).attr("sts")
        } else {
            Path::attribute("region")
        };
    }
    match (&settings.keys, &settings.profile) {
        (Some(_), _) => Path::attribute("access_key"),
        (None, Some(_)) => Path::attribute("profile"),
        (None, None) => Path::root(),
    }
}
