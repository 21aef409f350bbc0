//! Policies of the organisation: making, changing, deleting, reading.

use std::collections::BTreeSet;

use serde_json::Value;
use serde_json::json;

use crate::iam::PolicyKind;
use crate::model::org::PolicyId;
use crate::model::org::PolicyType;
use crate::model::quota;
use crate::sandbox::organizations::errors::constraint;
use crate::sandbox::organizations::errors::invalid_input;
use crate::sandbox::organizations::errors::no_policy;
use crate::sandbox::organizations::paging::page;
use crate::sandbox::organizations::store::OrgPolicy;
use crate::sandbox::organizations::store::Organizations;
use crate::sandbox::organizations::tags;
use crate::sandbox::policy::Policy;
use crate::sandbox::state::Call;
use crate::sandbox::state::World;
use crate::sandbox::wire::Input;
use crate::sandbox::wire::Reply;
use crate::sandbox::wire::ServiceError;

/// Works while the type is not enabled on the root.
pub(super) fn create(world: &mut World, _: &Call, input: Input<'_>) -> Reply {
    let policy_type = policy_type(input, "Type")?;
    let name = name(input)?.map_or_else(|| input.needed("Name"), Ok)?.to_owned();
    input.needed("Description")?;
    let description = description(input)?.unwrap_or_default().to_owned();
    let content = content(input.needed("Content")?, policy_type)?;
    let tags = tags::read(input)?;
    if !world.organizations.all_features {
        return Err(ServiceError::new(
            "PolicyTypeNotAvailableForOrganizationException",
            "You can't use the specified policy type with the feature set currently enabled for this organization.",
        ));
    }
    unique(&world.organizations, &name, policy_type, None)?;
    let id: PolicyId = format!("p-{}", world.ids.hexadecimal(10)).parse().map_err(|_| no_policy())?;
    let policy =
        OrgPolicy { name, description, policy_type, content, aws_managed: false, targets: BTreeSet::new() };
    world.organizations.policies.insert(id.clone(), policy);
    if !tags.is_empty() {
        world.organizations.tags.insert(id.to_string(), tags);
    }
    shown(&world.organizations, &id)
}

/// Members that are not there stay as they are, as does an empty description.
pub(super) fn update(world: &mut World, _: &Call, input: Input<'_>) -> Reply {
    let id = policy_id(&world.organizations, input)?;
    let policy = world.organizations.policies.get(&id).ok_or_else(no_policy)?;
    let policy_type = policy.policy_type;
    if policy.aws_managed {
        return Err(immutable());
    }
    let name = name(input)?.map(str::to_owned);
    let description = description(input)?.filter(|text| !text.is_empty()).map(str::to_owned);
    let content = input.text("Content")?.map(|text| content(text, policy_type)).transpose()?;
    if let Some(name) = &name {
        unique(&world.organizations, name, policy_type, Some(&id))?;
    }
    let policy = world.organizations.policies.get_mut(&id).ok_or_else(no_policy)?;
    policy.name = name.unwrap_or_else(|| policy.name.clone());
    policy.description = description.unwrap_or_else(|| policy.description.clone());
    policy.content = content.unwrap_or_else(|| policy.content.clone());
    world.organizations.refresh();
    shown(&world.organizations, &id)
}

pub(super) fn delete(world: &mut World, _: &Call, input: Input<'_>) -> Reply {
    let id = policy_id(&world.organizations, input)?;
    let policy = world.organizations.policies.get(&id).ok_or_else(no_policy)?;
    if policy.aws_managed {
        return Err(immutable());
    }
    if !policy.targets.is_empty() {
        return Err(ServiceError::new(
            "PolicyInUseException",
            "The policy is attached to one or more entities. You must detach it from all roots, OUs, and accounts \
             before performing this operation.",
        ));
    }
    world.organizations.policies.remove(&id);
    world.organizations.tags.remove(id.as_str());
    Ok(Value::Null)
}

pub(super) fn describe(world: &mut World, _: &Call, input: Input<'_>) -> Reply {
    let id = policy_id(&world.organizations, input)?;
    shown(&world.organizations, &id)
}

pub(super) fn list(world: &mut World, _: &Call, input: Input<'_>) -> Reply {
    let filter = policy_type(input, "Filter")?;
    let organizations = &world.organizations;
    let wanted = organizations.policies.iter().filter(|(_, policy)| policy.policy_type == filter);
    page(
        input,
        "Policies",
        wanted.map(|(id, policy)| (id.to_string(), organizations.policy_summary(id, policy))),
    )
}

impl Organizations {
    /// A policy without its content.
    pub(super) fn policy_summary(&self, id: &PolicyId, policy: &OrgPolicy) -> Value {
        json!({
            "Id": id.as_str(),
            "Arn": self.policy_arn(id, policy),
            "Name": policy.name,
            "Description": policy.description,
            "Type": policy.policy_type.as_str(),
            "AwsManaged": policy.aws_managed,
        })
    }

