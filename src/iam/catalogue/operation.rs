//! Which actions one API call needs.

use super::action::{ResourceType, action};

/// One of the actions an API call is authorised as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Authorization {
    /// The action, without `kms:`.
    pub action: &'static str,
    /// What it is asked on.
    pub on: Target,
}

/// The part of an API call that an authorization is asked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// No resource: `*`.
    Everything,
    /// The key the call names.
    Key,
    /// The other key: the destination, the former target, the replica.
    OtherKey,
    /// The key that the call makes.
    NewKey,
    /// The alias the call names.
    Alias,
}

impl Target {
    /// As `keyrail simulate` prints it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Everything => "*",
            Self::Key => "key",
            Self::OtherKey => "other_key",
            Self::NewKey => "new_key",
            Self::Alias => "alias",
        }
    }
}

/// What else a `CreateKey` or `ReplicateKey` call carries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Parameters {
    /// It has `Tags`.
    pub tags: bool,
    /// It has a `Policy`.
    pub policy: bool,
}

/// Everything that must be allowed for the API operation to succeed; empty for
/// an operation nobody knows.
pub fn authorizations(operation: &str, parameters: Parameters) -> Vec<Authorization> {
    let ask = |action: &'static str, on: Target| Authorization { action, on };
    let mut asked = match operation {
        "ReEncrypt" => vec![ask("ReEncryptFrom", Target::Key), ask("ReEncryptTo", Target::OtherKey)],
        "CreateAlias" => vec![ask("CreateAlias", Target::Alias), ask("CreateAlias", Target::Key)],
        "DeleteAlias" => vec![ask("DeleteAlias", Target::Alias), ask("DeleteAlias", Target::Key)],
        "UpdateAlias" => vec![
            ask("UpdateAlias", Target::Alias),
            ask("UpdateAlias", Target::OtherKey),
            ask("UpdateAlias", Target::Key),
        ],
        "UpdatePrimaryRegion" => {
            vec![ask("UpdatePrimaryRegion", Target::Key), ask("UpdatePrimaryRegion", Target::OtherKey)]
        }
        "ReplicateKey" => vec![ask("ReplicateKey", Target::Key), ask("CreateKey", Target::Everything)],
        _ => match action(operation) {
            None => Vec::new(),
            Some(action) if action.resource == ResourceType::None => {
                vec![ask(action.name, Target::Everything)]
            }
            Some(action) => vec![ask(action.name, Target::Key)],
        },
    };
    let creates = matches!(operation, "CreateKey" | "ReplicateKey");
    if creates && parameters.tags {
        asked.push(ask("TagResource", Target::NewKey));
    }
    if creates && parameters.policy {
        asked.push(ask("PutKeyPolicy", Target::NewKey));
    }
    asked
}
