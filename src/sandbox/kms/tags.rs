//! Tags on keys.

use serde_json::Value;
use serde_json::json;

use crate::iam::evaluate::Context;
use crate::model::key::KeyState;
use crate::model::quota;
use crate::model::tag::MAX_TAG_KEY;
use crate::model::tag::MAX_TAG_VALUE;
use crate::model::tag::RESERVED_PREFIX;
use crate::model::tag::Tags;
use crate::sandbox::enforce::Ask;
use crate::sandbox::kms::locate::Naming;
use crate::sandbox::kms::locate::authorized;
use crate::sandbox::kms::locate::by_key_id;
use crate::sandbox::kms::locate::changeable;
use crate::sandbox::kms::locate::key_at;
use crate::sandbox::kms::locate::key_at_mut;
use crate::sandbox::kms::paging::Pages;
use crate::sandbox::state::Call;
use crate::sandbox::state::World;
use crate::sandbox::wire::Input;
use crate::sandbox::wire::Reply;
use crate::sandbox::wire::ServiceError;
use crate::sandbox::wire::is_tag_character;

pub(super) fn tag(world: &mut World, call: &Call, input: Input<'_>) -> Reply {
    let place = by_key_id(world, call, input, Naming::Key)?;
    let tags = read(input)?;
    let context = request_tags(Context::new(), &tags);
    world.authorize(call, &Ask::on_key("TagResource", &place).with(context))?;
    let key = key_at_mut(world, &place)?;
    changeable(key, &[KeyState::PendingDeletion])?;
    let mut all = key.tags.clone();
    all.extend(tags);
    if all.len() > quota::TAGS.value {
        return Err(ServiceError::new("LimitExceededException", TOO_MANY));
    }
    key.tags = all;
    Ok(Value::Null)
}

pub(super) fn untag(world: &mut World, call: &Call, input: Input<'_>) -> Reply {
    let place = by_key_id(world, call, input, Naming::Key)?;
    let names = input.texts("TagKeys")?;
    names.iter().try_for_each(|name| check_key(name))?;
    let context = Context::new().with_list("aws:TagKeys", names.iter().copied());
    world.authorize(call, &Ask::on_key("UntagResource", &place).with(context))?;
    let key = key_at_mut(world, &place)?;
    changeable(key, &[KeyState::PendingDeletion])?;
    key.tags.retain(|name, _| !names.contains(&name.as_str()));
    Ok(Value::Null)
}

/// Works in every key state.
pub(super) fn list(world: &mut World, call: &Call, input: Input<'_>) -> Reply {
    let place = authorized(world, call, input, "ListResourceTags")?;
    let tags = key_at(world, &place)?.tags.iter();
    TAGS.answer(input, tags.map(|(key, value)| (key.clone(), json!({"TagKey": key, "TagValue": value}))))
}

/// The tags of a request.
pub(super) fn read(input: Input<'_>) -> Result<Tags, ServiceError> {
    let mut tags = Tags::new();
    for tag in input.list("Tags")?.unwrap_or_default() {
        let members = tag.as_object().ok_or_else(|| ServiceError::serialization("Tags cannot be read"))?;
        let tag = Input::new(members);
        let (key, value) = (tag.needed("TagKey")?, tag.needed("TagValue")?);
        check_key(key)?;
        if value.chars().count() > MAX_TAG_VALUE || !value.chars().all(is_tag_character) {
            return Err(tag_error(format!("The tag value of {key} is not valid.")));
        }
        if tags.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(tag_error("Duplicate tag keys"));
        }
    }
    if tags.len() > quota::TAGS.value {
        return Err(tag_error(TOO_MANY));
    }
    Ok(tags)
}

/// The condition keys that tags in a request make.
pub(super) fn request_tags(mut context: Context, tags: &Tags) -> Context {
    if tags.is_empty() {
        return context;
    }
    for (key, value) in tags {
        context = context.with(&format!("aws:RequestTag/{key}"), value.as_str());
    }
    context.with_list("aws:TagKeys", tags.keys().map(String::as_str))
}

fn check_key(key: &str) -> Result<(), ServiceError> {
    if key.to_lowercase().starts_with(RESERVED_PREFIX) {
        return Err(tag_error("aws: prefixed tag key names are not allowed for external use."));
    }
    let length = key.chars().count();
    if length == 0 || length > MAX_TAG_KEY || !key.chars().all(is_tag_character) {
        return Err(tag_error(format!("The tag key {key} is not valid.")));
    }
    Ok(())
}

fn tag_error(message: impl Into<String>) -> ServiceError {
    ServiceError::new("TagException", message)
}

const TOO_MANY: &str = "Too many tags";

/// KMS API reference, `ListResourceTags`, read 2026-11.
const TAGS: Pages = Pages { member: "Tags", usual: 50, most: 50 };
