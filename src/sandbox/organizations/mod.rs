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
    world.organizations.pass_time(call.now);
    let (_, run) = OPERATIONS
        .iter()
        .find(|(name, _)| *name == operation)
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

/// What is served, by name.
pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("AttachPolicy", attachments::attach),
    ("CreatePolicy", policies::create),
    ("DeletePolicy", policies::delete),
    ("DescribeAccount", tree::describe_account),
    ("DescribeOrganization", tree::describe_organization),
    ("DescribeOrganizationalUnit", tree::describe_unit),
    ("DescribePolicy", policies::describe),
    ("DetachPolicy", attachments::detach),
    ("DisablePolicyType", policy_types::disable),
    ("EnablePolicyType", policy_types::enable),
    ("ListAccounts", tree::list_accounts),
    ("ListAccountsForParent", tree::list_accounts_for_parent),
    ("ListChildren", tree::list_children),
    ("ListOrganizationalUnitsForParent", tree::list_units),
    ("ListParents", tree::list_parents),
    ("ListPolicies", policies::list),
    ("ListPoliciesForTarget", attachments::list_policies),
    ("ListRoots", tree::list_roots),
    ("ListTagsForResource", tags::list),
    ("ListTargetsForPolicy", attachments::list_targets),
    ("TagResource", tags::tag),
    ("UntagResource", tags::untag),
    ("UpdatePolicy", policies::update),
];

#[cfg(test)]
mod tests;
