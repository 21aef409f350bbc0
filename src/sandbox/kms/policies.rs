//! `GetKeyPolicy`, `PutKeyPolicy`, `ListKeyPolicies`, and the check that
//! nobody locks themselves out.

use serde_json::Value;
use serde_json::json;

use crate::iam::evaluate::Context;
use crate::sandbox::enforce::Ask;
use crate::sandbox::kms::document::KeyPolicy;
use crate::sandbox::kms::document::malformed;
use crate::sandbox::kms::key::Key;
use crate::sandbox::kms::locate::Naming;
use crate::sandbox::kms::locate::authorized;
use crate::sandbox::kms::locate::by_key_id;
use crate::sandbox::kms::locate::changeable;
use crate::sandbox::kms::locate::key_at;
use crate::sandbox::kms::locate::key_at_mut;
use crate::sandbox::kms::locate::not_found;
use crate::sandbox::kms::paging::Pages;
use crate::sandbox::state::Call;
use crate::sandbox::state::World;
use crate::sandbox::wire::Input;
use crate::sandbox::wire::Reply;
use crate::sandbox::wire::ServiceError;

/// Works in every key state. A key that nobody shared has no `AWS_RAM` policy.
pub(super) fn get_key_policy(world: &mut World, call: &Call, input: Input<'_>) -> Reply {
    let place = authorized(world, call, input, "GetKeyPolicy")?;
    policy_name(input)?;
    let key = key_at(world, &place)?;
    Ok(json!({"Policy": key.policy.text(), "PolicyName": "default"}))
}

/// Works in every key state.
pub(super) fn put_key_policy(world: &mut World, call: &Call, input: Input<'_>) -> Reply {
    let place = by_key_id(world, call, input, Naming::Key)?;
    policy_name(input)?;
    let text = input.needed("Policy")?;
    let bypass = input.flag("BypassPolicyLockoutSafetyCheck")?;
    let context = if bypass {
        Context::new().with("kms:BypassPolicyLockoutSafetyCheck", "true")
    } else {
        Context::new()
    };
    world.authorize(call, &Ask::on_key("PutKeyPolicy", &place).with(context))?;
    changeable(key_at(world, &place)?, &[])?;
    let policy = KeyPolicy::parse(text, &world.principals)?;
    if !bypass {
        let with_it = Key { policy: policy.clone(), ..key_at(world, &place)?.clone() };
        check_lockout(world, call, &with_it)?;
    }
    key_at_mut(world, &place)?.policy = policy;
    Ok(Value::Null)
}

pub(super) fn list_key_policies(world: &mut World, call: &Call, input: Input<'_>) -> Reply {
    authorized(world, call, input, "ListKeyPolicies")?;
    POLICIES.answer(input, std::iter::once(("default".to_owned(), json!("default"))))
}

/// Refuses a key policy under which the caller could not set another (KMS API
/// reference, `PutKeyPolicy`, read 2026-11). Organisation policies play no part.
pub(super) fn check_lockout(world: &World, call: &Call, key: &Key) -> Result<(), ServiceError> {
    if world.may_put_policy(call, key) {
        return Ok(());
    }
    Err(malformed("The new key policy will not allow you to update the key policy in the future."))
}

fn policy_name(input: Input<'_>) -> Result<(), ServiceError> {
    match input.bounded("PolicyName", 128)? {
        None | Some("default") => Ok(()),
        Some(other) => Err(not_found(format!("No such policy exists: {other}"))),
    }
}

/// KMS API reference, `ListKeyPolicies`, read 2026-11.
const POLICIES: Pages = Pages { member: "PolicyNames", usual: 100, most: 1_000 };
