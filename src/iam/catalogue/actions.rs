//! The KMS actions as rows, sorted by name. An action's place in the table is
//! its bit in compiled policies.

use super::action::{AccessLevel, Action, CallerKeys, ResourceType};

/// An action for callers of the key's own account.
const fn local(
    name: &'static str,
    level: AccessLevel,
    resource: ResourceType,
    keys: &'static [&'static str],
) -> Action {
    Action { name, level, resource, cross_account: false, grantable: false, keys, caller: CallerKeys::Both }
}

/// An action that other accounts may call as well.
const fn shared(
    name: &'static str,
    level: AccessLevel,
    resource: ResourceType,
    keys: &'static [&'static str],
) -> Action {
    Action { cross_account: true, ..local(name, level, resource, keys) }
}

impl Action {
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

/// Every KMS action.
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
            "kms:EncryptionContext:",
            "kms:EncryptionContextKeys",
            "kms:GrantConstraintSourceArn",
            "kms:GrantConstraintType",
            "kms:GranteePrincipal",
            "kms:GranteeServicePrincipal",
            "kms:GrantIsForAWSResource",
            "kms:GrantOperations",
            "kms:RetiringPrincipal",
            "kms:RetiringServicePrincipal",
        ],
    )
    .grantable(),
    local(
        "CreateKey",
        AccessLevel::Write,
        ResourceType::None,
        &[
            "aws:RequestTag/",
            "aws:ResourceTag/",
            "aws:TagKeys",
            "kms:BypassPolicyLockoutSafetyCheck",
            "kms:KeyOrigin",
            "kms:KeySpec",
            "kms:KeyUsage",
            "kms:MultiRegion",
            "kms:MultiRegionKeyType",
        ],
    ),
    shared(
        "Decrypt",
        AccessLevel::Write,
        ResourceType::Key,
        &[
            "kms:EncryptionAlgorithm",
            "kms:EncryptionContext:",
            "kms:EncryptionContextKeys",
            "kms:RecipientAttestation:",
            "kms:RequestAlias",
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
        &["kms:KeyAgreementAlgorithm", "kms:RecipientAttestation:", "kms:RequestAlias"],
    )
    .grantable(),
    local("DescribeCustomKeyStores", AccessLevel::Read, ResourceType::None, &[]).without_via_service(),
    shared("DescribeKey", AccessLevel::Read, ResourceType::Key, &["kms:RequestAlias"]).grantable(),
    local("DisableKey", AccessLevel::Write, ResourceType::Key, &["kms:TrailingDaysWithoutKeyUsage"]),
    local("DisableKeyRotation", AccessLevel::Write, ResourceType::Key, &[]),
    local("DisconnectCustomKeyStore", AccessLevel::Write, ResourceType::None, &[]).without_via_service(),
    local("EnableKey", AccessLevel::Write, ResourceType::Key, &[]),
    local("EnableKeyRotation", AccessLevel::Write, ResourceType::Key, &["kms:RotationPeriodInDays"]),
    shared(
        "Encrypt",
        AccessLevel::Write,
        ResourceType::Key,
        &[
            "kms:EncryptionAlgorithm",
            "kms:EncryptionContext:",
            "kms:EncryptionContextKeys",
            "kms:RequestAlias",
        ],
    )
    .grantable(),
    shared(
        "GenerateDataKey",
        AccessLevel::Write,
        ResourceType::Key,
        &[
            "kms:EncryptionAlgorithm",
            "kms:EncryptionContext:",
            "kms:EncryptionContextKeys",
            "kms:RecipientAttestation:",
            "kms:RequestAlias",
        ],
    )
    .grantable(),
    shared(
        "GenerateDataKeyPair",
        AccessLevel::Write,
        ResourceType::Key,
        &[
            "kms:DataKeyPairSpec",
            "kms:EncryptionAlgorithm",
            "kms:EncryptionContext:",
            "kms:EncryptionContextKeys",
            "kms:RecipientAttestation:",
            "kms:RequestAlias",
        ],
    )
    .grantable(),
    shared(
        "GenerateDataKeyPairWithoutPlaintext",
        AccessLevel::Write,
        ResourceType::Key,
        &[
            "kms:DataKeyPairSpec",
            "kms:EncryptionAlgorithm",
            "kms:EncryptionContext:",
            "kms:EncryptionContextKeys",
            "kms:RequestAlias",
        ],
    )
    .grantable(),
    shared(
        "GenerateDataKeyWithoutPlaintext",
        AccessLevel::Write,
        ResourceType::Key,
        &[
            "kms:EncryptionAlgorithm",
            "kms:EncryptionContext:",
            "kms:EncryptionContextKeys",
            "kms:RequestAlias",
        ],
    )
    .grantable(),
    shared("GenerateMac", AccessLevel::Write, ResourceType::Key, &["kms:MacAlgorithm", "kms:RequestAlias"])
        .grantable(),
    local("GenerateRandom", AccessLevel::Write, ResourceType::None, &["kms:RecipientAttestation:"])
        .without_caller_keys(),
    local("GetKeyLastUsage", AccessLevel::Read, ResourceType::Key, &[]),
    local("GetKeyPolicy", AccessLevel::Read, ResourceType::Key, &[]),
    shared("GetKeyRotationStatus", AccessLevel::Read, ResourceType::Key, &[]),
    local(
        "GetParametersForImport",
        AccessLevel::Read,
        ResourceType::Key,
        &["kms:WrappingAlgorithm", "kms:WrappingKeySpec"],
    ),
    shared("GetPublicKey", AccessLevel::Read, ResourceType::Key, &["kms:RequestAlias"]).grantable(),
    local(
        "ImportKeyMaterial",
        AccessLevel::Write,
        ResourceType::Key,
        &["kms:ExpirationModel", "kms:ValidTo"],
    ),
    local("ListAliases", AccessLevel::List, ResourceType::None, &[]).without_caller_keys(),
    shared("ListGrants", AccessLevel::List, ResourceType::Key, &["kms:GrantIsForAWSResource"]),
    local("ListKeyPolicies", AccessLevel::List, ResourceType::Key, &[]),
    local("ListKeyRotations", AccessLevel::List, ResourceType::Key, &[]),
    local("ListKeys", AccessLevel::List, ResourceType::None, &[]).without_caller_keys(),
    local("ListResourceTags", AccessLevel::List, ResourceType::Key, &[]),
    local("ListRetirableGrants", AccessLevel::List, ResourceType::None, &[]).without_caller_keys(),
    local(
        "PutKeyPolicy",
        AccessLevel::PermissionsManagement,
        ResourceType::Key,
        &["kms:BypassPolicyLockoutSafetyCheck"],
    ),
    shared(
        "ReEncryptFrom",
        AccessLevel::Write,
        ResourceType::Key,
        &[
            "kms:EncryptionAlgorithm",
            "kms:EncryptionContext:",
            "kms:EncryptionContextKeys",
            "kms:ReEncryptOnSameKey",
            "kms:RequestAlias",
        ],
    )
    .grantable(),
    shared(
        "ReEncryptTo",
        AccessLevel::Write,
        ResourceType::Key,
        &[
            "kms:EncryptionAlgorithm",
            "kms:EncryptionContext:",
            "kms:EncryptionContextKeys",
            "kms:ReEncryptOnSameKey",
            "kms:RequestAlias",
        ],
    )
    .grantable(),
    local("ReplicateKey", AccessLevel::Write, ResourceType::Key, &["kms:ReplicaRegion"]),
    shared(
        "RetireGrant",
        AccessLevel::PermissionsManagement,
        ResourceType::Key,
        &["kms:EncryptionContext:", "kms:EncryptionContextKeys", "kms:GrantConstraintType"],
    )
    .grantable(),
    shared(
        "RevokeGrant",
        AccessLevel::PermissionsManagement,
        ResourceType::Key,
        &["kms:GrantIsForAWSResource"],
    ),
    local("RotateKeyOnDemand", AccessLevel::Write, ResourceType::Key, &[]),
    local(
        "ScheduleKeyDeletion",
        AccessLevel::Write,
        ResourceType::Key,
        &["kms:ScheduleKeyDeletionPendingWindowInDays", "kms:TrailingDaysWithoutKeyUsage"],
    ),
    shared(
        "Sign",
        AccessLevel::Write,
        ResourceType::Key,
        &["kms:MessageType", "kms:RequestAlias", "kms:SigningAlgorithm"],
    )
    .grantable(),
    local("SynchronizeMultiRegionKey", AccessLevel::Write, ResourceType::Key, &[]).without_caller_keys(),
    local("TagResource", AccessLevel::Tagging, ResourceType::Key, &["aws:RequestTag/", "aws:TagKeys"]),
    local("UntagResource", AccessLevel::Tagging, ResourceType::Key, &["aws:TagKeys"]),
    local("UpdateAlias", AccessLevel::Write, ResourceType::KeyAndAlias, &[]),
    local("UpdateCustomKeyStore", AccessLevel::Write, ResourceType::None, &[]).without_via_service(),
    local("UpdateKeyDescription", AccessLevel::Write, ResourceType::Key, &[]),
    local("UpdatePrimaryRegion", AccessLevel::Write, ResourceType::Key, &["kms:PrimaryRegion"]),
    shared(
        "Verify",
        AccessLevel::Write,
        ResourceType::Key,
        &["kms:MessageType", "kms:RequestAlias", "kms:SigningAlgorithm"],
    )
    .grantable(),
    shared("VerifyMac", AccessLevel::Write, ResourceType::Key, &["kms:MacAlgorithm", "kms:RequestAlias"])
        .grantable(),
];
