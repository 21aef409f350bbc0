//! Where policies hang: attaching, detaching, asking from either side.

use serde_json::Value;
use serde_json::json;

use crate::model::org::PolicyId;
use crate::model::org::PolicyType;
use crate::model::org::TargetId;
use crate::model::quota;
use crate::sandbox::organizations::errors::constraint;
use crate::sandbox::organizations::errors::invalid_input;
use crate::sandbox::organizations::errors::no_policy;
use crate::sandbox::organizations::errors::no_target;
use crate::sandbox::organizations::paging::page;
use crate::sandbox::organizations::policies::policy_id;
use crate::sandbox::organizations::policies::policy_type;
use crate::sandbox::organizations::store::Organizations;
use crate::sandbox::state::Call;
use crate::sandbox::state::World;
use crate::sandbox::wire::Input;
use crate::sandbox::wire::Reply;
use crate::sandbox::wire::ServiceError;

pub(super) fn attach(world: &mut World, _: &Call, input: Input<'_>) -> Reply {
    let (id, target, policy_type) = named(&world.organizations, input)?;
    if !world.organizations.is_on(policy_type) {
        return Err(ServiceError::new(
            "PolicyTypeNotEnabledException",
            "This operation can be performed only for enabled policy types.",
        ));
    }
    if world.organizations.hangs(&id, &target) {
        return Err(ServiceError::new(
            "DuplicatePolicyAttachmentException",
            "A policy with the specified name and type already is attached to the specified target.",
        ));
    }
    let most = match policy_type {
        PolicyType::ServiceControl => quota::SCPS_PER_TARGET.value,
        PolicyType::ResourceControl => quota::RCPS_PER_TARGET.value,
    };
    if world.organizations.count_on(&target, policy_type) >= most {
        return Err(constraint(
            "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
            format!("You have exceeded the number of policies of this type ({most}) that can be attached."),
        ));
    }
    let policy = world.organizations.policies.get_mut(&id).ok_or_else(no_policy)?;
    policy.targets.insert(target);
    world.organizations.refresh();
    Ok(Value::Null)
}

/// One SCP must stay on every target, and `RCPFullAWSAccess` stays for ever.
pub(super) fn detach(world: &mut World, _: &Call, input: Input<'_>) -> Reply {
    let (id, target, policy_type) = named(&world.organizations, input)?;
    if !world.organizations.hangs(&id, &target) {
        return Err(ServiceError::new(
            "PolicyNotAttachedException",
            "The policy isn't attached to the specified target in the specified root.",
        ));
    }
    let policy = world.organizations.policies.get(&id).ok_or_else(no_policy)?;
    if policy.aws_managed && policy_type == PolicyType::ResourceControl {
        return Err(invalid_input("NON_DETACHABLE_POLICY", "You can't detach this AWS managed policy."));
    }
    if world.organizations.count_on(&target, policy_type) <= 1 {
        return Err(constraint(
            "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
            "You can't detach the last policy of this type; every entity must have at least one.",
        ));
    }
    let policy = world.organizations.policies.get_mut(&id).ok_or_else(no_policy)?;
    policy.targets.remove(&target);
    world.organizations.refresh();
    Ok(Value::Null)
}

/// Only what hangs on the target itself.
pub(super) fn list_policies(world: &mut World, _: &Call, input: Input<'_>) -> Reply {
    let organizations = &world.organizations;
    let filter = policy_type(input, "Filter")?;
    let target = target(organizations, input)?;
    let hanging = organizations
        .policies
        .iter()
        .filter(|(_, policy)| policy.policy_type == filter && policy.targets.contains(&target));
    page(
        input,
        "Policies",
        hanging.map(|(id, policy)| (id.to_string(), organizations.policy_summary(id, policy))),
    )
}

pub(super) fn list_targets(world: &mut World, _: &Call, input: Input<'_>) -> Reply {
    let organizations = &world.organizations;
    let id = policy_id(organizations, input)?;
    let policy = organizations.policies.get(&id).ok_or_else(no_policy)?;
    let mut targets: Vec<_> = policy
        .targets
        .iter()
        .map(|target| (target.to_string(), organizations.target_shown(target)))
        .collect();
    targets.sort_by(|(left, _), (right, _)| left.cmp(right));
    page(input, "Targets", targets.into_iter())
}

impl Organizations {
    fn hangs(&self, id: &PolicyId, target: &TargetId) -> bool {
        self.policies.get(id).is_some_and(|policy| policy.targets.contains(target))
    }

    fn count_on(&self, target: &TargetId, policy_type: PolicyType) -> usize {
        let hanging = |policy: &&_| -> bool {
            let policy: &crate::sandbox::organizations::store::OrgPolicy = policy;
            policy.policy_type == policy_type && policy.targets.contains(target)
        };
        self.policies.values().filter(hanging).count()
    }

    fn target_shown(&self, target: &TargetId) -> Value {
        let (arn, name, kind) = match target {
            TargetId::Root(id) => {
                (format!("arn:aws:organizations::{}:root/{}/{id}", self.management, self.id), "Root", "ROOT")
            }
            TargetId::OrganizationalUnit(id) => {
                (self.unit_arn(id), self.units.get(id).map_or("", |unit| &unit.name), "ORGANIZATIONAL_UNIT")
            }
            TargetId::Account(id) => {
                (self.account_arn(id), self.accounts.get(id).map_or("", |account| &account.name), "ACCOUNT")
            }
        };
        json!({"TargetId": target.to_string(), "Arn": arn, "Name": name, "Type": kind})
    }
}

fn named(
    organizations: &Organizations,
    input: Input<'_>,
) -> Result<(PolicyId, TargetId, PolicyType), ServiceError> {
    let target = target(organizations, input)?;
    let id = policy_id(organizations, input)?;
    let policy_type = organizations.policies.get(&id).ok_or_else(no_policy)?.policy_type;
    Ok((id, target, policy_type))
}

fn target(organizations: &Organizations, input: Input<'_>) -> Result<TargetId, ServiceError> {
    let named = input.needed("TargetId")?;
    let target: TargetId = named.parse().map_err(|_| {
        invalid_input("INVALID_PATTERN_TARGET_ID", format!("The target id {named} is not valid."))
    })?;
    if organizations.has(&target) { Ok(target) } else { Err(no_target()) }
}
