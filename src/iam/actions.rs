//! The 56 KMS actions as data, and which of them one API call needs.
//!
//! Source: service authorization reference, "AWS KMS", and the authorization
//! tables of the KMS developer guide, read 2026-11. The rows are sorted by
//! name; an action's place in the table is its bit in compiled policies.

use std::sync::LazyLock;

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
    /// Its own condition keys in lower case; one ending in `:` or `/` stands
    /// for all that begin with it. Keys common to all actions are not here.
    pub keys: &'static [&'static str],
    caller: CallerKeys,
}

/// Which of the keys about the caller's way KMS fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CallerKeys {
    /// `kms:CallerAccount` and `kms:ViaService`.
    Both,
    /// `kms:CallerAccount`.
    AccountAlone,
    Neither,
}

impl Action {
    /// Whether KMS fills the condition key for this action. `key` is in lower
    /// case. Keys of other services and keys nobody knows are left alone.
    pub(crate) fn carries(&self, key: &str) -> bool {
        let own = |name: &&str| if is_prefix(name) { key.starts_with(*name) } else { key == *name };
        match key {
            "kms:calleraccount" => self.caller != CallerKeys::Neither,
            "kms:viaservice" => self.caller == CallerKeys::Both,
            _ if self.keys.iter().any(own) => true,
            _ if KEY_KEYS.iter().any(own) => self.resource != ResourceType::None,
            _ => !REQUEST_KEYS.iter().any(own),
        }
    }

    /// Whether the condition key describes the key that the action acts on.
    pub(crate) fn describes_key(key: &str) -> bool {
        KEY_KEYS.iter().any(|name| if is_prefix(name) { key.starts_with(*name) } else { key == *name })
    }

    const fn grantable(self) -> Self {
        Self { grantable: true, ..self }
    }

    const fn without_caller_keys(self) -> Self {
        Self { caller: CallerKeys::Neither, ..self }
    }

    const fn without_via_service(self) -> Self {
        Self { caller: CallerKeys::AccountAlone, ..self }
    }
}

/// The action of this name without `kms:`, in any letter case.
pub fn find(name: &str) -> Option<&'static Action> {
    ACTIONS.iter().find(|action| action.name.eq_ignore_ascii_case(name))
}

/// The action's place in the table as a bit, for masks of actions.
pub(crate) fn bit(action: &Action) -> u64 {
    let is_its_row =
        |row: &&(u64, String)| row.1.get(4..).is_some_and(|name| name.eq_ignore_ascii_case(action.name));
    NAMES.iter().find(is_its_row).map_or(0, |(bit, _)| *bit)
}

/// The bits of the actions whose name, in lower case with `kms:`, is wanted.
pub(crate) fn mask(wanted: impl Fn(&str) -> bool) -> u64 {
    NAMES.iter().filter(|(_, name)| wanted(name)).fold(0, |mask, (bit, _)| mask | bit)
}

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
    /// The alias the call names.
    Alias,
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
/// an operation nobody knows (KMS developer guide, "Permissions reference",
/// read 2026-11).
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
        _ => match find(operation) {
            None => Vec::new(),
            Some(action) if action.resource == ResourceType::None => {
                vec![ask(action.name, Target::Everything)]
            }
            Some(action) => vec![ask(action.name, Target::Key)],
        },
    };
    let creates = matches!(operation, "CreateKey" | "ReplicateKey");
    if creates && parameters.tags {
        asked.push(ask("TagResource", Target::OtherKey));
    }
    if creates && parameters.policy {
        asked.push(ask("PutKeyPolicy", Target::OtherKey));
    }
    asked
}

fn is_prefix(name: &str) -> bool {
    name.ends_with([':', '/'])
}

const fn local(
    name: &'static str,
    level: AccessLevel,
    resource: ResourceType,
    keys: &'static [&'static str],
) -> Action {
    Action { name, level, resource, cross_account: false, grantable: false, keys, caller: CallerKeys::Both }
}

