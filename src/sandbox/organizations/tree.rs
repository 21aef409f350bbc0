//! Reading the organisation, its units and its accounts.

use serde_json::Value;
use serde_json::json;

use crate::model::account::AccountId;
use crate::model::org::OrganizationalUnitId;
use crate::model::org::PolicyType;
use crate::model::org::TargetId;
use crate::sandbox::organizations::errors::invalid_input;
use crate::sandbox::organizations::paging::page;
use crate::sandbox::organizations::store::Organizations;
use crate::sandbox::organizations::store::Switch;
use crate::sandbox::state::Call;
use crate::sandbox::state::World;
use crate::sandbox::wire::Input;
use crate::sandbox::wire::Reply;
use crate::sandbox::wire::ServiceError;
use crate::sandbox::wire::timestamp;

#[expect(clippy::unnecessary_wraps, reason = "the shape of every operation")]
pub(super) fn describe_organization(world: &mut World, _: &Call, _: Input<'_>) -> Reply {
    let organizations = &world.organizations;
    let management = &organizations.management;
    Ok(json!({"Organization": {
        "Id": organizations.id.as_str(),
        "Arn": format!("arn:aws:organizations::{management}:organization/{}", organizations.id),
        "FeatureSet": if organizations.all_features { "ALL" } else { "CONSOLIDATED_BILLING" },
        "MasterAccountArn": organizations.account_arn(management),
        "MasterAccountId": management.as_str(),
        "MasterAccountEmail": email(management),
        "AvailablePolicyTypes": [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}],
    }}))
}

pub(super) fn list_roots(world: &mut World, _: &Call, input: Input<'_>) -> Reply {
    let organizations = &world.organizations;
    page(input, "Roots", std::iter::once((organizations.root.to_string(), organizations.root_shown(None))))
}

pub(super) fn list_units(world: &mut World, _: &Call, input: Input<'_>) -> Reply {
    let organizations = &world.organizations;
    let parent = parent(organizations, input)?;
    let units = organizations.units.iter().filter(|(_, unit)| unit.parent == parent);
    page(input, "OrganizationalUnits", units.map(|(id, _)| (id.to_string(), organizations.unit_shown(id))))
}

pub(super) fn describe_unit(world: &mut World, _: &Call, input: Input<'_>) -> Reply {
    let named = input.needed("OrganizationalUnitId")?;
    let id: OrganizationalUnitId = named.parse().map_err(|_| pattern(named))?;
    if !world.organizations.units.contains_key(&id) {
        return Err(ServiceError::new(
            "OrganizationalUnitNotFoundException",
            "You specified an organizational unit that doesn't exist.",
        ));
    }
    Ok(json!({"OrganizationalUnit": world.organizations.unit_shown(&id)}))
}

pub(super) fn list_accounts(world: &mut World, _: &Call, input: Input<'_>) -> Reply {
    let organizations = &world.organizations;
    let accounts = organizations.accounts.keys();
    page(input, "Accounts", accounts.map(|id| (id.to_string(), organizations.account_shown(id))))
}

pub(super) fn list_accounts_for_parent(world: &mut World, _: &Call, input: Input<'_>) -> Reply {
    let organizations = &world.organizations;
    let parent = parent(organizations, input)?;
    let accounts = organizations.accounts.iter().filter(|(_, account)| account.parent == parent);
    page(input, "Accounts", accounts.map(|(id, _)| (id.to_string(), organizations.account_shown(id))))
}

pub(super) fn describe_account(world: &mut World, _: &Call, input: Input<'_>) -> Reply {
    let named = input.needed("AccountId")?;
    let id: AccountId = named.parse().map_err(|_| pattern(named))?;
    if !world.organizations.accounts.contains_key(&id) {
        return Err(ServiceError::new(
            "AccountNotFoundException",
            "You specified an account that doesn't exist.",
        ));
    }
    Ok(json!({"Account": world.organizations.account_shown(&id)}))
}

