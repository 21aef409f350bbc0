//! Keys that were made by an apply that never heard of them.
//!
//! `CreateKey` takes no token and a create that was not answered leaves no
//! state, so the key itself must tell: it carries the creation tag and has no
//! alias, because making the alias comes after. No list of AWS shows tags or
//! dates, so the few keys without an alias are asked, once for all creates of a
//! provider process. (Resource Groups Tagging could search by tag, but is another
//! service with its own permissions, and lags behind.)
//!
//! INVARIANT: adopted is only what is exactly as `CreateKey` leaves it. A key
//! that carries the tag and is not, stops the create: it is neither taken over
//! in silence nor passed over for a second key.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::stream;
use time::OffsetDateTime;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::aws::AwsError;
use crate::aws::Fault;
use crate::aws::Kms;
use crate::model::key::AliasName;
use crate::model::key::KeyId;
use crate::model::key::KeyMetadata;
use crate::model::key::KeyOrigin;
use crate::model::key::KeySpec;
use crate::model::key::KeyState;
use crate::model::key::KeyUsage;
use crate::model::region::Region;
use crate::provider::key_policy;
use crate::provider::live_key::LiveKey;
use crate::provider::resources::secure_kms_key::changes::is_doomed;
use crate::provider::resources::secure_kms_key::create::CreateError;
use crate::provider::resources::secure_kms_key::waiting::Waiting;
use crate::provider::resources::secure_kms_key::wanted::CREATION_TAG;
use crate::provider::resources::secure_kms_key::wanted::Wanted;

/// What the creates of one provider process know of keys without an alias.
#[derive(Debug, Default)]
pub(super) struct Orphans {
    seen: Mutex<BTreeMap<Region, Arc<Nameless>>>,
}

/// Where and when orphans are looked for.
pub(super) struct Ground<'a> {
    pub(super) kms: &'a dyn Kms,
    pub(super) region: &'a Region,
    pub(super) orphans: &'a Orphans,
    pub(super) now: OffsetDateTime,
    pub(super) waiting: &'a Waiting,
}

/// The keys without an alias by the alias they were made for.
#[derive(Debug)]
struct Nameless {
    begun: Instant,
    made_for: BTreeMap<String, Vec<KeyId>>,
}

impl Ground<'_> {
    /// The key that was made for this alias and never recorded. A caller that
    /// may not list keys has none.
    pub(super) async fn orphan(&self, wanted: &Wanted) -> Result<Option<LiveKey>, CreateError> {
        let nameless = self.waiting.repeat(AwsError::is_transient, || self.nameless(None)).await;
        let nameless = match nameless {
            Err(error) if error.fault() == Fault::AccessDenied && LISTINGS.contains(&error.operation()) => {
                return Ok(None);
            }
            nameless => nameless?,
        };
        let mut in_doubt = None;
        for key in nameless.of(&wanted.alias) {
            let look = || self.candidate(key, &wanted.alias);
            let Some(live) = self.waiting.repeat(AwsError::is_transient, look).await? else { continue };
            let doubts = self.doubts(&live, wanted).await;
            if doubts.is_empty() {
                return Ok(Some(live));
            }
            in_doubt.get_or_insert((live.metadata.id, doubts));
        }
        match in_doubt {
            Some((key, doubts)) => {
                Err(CreateError::OrphanInDoubt { alias: wanted.alias.clone(), key, doubts })
            }
            None => Ok(None),
        }
    }

    /// Waits until the key is no longer one that another apply may be making right
    /// now; whether there was anything to wait for.
    pub(super) async fn outwait(&self, live: &LiveKey) -> Result<bool, CreateError> {
        let limit = self.waiting.pace.in_the_making;
        let Some(created) = live.metadata.created else { return Ok(false) };
        // A clock that is behind AWS's own makes the key look younger than new.
        let age = self.now.unix_timestamp().saturating_sub(created.unix_timestamp());
        let age = Duration::from_secs(u64::try_from(age).unwrap_or(0));
        let Some(rest) = limit.checked_sub(age).filter(|rest| !rest.is_zero()) else { return Ok(false) };
        if self.waiting.pause(rest).await { Ok(true) } else { Err(CreateError::NotBegun) }
    }

    /// Looks for the key of a `CreateKey` sent at `sent`, until it is visible or
    /// patience ends. What was there before has been looked at already, so
    /// nothing is in doubt here.
    pub(super) async fn unanswered(&self, alias: &AliasName, sent: Instant) -> Option<KeyMetadata> {
        let waiting = self.waiting.at_most(self.waiting.pace.unanswered);
        let mut pause = waiting.pace.first;
        loop {
            let found = tokio::select! {
                biased;
                found = self.first(alias, sent) => found,
                () = waiting.over() => Ok(None),
            };
            if let Ok(Some(found)) = found {
                return Some(found.metadata);
            }
            if !waiting.pause(pause).await {
                // It may turn up later, and what is remembered does not show it.
                self.orphans.seen.lock().await.remove(self.region);
                return None;
            }
            pause = pause.saturating_mul(2).min(waiting.pace.longest);
        }
    }

    async fn first(&self, alias: &AliasName, sent: Instant) -> Result<Option<LiveKey>, AwsError> {
        for key in self.nameless(Some(sent)).await?.of(alias) {
            if let Some(live) = self.candidate(key, alias).await? {
                return Ok(Some(live));
            }
        }
        Ok(None)
    }

    /// The key as it is now, if it still looks like an orphan. One on its way to
    /// deletion was given up by somebody, and one with an alias is somebody's.
    async fn candidate(&self, key: &KeyId, alias: &AliasName) -> Result<Option<LiveKey>, AwsError> {
        let Some(live) = LiveKey::read(self.kms, key).await? else { return Ok(None) };
        let aliases = live.aliases.clone()?;
        let tags = live.tags.clone()?;
        let tagged = tags.get(CREATION_TAG).map(String::as_str) == Some(alias.as_str());
        Ok((tagged && aliases.is_empty() && !is_doomed(&live.metadata.state)).then_some(live))
    }

    /// What says that the key is not one that `CreateKey` left and nobody touched.
    async fn doubts(&self, live: &LiveKey, wanted: &Wanted) -> Vec<String> {
        let key = &live.metadata;
        let mut doubts = unlike(live, wanted);
        let mut doubt = |found: bool, what: String| {
            if found {
                doubts.push(what);
            }
        };
        doubt(key.state != KeyState::Enabled, format!("it is `{}`", key.state));
        doubt(key.origin != KeyOrigin::AwsKms, format!("its material comes from `{}`", key.origin));
        doubt(key.spec != KeySpec::SymmetricDefault, format!("its spec is `{}`", key.spec));
        doubt(key.usage != KeyUsage::EncryptDecrypt, format!("its usage is `{}`", key.usage));
        let (is, shall_be) = (kind(key.multi_region.is_some()), kind(wanted.multi_region));
        doubt(is != shall_be, format!("it is a {is} key, and a {shall_be} key is wanted"));
        match &live.rotation {
            Ok(rotation) => doubt(rotation.enabled, "it rotates already".to_owned()),
            Err(error) => doubt(true, format!("its rotation cannot be read: {error}")),
        }
        match self.kms.grants(&key.id).await {
            Ok(grants) => doubt(!grants.is_empty(), "there are grants on it".to_owned()),
            Err(error) => doubt(true, format!("its grants cannot be listed: {error}")),
        }
        let oldest = self.now.checked_sub(YOUNG);
        let young = |created| oldest.is_none_or(|oldest| created >= oldest);
        doubt(!key.created.is_none_or(young), format!("it is older than {} days", YOUNG.whole_days()));
        doubts
    }

    /// The keys without an alias, as remembered or as listed now. Waiting for the
    /// lock is waiting for the list that another create is making.
    async fn nameless(&self, since: Option<Instant>) -> Result<Arc<Nameless>, AwsError> {
        let mut seen = self.orphans.seen.lock().await;
        if let Some(known) = seen.get(self.region).filter(|known| known.serves(since)) {
            return Ok(Arc::clone(known));
        }
        let listed = Arc::new(list(self.kms).await?);
        seen.insert(self.region.clone(), Arc::clone(&listed));
        Ok(listed)
    }
}