const fn shared(
    name: &'static str,
    level: AccessLevel,
    resource: ResourceType,
    keys: &'static [&'static str],
) -> Action {
    Action { cross_account: true, ..local(name, level, resource, keys) }
}

/// Each action's bit and its name in lower case with `kms:`.
static NAMES: LazyLock<Vec<(u64, String)>> = LazyLock::new(|| {
    let bits = std::iter::successors(Some(1_u64), |bit| bit.checked_mul(2));
    bits.zip(&ACTIONS)
        .map(|(bit, action)| (bit, format!("kms:{}", action.name.to_ascii_lowercase())))
        .collect()
});

/// Keys that describe the key an action acts on.
const KEY_KEYS: [&str; 9] = [
    "aws:resourcetag/",
    "kms:customermasterkeyspec",
    "kms:customermasterkeyusage",
    "kms:keyorigin",
    "kms:keyspec",
    "kms:keyusage",
    "kms:multiregion",
    "kms:multiregionkeytype",
    "kms:resourcealiases",
];

/// Keys made from a parameter of the request; they exist only on the actions
/// that list them.
const REQUEST_KEYS: [&str; 32] = [
    "aws:requesttag/",
    "aws:tagkeys",
    "kms:bypasspolicylockoutsafetycheck",
    "kms:datakeypairspec",
    "kms:encryptionalgorithm",
    "kms:encryptioncontext:",
    "kms:encryptioncontextkeys",
    "kms:expirationmodel",
    "kms:grantconstraintsourcearn",
    "kms:grantconstrainttype",
    "kms:grantisforawsresource",
    "kms:grantoperations",
    "kms:granteeprincipal",
    "kms:granteeserviceprincipal",
    "kms:keyagreementalgorithm",
    "kms:macalgorithm",
    "kms:messagetype",
    "kms:primaryregion",
    "kms:recipientattestation:",
    "kms:reencryptonsamekey",
    "kms:replicaregion",
    "kms:requestalias",
    "kms:retiringprincipal",
    "kms:retiringserviceprincipal",
    "kms:rotationperiodindays",
    "kms:schedulekeydeletionpendingwindowindays",
    "kms:signingalgorithm",
    "kms:trailingdayswithoutkeyusage",
    "kms:validto",
    "kms:viaservice",
    "kms:wrappingalgorithm",
    "kms:wrappingkeyspec",
];

