//! AWS to evidence: which keys there are and what can be read of each.
//!
//! Every key is a small pipeline: its other reads start as soon as its
//! description is there. A read that fails leaves an unreadable fact and
//! disturbs nothing else. Keys that AWS manages are never probed, because
//! their policies refuse most reads and each refusal shows in CloudTrail.

use futures::StreamExt;
use futures::stream;
use time::OffsetDateTime;

use super::budget::Operation;
use super::choose::ChosenKey;
use super::lanes::reason;
use super::reader::{CollectError, Reader, Source, sorted};
use super::scope::{Place, Scope, Selection};
use super::unasked::Unasked;
use crate::aws::AwsError;
use crate::aws::Fault;
use crate::aws::KeyReference;
use crate::model::fact::Fact;
use crate::model::key::AliasName;
use crate::model::key::Grant;
use crate::model::key::KeyId;
use crate::model::key::KeyManager;
use crate::model::key::KeyMetadata;
use crate::model::key::Rotation;
use crate::model::tag::Tags;

/// What was read, in the order of the key ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    /// The account and region.
    pub place: Place,
    /// When the reading began, to the second.
    pub time: OffsetDateTime,
    /// The keys.
    pub keys: Vec<CollectedKey>,
    /// Keys that AWS manages and that were left alone.
    pub aws_managed: usize,
    /// Keys that were listed and gone when they were asked for.
    pub vanished: Vec<KeyId>,
}

/// What was read of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectedKey {
    /// Its id.
    pub id: KeyId,
    /// Its description.
    pub metadata: Fact<KeyMetadata>,
    /// Its aliases, in order.
    pub aliases: Fact<Vec<AliasName>>,
    /// Its key policy as JSON text.
    pub policy: Fact<String>,
    /// Its automatic rotation; `Known(None)` for kinds of key that have none.
    pub rotation: Fact<Option<Rotation>>,
    /// Its tags.
    pub tags: Fact<Tags>,
    /// Its grants, in the order of their ids.
    pub grants: Fact<Vec<Grant>>,
    /// Why some of these are unreadable although no read failed.
    pub unasked: Option<Unasked>,
}

/// How far an audit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// So many keys will be asked for.
    Listed(usize),
    /// One more key is done.
    Done,
}

/// Is told of every step.
pub type Progress<'a> = dyn Fn(Step) + Send + Sync + 'a;

/// Reads the keys of `scope` and everything the controls ask about.
pub async fn collect(
    source: &Source,
    scope: &Scope,
    progress: &Progress<'_>,
) -> Result<Collection, CollectError> {
    let reader = Reader::new(source, &scope.filter);
    let now = (source.clock)();
    let time = now.replace_nanosecond(0).unwrap_or(now);
    let chosen = match &scope.selection {
        Selection::CustomerKeys => reader.customer_keys().await?,
        Selection::Named(references) => reader.named_keys(references).await?,
    };
    progress(Step::Listed(chosen.keys.len()));
    let grants = chosen.keys.len() <= source.limits.grants_up_to_keys;
    let mut outcomes = stream::iter(chosen.keys)
        .map(|key| reader.read(key, grants))
        .buffer_unordered(source.limits.calls_in_flight.max(1));
    let mut collection = Collection {
        place: source.place.clone(),
        time,
        keys: Vec::new(),
        aws_managed: chosen.aws_managed,
        vanished: Vec::new(),
    };
    while let Some(outcome) = outcomes.next().await {
        progress(Step::Done);
        collection.add(outcome?);
    }
    collection.keys.sort_by(|left, right| left.id.cmp(&right.id));
    collection.vanished.sort();
    Ok(collection)
}

enum Outcome {
    Read(Box<CollectedKey>),
    AwsManaged,
    Vanished(KeyId),
    FilteredOut,
}

impl Collection {
    fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Read(key) => self.keys.push(*key),
            Outcome::AwsManaged => self.aws_managed = self.aws_managed.saturating_add(1),
            Outcome::Vanished(id) => self.vanished.push(id),
            Outcome::FilteredOut => {}
        }
    }
}

