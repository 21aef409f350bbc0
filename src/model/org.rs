//! The organisation: root, organizational units, accounts, and where a policy
//! can hang.

use std::fmt;
use std::str::FromStr;

use crate::model::InvalidText;
use crate::model::account::AccountId;
use crate::model::text::{all, checked_text, lower_alphanumeric};

checked_text!(
    /// The id of an organisation, `o-` and 10 to 32 lower-case letters or digits.
    OrganizationId,
    "an organization id",
    "`o-` and 10 to 32 lower-case letters or digits",
    |text| text.strip_prefix("o-").is_some_and(|rest| all(rest, 10..=32, lower_alphanumeric))
);

checked_text!(
    /// The id of an organisation's root, `r-` and 4 to 32 lower-case letters or digits.
    RootId,
    "a root id",
    "`r-` and 4 to 32 lower-case letters or digits",
    |text| text.strip_prefix("r-").is_some_and(|rest| all(rest, 4..=32, lower_alphanumeric))
);

checked_text!(
    /// The id of an organizational unit, `ou-<root suffix>-<8 to 32>`.
    OrganizationalUnitId,
    "an organizational unit id",
    "an id such as `ou-ab12-11111111`",
    is_organizational_unit
);

checked_text!(
    /// The id of a policy of the organisation, such as `p-0123456789` or `p-FullAWSAccess`.
    PolicyId,
    "a policy id",
    "`p-` and 8 to 128 letters, digits or `_`",
    |text| text.strip_prefix("p-").is_some_and(|rest| all(rest, 8..=128, |character| {
        character.is_ascii_alphanumeric() || character == '_'
    }))
);

/// The path of an account's parent: organisation, root, organizational units,
/// each followed by a slash, ids only: `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`.
///
/// This is the value of `aws:PrincipalOrgPaths` and its siblings (IAM user
/// guide, "AWS global condition context keys", read 2026-11).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrgPath {
    organization: OrganizationId,
    root: RootId,
    units: Vec<OrganizationalUnitId>,
}

impl OrgPath {
    /// The path that leads through `units`, topmost first.
    pub fn new(organization: OrganizationId, root: RootId, units: Vec<OrganizationalUnitId>) -> Self {
        Self { organization, root, units }
    }

    /// The organisation it begins with.
    pub fn organization(&self) -> &OrganizationId {
        &self.organization
    }

    /// The root.
    pub fn root(&self) -> &RootId {
        &self.root
    }

    /// The organizational units, topmost first.
    pub fn units(&self) -> &[OrganizationalUnitId] {
        &self.units
    }

    /// The pattern that matches this place and everything below it.
    pub fn subtree_pattern(&self) -> String {
        format!("{self}*")
    }
}

impl fmt::Display for OrgPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}/", self.organization, self.root)?;
        self.units.iter().try_for_each(|unit| write!(formatter, "{unit}/"))
    }
}

impl FromStr for OrgPath {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || {
            InvalidText::new(
                "an organization path",
                text,
                "ids with a slash after each, such as `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`",
            )
        };
        let mut parts = text.strip_suffix('/').ok_or_else(invalid)?.split('/');
        let organization = parts.next().and_then(|part| part.parse().ok()).ok_or_else(invalid)?;
        let root = parts.next().and_then(|part| part.parse().ok()).ok_or_else(invalid)?;
        let units = parts.map(str::parse).collect::<Result<_, _>>().map_err(|_| invalid())?;
        Ok(Self { organization, root, units })
    }
}

/// Where a policy of the organisation can hang.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TargetId {
    /// The root: the whole organisation but the management account.
    Root(RootId),
    /// An organizational unit and all below it.
    OrganizationalUnit(OrganizationalUnitId),
    /// One account.
    Account(AccountId),
}

impl FromStr for TargetId {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let root = text.parse().map(Self::Root);
        let unit = || text.parse().map(Self::OrganizationalUnit);
        let account = || text.parse().map(Self::Account);
        root.or_else(|_| unit()).or_else(|_| account()).map_err(|_: InvalidText| {
            InvalidText::new(
                "a policy target",
                text,
                "a root id (`r-ab12`), an organizational unit id (`ou-ab12-11111111`) or a 12-digit account id",
            )
        })
    }
}

