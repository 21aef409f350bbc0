//! Which keys an audit asks for, before it asks for any.
//!
//! One sweep over the aliases replaces a call per key, and shows which keys
//! AWS manages before they are touched.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::budget::Operation;
use super::lanes::reason;
use super::reader::{CollectError, Reader, sorted};
use crate::aws::Fault;
use crate::aws::KeyReference;
use crate::model::arn::Arn;
use crate::model::fact::Fact;
use crate::model::key::Alias;
use crate::model::key::AliasName;
use crate::model::key::KeyId;

/// The keys that will be asked for.
pub(crate) struct Chosen {
    pub(crate) keys: Vec<ChosenKey>,
    pub(crate) aws_managed: usize,
}

/// One of them.
pub(crate) struct ChosenKey {
    pub(crate) id: KeyId,
    /// `None` where the aliases were not swept and are asked for key by key.
    pub(crate) aliases: Option<Fact<Vec<AliasName>>>,
    /// How the user named it; such a key is never passed over in silence.
    pub(crate) asked_by_name: Option<String>,
}

impl Reader<'_> {
    pub(crate) async fn customer_keys(&self) -> Result<Chosen, CollectError> {
        let listing = |source| CollectError::listing("keys", source);
        let (keys, aliases) = tokio::join!(
            self.lanes.call(Operation::ListKeys, self.kms().keys()),
            self.lanes.call(Operation::ListAliases, self.kms().aliases()),
        );
        let mut ids = keys.map_err(listing)?;
        ids.sort();
        ids.dedup();
        let sweep = match aliases {
            Ok(aliases) => Fact::Known(by_key(aliases)),
            Err(source) if source.fault() == Fault::Credentials || self.filter.alias_prefix.is_some() => {
                return Err(CollectError::listing("aliases", source));
            }
            Err(source) => Fact::Unreadable(reason(&source)),
        };
        let listed = ids.len();
        let of = |id: &KeyId| sweep.as_ref().map(|aliases| aliases.get(id).cloned().unwrap_or_default());
        let mut keys: Vec<ChosenKey> = ids
            .into_iter()
            .map(|id| ChosenKey { aliases: Some(of(&id)), id, asked_by_name: None })
            .filter(|key| !key.known_aliases().iter().any(AliasName::is_reserved))
            .collect();
        let aws_managed = listed.saturating_sub(keys.len());
        keys.retain(|key| self.filter.keeps_aliases(key.known_aliases()));
        Ok(Chosen { keys, aws_managed })
    }

    pub(crate) async fn named_keys(&self, references: &[KeyReference]) -> Result<Chosen, CollectError> {
        let local: Vec<KeyReference> =
            references.iter().map(|reference| self.local(reference)).collect::<Result<_, _>>()?;
        let alias = |reference: &KeyReference| match reference {
            KeyReference::Alias(alias) => Some(alias.clone()),
            KeyReference::Id(_) | KeyReference::Arn(_) => None,
        };
        let sweep = self.behind(&local.iter().filter_map(alias).collect()).await?;
        let mut keys = BTreeMap::new();
        for (local, reference) in local.into_iter().zip(references) {
            let id = match &local {
                KeyReference::Id(id) => Some(id.clone()),
                KeyReference::Alias(alias) => target(&sweep, alias),
                KeyReference::Arn(_) => None,
            };
            keys.insert(id.ok_or_else(|| self.no_such_key(&local))?, reference.to_string());
        }
        let swept = (!sweep.is_empty()).then(|| by_key(sweep));
        let aliases = |id: &KeyId| swept.as_ref().map(|keys| keys.get(id).cloned().unwrap_or_default());
        let chosen =
            |(id, name)| ChosenKey { aliases: aliases(&id).map(Fact::Known), id, asked_by_name: Some(name) };
        Ok(Chosen { keys: keys.into_iter().map(chosen).collect(), aws_managed: 0 })
    }

    /// The reference without the ARN around it, if the ARN is of this place.
    fn local(&self, reference: &KeyReference) -> Result<KeyReference, CollectError> {
        let reference = match reference {
            KeyReference::Arn(arn) => self.inside(arn)?,
            KeyReference::Id(_) | KeyReference::Alias(_) => reference.clone(),
        };
        match &reference {
            KeyReference::Alias(alias) if alias.is_reserved() => Err(CollectError::Reserved(alias.clone())),
            KeyReference::Id(_) | KeyReference::Arn(_) | KeyReference::Alias(_) => Ok(reference),
        }
    }

    fn inside(&self, arn: &Arn) -> Result<KeyReference, CollectError> {
        let place = &self.source.place;
        let region = arn.region() == Some(&place.region);
        let account = place.account.as_ref().is_none_or(|account| arn.account() == Some(account));
        if !region || !account {
            return Err(CollectError::Elsewhere { key: arn.to_string(), place: place.clone() });
        }
        let alias = arn.resource().parse().map(KeyReference::Alias);
        arn.key_id().map(KeyReference::Id).or(alias.ok()).ok_or_else(|| self.no_such_key(arn))
    }

    /// A sweep that shows all of these aliases; none if there are none. The sweep
    /// is asked instead of `DescribeKey`, so that a key that refuses its
    /// description is found all the same, and once for all of them.
    async fn behind(&self, wanted: &BTreeSet<AliasName>) -> Result<Vec<Alias>, CollectError> {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        loop {
            let aliases = self.lanes.call(Operation::ListAliases, self.kms().aliases()).await;
            let aliases = aliases.map_err(|source| CollectError::listing("aliases", source))?;
            let Some(missing) = wanted.iter().find(|alias| target(&aliases, alias).is_none()) else {
                return Ok(aliases);
            };
            if !self.rest().await {
                return Err(self.no_such_key(missing));
            }
        }
    }
}

impl ChosenKey {
    fn known_aliases(&self) -> &[AliasName] {
        self.aliases.as_ref().and_then(Fact::known).map_or(&[], Vec::as_slice)
    }
}

fn target(aliases: &[Alias], wanted: &AliasName) -> Option<KeyId> {
    aliases.iter().find(|alias| alias.name == *wanted).and_then(|alias| alias.target.clone())
}

fn by_key(aliases: Vec<Alias>) -> BTreeMap<KeyId, Vec<AliasName>> {
    let mut keys: BTreeMap<KeyId, Vec<AliasName>> = BTreeMap::new();
    for alias in aliases {
        if let Some(key) = alias.target {
            keys.entry(key).or_default().push(alias.name);
        }
    }
    keys.into_iter().map(|(key, names)| (key, sorted(names))).collect()
}
