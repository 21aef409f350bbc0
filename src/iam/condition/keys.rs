//! The condition keys with a fixed definition: type, and one value or many.
//!
//! Whether a key is a list is decided here and not by how many values a
//! request happens to carry: a plain operator never matches a list key.
//! Sources: IAM user guide, "Global condition context keys"; KMS developer
//! guide, "Condition keys"; service authorization reference. Read 2026-11.

use std::cmp::Ordering;

/// The type of a condition key's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are AWS's own and say everything")]
pub enum KeyType {
    Arn,
    Bool,
    Date,
    IpAddress,
    Numeric,
    String,
}

/// What AWS documents of one condition key.
#[derive(Debug)]
pub struct KeyDefinition {
    /// AWS's spelling; one ending in `:` or `/` stands for all that begin
    /// with it.
    pub name: &'static str,
    /// The type of its values.
    pub kind: KeyType,
    /// Whether it holds a list; only a set operator matches one.
    pub list: bool,
}

/// The definition of a condition key, in any letter case; `None` for keys
/// that neither KMS nor every service has.
pub fn condition_key(name: &str) -> Option<&'static KeyDefinition> {
    definition(&name.to_ascii_lowercase())
}

/// The definition of a key given in lower case.
pub(crate) fn definition(key: &str) -> Option<&'static KeyDefinition> {
    match KEYS.binary_search_by(|row| compare(row.name, key)) {
        Ok(index) => KEYS.get(index),
        Err(_) => FAMILIES
            .iter()
            .find(|row| key.get(..row.name.len()).is_some_and(|head| compare(row.name, head).is_eq())),
    }
}

fn compare(name: &str, key: &str) -> Ordering {
    name.bytes().map(|byte| byte.to_ascii_lowercase()).cmp(key.bytes())
}

const fn one(name: &'static str, kind: KeyType) -> KeyDefinition {
    KeyDefinition { name, kind, list: false }
}

const fn many(name: &'static str, kind: KeyType) -> KeyDefinition {
    KeyDefinition { name, kind, list: true }
}

/// Families of keys that share a definition. The attestation family has 57
/// members: `ImageSha384`, `PCR0` to `PCR31`, `NitroTPMPCR0` to `NitroTPMPCR23`.
pub(crate) static FAMILIES: [KeyDefinition; 5] = [
    one("aws:PrincipalTag/", KeyType::String),
    one("aws:RequestTag/", KeyType::String),
    one("aws:ResourceTag/", KeyType::String),
    one("kms:EncryptionContext:", KeyType::String),
    one("kms:RecipientAttestation:", KeyType::String),
];

/// Sorted by name without regard to case.
pub(crate) static KEYS: [KeyDefinition; 82] = [
    one("aws:AssumedRoot", KeyType::Bool),
    many("aws:CalledVia", KeyType::String),
    one("aws:CalledViaFirst", KeyType::String),
    one("aws:CalledViaLast", KeyType::String),
    one("aws:ChatbotSourceArn", KeyType::Arn),
    one("aws:CurrentTime", KeyType::Date),
    one("aws:Ec2InstanceSourcePrivateIPv4", KeyType::IpAddress),
    one("aws:Ec2InstanceSourceVpc", KeyType::String),
    one("aws:EpochTime", KeyType::Date),
    one("aws:FederatedProvider", KeyType::String),
    one("aws:MultiFactorAuthAge", KeyType::Numeric),
    one("aws:MultiFactorAuthPresent", KeyType::Bool),
    one("aws:PrincipalAccount", KeyType::String),
    one("aws:PrincipalArn", KeyType::Arn),
    one("aws:PrincipalIsAWSService", KeyType::Bool),
    one("aws:PrincipalOrgID", KeyType::String),
    many("aws:PrincipalOrgPaths", KeyType::String),
    one("aws:PrincipalServiceName", KeyType::String),
    many("aws:PrincipalServiceNamesList", KeyType::String),
    one("aws:PrincipalType", KeyType::String),
    one("aws:Referer", KeyType::String),
    one("aws:RequestedRegion", KeyType::String),
    one("aws:ResourceAccount", KeyType::String),
    one("aws:ResourceOrgID", KeyType::String),
    many("aws:ResourceOrgPaths", KeyType::String),
    one("aws:SecureTransport", KeyType::Bool),
    one("aws:SourceAccount", KeyType::String),
    one("aws:SourceArn", KeyType::Arn),
    one("aws:SourceIdentity", KeyType::String),
    one("aws:SourceIp", KeyType::IpAddress),
    one("aws:SourceOrgID", KeyType::String),
    many("aws:SourceOrgPaths", KeyType::String),
    one("aws:SourceVpc", KeyType::String),
    one("aws:SourceVpcArn", KeyType::Arn),
    one("aws:SourceVpce", KeyType::String),
    many("aws:TagKeys", KeyType::String),
    one("aws:TokenIssueTime", KeyType::Date),
    one("aws:UserAgent", KeyType::String),
    one("aws:userid", KeyType::String),
    one("aws:username", KeyType::String),
    one("aws:ViaAWSService", KeyType::Bool),
    one("aws:VpceAccount", KeyType::String),
    one("aws:VpceOrgID", KeyType::String),
    many("aws:VpceOrgPaths", KeyType::String),
    one("aws:VpcSourceIp", KeyType::IpAddress),
    one("kms:BypassPolicyLockoutSafetyCheck", KeyType::Bool),
    one("kms:CallerAccount", KeyType::String),
    one("kms:CustomerMasterKeySpec", KeyType::String),
    one("kms:CustomerMasterKeyUsage", KeyType::String),
    one("kms:DataKeyPairSpec", KeyType::String),
    one("kms:EncryptionAlgorithm", KeyType::String),
    many("kms:EncryptionContextKeys", KeyType::String),
    one("kms:ExpirationModel", KeyType::String),
    one("kms:GrantConstraintSourceArn", KeyType::Arn),
    one("kms:GrantConstraintType", KeyType::String),
    one("kms:GranteePrincipal", KeyType::String),
    one("kms:GranteeServicePrincipal", KeyType::String),
    one("kms:GrantIsForAWSResource", KeyType::Bool),
    many("kms:GrantOperations", KeyType::String),
    one("kms:KeyAgreementAlgorithm", KeyType::String),
    one("kms:KeyOrigin", KeyType::String),
    one("kms:KeySpec", KeyType::String),
    one("kms:KeyUsage", KeyType::String),
    one("kms:MacAlgorithm", KeyType::String),
    one("kms:MessageType", KeyType::String),
    one("kms:MultiRegion", KeyType::Bool),
    one("kms:MultiRegionKeyType", KeyType::String),
    one("kms:PrimaryRegion", KeyType::String),
    one("kms:ReEncryptOnSameKey", KeyType::Bool),
    one("kms:ReplicaRegion", KeyType::String),
    one("kms:RequestAlias", KeyType::String),
    many("kms:ResourceAliases", KeyType::String),
    one("kms:RetiringPrincipal", KeyType::String),
    one("kms:RetiringServicePrincipal", KeyType::String),
    one("kms:RotationPeriodInDays", KeyType::Numeric),
    one("kms:ScheduleKeyDeletionPendingWindowInDays", KeyType::Numeric),
    one("kms:SigningAlgorithm", KeyType::String),
    one("kms:TrailingDaysWithoutKeyUsage", KeyType::Numeric),
    one("kms:ValidTo", KeyType::Date),
    one("kms:ViaService", KeyType::String),
    one("kms:WrappingAlgorithm", KeyType::String),
    one("kms:WrappingKeySpec", KeyType::String),
];
