//! Making a key so that it cannot be lost.
//!
//! The alias is looked at before anything is made. `CreateKey` has no
//! idempotency token, so it is never repeated after a failure that may have
//! made a key: the key is looked for by the tag that it was made with, now and
//! again by the next apply.
//!
//! INVARIANT: once AWS named a key, this returns it, whatever fails after.

use std::collections::BTreeSet;

use thiserror::Error;
use tokio::time::Instant;

use crate::aws::AwsError;
use crate::aws::Fault;
use crate::aws::KeyReference;
use crate::aws::Kms;
use crate::model::key::AliasName;
use crate::model::key::KeyId;
use crate::model::key::KeyMetadata;
use crate::model::key::KeyState;
use crate::model::key::Rotation;
use crate::provider::live_key::LiveKey;
use crate::provider::resources::secure_kms_key::changes::Changes;
use crate::provider::resources::secure_kms_key::changes::is_doomed;
use crate::provider::resources::secure_kms_key::orphans::Ground;
use crate::provider::resources::secure_kms_key::settle::Part;
use crate::provider::resources::secure_kms_key::settle::differences;
use crate::provider::resources::secure_kms_key::settle::settle;
use crate::provider::resources::secure_kms_key::waiting::Waiting;
use crate::provider::resources::secure_kms_key::wanted::Wanted;

/// A key that exists, and what is not done on it yet.
#[derive(Debug)]
pub(super) struct Made {
    /// The key as it was last seen.
    pub(super) live: LiveKey,
    /// The alias it was made for by an earlier apply, if it was.
    pub(super) adopted: Option<AliasName>,
    /// What failed and heals in place.
    pub(super) failures: Vec<AwsError>,
    /// What AWS accepted and does not show yet.
    pub(super) lagging: BTreeSet<Part>,
}

