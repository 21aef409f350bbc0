//! The words that AWS documents as values of condition keys, where they are none
//! of the key's own (those are in [`crate::model::key`]).
//!
//! Source: KMS API reference, by the parameter that a key is made from, read
//! 2026-11; for `aws:PrincipalType` IAM user guide, "Principal key values".

pub(super) const PRINCIPALS: &[&str] = &["Account", "Anonymous", "AssumedRole", "FederatedUser", "User"];

pub(super) const CONSTRAINTS: &[&str] = &["EncryptionContextEquals", "EncryptionContextSubset"];

pub(super) const DATA_KEY_PAIRS: &[&str] = &[
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "ECC_NIST_P256",
    "ECC_NIST_P384",
    "ECC_NIST_P521",
    "ECC_NIST_EDWARDS25519",
    "ECC_SECG_P256K1",
    "ML_KEM_512",
    "ML_KEM_768",
    "ML_KEM_1024",
    "SM2",
];

pub(super) const ENCRYPTION: &[&str] =
    &["SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE"];

pub(super) const EXPIRATION: &[&str] = &["KEY_MATERIAL_EXPIRES", "KEY_MATERIAL_DOES_NOT_EXPIRE"];

pub(super) const GRANTED: &[&str] = &[
    "CreateGrant",
    "Decapsulate",
    "Decrypt",
    "DeriveSharedSecret",
    "DescribeKey",
    "Encapsulate",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateMac",
    "GetPublicKey",
    "ReEncryptFrom",
    "ReEncryptTo",
    "RetireGrant",
    "Sign",
    "Verify",
    "VerifyMac",
];

pub(super) const KEY_AGREEMENT: &[&str] = &["ECDH"];

pub(super) const MAC: &[&str] = &["HMAC_SHA_224", "HMAC_SHA_256", "HMAC_SHA_384", "HMAC_SHA_512"];

pub(super) const MESSAGES: &[&str] = &["RAW", "DIGEST", "EXTERNAL_MU"];

pub(super) const MULTI_REGION: &[&str] = &["PRIMARY", "REPLICA"];

pub(super) const SIGNING: &[&str] = &[
    "RSASSA_PSS_SHA_256",
    "RSASSA_PSS_SHA_384",
    "RSASSA_PSS_SHA_512",
    "RSASSA_PKCS1_V1_5_SHA_256",
    "RSASSA_PKCS1_V1_5_SHA_384",
    "RSASSA_PKCS1_V1_5_SHA_512",
    "ECDSA_SHA_256",
    "ECDSA_SHA_384",
    "ECDSA_SHA_512",
    "ED25519_SHA_512",
    "ED25519_PH_SHA_512",
    "ML_DSA_SHAKE_256",
    "SM2DSA",
];

pub(super) const WRAPPING: &[&str] = &[
    "RSAES_PKCS1_V1_5",
    "RSAES_OAEP_SHA_1",
    "RSAES_OAEP_SHA_256",
    "RSA_AES_KEY_WRAP_SHA_1",
    "RSA_AES_KEY_WRAP_SHA_256",
    "SM2PKE",
];

pub(super) const WRAPPING_KEYS: &[&str] = &["RSA_2048", "RSA_3072", "RSA_4096", "SM2"];