/// Every KMS action, by name.
pub static ACTIONS: [Action; 56] = [
    local("CancelKeyDeletion", AccessLevel::Write, ResourceType::Key, &[]),
    local("ConnectCustomKeyStore", AccessLevel::Write, ResourceType::None, &[]).without_via_service(),
    local("CreateAlias", AccessLevel::Write, ResourceType::KeyAndAlias, &[]),
    local("CreateCustomKeyStore", AccessLevel::Write, ResourceType::None, &[]).without_via_service(),
    shared(
        "CreateGrant",
        AccessLevel::PermissionsManagement,
        ResourceType::Key,
        &[
            "kms:encryptioncontext:",
            "kms:encryptioncontextkeys",
            "kms:grantconstraintsourcearn",
            "kms:grantconstrainttype",
            "kms:grantisforawsresource",
            "kms:grantoperations",
            "kms:granteeprincipal",
            "kms:granteeserviceprincipal",
            "kms:retiringprincipal",
            "kms:retiringserviceprincipal",
        ],
    )
    .grantable(),
    local(
        "CreateKey",
        AccessLevel::Write,
        ResourceType::None,
        &[
            "aws:requesttag/",
            "aws:resourcetag/",
            "aws:tagkeys",
            "kms:bypasspolicylockoutsafetycheck",
            "kms:keyorigin",
            "kms:keyspec",
            "kms:keyusage",
            "kms:multiregion",
            "kms:multiregionkeytype",
        ],
    ),
    shared(
        "Decrypt",
        AccessLevel::Write,
        ResourceType::Key,
        &[
            "kms:encryptionalgorithm",
            "kms:encryptioncontext:",
            "kms:encryptioncontextkeys",
            "kms:requestalias",
            "kms:recipientattestation:",
        ],
    )
    .grantable(),
    local("DeleteAlias", AccessLevel::Write, ResourceType::KeyAndAlias, &[]),
    local("DeleteCustomKeyStore", AccessLevel::Write, ResourceType::None, &[]).without_via_service(),
    local("DeleteImportedKeyMaterial", AccessLevel::Write, ResourceType::Key, &[]),
    shared(
        "DeriveSharedSecret",
        AccessLevel::Write,
        ResourceType::Key,
        &["kms:keyagreementalgorithm", "kms:requestalias", "kms:recipientattestation:"],
    )
    .grantable(),
    local("DescribeCustomKeyStores", AccessLevel::Read, ResourceType::None, &[]).without_via_service(),
    shared("DescribeKey", AccessLevel::Read, ResourceType::Key, &["kms:requestalias"]).grantable(),
    local("DisableKey", AccessLevel::Write, ResourceType::Key, &["kms:trailingdayswithoutkeyusage"]),
    local("DisableKeyRotation", AccessLevel::Write, ResourceType::Key, &[]),
    local("DisconnectCustomKeyStore", AccessLevel::Write, ResourceType::None, &[]).without_via_service(),
    local("EnableKey", AccessLevel::Write, ResourceType::Key, &[]),
    local("EnableKeyRotation", AccessLevel::Write, ResourceType::Key, &["kms:rotationperiodindays"]),
    shared(
        "Encrypt",
        AccessLevel::Write,
        ResourceType::Key,
        &[
            "kms:encryptionalgorithm",
            "kms:encryptioncontext:",
            "kms:encryptioncontextkeys",
            "kms:requestalias",
        ],
    )
    .grantable(),
    shared(
        "GenerateDataKey",
        AccessLevel::Write,
        ResourceType::Key,
        &[
            "kms:encryptionalgorithm",
            "kms:encryptioncontext:",
            "kms:encryptioncontextkeys",
            "kms:requestalias",
            "kms:recipientattestation:",
        ],
    )
    .grantable(),
    shared(
        "GenerateDataKeyPair",
        AccessLevel::Write,
        ResourceType::Key,
        &[
            "kms:datakeypairspec",
            "kms:encryptionalgorithm",
            "kms:encryptioncontext:",
            "kms:encryptioncontextkeys",
            "kms:requestalias",
            "kms:recipientattestation:",
        ],
    )
    .grantable(),
    shared(
        "GenerateDataKeyPairWithoutPlaintext",
        AccessLevel::Write,
        ResourceType::Key,
        &[
            "kms:datakeypairspec",
            "kms:encryptionalgorithm",
            "kms:encryptioncontext:",
            "kms:encryptioncontextkeys",
            "kms:requestalias",
        ],
    )
    .grantable(),
    shared(
        "GenerateDataKeyWithoutPlaintext",
        AccessLevel::Write,
        ResourceType::Key,
        &[
            "kms:encryptionalgorithm",
            "kms:encryptioncontext:",
            "kms:encryptioncontextkeys",
            "kms:requestalias",
        ],
    )
    .grantable(),
    shared("GenerateMac", AccessLevel::Write, ResourceType::Key, &["kms:macalgorithm", "kms:requestalias"])
        .grantable(),
    local("GenerateRandom", AccessLevel::Write, ResourceType::None, &["kms:recipientattestation:"])
        .without_caller_keys(),
    local("GetKeyLastUsage", AccessLevel::Read, ResourceType::Key, &[]),
    local("GetKeyPolicy", AccessLevel::Read, ResourceType::Key, &[]),
    shared("GetKeyRotationStatus", AccessLevel::Read, ResourceType::Key, &[]),
    local(
        "GetParametersForImport",
        AccessLevel::Read,
        ResourceType::Key,
        &["kms:wrappingalgorithm", "kms:wrappingkeyspec"],
    ),
    shared("GetPublicKey", AccessLevel::Read, ResourceType::Key, &["kms:requestalias"]).grantable(),
    local(
        "ImportKeyMaterial",
        AccessLevel::Write,
        ResourceType::Key,
        &["kms:expirationmodel", "kms:validto"],
    ),
    local("ListAliases", AccessLevel::List, ResourceType::None, &[]).without_caller_keys(),
    shared("ListGrants", AccessLevel::List, ResourceType::Key, &["kms:grantisforawsresource"]),
    local("ListKeyPolicies", AccessLevel::List, ResourceType::Key, &[]),
    local("ListKeyRotations", AccessLevel::List, ResourceType::Key, &[]),
    local("ListKeys", AccessLevel::List, ResourceType::None, &[]).without_caller_keys(),
    local("ListResourceTags", AccessLevel::List, ResourceType::Key, &[]),
    local("ListRetirableGrants", AccessLevel::List, ResourceType::None, &[]).without_caller_keys(),
    local(
        "PutKeyPolicy",
        AccessLevel::PermissionsManagement,
        ResourceType::Key,
        &["kms:bypasspolicylockoutsafetycheck"],
    ),
    shared(
        "ReEncryptFrom",
        AccessLevel::Write,
        ResourceType::Key,
        &[
            "kms:encryptionalgorithm",
            "kms:encryptioncontext:",
            "kms:encryptioncontextkeys",
            "kms:reencryptonsamekey",
            "kms:requestalias",
        ],
    )
    .grantable(),
    shared(
        "ReEncryptTo",
        AccessLevel::Write,
        ResourceType::Key,
        &[
            "kms:encryptionalgorithm",
            "kms:encryptioncontext:",
            "kms:encryptioncontextkeys",
            "kms:reencryptonsamekey",
            "kms:requestalias",
        ],
    )
    .grantable(),
    local("ReplicateKey", AccessLevel::Write, ResourceType::Key, &["kms:replicaregion"]),
    shared(
        "RetireGrant",
        AccessLevel::PermissionsManagement,
        ResourceType::Key,
        &["kms:encryptioncontext:", "kms:encryptioncontextkeys", "kms:grantconstrainttype"],
    )
    .grantable(),
    shared(
        "RevokeGrant",
        AccessLevel::PermissionsManagement,
        ResourceType::Key,
        &["kms:grantisforawsresource"],
    ),
    local("RotateKeyOnDemand", AccessLevel::Write, ResourceType::Key, &[]),
    local(
        "ScheduleKeyDeletion",
        AccessLevel::Write,
        ResourceType::Key,
        &["kms:schedulekeydeletionpendingwindowindays", "kms:trailingdayswithoutkeyusage"],
    ),
    shared(
        "Sign",
        AccessLevel::Write,
        ResourceType::Key,
        &["kms:messagetype", "kms:requestalias", "kms:signingalgorithm"],
    )
    .grantable(),
    local("SynchronizeMultiRegionKey", AccessLevel::Write, ResourceType::Key, &[]).without_caller_keys(),
    local("TagResource", AccessLevel::Tagging, ResourceType::Key, &["aws:requesttag/", "aws:tagkeys"]),
    local("UntagResource", AccessLevel::Tagging, ResourceType::Key, &["aws:tagkeys"]),
    local("UpdateAlias", AccessLevel::Write, ResourceType::KeyAndAlias, &[]),
    local("UpdateCustomKeyStore", AccessLevel::Write, ResourceType::None, &[]).without_via_service(),
    local("UpdateKeyDescription", AccessLevel::Write, ResourceType::Key, &[]),
    local("UpdatePrimaryRegion", AccessLevel::Write, ResourceType::Key, &["kms:primaryregion"]),
    shared(
        "Verify",
        AccessLevel::Write,
        ResourceType::Key,
        &["kms:messagetype", "kms:requestalias", "kms:signingalgorithm"],
    )
    .grantable(),
    shared("VerifyMac", AccessLevel::Write, ResourceType::Key, &["kms:macalgorithm", "kms:requestalias"])
        .grantable(),
];
