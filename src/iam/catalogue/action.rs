//! What a KMS action is, how one is found, and which condition keys it carries.

use std::sync::LazyLock;

use super::actions::ACTIONS;
use super::key::{KeyDefinition, Source, definition};
use super::keys::CONDITION_KEYS;
use crate::iam::pattern::Pattern;

/// What an action does, in AWS's classification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessLevel {
    /// Lists resources.
    List,
    /// Reads, changes nothing.
    Read,
    /// Tags and untags.
    Tagging,
    /// Uses or changes a resource.
    Write,
    /// Changes who may do what.
    PermissionsManagement,
}

impl AccessLevel {
    /// The name as in AWS's tables.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::List => "List",
            Self::Read => "Read",
            Self::Tagging => "Tagging",
            Self::Write => "Write",
            Self::PermissionsManagement => "Permissions management",
        }
    }
}

/// What an action acts on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResourceType {
    /// Nothing that has an ARN yet; only `Resource: "*"` reaches it.
    None,
    /// A key.
    Key,
    /// An alias and the key behind it: two authorizations.
    KeyAndAlias,
}

/// One KMS action.
#[derive(Debug)]
pub struct Action {
    /// The name without `kms:`.
    pub name: &'static str,
    /// Its access level.
    pub level: AccessLevel,
    /// What it acts on.
    pub resource: ResourceType,
    /// Whether another account may call it.
    pub cross_account: bool,
    /// Whether a grant may list it.
    pub grantable: bool,
    /// Its own condition keys; one ending in `:` or `/` stands for all that
    /// begin with it. Keys common to all actions on keys are not here.
    pub keys: &'static [&'static str],
    pub(super) caller: CallerKeys,
}

/// Which of the keys about the caller's way KMS fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CallerKeys {
    /// `kms:CallerAccount` and `kms:ViaService`.
    Both,
    /// `kms:CallerAccount`.
    AccountAlone,
    Neither,
}

impl Action {
    /// Whether a call of the action can have the condition key, given in any
    /// letter case. Keys of other services and keys nobody knows are left alone.
    pub fn carries(&self, key: &str) -> bool {
        definition(&key.to_ascii_lowercase()).is_none_or(|definition| self.carries_defined(definition))
    }

    /// Every condition key that a call of the action can have.
    pub fn condition_keys(&self) -> impl Iterator<Item = &'static KeyDefinition> {
        CONDITION_KEYS.iter().filter(|key| self.carries_defined(key))
    }

    pub(crate) fn carries_defined(&self, key: &KeyDefinition) -> bool {
        match key.source {
            Source::Global => true,
            Source::Caller if key.name == "kms:CallerAccount" => self.caller != CallerKeys::Neither,
            Source::Caller => self.caller == CallerKeys::Both,
            Source::Key if self.resource != ResourceType::None => true,
            Source::Key | Source::Request => self.lists(key.name),
        }
    }

    /// AWS's tables list a key under its present name alone; KMS fills the
    /// former one with it (KMS developer guide, "Condition keys", read 2026-11).
    fn lists(&self, name: &str) -> bool {
        let name = match name {
            "kms:CustomerMasterKeySpec" => "kms:KeySpec",
            "kms:CustomerMasterKeyUsage" => "kms:KeyUsage",
            name => name,
        };
        let is_listed = |own: &&str| name == *own || own.ends_with(':') && name.strip_prefix(*own).is_some();
        self.keys.iter().any(is_listed)
    }
}

/// The action of this name, in any letter case, with or without `kms:`.
pub fn action(name: &str) -> Option<&'static Action> {
    let name = name.to_ascii_lowercase();
    let name = name.strip_prefix("kms:").unwrap_or(&name);
    ACTIONS.get(search(name).ok()?)
}

/// The actions that a pattern such as `kms:Create*` names, in any letter case.
pub fn actions_matching(pattern: &str) -> impl Iterator<Item = &'static Action> {
    let pattern = Pattern::wild(&pattern.to_ascii_lowercase());
    let rows = NAMES.iter().zip(&ACTIONS);
    rows.filter(move |(name, _)| pattern.matches(name)).map(|(_, action)| action)
}

/// The action's place in the table as a bit, for masks of actions.
pub(crate) fn bit(action: &Action) -> u64 {
    search(&action.name.to_ascii_lowercase()).map_or(0, bit_at)
}

/// The bits of the actions that a pattern in lower case names. `literal` is the
/// pattern up to its first wildcard, and all of it if it has none.
pub(crate) fn mask(pattern: &Pattern, literal: &str) -> u64 {
    let from = NAMES.partition_point(|name| name.as_str() < literal);
    let rows = NAMES.iter().enumerate().skip(from).take_while(|(_, name)| name.starts_with(literal));
    rows.filter(|(_, name)| pattern.matches(name)).fold(0, |mask, (at, _)| mask | bit_at(at))
}

fn bit_at(place: usize) -> u64 {
    u32::try_from(place).ok().and_then(|place| 1_u64.checked_shl(place)).unwrap_or(0)
}

/// The place of a name in lower case without `kms:`.
fn search(name: &str) -> Result<usize, usize> {
    NAMES.binary_search_by(|row| row.strip_prefix("kms:").unwrap_or(row).cmp(name))
}

/// The names in lower case with `kms:`, in the order of the table.
static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
    ACTIONS.iter().map(|action| format!("kms:{}", action.name.to_ascii_lowercase())).collect()
});

/// The bits of all actions.
pub(crate) const EVERY_ACTION: u64 = u64::MAX >> 8;
