//! What AWS accepts in one kind of policy and refuses in another.
//!
//! Sources: IAM user guide, "JSON policy elements"; Organizations user guide,
//! "SCP syntax" (full language since 2025-09-19) and "RCP syntax"; recorded
//! answers of the service for RCPs. Read 2026-11.

use crate::iam::parse::ParseError;
use crate::iam::policy::{
    Actions, Document, Effect, PolicyKind, Position, PrincipalSet, Principals, Resources, Statement, Text,
};

pub(super) fn check(document: &Document, kind: PolicyKind, at: Position) -> Result<(), ParseError> {
    if document.statements.is_empty() {
        return Err(ParseError::new(at, "the policy has no statement"));
    }
    document.statements.iter().try_for_each(|statement| match kind {
        PolicyKind::Identity
        | PolicyKind::PermissionBoundary
        | PolicyKind::Session
        | PolicyKind::ServiceControl => {
            without_principal(statement, kind)?;
            complete(statement)
        }
        PolicyKind::Endpoint => {
            let missing = statement.principals.is_none();
            refuse_if(
                missing,
                statement.at,
                "the statement has no `Principal`, which an endpoint policy requires",
            )?;
            complete(statement)
        }
        PolicyKind::Resource => Ok(()),
        PolicyKind::ResourceControl => resource_control(statement),
    })
}

fn refuse_if(refused: bool, at: Position, message: impl Into<String>) -> Result<(), ParseError> {
    if refused { Err(ParseError::new(at, message)) } else { Ok(()) }
}

fn without_principal(statement: &Statement, kind: PolicyKind) -> Result<(), ParseError> {
    let element = match &statement.principals {
        None => return Ok(()),
        Some(Principals::Only(_)) => "Principal",
        Some(Principals::AllBut(_)) => "NotPrincipal",
    };
    let policy = match kind {
        PolicyKind::ServiceControl => "a service control policy",
        PolicyKind::PermissionBoundary => "a permissions boundary",
        PolicyKind::Session => "a session policy",
        PolicyKind::Identity | PolicyKind::Resource | PolicyKind::ResourceControl | PolicyKind::Endpoint => {
            "an identity policy"
        }
    };
    Err(ParseError::new(statement.at, format!("found `{element}`, which {policy} must not have")))
}

fn complete(statement: &Statement) -> Result<(), ParseError> {
    let actions = match &statement.actions {
        Some(Actions::Only(list) | Actions::AllBut(list)) => list.as_slice(),
        None => &[],
    };
    refuse_if(actions.is_empty(), statement.at, "the statement has no action; give `Action` or `NotAction`")?;
    let resources = match &statement.resources {
        Some(Resources::Only(list) | Resources::AllBut(list)) => list.as_slice(),
        None => &[],
    };
    refuse_if(
        resources.is_empty(),
        statement.at,
        "the statement has no resource; give `Resource` or `NotResource`",
    )
}

fn resource_control(statement: &Statement) -> Result<(), ParseError> {
    if is_managed_allow_all(statement) {
        return Ok(());
    }
    let at = statement.at;
    refuse_if(
        statement.effect == Effect::Allow,
        at,
        "found `Allow`, a resource control policy can only `Deny`; AWS's own RCPFullAWSAccess allows",
    )?;
    let everybody = match &statement.principals {
        Some(Principals::Only(PrincipalSet::Everyone)) => true,
        Some(Principals::Only(PrincipalSet::Listed { aws, service, federated, canonical_user })) => {
            let star = matches!(aws.as_slice(), [name] if name.as_str() == "*");
            star && [service, federated, canonical_user].iter().all(|names| names.is_empty())
        }
        Some(Principals::AllBut(_)) | None => false,
    };
    refuse_if(!everybody, at, "a resource control policy requires `\"Principal\": \"*\"`")?;
    let Some(Actions::Only(actions)) = &statement.actions else {
        return Err(ParseError::new(
            at,
            "a resource control policy requires `Action`; `NotAction` is refused",
        ));
    };
    complete(statement)?;
    actions.iter().try_for_each(supported_action)
}

/// `RCPFullAWSAccess`, the one RCP that allows and that nobody can edit.
pub(crate) fn is_managed_allow_all(statement: &Statement) -> bool {
    let only_star = |list: &[Text]| matches!(list, [one] if one.as_str() == "*");
    statement.effect == Effect::Allow
        && statement.conditions.is_empty()
        && matches!(&statement.principals, Some(Principals::Only(set)) if set.is_everyone())
        && matches!(&statement.actions, Some(Actions::Only(list)) if only_star(list))
        && matches!(&statement.resources, Some(Resources::Only(list)) if only_star(list))
}

fn supported_action(action: &Text) -> Result<(), ParseError> {
    let service = action.as_str().split_once(':').map_or("*", |(service, _)| service);
    let refused = service.contains('*')
        || service.contains('?')
        || NOT_IN_RCP.iter().any(|name| name.eq_ignore_ascii_case(service));
    refuse_if(
        refused,
        action.at(),
        format!(
            "found the action `{}`, a resource control policy needs one of a service it supports",
            action.as_str()
        ),
    )
}

/// Services known to be outside resource control policies. The supported ones
/// are about 62 and grow, so unknown prefixes are let through (Organizations
/// user guide, "Services that support RCPs", read 2026-11).
const NOT_IN_RCP: [&str; 4] = ["account", "iam", "organizations", "sso"];
