//! Which usages and algorithms go with which key spec (KMS developer guide,
//! "Key spec reference", read 2026-11).

use crate::model::key::KeySpec;
use crate::model::key::KeyUsage;

/// The usages a key of this spec can be made for; the first is its only one
/// where there is no choice.
pub(super) fn usages(spec: &KeySpec) -> &'static [KeyUsage] {
    match spec {
        KeySpec::SymmetricDefault => &[KeyUsage::EncryptDecrypt],
        KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096 => {
            &[KeyUsage::EncryptDecrypt, KeyUsage::SignVerify]
        }
        KeySpec::EccNistP256 | KeySpec::EccNistP384 | KeySpec::EccNistP521 => {
            &[KeyUsage::SignVerify, KeyUsage::KeyAgreement]
        }
        KeySpec::EccNistEdwards25519
        | KeySpec::EccSecgP256k1
        | KeySpec::MlDsa44
        | KeySpec::MlDsa65
        | KeySpec::MlDsa87 => &[KeyUsage::SignVerify],
        KeySpec::Hmac224 | KeySpec::Hmac256 | KeySpec::Hmac384 | KeySpec::Hmac512 => {
            &[KeyUsage::GenerateVerifyMac]
        }
        KeySpec::MlKem512 | KeySpec::MlKem768 | KeySpec::MlKem1024 => &[KeyUsage::EncapsulateDecapsulate],
        // China regions only; the sandbox plays the commercial ones.
        KeySpec::Sm2 | KeySpec::Other(_) => &[],
    }
}

/// The member of the metadata that lists a key's algorithms, and the list.
pub(super) fn algorithms(
    spec: &KeySpec,
    usage: &KeyUsage,
) -> Option<(&'static str, &'static [&'static str])> {
    let list: &[&str] = match (spec, usage) {
        (KeySpec::SymmetricDefault, _) => &["SYMMETRIC_DEFAULT"],
        (_, KeyUsage::EncryptDecrypt) => &["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"],
        (KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096, KeyUsage::SignVerify) => &[
            "RSASSA_PKCS1_V1_5_SHA_256",
            "RSASSA_PKCS1_V1_5_SHA_384",
            "RSASSA_PKCS1_V1_5_SHA_512",
            "RSASSA_PSS_SHA_256",
            "RSASSA_PSS_SHA_384",
            "RSASSA_PSS_SHA_512",
        ],
        (KeySpec::EccNistP256 | KeySpec::EccSecgP256k1, KeyUsage::SignVerify) => &["ECDSA_SHA_256"],
        (KeySpec::EccNistP384, KeyUsage::SignVerify) => &["ECDSA_SHA_384"],
        (KeySpec::EccNistP521, KeyUsage::SignVerify) => &["ECDSA_SHA_512"],
        (KeySpec::EccNistEdwards25519, KeyUsage::SignVerify) => &["ED25519_SHA_512", "ED25519_PH_SHA_512"],
        (KeySpec::MlDsa44 | KeySpec::MlDsa65 | KeySpec::MlDsa87, _) => &["ML_DSA_SHAKE_256"],
        (KeySpec::Hmac224, _) => &["HMAC_SHA_224"],
        (KeySpec::Hmac256, _) => &["HMAC_SHA_256"],
        (KeySpec::Hmac384, _) => &["HMAC_SHA_384"],
        (KeySpec::Hmac512, _) => &["HMAC_SHA_512"],
        (_, KeyUsage::KeyAgreement) => &["ECDH"],
        _ => return None,
    };
    let member = match usage {
        KeyUsage::EncryptDecrypt => "EncryptionAlgorithms",
        KeyUsage::SignVerify => "SigningAlgorithms",
        KeyUsage::GenerateVerifyMac => "MacAlgorithms",
        KeyUsage::KeyAgreement => "KeyAgreementAlgorithms",
        KeyUsage::EncapsulateDecapsulate | KeyUsage::Other(_) => return None,
    };
    Some((member, list))
}

/// The grant operations that fit a key's usage, beside those that fit all
/// (KMS developer guide, "Grant operations", read 2026-11).
pub(super) fn grant_operations(spec: &KeySpec, usage: &KeyUsage) -> &'static [&'static str] {
    match (spec, usage) {
        (KeySpec::SymmetricDefault, _) => &[
            "Encrypt",
            "Decrypt",
            "ReEncryptFrom",
            "ReEncryptTo",
            "GenerateDataKey",
            "GenerateDataKeyWithoutPlaintext",
            "GenerateDataKeyPair",
            "GenerateDataKeyPairWithoutPlaintext",
        ],
        (_, KeyUsage::EncryptDecrypt) => {
            &["Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GetPublicKey"]
        }
        (_, KeyUsage::SignVerify) => &["Sign", "Verify", "GetPublicKey"],
        (_, KeyUsage::GenerateVerifyMac) => &["GenerateMac", "VerifyMac"],
        (_, KeyUsage::KeyAgreement) => &["DeriveSharedSecret", "GetPublicKey"],
        (_, KeyUsage::EncapsulateDecapsulate) => &["Encapsulate", "Decapsulate", "GetPublicKey"],
        (_, KeyUsage::Other(_)) => &[],
    }
}
