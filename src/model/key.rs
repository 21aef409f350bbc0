//! What AWS says of a KMS key: metadata, rotation, grants, aliases.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use time::OffsetDateTime;

use crate::model::arn::Arn;
use crate::model::text::{all, checked_text, days, open_enum};

checked_text!(
    /// The id of a key: a UUID, or `mrk-` and 32 hexadecimal digits for a multi-Region key.
    KeyId,
    "a key id",
    "a UUID such as `1234abcd-12ab-34cd-56ef-1234567890ab`, or `mrk-` and 32 hexadecimal digits",
    is_key_id
);

checked_text!(
    /// The name of an alias with its prefix: `alias/app/db`.
    ///
    /// `alias/aws/…` is AWS's own; see [`AliasName::is_reserved`].
    AliasName,
    "an alias name",
    "`alias/` and 1 to 250 letters, digits, `/`, `_`, `-`",
    is_alias_name
);

days!(
    /// Days between scheduling a key's deletion and the deletion (KMS API
    /// reference, `ScheduleKeyDeletion`, read 2026-11).
    WindowDays, "a deletion window", 7..=30, "7 to 30 days"
);

days!(
    /// Days between two automatic rotations (KMS API reference,
    /// `EnableKeyRotation`, read 2026-11).
    RotationPeriod, "a rotation period", 90..=2560, "90 to 2560 days"
);

open_enum!(
    /// Where a key is in its life (KMS developer guide, "Key states", read 2026-11).
    KeyState {
        /// Being made.
        Creating = "Creating",
        /// Usable.
        Enabled = "Enabled",
        /// Switched off.
        Disabled = "Disabled",
        /// Scheduled for deletion.
        PendingDeletion = "PendingDeletion",
        /// Waiting for its imported material.
        PendingImport = "PendingImport",
        /// A primary scheduled for deletion whose replicas still exist.
        PendingReplicaDeletion = "PendingReplicaDeletion",
        /// Its custom key store cannot be reached.
        Unavailable = "Unavailable",
        /// Changing its primary Region.
        Updating = "Updating",
    }
);

open_enum!(
    /// The kind of key material (KMS API reference, `CreateKey`, read 2026-11).
    KeySpec {
        /// AES-256 in GCM, the default.
        SymmetricDefault = "SYMMETRIC_DEFAULT",
        /// RSA, 2048 bits.
        Rsa2048 = "RSA_2048",
        /// RSA, 3072 bits.
        Rsa3072 = "RSA_3072",
        /// RSA, 4096 bits.
        Rsa4096 = "RSA_4096",
        /// NIST P-256.
        EccNistP256 = "ECC_NIST_P256",
        /// NIST P-384.
        EccNistP384 = "ECC_NIST_P384",
        /// NIST P-521.
        EccNistP521 = "ECC_NIST_P521",
        /// Ed25519.
        EccNistEdwards25519 = "ECC_NIST_EDWARDS25519",
        /// secp256k1.
        EccSecgP256k1 = "ECC_SECG_P256K1",
        /// HMAC over SHA-224.
        Hmac224 = "HMAC_224",
        /// HMAC over SHA-256.
        Hmac256 = "HMAC_256",
        /// HMAC over SHA-384.
        Hmac384 = "HMAC_384",
        /// HMAC over SHA-512.
        Hmac512 = "HMAC_512",
        /// ML-DSA-44.
        MlDsa44 = "ML_DSA_44",
        /// ML-DSA-65.
        MlDsa65 = "ML_DSA_65",
        /// ML-DSA-87.
        MlDsa87 = "ML_DSA_87",
        /// ML-KEM-512.
        MlKem512 = "ML_KEM_512",
        /// ML-KEM-768.
        MlKem768 = "ML_KEM_768",
        /// ML-KEM-1024.
        MlKem1024 = "ML_KEM_1024",
        /// SM2, China regions only.
        Sm2 = "SM2",
    }
);

open_enum!(
    /// What a key may be used for (KMS API reference, `CreateKey`, read 2026-11).
    KeyUsage {
        /// Encrypt and decrypt.
        EncryptDecrypt = "ENCRYPT_DECRYPT",
        /// Sign and verify.
        SignVerify = "SIGN_VERIFY",
        /// Make and check message authentication codes.
        GenerateVerifyMac = "GENERATE_VERIFY_MAC",
        /// Derive shared secrets.
        KeyAgreement = "KEY_AGREEMENT",
        /// Encapsulate and decapsulate.
        EncapsulateDecapsulate = "ENCAPSULATE_DECAPSULATE",
    }
);

open_enum!(
    /// Where a key's material comes from.
    KeyOrigin {
        /// Made by KMS.
        AwsKms = "AWS_KMS",
        /// Imported.
        External = "EXTERNAL",
        /// Made in a CloudHSM key store.
        AwsCloudHsm = "AWS_CLOUDHSM",
        /// Kept in an external key store.
        ExternalKeyStore = "EXTERNAL_KEY_STORE",
    }
);

open_enum!(
    /// Who manages a key.
    KeyManager {
        /// The account.
        Customer = "CUSTOMER",
        /// An AWS service, for the account.
        Aws = "AWS",
    }
);

/// The part a multi-Region key plays, and its relatives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MultiRegion {
    /// Whether this is the primary key.
    pub primary_here: bool,
    /// The primary key.
    pub primary: Arn,
    /// The replicas, in order.
    pub replicas: BTreeSet<Arn>,
}