impl Nameless {
    fn serves(&self, since: Option<Instant>) -> bool {
        self.begun.elapsed() <= REMEMBERED && since.is_none_or(|since| self.begun >= since)
    }

    fn of(&self, alias: &AliasName) -> &[KeyId] {
        self.made_for.get(alias.as_str()).map_or(&[], Vec::as_slice)
    }
}

/// What of that which `CreateKey` gives a key is not as it would be given now:
/// another configuration may have wanted it so.
fn unlike(live: &LiveKey, wanted: &Wanted) -> Vec<String> {
    let mut unlike = Vec::new();
    if live.metadata.description != wanted.description {
        unlike.push("its description is not the one that is wanted now".to_owned());
    }
    match &live.policy {
        Ok(policy) if key_policy::equivalent(policy, &wanted.policy) => {}
        Ok(_) => unlike.push("its policy is not the one that is wanted now".to_owned()),
        Err(error) => unlike.push(format!("its policy cannot be read: {error}")),
    }
    let tags = live.tags.clone().unwrap_or_default();
    // Others may have added tags meanwhile.
    let other = wanted.tags.iter().filter(|(key, value)| tags.get(*key) != Some(value));
    unlike.extend(other.map(|(key, _)| format!("its tag `{key}` is not the one that is wanted now")));
    unlike
}

async fn list(kms: &dyn Kms) -> Result<Nameless, AwsError> {
    let begun = Instant::now();
    let (keys, aliases) = tokio::try_join!(kms.keys(), kms.aliases())?;
    let named: BTreeSet<KeyId> = aliases.into_iter().filter_map(|alias| alias.target).collect();
    let nameless: Vec<KeyId> = keys.into_iter().filter(|key| !named.contains(key)).collect();
    let looks = nameless.into_iter().map(|key| async move {
        match kms.tags(&key).await {
            Ok(mut tags) => Ok(tags.remove(CREATION_TAG).map(|alias| (alias, key))),
            Err(error) if error.is_transient() => Err(error),
            // A key whose tags cannot be read is not one that this caller made.
            Err(_) => Ok(None),
        }
    });
    let mut looks = stream::iter(looks).buffered(AT_ONCE);
    let mut made_for: BTreeMap<String, Vec<KeyId>> = BTreeMap::new();
    while let Some(look) = looks.next().await {
        if let Some((alias, key)) = look? {
            made_for.entry(alias).or_default().push(key);
        }
    }
    Ok(Nameless { begun, made_for })
}

fn kind(multi_region: bool) -> &'static str {
    if multi_region { "multi-Region" } else { "single-Region" }
}

/// The calls without which nothing can be looked for.
const LISTINGS: [&str; 2] = ["ListAliases", "ListKeys"];
/// Tag listings in flight.
const AT_ONCE: usize = 8;
/// How long a list is remembered. Orphans of earlier applies were there before,
/// and one of this process makes it be forgotten.
const REMEMBERED: Duration = Duration::from_mins(5);
/// How old an orphan may be: a failed apply is mended within days, and an older
/// key may have been kept by somebody on purpose.
const YOUNG: time::Duration = time::Duration::days(7);
