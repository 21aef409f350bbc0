//! One key as a flat record, in the shape that policies in Rego are written
//! against.
//!
//! INVARIANT: what could not be read is `null` and named in `unreadable`.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::collect::CollectedKey;
use super::unasked::Unasked;
use crate::model::arn::Arn;
use crate::model::fact::Fact;
use crate::model::key::Grant;
use crate::model::key::KeyMetadata;
use crate::model::key::Rotation;
use crate::model::key::RotationPeriod;
use crate::model::tag::Tags;

/// One key as data. Field names are the record's own; values are spelled as AWS
/// spells them, times are RFC 3339 in UTC.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KeyRecord {
    /// Its id.
    pub key_id: String,
    /// Its ARN.
    pub key_arn: Option<String>,
    /// Where it is in its life: `Enabled`.
    pub key_state: Option<String>,
    /// What it may be used for: `ENCRYPT_DECRYPT`.
    pub key_usage: Option<String>,
    /// The kind of its material: `SYMMETRIC_DEFAULT`.
    pub key_spec: Option<String>,
    /// Where its material comes from: `AWS_KMS`.
    pub origin: Option<String>,
    /// `CUSTOMER` or `AWS`.
    pub key_manager: Option<String>,
    /// When it will be deleted, while its deletion is scheduled.
    pub deletion_date: Option<String>,
    /// Its key policy.
    pub key_policy: Option<Value>,
    /// Whether automatic rotation is on; `false` for kinds of key that have none.
    pub key_rotation_enabled: Option<bool>,
    /// Its aliases, in order.
    pub aliases: Option<Vec<String>>,
    /// Its grants, in the order of their ids.
    pub grants: Option<Vec<GrantRecord>>,
    /// Its tags, in the order of their keys.
    pub tags: Option<Vec<TagRecord>>,
    /// Whether it is a multi-Region key.
    pub multi_region: Option<bool>,
    /// The ARNs of its replicas, in order.
    pub replica_keys: Option<Vec<String>>,
    /// Its description.
    pub description: Option<String>,
    /// Days between rotations.
    pub rotation_period_in_days: Option<u16>,
    /// When the next rotation is due.
    pub next_rotation_date: Option<String>,
    /// The fields that could not be read and are `null` for that reason.
    pub unreadable: Vec<&'static str>,
}

/// A grant in a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GrantRecord {
    /// Its id.
    pub grant_id: String,
    /// Who may use the key.
    pub grantee_principal: String,
    /// What the grantee may do, in order.
    pub operations: Vec<String>,
    /// The encryption context that must be present, under AWS's names.
    pub constraints: BTreeMap<&'static str, BTreeMap<String, String>>,
}

/// A tag in a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TagRecord {
    /// Its key.
    #[serde(rename = "TagKey")]
    pub key: String,
    /// Its value.
    #[serde(rename = "TagValue")]
    pub value: String,
}

impl KeyRecord {
    /// The key's name for a reader: its first alias, else its id.
    pub fn name(&self) -> &str {
        self.aliases.iter().flatten().next().unwrap_or(&self.key_id)
    }

    pub(crate) fn of(key: &CollectedKey) -> Self {
        let metadata = key.metadata.known();
        let text = |field: fn(&KeyMetadata) -> String| metadata.map(field);
        let rotation = key.rotation.known();
        let policy = key.policy.known().and_then(|policy| serde_json::from_str(policy).ok());
        Self {
            key_id: key.id.to_string(),
            key_arn: text(|metadata| metadata.arn.to_string()),
            key_state: text(|metadata| metadata.state.to_string()),
            key_usage: text(|metadata| metadata.usage.to_string()),
            key_spec: text(|metadata| metadata.spec.to_string()),
            origin: text(|metadata| metadata.origin.to_string()),
            key_manager: text(|metadata| metadata.manager.to_string()),
            deletion_date: metadata.and_then(|metadata| metadata.deletion_date).and_then(written),
            unreadable: unreadable(key, policy.is_none()),
            key_policy: policy,
            key_rotation_enabled: rotation.map(|rotation| rotation.is_some_and(|rotation| rotation.enabled)),
            aliases: key.aliases.known().map(|aliases| aliases.iter().map(ToString::to_string).collect()),
            grants: key.grants.known().map(|grants| grants.iter().map(GrantRecord::of).collect()),
            tags: key.tags.known().map(tag_records),
            multi_region: metadata.map(|metadata| metadata.multi_region.is_some()),
            replica_keys: metadata.map(replicas),
            description: text(|metadata| metadata.description.clone()),
            rotation_period_in_days: known_rotation(rotation)
                .and_then(|rotation| rotation.period)
                .map(RotationPeriod::get),
            next_rotation_date: known_rotation(rotation).and_then(|rotation| rotation.next).and_then(written),
        }
    }
}

