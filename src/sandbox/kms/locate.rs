//! From the text that names a key to the key: an id, a key ARN, an alias name
//! or an alias ARN (KMS developer guide, "Key identifiers", read 2026-11).

use crate::model::account::AccountId;
use crate::model::arn::Arn;
use crate::model::key::AliasName;
use crate::model::key::KeyId;
use crate::model::key::KeyManager;
use crate::model::key::KeyState;
use crate::sandbox::enforce::Ask;
use crate::sandbox::kms::create::make_aws_managed;
use crate::sandbox::kms::key::Key;
use crate::sandbox::kms::store::Place;
use crate::sandbox::state::Call;
use crate::sandbox::state::World;
use crate::sandbox::wire::Input;
use crate::sandbox::wire::ServiceError;

/// By what an operation lets its key be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// The id or the ARN.
    Key,
    /// These, or an alias.
    KeyOrAlias,
}

/// Finds the key that `KeyId` names.
pub(super) fn by_key_id(
    world: &mut World,
    call: &Call,
    input: Input<'_>,
    naming: Naming,
) -> Result<Place, ServiceError> {
    let named = input.bounded("KeyId", 2_048)?;
    let named = named.map_or_else(|| input.needed("KeyId"), Ok)?;
    find(world, call, named, naming)
}

/// Finds the key with this name.
pub(super) fn find(
    world: &mut World,
    call: &Call,
    named: &str,
    naming: Naming,
) -> Result<Place, ServiceError> {
    let place = place(world, call, named, naming)?;
    let arn = world.kms.key(&place).map(|key| key.arn.clone()).ok_or_else(|| absent(&place))?;
    if world.faults.is_hidden(&arn) {
        return Err(absent(&place));
    }
    Ok(place)
}

/// Finds the key by its id or ARN and asks whether the caller may do `action`
/// to it: what most operations begin with.
pub(super) fn authorized(
    world: &mut World,
    call: &Call,
    input: Input<'_>,
    action: &str,
) -> Result<Place, ServiceError> {
    let place = by_key_id(world, call, input, Naming::Key)?;
    world.authorize(call, &Ask::on_key(action, &place))?;
    Ok(place)
}

/// The key at a place that was found.
pub(super) fn key_at<'a>(world: &'a World, place: &Place) -> Result<&'a Key, ServiceError> {
    world.kms.key(place).ok_or_else(|| absent(place))
}

/// The key at a place that was found, to change it.
pub(super) fn key_at_mut<'a>(world: &'a mut World, place: &Place) -> Result<&'a mut Key, ServiceError> {
    world.kms.key_mut(place).ok_or_else(|| absent(place))
}

/// Refuses AWS's own keys and those in a state the operation does not work in.
pub(super) fn changeable(key: &Key, refused: &[KeyState]) -> Result<(), ServiceError> {
    if key.manager == KeyManager::Aws {
        return Err(ServiceError::new(
            "AccessDeniedException",
            format!("{} is an AWS managed key, which cannot be changed.", key.arn),
        ));
    }
    in_state(key, refused)
}

/// Refuses keys in a state the operation does not work in.
pub(super) fn in_state(key: &Key, refused: &[KeyState]) -> Result<(), ServiceError> {
    if !refused.contains(&key.state) {
        return Ok(());
    }
    let arn = &key.arn;
    Err(match key.state {
        KeyState::Disabled => ServiceError::new("DisabledException", format!("{arn} is disabled.")),
        KeyState::PendingDeletion => invalid_state(format!("{arn} is pending deletion.")),
        KeyState::PendingImport => invalid_state(format!("{arn} is pending import.")),
        KeyState::Enabled => invalid_state(format!("{arn} is not pending deletion.")),
        KeyState::Creating
        | KeyState::PendingReplicaDeletion
        | KeyState::Unavailable
        | KeyState::Updating
        | KeyState::Other(_) => invalid_state(format!("{arn} is {}.", key.state)),
    })
}

/// The error of an operation that the key's state does not allow.
pub(super) fn invalid_state(message: String) -> ServiceError {
    ServiceError::new("KMSInvalidStateException", message)
}

fn place(world: &mut World, call: &Call, named: &str, naming: Naming) -> Result<Place, ServiceError> {
    let here = |account: &AccountId, id: KeyId, alias: Option<String>| Place {
        account: account.clone(),
        region: call.region.clone(),
        id,
        alias,
    };
    if named.starts_with("arn:") {
        return in_arn(world, call, named, naming);
    }
    if named.starts_with("alias/") && naming == Naming::KeyOrAlias {
        let account = call.account().clone();
        let id = behind_alias(world, call, &account, named)?;
        return Ok(here(&account, id, Some(named.to_owned())));
    }
    let id = named.parse().map_err(|_| not_found(format!("Invalid keyId '{named}'")))?;
    Ok(here(call.account(), id, None))
}

fn in_arn(world: &mut World, call: &Call, named: &str, naming: Naming) -> Result<Place, ServiceError> {
    let invalid = || ServiceError::new("InvalidArnException", format!("Invalid arn {named}"));
    let arn: Arn = named.parse().map_err(|_| invalid())?;
    let account = arn.account().filter(|_| arn.service() == "kms").ok_or_else(invalid)?;
    if arn.region() != Some(&call.region) {
        let region = arn.region().map_or("", |region| region.as_str());
        return Err(not_found(format!("Invalid arn {region}")));
    }
    let place = |id, alias| Place { account: account.clone(), region: call.region.clone(), id, alias };
    if let Some(id) = arn.key_id() {
        return Ok(place(id, None));
    }
    if naming == Naming::Key || !arn.resource().starts_with("alias/") {
        return Err(invalid());
    }
    let id = behind_alias(world, call, account, arn.resource())?;
    Ok(place(id, Some(arn.resource().to_owned())))
}

/// The key an alias points at. Naming one of AWS's own aliases in the own
/// account makes the key behind it.
fn behind_alias(
    world: &mut World,
    call: &Call,
    account: &AccountId,
    alias: &str,
) -> Result<KeyId, ServiceError> {
    let missing = || not_found(format!("Alias arn:aws:kms:{}:{account}:{alias} is not found.", call.region));
    let name: AliasName = alias.parse().map_err(|_| missing())?;
    let vault = world.kms.vault(account, &call.region);
    if let Some(found) = vault.and_then(|vault| vault.alias(&name)) {
        let target = found.target.clone();
        let arn = format!("arn:aws:kms:{}:{account}:{alias}", call.region);
        return if world.faults.is_hidden(&arn) { Err(missing()) } else { Ok(target) };
    }
    if account == call.account() && crate::sandbox::kms::aliases::PREDEFINED.contains(&alias) {
        return make_aws_managed(world, call, &name);
    }
    Err(missing())
}

fn absent(place: &Place) -> ServiceError {
    not_found(format!(
        "Key 'arn:{}:kms:{}:{}:key/{}' does not exist",
        place.region.partition(),
        place.region,
        place.account,
        place.id
    ))
}

/// The error of a thing that is not there.
pub(super) fn not_found(message: String) -> ServiceError {
    ServiceError::new("NotFoundException", message)
}
