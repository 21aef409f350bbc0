//! Switching keys on and off, describing them, and ending them.

use serde_json::Value;
use serde_json::json;

use crate::iam::evaluate::Context;
use crate::model::key::KeyState;
use crate::model::quota;
use crate::sandbox::clock::days_after;
use crate::sandbox::enforce::Ask;
use crate::sandbox::kms::key::Rotated;
use crate::sandbox::kms::key::Rotation;
use crate::sandbox::kms::locate::Naming;
use crate::sandbox::kms::locate::authorized;
use crate::sandbox::kms::locate::by_key_id;
use crate::sandbox::kms::locate::changeable;
use crate::sandbox::kms::locate::key_at_mut;
use crate::sandbox::state::Call;
use crate::sandbox::state::World;
use crate::sandbox::wire::Input;
use crate::sandbox::wire::Reply;
use crate::sandbox::wire::ServiceError;
use crate::sandbox::wire::timestamp;

/// A key that was due for rotation while it was off rotates at once.
pub(super) fn enable(world: &mut World, call: &Call, input: Input<'_>) -> Reply {
    let place = authorized(world, call, input, "EnableKey")?;
    let key = key_at_mut(world, &place)?;
    changeable(key, UNUSABLE)?;
    if key.state == KeyState::Enabled {
        return Ok(Value::Null);
    }
    key.state = KeyState::Enabled;
    if let Some(rotation) = key.rotation.filter(|rotation| rotation.next() <= call.now) {
        key.rotations.push(Rotated { at: call.now, on_demand: false });
        key.rotation = Some(Rotation { since: call.now, ..rotation });
    }
    Ok(Value::Null)
}

pub(super) fn disable(world: &mut World, call: &Call, input: Input<'_>) -> Reply {
    let place = authorized(world, call, input, "DisableKey")?;
    let key = key_at_mut(world, &place)?;
    changeable(key, UNUSABLE)?;
    key.rotate_when_due(call.now);
    key.state = KeyState::Disabled;
    Ok(Value::Null)
}

pub(super) fn describe(world: &mut World, call: &Call, input: Input<'_>) -> Reply {
    let description = input.needed("Description")?;
    if description.chars().count() > quota::KEY_DESCRIPTION_CHARACTERS.value {
        return Err(ServiceError::validation(
            "1 validation error detected: Value at 'description' failed to satisfy constraint: Member must have \
             length less than or equal to 8192",
        ));
    }
    let place = authorized(world, call, input, "UpdateKeyDescription")?;
    let key = key_at_mut(world, &place)?;
    changeable(key, &[KeyState::PendingDeletion])?;
    description.clone_into(&mut key.description);
    Ok(Value::Null)
}

/// The key's day is the end of the window; rotation ends at once.
pub(super) fn schedule_deletion(world: &mut World, call: &Call, input: Input<'_>) -> Reply {
    let window = input.within("PendingWindowInDays", 7, 30)?.unwrap_or(30);
    let place = by_key_id(world, call, input, Naming::Key)?;
    let context = Context::new().with("kms:ScheduleKeyDeletionPendingWindowInDays", window.to_string());
    world.authorize(call, &Ask::on_key("ScheduleKeyDeletion", &place).with(context))?;
    let key = key_at_mut(world, &place)?;
    changeable(key, &[KeyState::PendingDeletion])?;
    key.rotate_when_due(call.now);
    let date = days_after(call.now, window);
    key.state = KeyState::PendingDeletion;
    key.deletion_date = Some(date);
    let answer = json!({
        "KeyId": key.arn,
        "DeletionDate": timestamp(date),
        "KeyState": "PendingDeletion",
        "PendingWindowInDays": window,
    });
    world.kms.expect_deletion(date);
    Ok(answer)
}

/// Leaves the key disabled (KMS API reference, `CancelKeyDeletion`, read 2026-11).
pub(super) fn cancel_deletion(world: &mut World, call: &Call, input: Input<'_>) -> Reply {
    let place = authorized(world, call, input, "CancelKeyDeletion")?;
    let key = key_at_mut(world, &place)?;
    changeable(key, &[])?;
    if key.state != KeyState::PendingDeletion {
        let message = format!("{} is not pending deletion.", key.arn);
        return Err(ServiceError::new("KMSInvalidStateException", message));
    }
    key.state = KeyState::Disabled;
    key.deletion_date = None;
    Ok(json!({"KeyId": key.arn}))
}

/// States in which a key can be switched neither on nor off.
const UNUSABLE: &[KeyState] = &[KeyState::PendingDeletion, KeyState::PendingImport];