impl GrantRecord {
    fn of(grant: &Grant) -> Self {
        let constraints = [
            ("EncryptionContextEquals", &grant.context_equals),
            ("EncryptionContextSubset", &grant.context_subset),
        ];
        Self {
            grant_id: grant.id.clone(),
            grantee_principal: grant.grantee.clone(),
            operations: grant.operations.iter().cloned().collect(),
            constraints: constraints
                .into_iter()
                .filter(|(_, context)| !context.is_empty())
                .map(|(name, context)| (name, context.clone()))
                .collect(),
        }
    }
}

/// The time as the records write it. `None` only for years beyond 9999.
pub(crate) fn written(time: OffsetDateTime) -> Option<String> {
    time.to_offset(time::UtcOffset::UTC).format(&Rfc3339).ok()
}

fn known_rotation(rotation: Option<&Option<Rotation>>) -> Option<Rotation> {
    rotation.copied().flatten()
}

fn tag_records(tags: &Tags) -> Vec<TagRecord> {
    tags.iter().map(|(key, value)| TagRecord { key: key.clone(), value: value.clone() }).collect()
}

fn replicas(metadata: &KeyMetadata) -> Vec<String> {
    let replicas = metadata.multi_region.as_ref().map(|relatives| &relatives.replicas);
    replicas.into_iter().flat_map(BTreeSet::iter).map(Arn::to_string).collect()
}

fn unreadable(key: &CollectedKey, without_policy: bool) -> Vec<&'static str> {
    let fields: [(bool, &[&'static str]); 6] = [
        (key.metadata.known().is_none(), METADATA),
        (without_policy, &["key_policy"]),
        (key.rotation.known().is_none(), ROTATION),
        (key.aliases.known().is_none(), &["aliases"]),
        (key.grants.known().is_none(), &["grants"]),
        (key.tags.known().is_none(), &["tags"]),
    ];
    let missing = fields.into_iter().filter(|(missing, _)| *missing);
    missing.flat_map(|(_, fields)| fields.iter().copied()).collect()
}

/// What was asked for and not readable, and why.
pub(crate) fn gaps(key: &CollectedKey) -> Vec<(&'static str, String)> {
    fn gap<T>(read: &'static str, fact: &Fact<T>) -> Option<(&'static str, String)> {
        match fact {
            Fact::Known(_) | Fact::Unknown => None,
            Fact::Unreadable(reason) => Some((read, reason.clone())),
        }
    }
    let gaps = [
        gap("description", &key.metadata),
        gap("aliases", &key.aliases),
        gap("key policy", &key.policy),
        gap("rotation", &key.rotation),
        gap("tags", &key.tags),
        gap("grants", &key.grants),
    ];
    let unasked = key.unasked.map_or(&[][..], Unasked::reads);
    gaps.into_iter().flatten().filter(|(read, _)| !unasked.contains(read)).collect()
}

const METADATA: &[&str] = &[
    "key_arn",
    "key_state",
    "key_usage",
    "key_spec",
    "origin",
    "key_manager",
    "deletion_date",
    "multi_region",
    "replica_keys",
    "description",
];
const ROTATION: &[&str] = &["key_rotation_enabled", "rotation_period_in_days", "next_rotation_date"];
