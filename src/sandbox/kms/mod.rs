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
    match operation {
        "CreateKey" => create::create_key(world, call, input),
        "DescribeKey" => reads::describe_key(world, call, input),
        "ListKeys" => reads::list_keys(world, call, input),
        "GetKeyPolicy" => policies::get_key_policy(world, call, input),
        "PutKeyPolicy" => policies::put_key_policy(world, call, input),
        "ListKeyPolicies" => policies::list_key_policies(world, call, input),
        "EnableKeyRotation" => rotation::enable(world, call, input),
        "DisableKeyRotation" => rotation::disable(world, call, input),
        "GetKeyRotationStatus" => rotation::status(world, call, input),
        "ListKeyRotations" => rotation::list(world, call, input),
        "RotateKeyOnDemand" => rotation::on_demand(world, call, input),
        "EnableKey" => lifecycle::enable(world, call, input),
        "DisableKey" => lifecycle::disable(world, call, input),
        "UpdateKeyDescription" => lifecycle::describe(world, call, input),
        "ScheduleKeyDeletion" => lifecycle::schedule_deletion(world, call, input),
        "CancelKeyDeletion" => lifecycle::cancel_deletion(world, call, input),
        "CreateAlias" => aliases::create(world, call, input),
        "UpdateAlias" => aliases::update(world, call, input),
        "DeleteAlias" => aliases::delete(world, call, input),
        "ListAliases" => aliases::list(world, call, input),
        "TagResource" => tags::tag(world, call, input),
        "UntagResource" => tags::untag(world, call, input),
        "ListResourceTags" => tags::list(world, call, input),
        "CreateGrant" => grants::create(world, call, input),
        "ListGrants" => grants::list(world, call, input),
        "RevokeGrant" => grants::revoke(world, call, input),
        "RetireGrant" => grants::retire(world, call, input),
        "Encrypt" => crypto::encrypt(world, call, input),
        "Decrypt" => crypto::decrypt(world, call, input),
        "ReEncrypt" => crypto::re_encrypt(world, call, input),
        "GenerateDataKey" => crypto::generate_data_key(world, call, input, crypto::Plaintext::Returned),
        "GenerateDataKeyWithoutPlaintext" => {
            crypto::generate_data_key(world, call, input, crypto::Plaintext::Withheld)
        }
        other => Err(ServiceError::unknown_operation(&format!("kms:{other}"))),
    }
}

#[cfg(test)]
mod tests;
