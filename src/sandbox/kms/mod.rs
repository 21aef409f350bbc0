//! AWS KMS: keys, aliases and grants of every account and region, as the API
//! reference describes them (API version 2014-11-01, read 2026-11).
//!
//! One file per group of operations. Each operation reads its input, finds its
//! key, asks [`crate::sandbox::enforce`] whether the caller may, looks at the
//! key's state, and only then changes anything.

mod aliases;
mod create;
mod crypto;
mod document;
mod grants;
mod key;
mod lifecycle;
mod locate;
mod metadata;
mod paging;
mod policies;
mod reads;
mod rotation;
mod specs;
mod store;
mod tags;

pub(crate) use self::key::Key;
pub(crate) use self::store::{Kms, Place};

use crate::sandbox::state::Call;
use crate::sandbox::state::World;
use crate::sandbox::wire::Input;
use crate::sandbox::wire::Reply;
use crate::sandbox::wire::ServiceError;

/// Carries out one operation.
pub(crate) fn perform(world: &mut World, call: &Call, operation: &str, input: Input<'_>) -> Reply {
    world.kms.pass_time(call.now);
    match OPERATIONS.iter().find(|(name, _)| *name == operation) {
        Some((_, run)) => run(world, call, input),
        None => Err(ServiceError::unknown_operation(&format!("kms:{operation}"))),
    }
}

type Operation = fn(&mut World, &Call, Input<'_>) -> Reply;

/// What is served, by name.
pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("CancelKeyDeletion", lifecycle::cancel_deletion),
    ("CreateAlias", aliases::create),
    ("CreateGrant", grants::create),
    ("CreateKey", create::create_key),
    ("Decrypt", crypto::decrypt),
    ("DeleteAlias", aliases::delete),
    ("DescribeKey", reads::describe_key),
    ("DisableKey", lifecycle::disable),
    ("DisableKeyRotation", rotation::disable),
    ("EnableKey", lifecycle::enable),
    ("EnableKeyRotation", rotation::enable),
    ("Encrypt", crypto::encrypt),
    ("GenerateDataKey", |world, call, input| {
        crypto::generate_data_key(world, call, input, crypto::Plaintext::Returned)
    }),
    ("GenerateDataKeyWithoutPlaintext", |world, call, input| {
        crypto::generate_data_key(world, call, input, crypto::Plaintext::Withheld)
    }),
    ("GetKeyPolicy", policies::get_key_policy),
    ("GetKeyRotationStatus", rotation::status),
    ("ListAliases", aliases::list),
    ("ListGrants", grants::list),
    ("ListKeyPolicies", policies::list_key_policies),
    ("ListKeyRotations", rotation::list),
    ("ListKeys", reads::list_keys),
    ("ListResourceTags", tags::list),
    ("PutKeyPolicy", policies::put_key_policy),
    ("ReEncrypt", crypto::re_encrypt),
    ("RetireGrant", grants::retire),
    ("RevokeGrant", grants::revoke),
    ("RotateKeyOnDemand", rotation::on_demand),
    ("ScheduleKeyDeletion", lifecycle::schedule_deletion),
    ("TagResource", tags::tag),
    ("UntagResource", tags::untag),
    ("UpdateAlias", aliases::update),
    ("UpdateKeyDescription", lifecycle::describe),
];

#[cfg(test)]
mod tests;
