//! Aliases. Their operations are authorised twice: on the alias, and on the key
//! or keys it points at (KMS developer guide, "Controlling access to aliases",
//! read 2026-11).

use serde_json::Value;
use serde_json::json;

use crate::model::key::AliasName;
use crate::model::key::KeyManager;
use crate::model::key::KeyState;
use crate::model::quota;
use crate::sandbox::enforce::Ask;
use crate::sandbox::kms::locate::Naming;
use crate::sandbox::kms::locate::find;
use crate::sandbox::kms::locate::in_state;
use crate::sandbox::kms::locate::key_at;
use crate::sandbox::kms::locate::not_found;
use crate::sandbox::kms::paging::Pages;
use crate::sandbox::kms::store::Alias;
use crate::sandbox::kms::store::Place;
use crate::sandbox::kms::store::Vault;
use crate::sandbox::state::Call;
use crate::sandbox::state::World;
use crate::sandbox::wire::Input;
use crate::sandbox::wire::Reply;
use crate::sandbox::wire::ServiceError;
use crate::sandbox::wire::timestamp;

pub(super) fn create(world: &mut World, call: &Call, input: Input<'_>) -> Reply {
    let name = alias_name(input)?;
    let place = target(world, call, input)?;
    world.authorize(call, &Ask::on_alias("CreateAlias", call, name.as_str()))?;
    world.authorize(call, &Ask::on_key("CreateAlias", &place))?;
    in_state(key_at(world, &place)?, &[KeyState::PendingDeletion])?;
    if world.kms.aliases_of(key_at(world, &place)?).len() >= quota::ALIASES_PER_KEY.value {
        return Err(ServiceError::new(
            "LimitExceededException",
            "The key has the maximum number of aliases.",
        ));
    }
    let arn = alias_arn(call, name.as_str());
    let vault = world.kms.vault_mut(call.account(), &call.region);
    if vault.alias(&name).is_some() {
        let message = format!("An alias with the name {arn} already exists");
        return Err(ServiceError::new("AlreadyExistsException", message));
    }
    vault.point(name, Alias { target: place.id, created: call.now, updated: call.now });
    Ok(Value::Null)
}

/// The new key must be of the same kind and usage as the old one.
pub(super) fn update(world: &mut World, call: &Call, input: Input<'_>) -> Reply {
    let name = alias_name(input)?;
    let former = behind(world, call, &name)?;
    let place = target(world, call, input)?;
    world.authorize(call, &Ask::on_alias("UpdateAlias", call, name.as_str()))?;
    world.authorize(call, &Ask::on_key("UpdateAlias", &former))?;
    world.authorize(call, &Ask::on_key("UpdateAlias", &place))?;
    let (old, new) = (key_at(world, &former)?, key_at(world, &place)?);
    in_state(new, &[KeyState::PendingDeletion])?;
    if old.usage != new.usage || old.is_symmetric() != new.is_symmetric() {
        return Err(ServiceError::validation(format!(
            "Alias {} cannot be changed from a key of spec {} and usage {} to one of spec {} and usage {}.",
            alias_arn(call, name.as_str()),
            old.spec,
            old.usage,
            new.spec,
            new.usage
        )));
    }
    let vault = world.kms.vault_mut(call.account(), &call.region);
    if let Some(former) = vault.alias(&name) {
        let alias = Alias { target: place.id, updated: call.now, ..former.clone() };
        vault.point(name, alias);
    }
    Ok(Value::Null)
}

pub(super) fn delete(world: &mut World, call: &Call, input: Input<'_>) -> Reply {
    let name = alias_name(input)?;
    let place = behind(world, call, &name)?;
    world.authorize(call, &Ask::on_alias("DeleteAlias", call, name.as_str()))?;
    world.authorize(call, &Ask::on_key("DeleteAlias", &place))?;
    world.kms.vault_mut(call.account(), &call.region).remove_alias(&name);
    Ok(Value::Null)
}

