//! The organisation: who is below whom, which policies there are, and where
//! they hang.
//!
//! INVARIANT: while a policy type is enabled, its full-access policy hangs on
//! the root, every unit and every account, unless somebody detached it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Value;
use time::OffsetDateTime;

use crate::iam::PolicyKind;
use crate::iam::evaluate::Level;
use crate::iam::evaluate::Organisation as Placed;
use crate::model::account::AccountId;
use crate::model::org::OrgPath;
use crate::model::org::OrganizationId;
use crate::model::org::OrganizationalUnitId;
use crate::model::org::PolicyId;
use crate::model::org::PolicyType;
use crate::model::org::RootId;
use crate::model::org::TargetId;
use crate::model::tag::Tags;
use crate::sandbox::clock::Clock;
use crate::sandbox::organisation::AccountDescription;
use crate::sandbox::organisation::FeatureSet;
use crate::sandbox::organisation::Organisation;
use crate::sandbox::organisation::OrganisationError;
use crate::sandbox::organisation::UnitDescription;
use crate::sandbox::policy::Policy;

/// The organisation.
#[derive(Debug)]
pub(crate) struct Organizations {
    pub(super) id: OrganizationId,
    pub(super) management: AccountId,
    pub(super) all_features: bool,
    pub(super) root: RootId,
    pub(super) units: BTreeMap<OrganizationalUnitId, Unit>,
    pub(super) accounts: BTreeMap<AccountId, Account>,
    pub(super) types: BTreeMap<PolicyType, Switch>,
    pub(super) policies: BTreeMap<PolicyId, OrgPolicy>,
    pub(super) tags: BTreeMap<String, Tags>,
    chains: BTreeMap<(AccountId, PolicyType), Vec<Level>>,
}

/// An organizational unit.
#[derive(Debug)]
pub(super) struct Unit {
    pub(super) name: String,
    pub(super) parent: TargetId,
}

/// An account of the organisation.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) name: String,
    pub(super) parent: TargetId,
    pub(super) joined: OffsetDateTime,
}

/// Whether a policy type is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Switch {
    On,
    /// On from then.
    Pending(OffsetDateTime),
}

/// A policy of the organisation.
#[derive(Debug, Clone)]
pub(super) struct OrgPolicy {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) policy_type: PolicyType,
    pub(super) content: Policy,
    pub(super) aws_managed: bool,
    pub(super) targets: BTreeSet<TargetId>,
}

impl Organizations {
    /// The organisation as it is described.
    pub(crate) fn new(described: &Organisation) -> Result<Self, OrganisationError> {
        let root: RootId = described.root.id.parse().map_err(content)?;
        let mut organizations = Self {
            id: described.id.parse().map_err(content)?,
            management: described.management_account.parse().map_err(content)?,
            all_features: described.feature_set == FeatureSet::All,
            root: root.clone(),
            units: BTreeMap::new(),
            accounts: BTreeMap::new(),
            types: BTreeMap::new(),
            policies: BTreeMap::new(),
            tags: BTreeMap::new(),
            chains: BTreeMap::new(),
        };
        let top = TargetId::Root(root);
        organizations.add_accounts(&described.root.accounts, &top)?;
        organizations.add_units(&described.root.organizational_units, &top, 1)?;
        if !organizations.accounts.contains_key(&organizations.management) {
            let message = format!("the management account `{}` is not in the tree", organizations.management);
            return Err(OrganisationError::Content(message));
        }
        for policy_type in [PolicyType::ServiceControl, PolicyType::ResourceControl] {
            let (id, policy) = full_access(policy_type)?;
            organizations.policies.insert(id, policy);
        }
        for named in &described.enabled_policy_types {
            organizations.switch_on(named.parse().map_err(content)?);
        }
        Ok(organizations)
    }