impl fmt::Display for TargetId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root(id) => id.fmt(formatter),
            Self::OrganizationalUnit(id) => id.fmt(formatter),
            Self::Account(id) => id.fmt(formatter),
        }
    }
}

/// The two kinds of policy that keyrail hangs into an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyType {
    /// A service control policy: what principals of the member accounts may do.
    ServiceControl,
    /// A resource control policy: what may be done to resources of the member accounts.
    ResourceControl,
}

impl PolicyType {
    /// The type in the spelling of the Organizations API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ServiceControl => "SERVICE_CONTROL_POLICY",
            Self::ResourceControl => "RESOURCE_CONTROL_POLICY",
        }
    }
}

impl FromStr for PolicyType {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "SERVICE_CONTROL_POLICY" => Ok(Self::ServiceControl),
            "RESOURCE_CONTROL_POLICY" => Ok(Self::ResourceControl),
            _ => Err(InvalidText::new(
                "a policy type",
                text,
                "`SERVICE_CONTROL_POLICY` or `RESOURCE_CONTROL_POLICY`",
            )),
        }
    }
}

impl fmt::Display for PolicyType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The organisation, as `DescribeOrganization` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Its id.
    pub id: OrganizationId,
    /// The account that SCPs and RCPs do not restrict.
    pub management_account: AccountId,
    /// Whether all features are on; without them there are no SCPs.
    pub all_features: bool,
}

/// The root, as `ListRoots` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// Its id.
    pub id: RootId,
    /// Whether each kind of policy is on.
    pub policy_types: Vec<(PolicyType, PolicyTypeStatus)>,
}

impl Root {
    /// Whether policies of this kind can be attached.
    pub fn is_on(&self, policy_type: PolicyType) -> bool {
        self.policy_types.contains(&(policy_type, PolicyTypeStatus::Enabled))
    }
}

/// Whether a kind of policy can be attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyTypeStatus {
    /// It can.
    Enabled,
    /// It is being switched on.
    PendingEnable,
    /// It is being switched off.
    PendingDisable,
}

/// An organizational unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationalUnit {
    /// Its id.
    pub id: OrganizationalUnitId,
    /// Its name, unique among its siblings.
    pub name: String,
}

/// A policy of the organisation without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicySummary {
    /// Its id.
    pub id: PolicyId,
    /// Its ARN as text: AWS's own policies have `aws` in place of an account.
    pub arn: String,
    /// Its name, unique within its type.
    pub name: String,
    /// Its description.
    pub description: String,
    /// Its kind.
    pub policy_type: PolicyType,
    /// Whether it is AWS's own and cannot be changed.
    pub aws_managed: bool,
}

fn is_organizational_unit(text: &str) -> bool {
    let parts = text.strip_prefix("ou-").and_then(|rest| rest.split_once('-'));
    parts.is_some_and(|(root, own)| {
        all(root, 4..=32, lower_alphanumeric) && all(own, 8..=32, lower_alphanumeric)
    })
}

#[cfg(test)]
mod tests {
    use super::OrgPath;
    use super::TargetId;

    #[test]
    fn a_path_is_ids_with_a_slash_after_each() {
        let path = "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/".parse::<OrgPath>().unwrap();
        assert_eq!(path.to_string(), "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/");
        assert_eq!(path.subtree_pattern(), "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*");
        for wrong in ["/root/dev/*", "o-a1b2c3d4e5/r-ab12", "r-ab12/", "o-a1b2c3d4e5/r-ab12/dev/", ""] {
            assert_eq!(
                wrong.parse::<OrgPath>().unwrap_err().to_string(),
                format!(
                    "`{wrong}` is not an organization path; expected ids with a slash after each, such as \
                     `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`"
                )
            );
        }
    }

    #[test]
    fn a_target_is_a_root_an_organizational_unit_or_an_account() {
        for target in ["r-ab12", "ou-ab12-11111111", "123456789012"] {
            assert_eq!(target.parse::<TargetId>().unwrap().to_string(), target);
        }
        assert!("dev".parse::<TargetId>().is_err());
    }
}