/// AWS's own aliases are there from the start, without a key before their
/// first use.
pub(super) fn list(world: &mut World, call: &Call, input: Input<'_>) -> Reply {
    world.authorize(call, &Ask::on_nothing("ListAliases"))?;
    let only = input.text("KeyId")?.map(|named| find(world, call, named, Naming::Key)).transpose()?;
    let made = world.kms.vault(call.account(), &call.region);
    let mut items: Vec<(String, Value)> = Vec::new();
    for (name, alias) in made.into_iter().flat_map(Vault::aliases) {
        if only.as_ref().is_none_or(|only| only.id == alias.target) {
            let item = json!({
                "AliasName": name.as_str(),
                "AliasArn": alias_arn(call, name.as_str()),
                "TargetKeyId": alias.target.as_str(),
                "CreationDate": timestamp(alias.created),
                "LastUpdatedDate": timestamp(alias.updated),
            });
            items.push((name.to_string(), item));
        }
    }
    if only.is_none() {
        let unused: Vec<_> = PREDEFINED
            .iter()
            .filter(|name| items.iter().all(|(made, _)| made != *name))
            .map(|name| ((*name).to_owned(), json!({"AliasName": name, "AliasArn": alias_arn(call, name)})))
            .collect();
        items.extend(unused);
    }
    items.sort_by(|(left, _), (right, _)| left.cmp(right));
    ALIASES.answer(input, items.into_iter())
}

fn alias_name(input: Input<'_>) -> Result<AliasName, ServiceError> {
    let name = input.bounded("AliasName", 256)?;
    let name = name.map_or_else(|| input.needed("AliasName"), Ok)?;
    if name.starts_with("alias/aws/") {
        let message = format!("Alias {name} is reserved for AWS managed keys");
        return Err(ServiceError::new("NotAuthorizedException", message));
    }
    if !name.starts_with("alias/") {
        return Err(ServiceError::validation(
            "Alias must start with the prefix \"alias/\". Please see \
        https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html",
        ));
    }
    name.parse().map_err(|_| {
        ServiceError::validation(format!(
            "1 validation error detected: Value '{name}' at 'aliasName' failed to satisfy constraint: Member must \
             satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$"
        ))
    })
}

/// The customer managed key of the own account that an alias is to point at.
fn target(world: &mut World, call: &Call, input: Input<'_>) -> Result<Place, ServiceError> {
    let named = input.bounded("TargetKeyId", 2_048)?;
    let named = named.map_or_else(|| input.needed("TargetKeyId"), Ok)?;
    if named.starts_with("alias/") || named.contains(":alias/") {
        return Err(ServiceError::validation("Aliases must refer to keys. Not aliases"));
    }
    let place = find(world, call, named, Naming::Key)?;
    if place.account != *call.account() || key_at(world, &place)?.manager == KeyManager::Aws {
        return Err(not_found(format!(
            "Key '{named}' does not exist in this account as a customer managed key"
        )));
    }
    Ok(place)
}

fn behind(world: &World, call: &Call, name: &AliasName) -> Result<Place, ServiceError> {
    let vault = world.kms.vault(call.account(), &call.region);
    let alias = vault
        .and_then(|vault| vault.alias(name))
        .ok_or_else(|| not_found(format!("Alias {} is not found.", alias_arn(call, name.as_str()))))?;
    Ok(Place {
        account: call.account().clone(),
        region: call.region.clone(),
        id: alias.target.clone(),
        alias: None,
    })
}

fn alias_arn(call: &Call, name: &str) -> String {
    format!("arn:{}:kms:{}:{}:{name}", call.region.partition(), call.region, call.account())
}

/// Some of the aliases that are there before any key is (KMS developer guide,
/// "AWS managed keys", read 2026-11), in order.
pub(super) const PREDEFINED: &[&str] = &[
    "alias/aws/acm",
    "alias/aws/dynamodb",
    "alias/aws/ebs",
    "alias/aws/elasticfilesystem",
    "alias/aws/es",
    "alias/aws/kinesis",
    "alias/aws/lambda",
    "alias/aws/rds",
    "alias/aws/redshift",
    "alias/aws/s3",
    "alias/aws/secretsmanager",
    "alias/aws/sns",
    "alias/aws/sqs",
    "alias/aws/ssm",
];

/// KMS API reference, `ListAliases`, read 2026-11.
const ALIASES: Pages = Pages { member: "Aliases", usual: 50, most: 100 };