    /// Every policy and where it hangs, for people who look.
    pub(crate) fn overview(&self) -> Value {
        let shown = self.policies.iter().map(|(id, policy)| {
            let targets: Vec<String> = policy.targets.iter().map(ToString::to_string).collect();
            json!({
                "id": id.as_str(),
                "name": policy.name,
                "type": policy.policy_type.as_str(),
                "content": policy.content.text(),
                "targets": targets,
            })
        });
        shown.collect()
    }

    /// The ARN of a policy.
    pub(super) fn policy_arn(&self, id: &PolicyId, policy: &OrgPolicy) -> String {
        let kind = policy.policy_type.as_str().to_lowercase();
        if policy.aws_managed {
            return format!("arn:aws:organizations::aws:policy/{kind}/{id}");
        }
        format!("arn:aws:organizations::{}:policy/{}/{kind}/{id}", self.management, self.id)
    }
}

/// The type that a member names; the sandbox serves the two that keyrail
/// attaches.
pub(super) fn policy_type(input: Input<'_>, member: &str) -> Result<PolicyType, ServiceError> {
    let named = input.needed(member)?;
    named.parse().map_err(|_| {
        invalid_input(
            "INVALID_ENUM_POLICY_TYPE",
            format!("The policy type {named} is not valid, or not one that the sandbox serves."),
        )
    })
}

/// The policy that `PolicyId` names.
pub(super) fn policy_id(organizations: &Organizations, input: Input<'_>) -> Result<PolicyId, ServiceError> {
    let named = input.needed("PolicyId")?;
    let id: PolicyId = named.parse().map_err(|_| {
        invalid_input("INVALID_SYNTAX_POLICY_ID", format!("The policy id {named} is not valid."))
    })?;
    if organizations.policies.contains_key(&id) { Ok(id) } else { Err(no_policy()) }
}

fn shown(organizations: &Organizations, id: &PolicyId) -> Reply {
    let policy = organizations.policies.get(id).ok_or_else(no_policy)?;
    let summary = organizations.policy_summary(id, policy);
    Ok(json!({"Policy": {"PolicySummary": summary, "Content": policy.content.text()}}))
}

fn name(input: Input<'_>) -> Result<Option<&str>, ServiceError> {
    input.bounded("Name", quota::POLICY_NAME_CHARACTERS.value)
}

fn description(input: Input<'_>) -> Result<Option<&str>, ServiceError> {
    match input.text("Description")? {
        Some("") => Ok(Some("")),
        _ => input.bounded("Description", quota::POLICY_DESCRIPTION_CHARACTERS.value),
    }
}

/// SCPs are kept as they came. RCPs are written again: without whitespace,
/// statements as a list, and with the version that a missing one stands for
/// (recorded answers of AWS Organizations, 2026-09).
fn content(text: &str, policy_type: PolicyType) -> Result<Policy, ServiceError> {
    let (kind, most) = match policy_type {
        PolicyType::ServiceControl => (PolicyKind::ServiceControl, quota::SCP_CHARACTERS.value),
        PolicyType::ResourceControl => (PolicyKind::ResourceControl, quota::RCP_CHARACTERS.value),
    };
    if text.chars().count() > most {
        return Err(constraint(
            "POLICY_CONTENT_LIMIT_EXCEEDED",
            format!("The policy exceeds the maximum size of {most} characters."),
        ));
    }
    let malformed = |problem: String| {
        ServiceError::new(
            "MalformedPolicyDocumentException",
            format!(
                "The provided policy document does not meet the requirements of the specified policy type: {problem}"
            ),
        )
    };
    let policy = Policy::parse(text, kind).map_err(malformed)?;
    if policy_type == PolicyType::ServiceControl {
        return Ok(policy);
    }
    if allows(text) {
        return Err(malformed("a resource control policy can only deny".to_owned()));
    }
    Policy::parse(&written_again(text), kind).map_err(malformed)
}

fn written_again(text: &str) -> String {
    let mut policy: Value = serde_json::from_str(text).unwrap_or_default();
    if let Some(members) = policy.as_object_mut() {
        members.entry("Version").or_insert_with(|| json!("2008-10-17"));
        if let Some(statement) = members.get_mut("Statement").filter(|statement| statement.is_object()) {
            *statement = json!([statement]);
        }
    }
    policy.to_string()
}

/// Only AWS's own RCP may allow; a customer's copy of it is refused.
fn allows(text: &str) -> bool {
    let policy: Value = serde_json::from_str(text).unwrap_or_default();
    let allow = |statement: &Value| statement.get("Effect").and_then(Value::as_str) == Some("Allow");
    match policy.get("Statement") {
        Some(Value::Array(statements)) => statements.iter().any(allow),
        Some(statement) => allow(statement),
        None => false,
    }
}

fn unique(
    organizations: &Organizations,
    name: &str,
    policy_type: PolicyType,
    except: Option<&PolicyId>,
) -> Result<(), ServiceError> {
    let taken = organizations
        .policies
        .iter()
        .any(|(id, policy)| policy.name == name && policy.policy_type == policy_type && Some(id) != except);
    if !taken {
        return Ok(());
    }
    Err(ServiceError::new("DuplicatePolicyException", "A policy with the same name already exists."))
}

fn immutable() -> ServiceError {
    invalid_input("IMMUTABLE_POLICY", "You specified a policy that is managed by AWS and can't be modified.")
}
