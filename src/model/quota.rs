//! AWS's quotas, in one table: value, date and where it was read.
//!
//! Lengths are characters of the text that is sent to the API, whitespace
//! included.

/// One limit of AWS's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// The most that AWS accepts.
    pub value: usize,
    /// When the source was read.
    pub read: &'static str,
    /// Where AWS says so.
    pub source: &'static str,
}

const fn quota(value: usize, read: &'static str, source: &'static str) -> Quota {
    Quota { value, read, source }
}

const ORGANIZATIONS: &str = "AWS Organizations user guide, Quotas";
const KMS: &str = "AWS KMS developer guide, Resource quotas";

/// Characters in a service control policy: 10,240 since 15 May 2026, 5,120 before.
pub const SCP_CHARACTERS: Quota = quota(10_240, "2026-09", ORGANIZATIONS);
/// Characters in a resource control policy.
pub const RCP_CHARACTERS: Quota = quota(5_120, "2026-09", ORGANIZATIONS);
/// Service control policies attached directly to one root, OU or account: 10 since 15 May 2026.
pub const SCPS_PER_TARGET: Quota = quota(10, "2026-09", ORGANIZATIONS);
/// Resource control policies attached directly to one root, OU or account; the AWS-managed
/// `RCPFullAWSAccess` occupies one of them.
pub const RCPS_PER_TARGET: Quota = quota(5, "2026-09", ORGANIZATIONS);
/// Characters in the name of a policy of the organisation.
pub const POLICY_NAME_CHARACTERS: Quota = quota(128, "2026-09", ORGANIZATIONS);
/// Characters in the description of a policy of the organisation.
pub const POLICY_DESCRIPTION_CHARACTERS: Quota = quota(512, "2026-09", ORGANIZATIONS);
/// Levels from the root to an account: the root, five OUs, the account.
pub const ORGANIZATION_LEVELS: Quota = quota(7, "2026-09", ORGANIZATIONS);
/// Bytes in a key policy.
pub const KEY_POLICY_BYTES: Quota = quota(32_768, "2026-07", KMS);
/// Tags on one key or one policy.
pub const TAGS: Quota = quota(50, "2026-07", KMS);
/// Aliases of one key.
pub const ALIASES_PER_KEY: Quota = quota(50, "2026-07", KMS);
/// Grants on one key.
pub const GRANTS_PER_KEY: Quota = quota(50_000, "2026-07", KMS);
/// Characters in a key's description.
pub const KEY_DESCRIPTION_CHARACTERS: Quota = quota(8_192, "2026-07", "KMS API reference, CreateKey");
