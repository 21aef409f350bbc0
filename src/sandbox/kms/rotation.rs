//! Rotation: switching it on and off, asking about it, and what happened.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::iam::evaluate::Context;
use crate::model::key::KeyOrigin;
use crate::model::key::KeyState;
use crate::sandbox::enforce::Ask;
use crate::sandbox::kms::key::Key;
use crate::sandbox::kms::key::Rotated;
use crate::sandbox::kms::key::Rotation;
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
use crate::sandbox::wire::timestamp;

/// A call without a period counts as 365 days for conditions, and keeps the
/// period of a key that already rotates (recorded answers of KMS, 2026-09).
pub(super) fn enable(world: &mut World, call: &Call, input: Input<'_>) -> Reply {
    let period = input.within("RotationPeriodInDays", 90, 2_560)?;
    let place = by_key_id(world, call, input, Naming::Key)?;
    let asked = period.unwrap_or(USUAL_PERIOD).to_string();
    let context = Context::new().with("kms:RotationPeriodInDays", asked);
    world.authorize(call, &Ask::on_key("EnableKeyRotation", &place).with(context))?;
    let key = key_at_mut(world, &place)?;
    changeable(key, UNSETTLED)?;
    rotatable(key)?;
    key.rotate_when_due(call.now);
    let former = key.rotation;
    key.rotation = Some(Rotation {
        period: period.or(former.map(|rotation| rotation.period)).unwrap_or(USUAL_PERIOD),
        since: former.map_or(call.now, |rotation| rotation.since),
    });
    Ok(Value::Null)
}

pub(super) fn disable(world: &mut World, call: &Call, input: Input<'_>) -> Reply {
    let place = authorized(world, call, input, "DisableKeyRotation")?;
    let key = key_at_mut(world, &place)?;
    changeable(key, UNSETTLED)?;
    rotatable(key)?;
    key.rotate_when_due(call.now);
    key.rotation = None;
    Ok(Value::Null)
}

/// Asymmetric and HMAC keys answer false; imported material cannot be asked
/// about. A key pending deletion says false, a disabled one keeps its setting.
pub(super) fn status(world: &mut World, call: &Call, input: Input<'_>) -> Reply {
    let place = authorized(world, call, input, "GetKeyRotationStatus")?;
    let key = key_at_mut(world, &place)?;
    if key.origin != KeyOrigin::AwsKms {
        return Err(unsupported(key));
    }
    key.rotate_when_due(call.now);
    let on = key.rotation.filter(|_| key.state != KeyState::PendingDeletion);
    let mut answer = Map::new();
    answer.insert("KeyId".to_owned(), json!(key.arn));
    answer.insert("KeyRotationEnabled".to_owned(), json!(on.is_some()));
    if let Some(rotation) = on {
        answer.insert("RotationPeriodInDays".to_owned(), json!(rotation.period));
        answer.insert("NextRotationDate".to_owned(), timestamp(rotation.next()));
    }
    Ok(Value::Object(answer))
}

pub(super) fn list(world: &mut World, call: &Call, input: Input<'_>) -> Reply {
    let place = authorized(world, call, input, "ListKeyRotations")?;
    let key = key_at_mut(world, &place)?;
    if !key.is_symmetric() {
        return Err(unsupported(key));
    }
    key.rotate_when_due(call.now);
    let key = key_at(world, &place)?;
    let rotations = key.rotations.iter().enumerate().map(|(position, rotated)| {
        let kind = if rotated.on_demand { "ON_DEMAND" } else { "AUTOMATIC" };
        let item = json!({
            "KeyId": key.id.as_str(), "RotationDate": timestamp(rotated.at), "RotationType": kind,
        });
        (format!("{position:08}"), item)
    });
    ROTATIONS.answer(input, rotations)
}

/// Does not move the automatic schedule.
pub(super) fn on_demand(world: &mut World, call: &Call, input: Input<'_>) -> Reply {
    let place = authorized(world, call, input, "RotateKeyOnDemand")?;
    let key = key_at_mut(world, &place)?;
    changeable(key, UNSETTLED)?;
    rotatable(key)?;
    key.rotate_when_due(call.now);
    if key.rotations.iter().filter(|rotated| rotated.on_demand).count() >= MOST_ON_DEMAND {
        return Err(ServiceError::new(
            "LimitExceededException",
            "The maximum number of on-demand rotations for this key has been reached.",
        ));
    }
    key.rotations.push(Rotated { at: call.now, on_demand: true });
    Ok(json!({"KeyId": key.arn}))
}

fn rotatable(key: &Key) -> Result<(), ServiceError> {
    if crate::model::key::can_rotate(&key.spec, &key.origin) { Ok(()) } else { Err(unsupported(key)) }
}

fn unsupported(key: &Key) -> ServiceError {
    ServiceError::new(
        "UnsupportedOperationException",
        format!(
            "{} origin is {} and spec {}, which is not valid for this operation.",
            key.arn, key.origin, key.spec
        ),
    )
}

/// States in which rotation cannot be changed (KMS developer guide, "Key
/// states", read 2026-11). Imported material is refused as such.
const UNSETTLED: &[KeyState] = &[KeyState::Disabled, KeyState::PendingDeletion];

/// Days between rotations when the caller does not say.
const USUAL_PERIOD: i64 = 365;

/// KMS API reference, `RotateKeyOnDemand`, read 2026-11.
const MOST_ON_DEMAND: usize = 25;

/// KMS API reference, `ListKeyRotations`, read 2026-11.
const ROTATIONS: Pages = Pages { member: "Rotations", usual: 100, most: 1_000 };