/// A key as `DescribeKey` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyMetadata {
    /// Its id.
    pub id: KeyId,
    /// Its ARN; account and region are in it.
    pub arn: Arn,
    /// Its description, empty if it has none.
    pub description: String,
    /// Where it is in its life.
    pub state: KeyState,
    /// The kind of its material.
    pub spec: KeySpec,
    /// What it may be used for.
    pub usage: KeyUsage,
    /// Where its material comes from.
    pub origin: KeyOrigin,
    /// Who manages it.
    pub manager: KeyManager,
    /// When it was made.
    pub created: Option<OffsetDateTime>,
    /// When it will be deleted, while its deletion is scheduled.
    pub deletion_date: Option<OffsetDateTime>,
    /// The window of a primary that waits for its replicas' deletion.
    pub pending_window: Option<WindowDays>,
    /// Its relatives, if it is a multi-Region key.
    pub multi_region: Option<MultiRegion>,
    /// The custom key store it lives in.
    pub custom_key_store: Option<String>,
    /// The CloudHSM cluster behind that store.
    pub cloud_hsm_cluster: Option<String>,
    /// The id of the key in the external key store.
    pub xks_key: Option<String>,
    /// When imported material expires.
    pub valid_to: Option<OffsetDateTime>,
    /// `KEY_MATERIAL_EXPIRES` or `KEY_MATERIAL_DOES_NOT_EXPIRE`.
    pub expiration_model: Option<String>,
    /// The id of the material that encrypts now.
    pub current_material: Option<String>,
}

impl KeyMetadata {
    /// Whether KMS can rotate this key by itself: symmetric encryption keys whose
    /// material KMS made and keeps (KMS developer guide, "Rotate AWS KMS keys",
    /// read 2026-11).
    pub fn can_rotate(&self) -> bool {
        can_rotate(&self.spec, &self.origin)
    }
}

/// Whether keys of this spec and origin can rotate automatically.
pub fn can_rotate(spec: &KeySpec, origin: &KeyOrigin) -> bool {
    *spec == KeySpec::SymmetricDefault && *origin == KeyOrigin::AwsKms
}

/// A key's automatic rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotation {
    /// Whether it is switched on.
    pub enabled: bool,
    /// Days between rotations; absent while it is off, and from services that do not say.
    pub period: Option<RotationPeriod>,
    /// When the next rotation is due.
    pub next: Option<OffsetDateTime>,
}

/// An alias and what it points at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Alias {
    /// Its name.
    pub name: AliasName,
    /// The key; AWS's own aliases have none before their first use.
    pub target: Option<KeyId>,
}

/// A grant on a key, as `ListGrants` shows it. The grant token is never kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Its id.
    pub id: String,
    /// Its name, if it was given one.
    pub name: Option<String>,
    /// Who may use the key: an ARN, a service principal, or the unique id of a deleted role.
    pub grantee: String,
    /// Who may retire it.
    pub retiring: Option<String>,
    /// What the grantee may do.
    pub operations: BTreeSet<String>,
    /// The encryption context that must match exactly.
    pub context_equals: BTreeMap<String, String>,
    /// The encryption context that must be contained.
    pub context_subset: BTreeMap<String, String>,
}

impl AliasName {
    /// Whether the name is in AWS's own part, `alias/aws/`.
    pub fn is_reserved(&self) -> bool {
        self.as_str().starts_with("alias/aws/")
    }
}

fn is_key_id(text: &str) -> bool {
    let hexadecimal = |part: &str, length| all(part, length..=length, |digit| digit.is_ascii_hexdigit());
    if let Some(digits) = text.strip_prefix("mrk-") {
        return hexadecimal(digits, 32);
    }
    let parts: Vec<&str> = text.split('-').collect();
    parts.len() == 5 && parts.iter().zip([8, 4, 4, 4, 12]).all(|(part, length)| hexadecimal(part, length))
}

/// The colon is in the API's pattern though the console refuses it: an alias
/// that exists must be readable.
fn is_alias_name(text: &str) -> bool {
    let accepted = |character: char| character.is_ascii_alphanumeric() || ":/_-".contains(character);
    text.strip_prefix("alias/").is_some_and(|name| all(name, 1..=250, accepted))
}

#[cfg(test)]
mod tests {
    use super::AliasName;
    use super::KeyId;
    use super::KeySpec;
    use super::WindowDays;

    #[test]
    fn key_ids_are_uuids_or_multi_region_ids() {
        assert!("1234abcd-12ab-34cd-56ef-1234567890ab".parse::<KeyId>().is_ok());
        assert!("mrk-1234abcd12ab34cd56ef1234567890ab".parse::<KeyId>().is_ok());
        for wrong in ["", "key/1234abcd-12ab-34cd-56ef-1234567890ab", "mrk-12", "alias/x", "1234"] {
            assert!(wrong.parse::<KeyId>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn alias_names_carry_their_prefix() {
        assert!(!"alias/app/db".parse::<AliasName>().unwrap().is_reserved());
        assert!("alias/aws/s3".parse::<AliasName>().unwrap().is_reserved());
        for wrong in ["alias/", "app", "alias/a b", "alias/\u{e9}"] {
            assert!(wrong.parse::<AliasName>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn days_out_of_range_say_the_range() {
        assert_eq!(WindowDays::try_from(30).unwrap(), WindowDays::MAX);
        assert_eq!(
            WindowDays::try_from(31).unwrap_err().to_string(),
            "`31` is not a deletion window; expected 7 to 30 days"
        );
    }

    #[test]
    fn values_aws_adds_later_are_kept() {
        assert_eq!(KeySpec::from("RSA_2048"), KeySpec::Rsa2048);
        assert_eq!(KeySpec::from("LATTICE_9").as_str(), "LATTICE_9");
    }
}
