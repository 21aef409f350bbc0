//! Stated condition keys that the rest of the request rules out.
//!
//! A judge that believes them answers a question nobody can ask: a role that
//! says it is a service would walk through every guardrail that spares
//! services. Source: IAM user guide, "Global condition context keys", and KMS
//! developer guide, "kms:ViaService", read 2026-11.

use crate::iam::arn::Arn;
use crate::iam::evaluate::caller::{Identity, RoleArn};
use crate::iam::evaluate::context::Stated;
use crate::iam::evaluate::derive::{Organisations, Place};
use crate::iam::evaluate::{Caller, RequestBuilder, RequestError};

/// Fails on the first key that is stated against what follows from the caller,
/// the resource and their organisations.
pub(super) fn find(builder: &RequestBuilder, place: &Place<'_>) -> Result<(), RequestError> {
    for (key, entry) in &builder.context.entries {
        let refused = |stated: String, because: String| {
            Err(RequestError::Contradiction { key: entry.name.clone(), stated, because })
        };
        let value = match &entry.stated {
            Stated::Absent if NEVER_ABSENT.contains(&key.as_str()) && builder.caller.account().is_some() => {
                return refused("absent".to_owned(), "every signed call has it".to_owned());
            }
            Stated::Absent if key == "aws:sourcevpce" && goes_through_endpoint(builder) => {
                let because = "a policy of a VPC endpoint is given, so the call goes through one";
                return refused("absent".to_owned(), because.to_owned());
            }
            Stated::Unknown | Stated::Absent => continue,
            Stated::One(value) => value,
            Stated::List(values) => match values.as_slice() {
                [value] => value,
                _ => continue,
            },
        };
        if let Some(why) = why_never(&builder.caller, key) {
            return refused(format!("`{value}`"), why.to_owned());
        }
        if let Some(true_value) = follows(builder, place, key)
            && !agrees(builder, key, value, &true_value)
        {
            return refused(format!("`{value}`"), format!("the rest of the request makes it `{true_value}`"));
        }
    }
    Ok(())
}

/// Why no call of this caller has the key, given in lower case.
pub(super) fn why_never(caller: &Caller, key: &str) -> Option<&'static str> {
    match (&caller.identity, key) {
        (
            Identity::Service { .. },
            "kms:viaservice" | "aws:calledvia" | "aws:calledviafirst" | "aws:calledvialast",
        ) => Some("a service that calls for itself forwards nobody's call"),
        (Identity::Service { .. }, "aws:principalorgid" | "aws:principalorgpaths") => {
            Some("a service is in no organization")
        }
        (Identity::Service { .. } | Identity::Anonymous, _) => None,
        (_, "aws:sourceaccount" | "aws:sourcearn" | "aws:sourceorgid" | "aws:sourceorgpaths") => {
            Some("only a service that calls for itself has it")
        }
        (_, "aws:principalservicename" | "aws:principalservicenameslist") => Some("only a service has it"),
        (Identity::User { .. }, _) => None,
        (_, "aws:username") => Some("only an IAM user has it"),
        _ => None,
    }
}

/// What the key, given in lower case, is for certain.
fn follows(builder: &RequestBuilder, place: &Place<'_>, key: &str) -> Option<String> {
    let caller = &builder.caller;
    let Organisations { caller: home, owner } = place.organisations;
    let signed = caller.account().is_some();
    let service = if let Identity::Service { name } = &caller.identity { Some(&**name) } else { None };
    let user = if let Identity::User { name, .. } = &caller.identity { Some(&**name) } else { None };
    match key {
        "aws:principalaccount" if caller.identity == Identity::Anonymous => Some("anonymous".to_owned()),
        "aws:principalaccount" | "kms:calleraccount" => caller.account().map(str::to_owned),
        "aws:principalarn" => caller.principal_arn(),
        "aws:principaltype" => caller.kind().map(str::to_owned),
        "aws:principalisawsservice" => (signed || service.is_some()).then(|| service.is_some().to_string()),
        "aws:principalservicename" => service.map(str::to_owned),
        "aws:username" => user.map(str::to_owned),
        "aws:principalorgid" => home.filter(|_| signed).map(|home| home.id.clone()),
        "aws:principalorgpaths" => home.filter(|_| signed).map(|home| home.path.clone()),
        "aws:resourceaccount" => place.owner.map(str::to_owned),
        "aws:resourceorgid" => owner.map(|owner| owner.id.clone()),
        "aws:resourceorgpaths" => owner.map(|owner| owner.path.clone()),
        "kms:multiregion" if builder.resource.contains(":key/") => {
            Some(builder.resource.contains(":key/mrk-").to_string())
        }
        "aws:requestedregion" => region(&builder.resource),
        "aws:viaawsservice" if came_through_a_service(builder) => Some("true".to_owned()),
        _ => None,
    }
}

fn goes_through_endpoint(builder: &RequestBuilder) -> bool {
    let perhaps_by_service = ["aws:viaawsservice", "kms:viaservice", "aws:calledvia"].iter().any(|key| {
        match builder.context.entries.get(*key).map(|entry| &entry.stated) {
            Some(Stated::One(value)) => !value.eq_ignore_ascii_case("false"),
            Some(Stated::List(_) | Stated::Unknown) => true,
            Some(Stated::Absent) | None => false,
        }
    });
    builder.through_endpoint && !perhaps_by_service && builder.caller.account().is_some()
}

fn came_through_a_service(builder: &RequestBuilder) -> bool {
    ["kms:viaservice", "aws:calledvia"].iter().any(|key| {
        let stated = builder.context.entries.get(*key).map(|entry| &entry.stated);
        matches!(stated, Some(Stated::One(_) | Stated::List(_)))
    })
}

/// A key or an alias is called in its own Region.
fn region(resource: &str) -> Option<String> {
    let arn = Arn::parse(resource).filter(|arn| arn.service == "kms" && !arn.region.is_empty())?;
    Some(arn.region.to_owned())
}

/// Whether the stated value is the true one. A session's ARN does not tell the
/// path of its role, so the context may.
fn agrees(builder: &RequestBuilder, key: &str, stated: &str, true_value: &str) -> bool {
    match (&builder.caller.identity, key) {
        (Identity::Role { arn: RoleArn::Assumed(_), name, .. }, "aws:principalarn") => {
            Caller::parse(stated).is_ok_and(|told| {
                let same_role = matches!(&told.identity, Identity::Role { name: told, session: None, .. } if told == name);
                same_role && told.account == builder.caller.account && told.partition == builder.caller.partition
            })
        }
        (_, "aws:principalisawsservice" | "aws:viaawsservice" | "kms:multiregion") => stated.eq_ignore_ascii_case(true_value),
        _ => stated == true_value,
    }
}

/// Keys that every signed call has.
const NEVER_ABSENT: [&str; 4] =
    ["aws:principalarn", "aws:principalisawsservice", "aws:principaltype", "aws:viaawsservice"];
