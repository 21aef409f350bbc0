//! Keys that were made by an apply that never heard of them.
//!
//! Such a key carries the creation tag and has no alias, because making the
//! alias comes after; so only the few keys without an alias are looked at. A
//! key on its way to deletion was given up by somebody and is left alone.

use std::collections::BTreeSet;

use futures::StreamExt;
use futures::stream;

use crate::aws::AwsError;
use crate::aws::Fault;
use crate::aws::Kms;
use crate::model::key::AliasName;
use crate::model::key::KeyId;
use crate::model::key::KeyMetadata;
use crate::provider::live_key::LiveKey;
use crate::provider::resources::secure_kms_key::changes::is_doomed;
use crate::provider::resources::secure_kms_key::waiting::Waiting;
use crate::provider::resources::secure_kms_key::wanted::CREATION_TAG;

/// The key that was made for `alias` and never recorded. A caller that may not
/// list keys has none.
pub(super) async fn find(
    kms: &dyn Kms,
    alias: &AliasName,
    waiting: &Waiting,
) -> Result<Option<LiveKey>, AwsError> {
    match waiting.repeat(AwsError::is_transient, || search(kms, alias)).await {
        Err(error) if error.fault() == Fault::AccessDenied && LISTINGS.contains(&error.operation()) => {
            Ok(None)
        }
        found => found,
    }
}

/// Looks for it until it is visible or patience ends.
pub(super) async fn await_one(kms: &dyn Kms, alias: &AliasName, waiting: &Waiting) -> Option<KeyMetadata> {
    let waiting = waiting.at_most(waiting.pace.unanswered);
    let mut pause = waiting.pace.first;
    loop {
        if let Ok(Some(found)) = search(kms, alias).await {
            return Some(found.metadata);
        }
        if !waiting.pause(pause).await {
            return None;
        }
        pause = pause.saturating_mul(2).min(waiting.pace.longest);
    }
}

async fn search(kms: &dyn Kms, alias: &AliasName) -> Result<Option<LiveKey>, AwsError> {
    let (keys, aliases) = tokio::try_join!(kms.keys(), kms.aliases())?;
    let named: BTreeSet<KeyId> = aliases.into_iter().filter_map(|alias| alias.target).collect();
    let nameless: Vec<KeyId> = keys.into_iter().filter(|key| !named.contains(key)).collect();
    let looks = nameless.into_iter().map(|key| async move {
        // A key whose tags cannot be read is not one that this caller made.
        let tags = match kms.tags(&key).await {
            Err(error) if error.is_transient() => return Err(error),
            tags => tags.unwrap_or_default(),
        };
        Ok((tags.get(CREATION_TAG).map(String::as_str) == Some(alias.as_str())).then_some(key))
    });
    let mut looks = stream::iter(looks).buffered(AT_ONCE);
    while let Some(look) = looks.next().await {
        let Some(key) = look? else { continue };
        let live = LiveKey::read(kms, &key).await?;
        if let Some(live) = live.filter(|live| !is_doomed(&live.metadata.state)) {
            return Ok(Some(live));
        }
    }
    Ok(None)
}

/// The calls without which nothing can be looked for.
const LISTINGS: [&str; 2] = ["ListAliases", "ListKeys"];
/// Tag listings in flight.
const AT_ONCE: usize = 8;
