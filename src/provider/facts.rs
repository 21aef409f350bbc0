//! From a plan or from a live key to the facts that controls judge.
//!
//! INVARIANT: what a plan does not know yet stays [`Fact::Unknown`], and what
//! could not be read stays [`Fact::Unreadable`]; no default stands in for either.

use std::collections::BTreeMap;

use time::OffsetDateTime;

use crate::aws::AwsError;
use crate::controls::contract::facts::DeletionFacts;
use crate::controls::contract::facts::KeyFacts;
use crate::controls::contract::facts::MultiRegionRole;
use crate::controls::contract::facts::RotationFacts;
use crate::model::fact::Fact;
use crate::model::key::AliasName;
use crate::model::key::KeyId;
use crate::model::key::KeyManager;
use crate::model::key::KeyMetadata;
use crate::model::key::KeyOrigin;
use crate::model::key::KeySpec;
use crate::model::key::KeyState;
use crate::model::key::KeyUsage;
use crate::model::key::RotationPeriod;
use crate::provider::live_key::LiveKey;
use crate::provider::live_key::Reading;
use crate::tf::Field;

/// What a plan says of a key. Absent is [`Field::Null`].
#[derive(Debug, Clone)]
pub(crate) struct PlannedKey {
    /// The key, when it exists already.
    pub(crate) existing: Option<KeyId>,
    /// Its ARN, when it exists already.
    pub(crate) arn: Field<String>,
    /// Its alias with its prefix.
    pub(crate) alias: Field<String>,
    /// The key spec.
    pub(crate) spec: Field<String>,
    /// The key usage.
    pub(crate) usage: Field<String>,
    /// Where its material comes from, when it exists already.
    pub(crate) origin: Field<String>,
    /// Whether it is a multi-Region primary.
    pub(crate) multi_region: Field<bool>,
    /// Whether it will be enabled.
    pub(crate) enabled: Field<bool>,
    /// Whether it will rotate.
    pub(crate) rotation: Field<bool>,
    /// Days between rotations.
    pub(crate) period: Field<i64>,
    /// Days before deletion.
    pub(crate) window: Field<i64>,
    /// Every tag, those of the provider included.
    pub(crate) tags: Field<BTreeMap<String, Field<String>>>,
    /// The policy in force.
    pub(crate) policy: Field<String>,
}

impl PlannedKey {
    /// Whether the plan leaves nothing open.
    pub(crate) fn is_settled(&self) -> bool {
        let texts = [&self.alias, &self.spec, &self.usage, &self.policy];
        let flags = [&self.multi_region, &self.enabled, &self.rotation];
        let numbers = [&self.period, &self.window];
        let tags = self.tags.clone().known();
        !texts.into_iter().any(Field::is_unknown)
            && !flags.into_iter().any(Field::is_unknown)
            && !numbers.into_iter().any(Field::is_unknown)
            && tags.is_some_and(|tags| !tags.values().any(Field::is_unknown))
    }
}

/// The facts of a planned key.
pub(crate) fn planned(key: PlannedKey) -> KeyFacts {
    let tags = key.tags.or(BTreeMap::new());
    KeyFacts {
        id: Fact::Known(key.existing),
        arn: known(key.arn.map(|arn| arn.parse().ok())).map(Option::flatten),
        aliases: known(key.alias.map(|alias| alias.parse().ok())).map(|alias| {
            let alias: Option<AliasName> = alias.flatten();
            alias.into_iter().collect()
        }),
        manager: Fact::Known(KeyManager::Customer),
        state: or_default(key.enabled, true)
            .map(|on| if on { KeyState::Enabled } else { KeyState::Disabled }),
        spec: or_default(key.spec.map(|spec| KeySpec::from(spec.as_str())), KeySpec::SymmetricDefault),
        usage: or_default(key.usage.map(|usage| KeyUsage::from(usage.as_str())), KeyUsage::EncryptDecrypt),
        // A key that does not exist yet gets its material from AWS.
        origin: Fact::Known(key.origin.known().map_or(KeyOrigin::AwsKms, |text| text.as_str().into())),
        multi_region: or_default(key.multi_region, false)
            .map(|on| if on { MultiRegionRole::Primary } else { MultiRegionRole::SingleRegion }),
        rotation: Fact::Known(RotationFacts {
            enabled: or_default(key.rotation, false),
            period: known(key.period).map(|days| days.and_then(|days| u16::try_from(days).ok())),
        }),
        deletion: Fact::Known(DeletionFacts::Planned { window: window(key.window) }),
        tags: match tags {
            Field::Known(tags) => Fact::Known(tags.into_iter().map(tag).collect()),
            Field::Null | Field::Unknown => Fact::Unknown,
        },
        policy: match key.policy {
            Field::Known(text) => Fact::Known(text),
            Field::Null | Field::Unknown => Fact::Unknown,
        },
    }
}