    /// Where an account is, if it is in the organisation.
    pub(crate) fn place(&self, account: &AccountId) -> Option<Placed> {
        Some(Placed {
            id: self.id.to_string(),
            path: self.path_of(&self.accounts.get(account)?.parent).to_string(),
            management_account: *account == self.management,
        })
    }

    /// The policies of a kind from the root down to an account; nothing while
    /// the kind is not enabled, and for accounts outside.
    pub(crate) fn chain(&self, account: &AccountId, policy_type: PolicyType) -> Option<Vec<Level>> {
        self.chains.get(&(account.clone(), policy_type)).cloned()
    }

    /// The ARN of the policy of this type on a target that has a statement with this Sid.
    pub(crate) fn policy_with_sid(&self, policy_type: PolicyType, target: &str, sid: &str) -> Option<String> {
        let hangs = |policy: &OrgPolicy| {
            policy.policy_type == policy_type
                && policy.targets.iter().any(|place| place.to_string() == target)
        };
        let found =
            self.policies.iter().find(|(_, policy)| hangs(policy) && has_sid(policy.content.text(), sid));
        found.map(|(id, policy)| self.policy_arn(id, policy))
    }

    /// Whether policies of this type can hang.
    pub(super) fn is_on(&self, policy_type: PolicyType) -> bool {
        self.types.get(&policy_type) == Some(&Switch::On)
    }

    /// Switches a type on for good: its full-access policy hangs everywhere.
    pub(super) fn switch_on(&mut self, policy_type: PolicyType) {
        self.types.insert(policy_type, Switch::On);
        let everywhere: BTreeSet<TargetId> = self.targets().collect();
        for policy in self.policies.values_mut().filter(|policy| policy.aws_managed) {
            if policy.policy_type == policy_type {
                policy.targets.clone_from(&everywhere);
            }
        }
        self.refresh();
    }

    /// Finishes what is done in the background.
    pub(super) fn pass_time(&mut self, now: OffsetDateTime) {
        let due = |switch: &Switch| matches!(switch, Switch::Pending(until) if *until <= now);
        let due: Vec<PolicyType> = self
            .types
            .iter()
            .filter(|(_, switch)| due(switch))
            .map(|(policy_type, _)| *policy_type)
            .collect();
        for policy_type in due {
            self.switch_on(policy_type);
        }
    }

    /// Everything a policy can hang on.
    pub(super) fn targets(&self) -> impl Iterator<Item = TargetId> {
        std::iter::once(TargetId::Root(self.root.clone()))
            .chain(self.units.keys().cloned().map(TargetId::OrganizationalUnit))
            .chain(self.accounts.keys().cloned().map(TargetId::Account))
    }

    /// Whether this is a root, unit or account of the organisation.
    pub(super) fn has(&self, target: &TargetId) -> bool {
        match target {
            TargetId::Root(id) => *id == self.root,
            TargetId::OrganizationalUnit(id) => self.units.contains_key(id),
            TargetId::Account(id) => self.accounts.contains_key(id),
        }
    }

    /// What a unit or account hangs below.
    pub(super) fn parent_of(&self, target: &TargetId) -> Option<&TargetId> {
        match target {
            TargetId::Root(_) => None,
            TargetId::OrganizationalUnit(id) => self.units.get(id).map(|unit| &unit.parent),
            TargetId::Account(id) => self.accounts.get(id).map(|account| &account.parent),
        }
    }

    /// The path of a root or unit, its own id last.
    pub(super) fn path_of(&self, target: &TargetId) -> OrgPath {
        let mut units = Vec::new();
        let mut at = Some(target);
        while let Some(place) = at {
            if let TargetId::OrganizationalUnit(id) = place {
                units.push(id.clone());
            }
            at = self.parent_of(place);
        }
        units.reverse();
        OrgPath::new(self.id.clone(), self.root.clone(), units)
    }