impl Reader<'_> {
    async fn read(&self, key: ChosenKey, grants: bool) -> Result<Outcome, CollectError> {
        let metadata = match self.describe(&key).await? {
            Described::As(metadata) => *metadata,
            Described::Gone => return Ok(Outcome::Vanished(key.id)),
        };
        let customer = metadata.known().is_none_or(|metadata| metadata.manager != KeyManager::Aws);
        if !customer && key.asked_by_name.is_none() {
            return Ok(Outcome::AwsManaged);
        }
        let unasked = match &metadata {
            Fact::Known(_) if customer => None,
            Fact::Known(_) => Some(Unasked::ManagedByAws),
            Fact::Unknown | Fact::Unreadable(_) => Some(Unasked::NotDescribed),
        };
        let read = match unasked {
            Some(unasked) => self.unread(key, metadata, unasked).await?,
            None => self.details(key, metadata, grants).await?,
        };
        let kept = read.aliases.known().is_none_or(|aliases| self.filter.keeps_aliases(aliases))
            && read.tags.known().is_none_or(|tags| self.filter.keeps_tags(tags));
        Ok(if kept { Outcome::Read(Box::new(read)) } else { Outcome::FilteredOut })
    }

    async fn describe(&self, key: &ChosenKey) -> Result<Described, CollectError> {
        let reference = KeyReference::Id(key.id.clone());
        loop {
            let call = self.kms().describe_key(&reference);
            let error = match self.lanes.call(Operation::DescribeKey, call).await {
                Ok(metadata) => return Ok(Described::As(Box::new(Fact::Known(metadata)))),
                Err(error) => error,
            };
            match (error.fault(), &key.asked_by_name) {
                (Fault::Credentials, _) => return Err(CollectError::credentials(error)),
                (Fault::NotFound, None) => return Ok(Described::Gone),
                (Fault::NotFound, Some(name)) if !self.rest().await => {
                    return Err(self.no_such_key(name));
                }
                (Fault::NotFound, Some(_)) => {}
                _ => return Ok(Described::As(Box::new(Fact::Unreadable(reason(&error))))),
            }
        }
    }

    async fn details(
        &self,
        key: ChosenKey,
        metadata: Fact<KeyMetadata>,
        grants: bool,
    ) -> Result<CollectedKey, CollectError> {
        let can_rotate = metadata.known().is_some_and(KeyMetadata::can_rotate);
        let id = &key.id;
        let read = tokio::try_join!(
            self.aliases(&key),
            self.lanes.fact(Operation::GetKeyPolicy, self.kms().key_policy(id)),
            self.rotation(id, can_rotate),
            self.lanes.fact(Operation::ListResourceTags, self.kms().tags(id)),
            self.grants(id, grants),
        );
        let (aliases, policy, rotation, tags, (grants, unasked)) = read.map_err(CollectError::credentials)?;
        Ok(CollectedKey { id: key.id, metadata, aliases, policy, rotation, tags, grants, unasked })
    }

    async fn unread(
        &self,
        key: ChosenKey,
        metadata: Fact<KeyMetadata>,
        unasked: Unasked,
    ) -> Result<CollectedKey, CollectError> {
        let aliases = self.aliases(&key).await.map_err(CollectError::credentials)?;
        Ok(CollectedKey {
            id: key.id,
            metadata,
            aliases,
            policy: not_asked(unasked),
            rotation: not_asked(unasked),
            tags: not_asked(unasked),
            grants: not_asked(unasked),
            unasked: Some(unasked),
        })
    }

    async fn aliases(&self, key: &ChosenKey) -> Result<Fact<Vec<AliasName>>, AwsError> {
        if let Some(aliases) = &key.aliases {
            return Ok(aliases.clone());
        }
        let read = self.lanes.fact(Operation::ListAliases, self.kms().aliases_of(&key.id)).await?;
        Ok(read.map(|aliases| sorted(aliases.into_iter().map(|alias| alias.name).collect())))
    }

    async fn rotation(&self, id: &KeyId, can_rotate: bool) -> Result<Fact<Option<Rotation>>, AwsError> {
        if !can_rotate {
            return Ok(Fact::Known(None));
        }
        match self.lanes.call(Operation::GetKeyRotationStatus, self.kms().rotation(id)).await {
            Ok(rotation) => Ok(Fact::Known(Some(rotation))),
            Err(error) if error.fault() == Fault::Unsupported => Ok(Fact::Known(None)),
            Err(error) if error.fault() == Fault::Credentials => Err(error),
            Err(error) => Ok(Fact::Unreadable(reason(&error))),
        }
    }

    async fn grants(&self, id: &KeyId, asked: bool) -> Result<(Fact<Vec<Grant>>, Option<Unasked>), AwsError> {
        if !asked {
            let unasked = Unasked::TooManyKeys { limit: self.source.limits.grants_up_to_keys };
            return Ok((not_asked(unasked), Some(unasked)));
        }
        let grants = self.lanes.fact(Operation::ListGrants, self.kms().grants(id)).await?;
        let sorted = grants.map(|mut grants| {
            grants.sort_by(|left, right| left.id.cmp(&right.id));
            grants
        });
        Ok((sorted, None))
    }
}

enum Described {
    As(Box<Fact<KeyMetadata>>),
    Gone,
}

fn not_asked<T>(unasked: Unasked) -> Fact<T> {
    Fact::Unreadable(format!("not asked, because {unasked}"))
}
