//! AWS Organizations: one organisation, its tree, and the policies that hang in
//! it, as the API reference describes them (API version 2016-11-28, read 2026-11).
//!
//! The endpoint is AWS's global one; with an endpoint of their own, SDKs sign
//! with the region they were given, and so any region of the scope is taken.

mod attachments;
mod errors;
mod paging;
mod policies;
mod policy_types;
mod store;
mod tags;
mod tree;

pub(crate) use self::store::Organizations;

use crate::sandbox::enforce::Ask;
use crate::sandbox::organizations::errors::input_error;
use crate::sandbox::organizations::errors::no_policy;
use crate::sandbox::state::Call;
use crate::sandbox::state::World;
use crate::sandbox::wire::Input;
use crate::sandbox::wire::Reply;
use crate::sandbox::wire::ServiceError;

/// Carries out one operation. Only the management account may call most of
/// them; any account may ask for the organisation it belongs to.
pub(crate) fn perform(world: &mut World, call: &Call, operation: &str, input: Input<'_>) -> Reply {
    let run = operation_named(operation)
        .ok_or_else(|| ServiceError::unknown_operation(&format!("organizations:{operation}")))?;
    if world.organizations.place(call.account()).is_none() {
        return Err(ServiceError::new(
            "AWSOrganizationsNotInUseException",
            "Your account is not a member of an organization.",
        ));
    }
    let manages = *call.account() == world.organizations.management;
    if operation != "DescribeOrganization" && !manages {
        return Err(ServiceError::new(
            "AccessDeniedException",
            "You don't have permissions to access this resource.",
        ));
    }
    world.authorize(call, &Ask::on_other(&format!("organizations:{operation}"), "*"))?;
    if let Some(named) = input.text("PolicyId")?
        && world.faults.is_hidden(named)
    {
        return Err(no_policy());
    }
    run(world, call, input).map_err(input_error)
}

type Operation = fn(&mut World, &Call, Input<'_>) -> Reply;

fn operation_named(operation: &str) -> Option<Operation> {
    let run: Operation = match operation {
        "DescribeOrganization" => tree::describe_organization,
        "ListRoots" => tree::list_roots,
        "ListOrganizationalUnitsForParent" => tree::list_units,
        "DescribeOrganizationalUnit" => tree::describe_unit,
        "ListAccounts" => tree::list_accounts,
        "ListAccountsForParent" => tree::list_accounts_for_parent,
        "DescribeAccount" => tree::describe_account,
        "ListParents" => tree::list_parents,
        "ListChildren" => tree::list_children,
        "CreatePolicy" => policies::create,
        "UpdatePolicy" => policies::update,
        "DeletePolicy" => policies::delete,
        "DescribePolicy" => policies::describe,
        "ListPolicies" => policies::list,
        "ListPoliciesForTarget" => attachments::list_policies,
        "ListTargetsForPolicy" => attachments::list_targets,
        "AttachPolicy" => attachments::attach,
        "DetachPolicy" => attachments::detach,
        "EnablePolicyType" => policy_types::enable,
        "DisablePolicyType" => policy_types::disable,
        "TagResource" => tags::tag,
        "UntagResource" => tags::untag,
        "ListTagsForResource" => tags::list,
        _ => return None,
    };
    Some(run)
}

#[cfg(test)]
mod tests;
