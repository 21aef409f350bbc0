//! Tags on the root, units, accounts and policies.

use serde_json::Value;
use serde_json::json;

use crate::model::org::PolicyId;
use crate::model::org::TargetId;
use crate::model::quota;
use crate::model::tag::MAX_TAG_KEY;
use crate::model::tag::MAX_TAG_VALUE;
use crate::model::tag::RESERVED_PREFIX;
use crate::model::tag::Tags;
use crate::sandbox::organizations::errors::constraint;
use crate::sandbox::organizations::errors::invalid_input;
use crate::sandbox::organizations::errors::no_target;
use crate::sandbox::organizations::paging::page;
use crate::sandbox::state::Call;
use crate::sandbox::state::World;
use crate::sandbox::wire::Input;
use crate::sandbox::wire::Reply;
use crate::sandbox::wire::ServiceError;
use crate::sandbox::wire::is_tag_character;

pub(super) fn tag(world: &mut World, _: &Call, input: Input<'_>) -> Reply {
    let resource = resource(world, input)?;
    let mut tags = world.organizations.tags.get(&resource).cloned().unwrap_or_default();
    tags.extend(read(input)?);
    within_limit(&tags)?;
    world.organizations.tags.insert(resource, tags);
    Ok(Value::Null)
}

pub(super) fn untag(world: &mut World, _: &Call, input: Input<'_>) -> Reply {
    let resource = resource(world, input)?;
    let names = input.texts("TagKeys")?;
    if let Some(tags) = world.organizations.tags.get_mut(&resource) {
        tags.retain(|name, _| !names.contains(&name.as_str()));
    }
    Ok(Value::Null)
}

pub(super) fn list(world: &mut World, _: &Call, input: Input<'_>) -> Reply {
    let resource = resource(world, input)?;
    let tags = world.organizations.tags.get(&resource).into_iter().flatten();
    page(input, "Tags", tags.map(|(key, value)| (key.clone(), json!({"Key": key, "Value": value}))))
}

/// The tags of a request.
pub(super) fn read(input: Input<'_>) -> Result<Tags, ServiceError> {
    let mut tags = Tags::new();
    for tag in input.list("Tags")?.unwrap_or_default() {
        let members = tag.as_object().ok_or_else(|| ServiceError::serialization("Tags cannot be read"))?;
        let tag = Input::new(members);
        let (key, value) = (tag.needed("Key")?, tag.needed("Value")?);
        if key.to_lowercase().starts_with(RESERVED_PREFIX) {
            return Err(invalid_input("INVALID_SYSTEM_TAGS_PARAMETER", "You can't change system tags."));
        }
        if key.is_empty() || key.chars().count() > MAX_TAG_KEY || value.chars().count() > MAX_TAG_VALUE {
            return Err(invalid_input("MAX_LENGTH_EXCEEDED", format!("The tag {key} is too long.")));
        }
        if !key.chars().chain(value.chars()).all(is_tag_character) {
            let message = format!("The tag {key} holds a character that tags cannot have.");
            return Err(invalid_input("INVALID_PATTERN", message));
        }
        if tags.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(invalid_input("DUPLICATE_TAG_KEY", "Tag keys must be unique."));
        }
    }
    within_limit(&tags)?;
    Ok(tags)
}

fn within_limit(tags: &Tags) -> Result<(), ServiceError> {
    if tags.len() <= quota::TAGS.value {
        return Ok(());
    }
    Err(constraint(
        "MAX_TAG_LIMIT_EXCEEDED",
        "You have exceeded the number of tags allowed on this resource.",
    ))
}

fn resource(world: &World, input: Input<'_>) -> Result<String, ServiceError> {
    let named = input.needed("ResourceId")?;
    if let Ok(id) = named.parse::<PolicyId>() {
        let policy = world.organizations.policies.get(&id).ok_or_else(no_target)?;
        return if policy.aws_managed {
            Err(invalid_input("IMMUTABLE_POLICY", "You can't tag a policy that is managed by AWS."))
        } else {
            Ok(named.to_owned())
        };
    }
    let target: TargetId = named.parse().map_err(|_| {
        invalid_input("INVALID_PATTERN_TARGET_ID", format!("The resource id {named} is not valid."))
    })?;
    if world.organizations.has(&target) { Ok(named.to_owned()) } else { Err(no_target()) }
}