    /// Works the chains out again after policies or attachments changed.
    pub(super) fn refresh(&mut self) {
        let mut chains = BTreeMap::new();
        for policy_type in [PolicyType::ServiceControl, PolicyType::ResourceControl] {
            if !self.is_on(policy_type) {
                continue;
            }
            for account in self.accounts.keys() {
                chains.insert((account.clone(), policy_type), self.levels(account, policy_type));
            }
        }
        self.chains = chains;
    }

    fn levels(&self, account: &AccountId, policy_type: PolicyType) -> Vec<Level> {
        let account = TargetId::Account(account.clone());
        let mut levels = Vec::new();
        let mut at = Some(&account);
        while let Some(place) = at {
            let hanging = self
                .policies
                .values()
                .filter(|policy| policy.policy_type == policy_type && policy.targets.contains(place));
            levels.push(Level::new(&place.to_string(), hanging.map(|policy| policy.content.compiled())));
            at = self.parent_of(place);
        }
        levels.reverse();
        levels
    }

    fn add_accounts(
        &mut self,
        accounts: &[AccountDescription],
        parent: &TargetId,
    ) -> Result<(), OrganisationError> {
        for described in accounts {
            let id: AccountId = described.id.parse().map_err(content)?;
            let account =
                Account { name: described.name.clone(), parent: parent.clone(), joined: Clock::real() };
            if self.accounts.insert(id, account).is_some() {
                return Err(OrganisationError::Content(format!(
                    "the account `{}` is there twice",
                    described.id
                )));
            }
        }
        Ok(())
    }

    /// Units go at most five levels deep (Organizations user guide, "Quotas",
    /// read 2026-09).
    fn add_units(
        &mut self,
        units: &[UnitDescription],
        parent: &TargetId,
        depth: u8,
    ) -> Result<(), OrganisationError> {
        if depth > 5 && !units.is_empty() {
            return Err(OrganisationError::Content(
                "organizational units are more than five levels deep".to_owned(),
            ));
        }
        for described in units {
            let id: OrganizationalUnitId = described.id.parse().map_err(content)?;
            let unit = Unit { name: described.name.clone(), parent: parent.clone() };
            if self.units.insert(id.clone(), unit).is_some() {
                return Err(OrganisationError::Content(format!("the unit `{id}` is there twice")));
            }
            let here = TargetId::OrganizationalUnit(id);
            self.add_accounts(&described.accounts, &here)?;
            self.add_units(&described.organizational_units, &here, depth.saturating_add(1))?;
        }
        Ok(())
    }
}

fn full_access(policy_type: PolicyType) -> Result<(PolicyId, OrgPolicy), OrganisationError> {
    let (id, name, description, text, kind) = match policy_type {
        PolicyType::ServiceControl => (
            "p-FullAWSAccess",
            "FullAWSAccess",
            "Allows access to every operation",
            "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}]}",
            PolicyKind::ServiceControl,
        ),
        PolicyType::ResourceControl => (
            "p-RCPFullAWSAccess",
            "RCPFullAWSAccess",
            "Allow access to every operation",
            "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"*\",\"Resource\":\"*\"}]}",
            PolicyKind::ResourceControl,
        ),
    };
    let policy = OrgPolicy {
        name: name.to_owned(),
        description: description.to_owned(),
        policy_type,
        content: Policy::parse(text, kind).map_err(OrganisationError::Content)?,
        aws_managed: true,
        targets: BTreeSet::new(),
    };
    Ok((id.parse().map_err(content)?, policy))
}

fn has_sid(text: &str, sid: &str) -> bool {
    let policy: Value = serde_json::from_str(text).unwrap_or_default();
    let named = |statement: &Value| statement.get("Sid").and_then(Value::as_str) == Some(sid);
    match policy.get("Statement") {
        Some(Value::Array(statements)) => statements.iter().any(named),
        Some(statement) => named(statement),
        None => false,
    }
}

fn content(error: impl std::fmt::Display) -> OrganisationError {
    OrganisationError::Content(error.to_string())
}
