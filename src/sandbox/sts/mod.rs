//! AWS STS: who somebody is, and credentials that end (API version 2011-06-15,
//! read 2026-11).

mod assume;
mod federation;

use serde_json::Value;
use serde_json::json;
use time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::sandbox::principals::Credential;
use crate::sandbox::principals::Identity;
use crate::sandbox::principals::Kind;
use crate::sandbox::state::Call;
use crate::sandbox::state::World;
use crate::sandbox::wire::Reply;
use crate::sandbox::wire::ServiceError;
use crate::sandbox::wire::query::Form;

/// Carries out one signed operation.
pub(crate) fn perform(world: &mut World, call: &Call, operation: &str, form: &Form) -> Reply {
    let answer = match operation {
        // Allowed whatever policies say (STS API reference, read 2026-11).
        "GetCallerIdentity" => Ok(json!({
            "Arn": call.identity.arn,
            "UserId": call.identity.user_id,
            "Account": call.account().as_str(),
        })),
        "AssumeRole" => assume::assume_role(world, call, form),
        "GetSessionToken" => session_token(world, call, form),
        // A signature does no harm to a call that needs none.
        "AssumeRoleWithWebIdentity" => federation::with_web_identity(world, form, call.now),
        other => Err(ServiceError::unknown_operation(&format!("sts:{other}"))),
    };
    answer.map_err(spelled)
}

/// Carries out an operation of [`UNSIGNED`] for somebody who is not known.
pub(crate) fn perform_unsigned(world: &mut World, operation: &str, form: &Form) -> Reply {
    let now = world.clock.now();
    let answer = match operation {
        "AssumeRoleWithWebIdentity" => federation::with_web_identity(world, form, now),
        other => Err(ServiceError::unknown_operation(&format!("sts:{other}"))),
    };
    answer.map_err(spelled)
}

/// STS spells the common errors without `Exception`.
fn spelled(error: ServiceError) -> ServiceError {
    match error.code {
        "AccessDeniedException" => ServiceError { code: "AccessDenied", status: 403, ..error },
        "ValidationException" => ServiceError { code: "ValidationError", ..error },
        "UnknownOperationException" => ServiceError { code: "InvalidAction", ..error },
        _ => error,
    }
}

fn session_token(world: &mut World, call: &Call, form: &Form) -> Reply {
    let Kind::User { .. } = &call.identity.kind else {
        return Err(denied("Cannot call GetSessionToken with session credentials"));
    };
    let seconds = duration(form, 43_200, 129_600)?;
    let mfa = proven(world, call, form)?;
    let identity = Identity { mfa: Some(mfa), ..(*call.identity).clone() };
    Ok(json!({"Credentials": issue(world, identity, call.now, seconds)}))
}

/// Hands out credentials for an identity and shows them.
fn issue(world: &mut World, identity: Identity, now: OffsetDateTime, seconds: i64) -> Value {
    let expires = now.checked_add(Duration::seconds(seconds)).unwrap_or(now);
    let access_key = world.ids.upper("ASIA", 16);
    let (secret, token) = (world.ids.hexadecimal(40), world.ids.hexadecimal(64));
    let shown = json!({
        "AccessKeyId": access_key,
        "SecretAccessKey": secret,
        "SessionToken": token,
        "Expiration": expires.replace_nanosecond(0).unwrap_or(expires).format(&Rfc3339).unwrap_or_default(),
    });
    let identity = std::sync::Arc::new(Identity { issued: Some(now), ..identity });
    world
        .principals
        .add_session(access_key, Credential { secret, token: Some(token), expires: Some(expires), identity });
    shown
}

/// Whether the caller showed the code of its MFA device: false if none was sent.
fn proven(world: &World, call: &Call, form: &Form) -> Result<bool, ServiceError> {
    let (serial, code) = match (form.text("SerialNumber"), form.text("TokenCode")) {
        (None, None) => return Ok(false),
        (Some(serial), Some(code)) => (serial, code),
        (Some(_), None) | (None, Some(_)) => {
            return Err(ServiceError::new("ValidationError", "SerialNumber and TokenCode go together."));
        }
    };
    let user = world.principals.user(&call.identity.arn);
    let device = call.identity.arn.replacen(":user/", ":mfa/", 1);
    match user.and_then(|user| user.mfa_code.as_deref()) {
        Some(right) if right == code && serial == device => Ok(true),
        Some(_) if serial == device => {
            Err(denied("MultiFactorAuthentication failed with invalid MFA one time pass code. "))
        }
        Some(_) | None => Err(denied("MultiFactorAuthentication failed, unable to validate MFA code. ")),
    }
}

fn duration(form: &Form, usual: i64, most: i64) -> Result<i64, ServiceError> {
    let Some(text) = form.text("DurationSeconds") else { return Ok(usual) };
    let seconds = text.parse::<i64>().ok().filter(|seconds| (900..=most).contains(seconds));
    seconds.ok_or_else(|| {
        ServiceError::new(
            "ValidationError",
            format!(
                "1 validation error detected: Value '{text}' at 'durationSeconds' failed to satisfy constraint: \
                 Member must have value between 900 and {most}"
            ),
        )
    })
}

fn denied(message: impl Into<String>) -> ServiceError {
    ServiceError::new("AccessDenied", message).with_status(403)
}

/// What is served.
pub(crate) const OPERATIONS: [&str; 4] =
    ["AssumeRole", "AssumeRoleWithWebIdentity", "GetCallerIdentity", "GetSessionToken"];

/// What is served to those who sign nothing.
pub(crate) const UNSIGNED: [&str; 1] = ["AssumeRoleWithWebIdentity"];

#[cfg(test)]
mod tests;
