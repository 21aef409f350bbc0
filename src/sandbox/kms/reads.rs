//! `DescribeKey` and `ListKeys`.

use serde_json::json;

use crate::sandbox::enforce::Ask;
use crate::sandbox::kms::locate::Naming;
use crate::sandbox::kms::locate::by_key_id;
use crate::sandbox::kms::locate::key_at;
use crate::sandbox::kms::metadata::metadata;
use crate::sandbox::kms::paging::Pages;
use crate::sandbox::state::Call;
use crate::sandbox::state::World;
use crate::sandbox::wire::Input;
use crate::sandbox::wire::Reply;

/// Works in every key state and across accounts.
pub(super) fn describe_key(world: &mut World, call: &Call, input: Input<'_>) -> Reply {
    let place = by_key_id(world, call, input, Naming::KeyOrAlias)?;
    world.authorize(call, &Ask::on_key("DescribeKey", &place))?;
    Ok(json!({"KeyMetadata": metadata(key_at(world, &place)?)}))
}

pub(super) fn list_keys(world: &mut World, call: &Call, input: Input<'_>) -> Reply {
    world.authorize(call, &Ask::on_nothing("ListKeys"))?;
    let vault = world.kms.vault(call.account(), &call.region);
    let keys = vault.into_iter().flat_map(|vault| vault.keys.values());
    KEYS.answer(
        input,
        keys.map(|key| (key.id.to_string(), json!({"KeyId": key.id.as_str(), "KeyArn": key.arn}))),
    )
}

/// KMS API reference, `ListKeys`, read 2026-11.
const KEYS: Pages = Pages { member: "Keys", usual: 100, most: 1_000 };