/// Why there is no key. Nothing was made, unless [`CreateError::Unanswered`] says it may have been.
#[derive(Debug, Error)]
pub(super) enum CreateError {
    /// The alias belongs to a key that is in use.
    #[error("the alias `{alias}` points at the key `{holder}`")]
    AliasInUse {
        /// The alias.
        alias: AliasName,
        /// The key that has it.
        holder: KeyId,
    },
    /// The alias belongs to a key that will be deleted.
    #[error("the alias `{alias}` points at the key `{}`, which is scheduled for deletion", holder.id)]
    AliasOnDoomedKey {
        /// The alias.
        alias: AliasName,
        /// The key that has it.
        holder: Box<KeyMetadata>,
    },
    /// `CreateKey` may have made a key that is not visible yet.
    #[error("the answer of CreateKey was lost: {source}")]
    Unanswered {
        /// The alias.
        alias: AliasName,
        /// How the answer was lost.
        source: AwsError,
    },
    /// A key carries the creation tag and is not as `CreateKey` leaves one.
    #[error("the key `{key}` was made for `{alias}`: {}", doubts.join(", "))]
    OrphanInDoubt {
        /// The alias.
        alias: AliasName,
        /// The key that carries the tag.
        key: KeyId,
        /// What is not as `CreateKey` leaves it.
        doubts: Vec<String>,
    },
    /// The user interrupted, or time ran out, while nothing was made yet.
    #[error("interrupted before the key was made")]
    NotBegun,
    /// AWS refused.
    #[error("{0}")]
    Aws(#[from] AwsError),
}

/// Makes a key, or adopts the one that an earlier apply made and never heard of.
pub(super) async fn create(
    ground: &Ground<'_>,
    wanted: &Wanted,
    foreign: impl Fn(&str) -> bool + Sync,
) -> Result<Made, CreateError> {
    let Ground { kms, waiting, .. } = *ground;
    let orphan = tokio::select! {
        biased;
        () = waiting.over() => return Err(CreateError::NotBegun),
        orphan = look_around(ground, wanted) => orphan?,
    };
    if let Some(orphan) = orphan {
        return Ok(adopt(kms, orphan, wanted, foreign, waiting).await);
    }
    // Nothing cuts this call short: a key would be lost with its answer.
    let metadata = make(ground, wanted).await?;
    let cut_short = Made {
        live: assumed(metadata.clone(), wanted),
        adopted: None,
        failures: Vec::new(),
        lagging: BTreeSet::from([Part::Rotation, Part::Alias, Part::State]),
    };
    tokio::select! {
        biased;
        made = complete(kms, metadata, wanted, waiting) => Ok(made),
        () = waiting.over() => Ok(cut_short),
    }
}

/// What must be known before anything is made: that the alias is free, and
/// whether an earlier apply made the key.
async fn look_around(ground: &Ground<'_>, wanted: &Wanted) -> Result<Option<LiveKey>, CreateError> {
    alias_is_free(ground.kms, &wanted.alias, ground.waiting).await?;
    match ground.orphan(wanted).await? {
        Some(found) if ground.outwait(&found).await? => {
            // Whoever was making the key has named it by now.
            alias_is_free(ground.kms, &wanted.alias, ground.waiting).await?;
            ground.orphan(wanted).await
        }
        found => Ok(found),
    }
}

/// The alias is looked up through the key it points at, and through the list
/// of aliases where the key may not be described.
async fn alias_is_free(kms: &dyn Kms, alias: &AliasName, waiting: &Waiting) -> Result<(), CreateError> {
    let reference = KeyReference::Alias(alias.clone());
    let look = || kms.describe_key(&reference);
    match waiting.repeat(AwsError::is_transient, look).await {
        Ok(holder) if is_doomed(&holder.state) => {
            Err(CreateError::AliasOnDoomedKey { alias: alias.clone(), holder: Box::new(holder) })
        }
        Ok(holder) => Err(CreateError::AliasInUse { alias: alias.clone(), holder: holder.id }),
        Err(error) if error.fault() == Fault::NotFound => Ok(()),
        Err(error) if error.fault() == Fault::AccessDenied => {
            let aliases = kms.aliases().await.map_err(|_| error)?;
            match aliases.into_iter().find(|found| found.name == *alias).and_then(|found| found.target) {
                Some(holder) => Err(CreateError::AliasInUse { alias: alias.clone(), holder }),
                None => Ok(()),
            }
        }
        Err(error) => Err(error.into()),
    }
}

async fn make(ground: &Ground<'_>, wanted: &Wanted) -> Result<KeyMetadata, CreateError> {
    let Ground { kms, waiting, .. } = *ground;
    let sent = Instant::now();
    let request = wanted.request();
    // These failures are certain to have made nothing. A principal may be too
    // young for AWS to know it; one that never existed is given up after a while.
    let throttled = |error: &AwsError| error.fault() == Fault::Throttled;
    let absent = |error: &AwsError| error.fault() == Fault::UnknownPrincipal;
    let patience = waiting.at_most(waiting.pace.visibility);
    let attempt = || waiting.repeat(throttled, || kms.create_key(&request));
    match patience.repeat(absent, attempt).await {
        Ok(metadata) => Ok(metadata),
        Err(error) if waiting.is_cancelled() && (throttled(&error) || absent(&error)) => {
            Err(CreateError::NotBegun)
        }
        Err(error) if matches!(error.fault(), Fault::Ambiguous | Fault::Service) => {
            let made = ground.unanswered(&wanted.alias, sent).await;
            made.ok_or_else(|| CreateError::Unanswered { alias: wanted.alias.clone(), source: error })
        }
        Err(error) => Err(error.into()),
    }
}

/// Rotation and alias at once, then a look at everything, then off if it shall be off.
async fn complete(kms: &dyn Kms, metadata: KeyMetadata, wanted: &Wanted, waiting: &Waiting) -> Made {
    let changes = Changes { kms, key: &metadata.id, waiting };
    let rotate = async {
        match wanted.rotation {
            Some(period) => changes.rotate(period).await,
            None => Ok(()),
        }
    };
    let (rotated, named) = tokio::join!(rotate, changes.name(&wanted.alias));
    let mut failed = BTreeSet::new();
    let mut failures = Vec::new();
    for (part, result) in [(Part::Rotation, rotated), (Part::Alias, named)] {
        if let Err(error) = result {
            failed.insert(part);
            failures.push(error);
        }
    }
    let enabled = Wanted { enabled: true, ..wanted.clone() };
    let settled = settle(kms, &metadata.id, &enabled, &failed, waiting).await;
    let assumed = assumed(metadata.clone(), wanted);
    let mut made =
        Made { live: settled.live.unwrap_or(assumed), adopted: None, failures, lagging: settled.lagging };
    // The rotation of a disabled key cannot be switched on any more, so a key
    // without it waits enabled for the apply that heals it.
    if !wanted.enabled && !failed.contains(&Part::Rotation) {
        match changes.disable().await {
            Ok(()) => made.live.metadata.state = KeyState::Disabled,
            Err(error) => made.failures.push(error),
        }
    }
    made
}

/// A key of an earlier apply is brought to what is wanted now.
async fn adopt(
    kms: &dyn Kms,
    orphan: LiveKey,
    wanted: &Wanted,
    foreign: impl Fn(&str) -> bool + Sync,
    waiting: &Waiting,
) -> Made {
    let key = orphan.metadata.id.clone();
    let adopted = Some(wanted.alias.clone());
    let changes = Changes { kms, key: &key, waiting };
    let made = tokio::select! {
        biased;
        made = changes.make(&orphan, wanted, None, foreign) => made,
        () = waiting.over() => {
            let lagging = differences(&orphan, wanted);
            return Made { live: orphan, adopted, failures: Vec::new(), lagging };
        }
    };
    let failures: Vec<AwsError> = made.err().into_iter().collect();
    if !failures.is_empty() {
        let live = LiveKey::read(kms, &key).await.ok().flatten().unwrap_or(orphan);
        return Made { live, adopted, failures, lagging: BTreeSet::new() };
    }
    let settled = settle(kms, &key, wanted, &BTreeSet::new(), waiting).await;
    Made { live: settled.live.unwrap_or(orphan), adopted, failures, lagging: settled.lagging }
}

/// A new key that AWS does not show yet, as it was asked for.
fn assumed(metadata: KeyMetadata, wanted: &Wanted) -> LiveKey {
    LiveKey {
        metadata,
        policy: Ok(wanted.policy.clone()),
        rotation: Ok(Rotation { enabled: wanted.rotation.is_some(), period: wanted.rotation, next: None }),
        tags: Ok(wanted.tags_with_creation()),
        aliases: Ok(vec![wanted.alias.clone()]),
    }
}