pub(super) fn list_parents(world: &mut World, _: &Call, input: Input<'_>) -> Reply {
    let named = input.needed("ChildId")?;
    let child: TargetId = named.parse().map_err(|_| pattern(named))?;
    let parent = world.organizations.parent_of(&child).ok_or_else(|| {
        ServiceError::new("ChildNotFoundException", "You specified a child that doesn't exist.")
    })?;
    let kind = if matches!(parent, TargetId::Root(_)) { "ROOT" } else { "ORGANIZATIONAL_UNIT" };
    let item = json!({"Id": parent.to_string(), "Type": kind});
    page(input, "Parents", std::iter::once((parent.to_string(), item)))
}

pub(super) fn list_children(world: &mut World, _: &Call, input: Input<'_>) -> Reply {
    let organizations = &world.organizations;
    let parent = parent(organizations, input)?;
    input.needed("ChildType")?;
    let kind = input.one_of("ChildType", &["ACCOUNT", "ORGANIZATIONAL_UNIT"])?.unwrap_or_default();
    let children = organizations.targets().filter(|target| organizations.parent_of(target) == Some(&parent));
    let wanted = children.filter(|child| matches!(child, TargetId::Account(_)) == (kind == "ACCOUNT"));
    page(
        input,
        "Children",
        wanted.map(|child| (child.to_string(), json!({"Id": child.to_string(), "Type": kind}))),
    )
}

impl Organizations {
    /// The root, with one type shown in another status than it has.
    pub(super) fn root_shown(&self, other: Option<(PolicyType, &str)>) -> Value {
        let mut types: Vec<Value> = Vec::new();
        for (policy_type, switch) in &self.types {
            let own = if *switch == Switch::On { "ENABLED" } else { "PENDING_ENABLE" };
            types.push(json!({"Type": policy_type.as_str(), "Status": own}));
        }
        if let Some((policy_type, status)) = other {
            types.push(json!({"Type": policy_type.as_str(), "Status": status}));
        }
        json!({
            "Id": self.root.as_str(),
            "Arn": format!("arn:aws:organizations::{}:root/{}/{}", self.management, self.id, self.root),
            "Name": "Root",
            "PolicyTypes": types,
        })
    }

    fn unit_shown(&self, id: &OrganizationalUnitId) -> Value {
        let name = self.units.get(id).map_or("", |unit| &unit.name);
        json!({
            "Id": id.as_str(),
            "Arn": self.unit_arn(id),
            "Name": name,
            "Path": self.path_of(&TargetId::OrganizationalUnit(id.clone())).to_string(),
        })
    }

    fn account_shown(&self, id: &AccountId) -> Value {
        let Some(account) = self.accounts.get(id) else { return Value::Null };
        json!({
            "Id": id.as_str(),
            "Arn": self.account_arn(id),
            "Email": email(id),
            "Name": account.name,
            "Status": "ACTIVE",
            "State": "ACTIVE",
            "Paths": [format!("{}{id}/", self.path_of(&account.parent))],
            "JoinedMethod": "CREATED",
            "JoinedTimestamp": timestamp(account.joined),
        })
    }

    /// The ARN of an account.
    pub(super) fn account_arn(&self, id: &AccountId) -> String {
        format!("arn:aws:organizations::{}:account/{}/{id}", self.management, self.id)
    }

    /// The ARN of a unit.
    pub(super) fn unit_arn(&self, id: &OrganizationalUnitId) -> String {
        format!("arn:aws:organizations::{}:ou/{}/{id}", self.management, self.id)
    }
}

fn parent(organizations: &Organizations, input: Input<'_>) -> Result<TargetId, ServiceError> {
    let named = input.needed("ParentId")?;
    let parent: TargetId = named.parse().map_err(|_| pattern(named))?;
    if matches!(parent, TargetId::Account(_)) {
        return Err(pattern(named));
    }
    if organizations.has(&parent) {
        return Ok(parent);
    }
    Err(ServiceError::new("ParentNotFoundException", "You specified a parent that doesn't exist."))
}

fn pattern(named: &str) -> ServiceError {
    invalid_input("INVALID_PATTERN", format!("The value {named} does not match the required pattern."))
}

fn email(account: &AccountId) -> String {
    format!("aws+{account}@example.com")
}
