//! The file that describes an organisation, and the one that is there from
//! the start.
//!
//! ```json
//! {
//!   "id": "o-a1b2c3d4e5",
//!   "management_account": "111111111111",
//!   "root": {
//!     "id": "r-ab12",
//!     "accounts": [{"id": "111111111111", "name": "management", "users": [{"name": "operator", …}]}],
//!     "organizational_units": [{"id": "ou-ab12-11111111", "name": "dev", "accounts": [{"id": "222222222222", "name": "dev"}]}]
//!   },
//!   "every_account": {"roles": [{"name": "terraform", "trust": {…}, "policies": [{…}]}], "users": []}
//! }
//! ```
//!
//! In the texts below `every_account`, `${account}` stands for the account's id
//! and `${management_account}` for the management account's. Policies are JSON
//! objects. Unknown members are refused. `feature_set` is `ALL` or
//! `CONSOLIDATED_BILLING`; `"enabled_policy_types"` lists what is enabled on the
//! root from the start (nothing, unless said), and `"outside"` accounts that are
//! not in the organisation.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::model::shape;

/// An organisation: its tree, its accounts, and who lives in them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organisation {
    pub(crate) id: String,
    pub(crate) management_account: String,
    #[serde(default)]
    pub(crate) feature_set: FeatureSet,
    pub(crate) root: RootDescription,
    #[serde(default)]
    pub(crate) enabled_policy_types: Vec<String>,
    #[serde(default)]
    pub(crate) every_account: People,
    /// Accounts of other people, outside the organisation.
    #[serde(default)]
    pub(crate) outside: Vec<AccountDescription>,
}

/// What an organisation can do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum FeatureSet {
    /// Policies among the rest.
    #[default]
    All,
    /// Pay together, and nothing else.
    ConsolidatedBilling,
}

/// The root and what hangs directly below it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RootDescription {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) accounts: Vec<AccountDescription>,
    #[serde(default)]
    pub(crate) organizational_units: Vec<UnitDescription>,
}

/// An organizational unit and what hangs below it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnitDescription {
    pub(crate) id: String,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) accounts: Vec<AccountDescription>,
    #[serde(default)]
    pub(crate) organizational_units: Vec<Self>,
}

/// An account.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountDescription {
    pub(crate) id: String,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) roles: Vec<RoleDescription>,
    #[serde(default)]
    pub(crate) users: Vec<UserDescription>,
}

/// Roles and users.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct People {
    #[serde(default)]
    pub(crate) roles: Vec<RoleDescription>,
    #[serde(default)]
    pub(crate) users: Vec<UserDescription>,
}

/// A role.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleDescription {
    pub(crate) name: String,
    #[serde(default = "slash")]
    pub(crate) path: String,
    pub(crate) trust: Value,
    #[serde(default)]
    pub(crate) policies: Vec<Value>,
    #[serde(default)]
    pub(crate) permissions_boundary: Option<Value>,
    #[serde(default)]
    pub(crate) tags: BTreeMap<String, String>,
    #[serde(default = "one_hour")]
    pub(crate) max_session_seconds: i64,
}

/// A user.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserDescription {
    pub(crate) name: String,
    #[serde(default = "slash")]
    pub(crate) path: String,
    #[serde(default)]
    pub(crate) policies: Vec<Value>,
    #[serde(default)]
    pub(crate) permissions_boundary: Option<Value>,
    #[serde(default)]
    pub(crate) tags: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) access_keys: Vec<AccessKey>,
    /// The six digits that the user's MFA device shows, for ever the same.
    #[serde(default)]
    pub(crate) mfa_code: Option<String>,
}

/// A long-term access key.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccessKey {
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl Organisation {
    /// The organisation that is there from the start: root `r-ab12`, the
    /// management account, and one account each in the organizational units dev
    /// and prod.
    pub fn built_in() -> Result<Self, OrganisationError> {
        Self::parse(include_str!("organisation.json"))
    }

    /// Reads a description.
    pub fn parse(text: &str) -> Result<Self, OrganisationError> {
        Ok(shape::read(text.as_bytes())?)
    }

    /// The first access key of a user of the management account, and its secret:
    /// who a command in the sandbox is, unless it says otherwise.
    pub fn operator(&self) -> Option<(&str, &str)> {
        let mut accounts: Vec<&AccountDescription> = self.root.accounts.iter().collect();
        let mut units: Vec<&UnitDescription> = self.root.organizational_units.iter().collect();
        while let Some(unit) = units.pop() {
            accounts.extend(&unit.accounts);
            units.extend(&unit.organizational_units);
        }
        let management = accounts.into_iter().find(|account| account.id == self.management_account)?;
        let key = management.users.iter().find_map(|user| user.access_keys.first())?;
        Some((&key.id, &key.secret))
    }
}

/// A description that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum OrganisationError {
    /// It does not have the shape of a description.
    #[error("the description of the organisation cannot be read: {0}")]
    Shape(#[from] shape::Misfit),
    /// Something in it is not what AWS would accept.
    #[error("the description of the organisation is not valid: {0}")]
    Content(String),
}

fn slash() -> String {
    "/".to_owned()
}

fn one_hour() -> i64 {
    3_600
}
