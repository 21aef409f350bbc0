//! `AssumeRole`.

use serde_json::json;

use crate::iam::PolicyKind;
use crate::iam::evaluate::Context;
use crate::model::tag::Tags;
use crate::sandbox::enforce::account_in;
use crate::sandbox::policy::Policy;
use crate::sandbox::principals::Identity;
use crate::sandbox::principals::Kind;
use crate::sandbox::principals::Role;
use crate::sandbox::state::Call;
use crate::sandbox::state::World;
use crate::sandbox::sts::denied;
use crate::sandbox::sts::duration;
use crate::sandbox::sts::issue;
use crate::sandbox::sts::proven;
use crate::sandbox::wire::Reply;
use crate::sandbox::wire::ServiceError;
use crate::sandbox::wire::query::Form;

/// The role's trust policy and the caller's own policies must allow it. A role
/// that does not exist is refused in the same words.
pub(super) fn assume_role(world: &mut World, call: &Call, form: &Form) -> Reply {
    let arn = form.needed("RoleArn")?;
    let session = session_name(form)?;
    let policy = session_policy(form)?;
    let refused = |arn: &str| {
        denied(format!(
            "User: {} is not authorized to perform: sts:AssumeRole on resource: {arn}",
            call.identity.arn
        ))
    };
    let role = world.principals.role(arn).ok_or_else(|| refused(arn))?.clone();
    let chained = matches!(call.identity.kind, Kind::Session { .. });
    let seconds = seconds(form, &role, chained)?;
    let mfa = proven(world, call, form)?;
    let tags = form.tags();
    let call = with_mfa(call, mfa, chained);
    let mut context = Context::new().with("sts:RoleSessionName", session);
    if let Some(external) = form.text("ExternalId") {
        context = context.with("sts:ExternalId", external);
    }
    world.authorize_assume(&call, "sts:AssumeRole", &role, context.clone())?;
    if !tags.is_empty() {
        for (key, value) in &tags {
            context = context.with(&format!("aws:RequestTag/{key}"), value.as_str());
        }
        let context = context.with_list("aws:TagKeys", tags.keys().map(String::as_str));
        world.authorize_assume(&call, "sts:TagSession", &role, context)?;
    }
    let present = !chained && mfa;
    let identity =
        identity_of(&role, session, Some(present), policy, tags).ok_or_else(|| refused(&role.arn))?;
    let user = json!({"Arn": identity.arn, "AssumedRoleId": identity.user_id});
    let credentials = issue(world, identity, call.now, seconds);
    Ok(json!({"Credentials": credentials, "AssumedRoleUser": user}))
}

/// The identity of a session of a role.
pub(super) fn identity_of(
    role: &Role,
    session: &str,
    mfa: Option<bool>,
    session_policy: Option<Policy>,
    session_tags: Tags,
) -> Option<Identity> {
    let account = account_in(&role.arn)?;
    Some(Identity {
        arn: format!("arn:aws:sts::{account}:assumed-role/{}/{session}", role.name),
        user_id: format!("{}:{session}", role.unique_id),
        kind: Kind::Session {
            session: session.to_owned(),
            role_arn: role.arn.clone(),
            role_id: role.unique_id.clone(),
        },
        account,
        mfa,
        session_policy,
        session_tags,
        issued: None,
    })
}

/// 2 to 64 letters, digits and `_+=,.@-`.
pub(super) fn session_name(form: &Form) -> Result<&str, ServiceError> {
    let name = form.needed("RoleSessionName")?;
    let accepted = |character: char| character.is_ascii_alphanumeric() || "_+=,.@-".contains(character);
    if (2..=64).contains(&name.chars().count()) && name.chars().all(accepted) {
        return Ok(name);
    }
    Err(ServiceError::new(
        "ValidationError",
        format!(
            "1 validation error detected: Value '{name}' at 'roleSessionName' failed to satisfy constraint: Member \
             must satisfy regular expression pattern: [\\w+=,.@-]*"
        ),
    ))
}

/// The session policy that narrows the session, if one was sent.
pub(super) fn session_policy(form: &Form) -> Result<Option<Policy>, ServiceError> {
    if form.text("PolicyArns.member.1.arn").is_some() {
        return Err(ServiceError::new(
            "ValidationError",
            "The sandbox has no managed policies; send `Policy`.",
        ));
    }
    let policy = form.text("Policy").map(|text| Policy::parse(text, PolicyKind::Session)).transpose();
    policy.map_err(|problem| ServiceError::new("MalformedPolicyDocument", problem))
}

/// A session of a role that assumes another lasts an hour at most.
fn seconds(form: &Form, role: &Role, chained: bool) -> Result<i64, ServiceError> {
    let seconds = duration(form, 3_600, 43_200)?;
    let message = if chained && seconds > 3_600 {
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
    } else if seconds > role.max_session_seconds {
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
    } else {
        return Ok(seconds);
    };
    Err(ServiceError::new("ValidationError", message))
}

/// The call as the trust policy sees it: a code that was shown counts.
fn with_mfa(call: &Call, mfa: bool, chained: bool) -> Call {
    if chained || !mfa {
        return call.clone();
    }
    let identity = Identity { mfa: Some(true), ..(*call.identity).clone() };
    Call { identity: std::sync::Arc::new(identity), ..call.clone() }
}
