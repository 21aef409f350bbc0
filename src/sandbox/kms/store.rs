//! Where keys and aliases are: one vault per account and region.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use time::OffsetDateTime;

use crate::model::account::AccountId;
use crate::model::key::AliasName;
use crate::model::key::KeyId;
use crate::model::region::Region;
use crate::sandbox::kms::key::Key;
use crate::sandbox::principals::Principals;

/// Every account's keys in every region.
#[derive(Debug, Default)]
pub(crate) struct Kms {
    vaults: BTreeMap<(AccountId, Region), Vault>,
    /// When the next scheduled deletion is due.
    next_deletion: Option<OffsetDateTime>,
}

/// The keys and aliases of one account in one region.
///
/// INVARIANT: `named` says of each key which of `aliases` point at it.
#[derive(Debug, Default)]
pub(crate) struct Vault {
    pub(crate) keys: BTreeMap<KeyId, Key>,
    aliases: BTreeMap<AliasName, Alias>,
    named: BTreeMap<KeyId, BTreeSet<AliasName>>,
}

/// An alias.
#[derive(Debug, Clone)]
pub(crate) struct Alias {
    pub(crate) target: KeyId,
    pub(crate) created: OffsetDateTime,
    pub(crate) updated: OffsetDateTime,
}

/// Where one key is, and the alias it was called by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) id: KeyId,
    /// `alias/…`, if the request named the key so.
    pub(crate) alias: Option<String>,
}

impl Vault {
    /// Every alias, in order of name.
    pub(crate) fn aliases(&self) -> impl Iterator<Item = (&AliasName, &Alias)> {
        self.aliases.iter()
    }

    /// The alias of this name.
    pub(crate) fn alias(&self, name: &AliasName) -> Option<&Alias> {
        self.aliases.get(name)
    }

    /// Points a name at a key, wherever it pointed before.
    pub(crate) fn point(&mut self, name: AliasName, alias: Alias) {
        self.remove_alias(&name);
        self.named.entry(alias.target.clone()).or_default().insert(name.clone());
        self.aliases.insert(name, alias);
    }

    /// Forgets a name.
    pub(crate) fn remove_alias(&mut self, name: &AliasName) {
        if let Some(former) = self.aliases.remove(name)
            && let Some(names) = self.named.get_mut(&former.target)
        {
            names.remove(name);
        }
    }
}

impl Kms {
    /// The vault of an account in a region, if anything was ever made there.
    pub(crate) fn vault(&self, account: &AccountId, region: &Region) -> Option<&Vault> {
        self.vaults.get(&(account.clone(), region.clone()))
    }

    /// The vault of an account in a region.
    pub(crate) fn vault_mut(&mut self, account: &AccountId, region: &Region) -> &mut Vault {
        self.vaults.entry((account.clone(), region.clone())).or_default()
    }

    /// The key at a place.
    pub(crate) fn key(&self, place: &Place) -> Option<&Key> {
        self.vault(&place.account, &place.region)?.keys.get(&place.id)
    }

    /// The key at a place, to change it.
    pub(crate) fn key_mut(&mut self, place: &Place) -> Option<&mut Key> {
        self.vaults.get_mut(&(place.account.clone(), place.region.clone()))?.keys.get_mut(&place.id)
    }

    /// The names of a key's aliases, in order.
    pub(crate) fn aliases_of(&self, key: &Key) -> Vec<&str> {
        let named = self.vault(&key.account, &key.region).and_then(|vault| vault.named.get(&key.id));
        named.into_iter().flatten().map(AliasName::as_str).collect()
    }

    /// Remembers when a deletion is due.
    pub(crate) fn expect_deletion(&mut self, at: OffsetDateTime) {
        self.next_deletion = Some(self.next_deletion.map_or(at, |next| next.min(at)));
    }

    /// Deletes the keys whose day has come, with their aliases.
    pub(crate) fn pass_time(&mut self, now: OffsetDateTime) {
        if self.next_deletion.is_none_or(|next| next > now) {
            return;
        }
        for vault in self.vaults.values_mut() {
            vault.keys.retain(|_, key| key.deletion_date.is_none_or(|date| date > now));
            let keys = &vault.keys;
            vault.aliases.retain(|_, alias| keys.contains_key(&alias.target));
            vault.named.retain(|id, _| keys.contains_key(id));
        }
        let dates =
            self.vaults.values().flat_map(|vault| vault.keys.values()).filter_map(|key| key.deletion_date);
        self.next_deletion = dates.min();
    }

    /// Reads every key policy again after principals came or went.
    pub(crate) fn principals_changed(&mut self, principals: &Principals) {
        for key in self.vaults.values_mut().flat_map(|vault| vault.keys.values_mut()) {
            key.policy.follow(principals);
        }
    }

    /// Every key there is, in order.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Key> {
        self.vaults.values().flat_map(|vault| vault.keys.values())
    }
}
