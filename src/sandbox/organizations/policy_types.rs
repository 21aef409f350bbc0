//! Switching policy types on and off for the root.

use serde_json::json;
use time::Duration;

use crate::model::org::PolicyType;
use crate::model::org::RootId;
use crate::sandbox::organizations::errors::invalid_input;
use crate::sandbox::organizations::policies::policy_type;
use crate::sandbox::organizations::store::Switch;
use crate::sandbox::state::Call;
use crate::sandbox::state::World;
use crate::sandbox::wire::Input;
use crate::sandbox::wire::Reply;
use crate::sandbox::wire::ServiceError;

/// Answers before it is done: the type is `PENDING_ENABLE` for a moment, in which
/// nothing can be attached, and `ENABLED` from then, whoever looks or does not.
pub(super) fn enable(world: &mut World, call: &Call, input: Input<'_>) -> Reply {
    let policy_type = on_root(world, input)?;
    if !world.organizations.all_features {
        return Err(ServiceError::new(
            "PolicyTypeNotAvailableForOrganizationException",
            "You can't use the specified policy type with the feature set currently enabled for this organization.",
        ));
    }
    if world.organizations.types.contains_key(&policy_type) {
        return Err(ServiceError::new(
            "PolicyTypeAlreadyEnabledException",
            "The specified policy type is already enabled.",
        ));
    }
    world
        .organizations
        .types
        .insert(policy_type, Switch::Pending(call.now.checked_add(A_MOMENT).unwrap_or(call.now)));
    Ok(json!({"Root": world.organizations.root_shown(None)}))
}

/// Detaches every policy of the type everywhere; switched on again, only the
/// full-access policy is back.
pub(super) fn disable(world: &mut World, _: &Call, input: Input<'_>) -> Reply {
    let policy_type = on_root(world, input)?;
    if world.organizations.types.remove(&policy_type).is_none() {
        return Err(ServiceError::new(
            "PolicyTypeNotEnabledException",
            "This operation can be performed only for enabled policy types.",
        ));
    }
    for policy in world.organizations.policies.values_mut() {
        if policy.policy_type == policy_type {
            policy.targets.clear();
        }
    }
    world.organizations.refresh();
    Ok(json!({"Root": world.organizations.root_shown(Some((policy_type, "PENDING_DISABLE")))}))
}

fn on_root(world: &World, input: Input<'_>) -> Result<PolicyType, ServiceError> {
    let named = input.needed("RootId")?;
    let root: RootId = named.parse().map_err(|_| {
        invalid_input("INVALID_PATTERN", format!("The root id {named} does not match the required pattern."))
    })?;
    if root != world.organizations.root {
        return Err(ServiceError::new("RootNotFoundException", "You specified a root that doesn't exist."));
    }
    policy_type(input, "PolicyType")
}

/// How long AWS takes is not documented; this is enough to be seen.
const A_MOMENT: Duration = Duration::seconds(1);
