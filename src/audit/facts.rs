//! What was read of a key, as the evidence that controls ask for.

use time::OffsetDateTime;

use super::collect::CollectedKey;
use crate::controls::contract::facts::DeletionFacts;
use crate::controls::contract::facts::KeyFacts;
use crate::controls::contract::facts::MultiRegionRole;
use crate::controls::contract::facts::RotationFacts;
use crate::model::fact::Fact;
use crate::model::key::KeyMetadata;
use crate::model::key::KeyState;
use crate::model::key::Rotation;
use crate::model::key::RotationPeriod;

/// The evidence on one live key. `now` is when it was gathered.
pub(crate) fn key_facts(key: &CollectedKey, now: OffsetDateTime) -> KeyFacts {
    let metadata = key.metadata.as_ref();
    KeyFacts {
        id: Fact::Known(Some(key.id.clone())),
        arn: metadata.clone().map(|metadata| Some(metadata.arn.clone())),
        aliases: key.aliases.clone(),
        manager: metadata.clone().map(|metadata| metadata.manager.clone()),
        state: metadata.clone().map(|metadata| metadata.state.clone()),
        spec: metadata.clone().map(|metadata| metadata.spec.clone()),
        usage: metadata.clone().map(|metadata| metadata.usage.clone()),
        origin: metadata.clone().map(|metadata| metadata.origin.clone()),
        multi_region: metadata.clone().map(role),
        rotation: key.rotation.clone().map(rotation),
        deletion: deletion(metadata, now),
        tags: key
            .tags
            .clone()
            .map(|tags| tags.into_iter().map(|(tag, value)| (tag, Fact::Known(value))).collect()),
        policy: key.policy.clone(),
    }
}

fn role(metadata: &KeyMetadata) -> MultiRegionRole {
    match &metadata.multi_region {
        None => MultiRegionRole::SingleRegion,
        Some(relatives) if relatives.primary_here => MultiRegionRole::Primary,
        Some(_) => MultiRegionRole::Replica,
    }
}

/// A kind of key without automatic rotation counts as off, as AWS itself
/// answers for asymmetric and HMAC keys.
fn rotation(rotation: Option<Rotation>) -> RotationFacts {
    let period = rotation.and_then(|rotation| rotation.period).map(RotationPeriod::get);
    RotationFacts {
        enabled: Fact::Known(rotation.is_some_and(|rotation| rotation.enabled)),
        period: Fact::Known(period),
    }
}

fn deletion(metadata: Fact<&KeyMetadata>, now: OffsetDateTime) -> Fact<DeletionFacts> {
    let metadata = match metadata {
        Fact::Known(metadata) => metadata,
        Fact::Unknown => return Fact::Unknown,
        Fact::Unreadable(reason) => return Fact::Unreadable(reason),
    };
    match (&metadata.state, metadata.deletion_date, metadata.pending_window) {
        (KeyState::PendingDeletion, Some(date), _) => Fact::Known(DeletionFacts::Scheduled { date, now }),
        (KeyState::PendingDeletion, None, _) => Fact::Unreadable("AWS named no deletion date".to_owned()),
        (KeyState::PendingReplicaDeletion, _, Some(window)) => {
            Fact::Known(DeletionFacts::WaitingForReplicas { window: window.get() })
        }
        (KeyState::PendingReplicaDeletion, _, None) => {
            Fact::Unreadable("AWS named no deletion window".to_owned())
        }
        _ => Fact::Known(DeletionFacts::NotScheduled),
    }
}
