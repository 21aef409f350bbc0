//! `AssumeRoleWithWebIdentity`: a token in place of a signature.
//!
//! The sandbox checks what a token says, not who signed it: it has no keys of
//! anybody's. The trust policy names the provider as a federated principal and
//! may ask for the token's `aud` and `sub` by `StringEquals` or `StringLike`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use serde_json::json;
use time::OffsetDateTime;

use crate::model::tag::Tags;
use crate::sandbox::principals::Role;
use crate::sandbox::state::World;
use crate::sandbox::sts::assume::identity_of;
use crate::sandbox::sts::assume::session_name;
use crate::sandbox::sts::assume::session_policy;
use crate::sandbox::sts::denied;
use crate::sandbox::sts::duration;
use crate::sandbox::sts::issue;
use crate::sandbox::wire::Reply;
use crate::sandbox::wire::ServiceError;
use crate::sandbox::wire::query::Form;

/// What a token says.
struct Claims {
    issuer: String,
    subject: String,
    audience: String,
}

pub(super) fn with_web_identity(world: &mut World, form: &Form, now: OffsetDateTime) -> Reply {
    let arn = form.needed("RoleArn")?;
    let session = session_name(form)?;
    let policy = session_policy(form)?;
    let seconds = duration(form, 3_600, 43_200)?;
    let claims = claims(form.needed("WebIdentityToken")?, now)?;
    let refused = || denied("Not authorized to perform sts:AssumeRoleWithWebIdentity");
    let role = world.principals.role(arn).ok_or_else(refused)?.clone();
    if !trusts(&role, &claims) {
        return Err(refused());
    }
    let identity = identity_of(&role, session, None, policy, Tags::new()).ok_or_else(refused)?;
    let user = json!({"Arn": identity.arn, "AssumedRoleId": identity.user_id});
    let credentials = issue(world, identity, now, seconds);
    Ok(json!({
        "Credentials": credentials,
        "AssumedRoleUser": user,
        "SubjectFromWebIdentityToken": claims.subject,
        "Provider": claims.issuer,
        "Audience": claims.audience,
    }))
}

fn claims(token: &str, now: OffsetDateTime) -> Result<Claims, ServiceError> {
    let invalid = |message: &str| ServiceError::new("InvalidIdentityToken", message);
    let payload =
        token.split('.').nth(1).ok_or_else(|| invalid("The ID Token provided is not a valid JWT."))?;
    let bytes = URL_SAFE_NO_PAD.decode(payload).unwrap_or_default();
    let members: Value =
        serde_json::from_slice(&bytes).map_err(|_| invalid("The ID Token provided is not a valid JWT."))?;
    let text = |name: &str| members.get(name).and_then(Value::as_str).map(str::to_owned);
    let (Some(issuer), Some(subject)) = (text("iss"), text("sub")) else {
        return Err(invalid("Missing a required claim: iss and sub must be there."));
    };
    let expires = members.get("exp").and_then(Value::as_i64).unwrap_or_default();
    if expires <= now.unix_timestamp() {
        return Err(ServiceError::new("ExpiredTokenException", "Token expired"));
    }
    let issuer = issuer.trim_start_matches("https://").to_owned();
    Ok(Claims { issuer, subject, audience: text("aud").unwrap_or_default() })
}

fn trusts(role: &Role, claims: &Claims) -> bool {
    let trust: Value = serde_json::from_str(role.trust.text()).unwrap_or_default();
    let statements = match trust.get("Statement") {
        Some(Value::Array(statements)) => statements.as_slice(),
        Some(statement) => std::slice::from_ref(statement),
        None => &[],
    };
    let fits = |effect: &str| {
        statements.iter().any(|statement| {
            statement.get("Effect").and_then(Value::as_str) == Some(effect) && speaks_of(statement, claims)
        })
    };
    fits("Allow") && !fits("Deny")
}

fn speaks_of(statement: &Value, claims: &Claims) -> bool {
    let provider = format!(":oidc-provider/{}", claims.issuer);
    let principals = texts(statement.pointer("/Principal/Federated"));
    let actions = texts(statement.get("Action"));
    principals.iter().any(|name| name.ends_with(&provider))
        && actions
            .iter()
            .any(|action| ["sts:AssumeRoleWithWebIdentity", "sts:*", "*"].contains(&action.as_str()))
        && statement
            .get("Condition")
            .and_then(Value::as_object)
            .is_none_or(|conditions| conditions.iter().all(|(operator, keys)| holds(operator, keys, claims)))
}

/// Operators other than the two never hold: nothing is let through unread.
fn holds(operator: &str, keys: &Value, claims: &Claims) -> bool {
    let matches = |pattern: &str, value: &str| match operator {
        "StringEquals" => pattern == value,
        "StringLike" => {
            pattern == value || prefix_of(pattern).is_some_and(|prefix| value.starts_with(prefix))
        }
        _ => false,
    };
    keys.as_object().is_some_and(|keys| {
        keys.iter().all(|(key, wanted)| {
            let value = match key.strip_prefix(&format!("{}:", claims.issuer)) {
                Some("aud") => &claims.audience,
                Some("sub") => &claims.subject,
                _ => return false,
            };
            texts(Some(wanted)).iter().any(|pattern| matches(pattern, value))
        })
    })
}

fn prefix_of(pattern: &str) -> Option<&str> {
    pattern.strip_suffix('*').filter(|prefix| !prefix.contains(['*', '?']))
}

fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}
