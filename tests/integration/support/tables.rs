//! What the reference evaluator has to know of KMS (service authorization
//! reference and KMS developer guide, read 2026-08).
//!
//! INVARIANT: the names of keys are in lower case, as are actions with their prefix.

/// 42: whether a request for the action can carry the key at all.
pub(crate) fn carried(key: &str, action: &str) -> bool {
    let on = |actions: &[&str]| actions.iter().any(|one| action == format!("kms:{}", one.to_lowercase()));
    let asks_for_no_key = on(&["ListKeys", "ListAliases", "ListRetirableGrants", "GenerateRandom"]);
    let about_no_key = asks_for_no_key || on(&["CreateCustomKeyStore"]);
    match key.split_once('/').map_or(key, |(name, _)| name) {
        "kms:schedulekeydeletionpendingwindowindays" => on(&["ScheduleKeyDeletion"]),
        "kms:rotationperiodindays" => on(&["EnableKeyRotation"]),
        "kms:grantoperations" | "kms:granteeprincipal" => on(&["CreateGrant"]),
        "kms:grantisforawsresource" => on(&["CreateGrant", "ListGrants", "RevokeGrant"]),
        "kms:encryptioncontextkeys" => on(SYMMETRIC) || on(&["CreateGrant", "RetireGrant"]),
        key if key.starts_with("kms:encryptioncontext:") => {
            on(SYMMETRIC) || on(&["CreateGrant", "RetireGrant"])
        }
        "aws:requesttag" => on(&["CreateKey", "TagResource"]),
        "aws:tagkeys" => on(&["CreateKey", "TagResource", "UntagResource"]),
        "kms:calleraccount" => !asks_for_no_key,
        "kms:keyspec" | "kms:viaservice" | "aws:resourcetag" => !about_no_key,
        _ => true,
    }
}

/// The keys that hold lists by definition, however a case writes them.
pub(crate) const LIST_KEYS: &[&str] = &[
    "aws:calledvia",
    "aws:principalorgpaths",
    "aws:resourceorgpaths",
    "aws:tagkeys",
    "kms:encryptioncontextkeys",
    "kms:grantoperations",
];

/// What KMS fills in for a parameter that a request leaves out.
pub(crate) const DEFAULTS: &[(&str, &str, &str)] = &[
    ("kms:enablekeyrotation", "kms:rotationperiodindays", "365"),
    ("kms:schedulekeydeletion", "kms:schedulekeydeletionpendingwindowindays", "30"),
    ("kms:createkey", "kms:keyspec", "SYMMETRIC_DEFAULT"),
    ("kms:createkey", "kms:keyusage", "ENCRYPT_DECRYPT"),
    ("kms:createkey", "kms:keyorigin", "AWS_KMS"),
];

/// The operations that take an encryption context.
pub(crate) const SYMMETRIC: &[&str] = &[
    "Decrypt",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
];

/// 12: the permissions that reach across accounts.
pub(crate) const CROSS_ACCOUNT: &[&str] = &[
    "CreateGrant",
    "Decrypt",
    "DeriveSharedSecret",
    "DescribeKey",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateMac",
    "GetKeyRotationStatus",
    "GetPublicKey",
    "ListGrants",
    "ReEncryptFrom",
    "ReEncryptTo",
    "RetireGrant",
    "RevokeGrant",
    "Sign",
    "Verify",
    "VerifyMac",
];