/// The facts of a live key. `window` is the deletion window that a
/// configuration keeps for it; AWS keeps none for a key that is not scheduled.
pub(crate) fn live(key: &LiveKey, window: Option<i64>, now: OffsetDateTime) -> KeyFacts {
    let metadata = &key.metadata;
    KeyFacts {
        id: Fact::Known(Some(metadata.id.clone())),
        arn: Fact::Known(Some(metadata.arn.clone())),
        aliases: read(&key.aliases),
        manager: Fact::Known(metadata.manager.clone()),
        state: Fact::Known(metadata.state.clone()),
        spec: Fact::Known(metadata.spec.clone()),
        usage: Fact::Known(metadata.usage.clone()),
        origin: Fact::Known(metadata.origin.clone()),
        multi_region: Fact::Known(role(metadata)),
        rotation: read(&key.rotation).map(|rotation| RotationFacts {
            enabled: Fact::Known(rotation.enabled),
            period: Fact::Known(rotation.period.map(RotationPeriod::get)),
        }),
        deletion: Fact::Known(deletion(metadata, window, now)),
        tags: read(&key.tags)
            .map(|tags| tags.into_iter().map(|(key, value)| (key, Fact::Known(value))).collect()),
        policy: read(&key.policy),
    }
}

fn role(metadata: &KeyMetadata) -> MultiRegionRole {
    match &metadata.multi_region {
        None => MultiRegionRole::SingleRegion,
        Some(relatives) if relatives.primary_here => MultiRegionRole::Primary,
        Some(_) => MultiRegionRole::Replica,
    }
}

fn deletion(metadata: &KeyMetadata, window: Option<i64>, now: OffsetDateTime) -> DeletionFacts {
    match (metadata.deletion_date, metadata.pending_window, window) {
        (Some(date), _, _) => DeletionFacts::Scheduled { date, now },
        (None, Some(window), _) => DeletionFacts::WaitingForReplicas { window: window.get() },
        (None, None, Some(window)) => DeletionFacts::Planned { window: Fact::Known(window) },
        (None, None, None) => DeletionFacts::NotScheduled,
    }
}

/// The reason names the call and AWS's code, not the request, so that the same
/// gap reads the same each time.
fn read<T: Clone>(reading: &Reading<T>) -> Fact<T> {
    match reading {
        Ok(value) => Fact::Known(value.clone()),
        Err(error) => Fact::Unreadable(reason(error)),
    }
}

fn reason(error: &AwsError) -> String {
    format!("`{}` failed: {}", error.operation(), error.code().unwrap_or(error.message()))
}

fn tag((key, value): (String, Field<String>)) -> (String, Fact<String>) {
    let value = or_default(value, String::new());
    (key, value)
}

fn window(days: Field<i64>) -> Fact<i64> {
    or_default(days, AWS_DEFAULT_WINDOW)
}

fn known<T>(field: Field<T>) -> Fact<Option<T>> {
    match field {
        Field::Known(value) => Fact::Known(Some(value)),
        Field::Null => Fact::Known(None),
        Field::Unknown => Fact::Unknown,
    }
}

fn or_default<T>(field: Field<T>, default: T) -> Fact<T> {
    match field {
        Field::Known(value) => Fact::Known(value),
        Field::Null => Fact::Known(default),
        Field::Unknown => Fact::Unknown,
    }
}

/// Days that AWS waits when a deletion is scheduled without a window (KMS API
/// reference, `ScheduleKeyDeletion`, read 2026-11).
const AWS_DEFAULT_WINDOW: i64 = 30;

#[cfg(test)]
mod tests;
