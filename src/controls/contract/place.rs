//! A place of the organisation as somebody writes it: an organizational unit
//! or the root by its id, or by its whole path.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::controls::contract::settings::SettingError;
use crate::model::org::{OrgPath, OrganizationId, OrganizationalUnitId, RootId, TargetId};

/// A root or organizational unit, as much of it as was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// The whole path.
    Path(OrgPath),
    /// An organizational unit, at a depth that nobody told.
    Unit(OrganizationalUnitId),
    /// The root.
    Root(RootId),
}

impl Place {
    /// The organisation, if the place was written with it.
    pub(crate) fn organization(&self) -> Option<&OrganizationId> {
        match self {
            Self::Path(path) => Some(path.organization()),
            Self::Unit(_) | Self::Root(_) => None,
        }
    }

    /// The whole path, if it was written.
    pub(crate) fn path(&self) -> Option<OrgPath> {
        match self {
            Self::Path(path) => Some(path.clone()),
            Self::Unit(_) | Self::Root(_) => None,
        }
    }

    /// What a policy attaches to.
    pub(crate) fn target(&self) -> TargetId {
        match self {
            Self::Path(path) => match path.units().last() {
                Some(unit) => TargetId::OrganizationalUnit(unit.clone()),
                None => TargetId::Root(path.root().clone()),
            },
            Self::Unit(unit) => TargetId::OrganizationalUnit(unit.clone()),
            Self::Root(root) => TargetId::Root(root.clone()),
        }
    }

    /// Whether the other place is this one or lies below it, as far as what was
    /// written tells.
    pub(crate) fn contains(&self, other: &Self) -> bool {
        match self.target() {
            TargetId::Root(_) => true,
            TargetId::OrganizationalUnit(unit) => {
                other.target() == TargetId::OrganizationalUnit(unit.clone())
                    || other.path().is_some_and(|path| path.units().contains(&unit))
            }
            TargetId::Account(_) => false,
        }
    }

    /// The pattern of paths at and below the place: exact where the path was
    /// written, right at any depth otherwise.
    pub(crate) fn pattern(&self, organization: Option<&OrganizationId>) -> Option<String> {
        match self {
            Self::Path(path) => Some(path.subtree_pattern()),
            Self::Unit(_) | Self::Root(_) => self.pattern_at_any_depth(organization),
        }
    }

    /// The pattern that names the unit and leaves open what lies between it and
    /// the root. An id occurs once in an organisation, so it means the same as
    /// the exact one.
    pub(crate) fn pattern_at_any_depth(&self, organization: Option<&OrganizationId>) -> Option<String> {
        let organization = self.organization().or(organization)?;
        match self.target() {
            TargetId::OrganizationalUnit(unit) => {
                // `ou-<suffix of the root>-<own>` (Organizations API reference, read 2026-11).
                let root = unit.as_str().split('-').nth(1)?;
                Some(format!("{organization}/r-{root}/*{unit}/*"))
            }
            TargetId::Root(root) => Some(format!("{organization}/{root}/*")),
            TargetId::Account(_) => None,
        }
    }
}

impl FromStr for Place {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let path = text.parse().map(Self::Path);
        let unit = || text.parse().map(Self::Unit);
        let root = || text.parse().map(Self::Root);
        path.or_else(|_| unit()).or_else(|_| root()).map_err(|_| {
            "the id of an organizational unit such as `ou-ab12-11111111`, or its path such as \
             `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`"
        })
    }
}

/// What hangs on a place holds below it too: each of two environments in one
/// place would forbid the keys of the other.
pub(crate) fn check_apart(setting: &str, places: &BTreeMap<String, Place>) -> Result<(), SettingError> {
    for (outer, place) in places {
        if let Some((inner, _)) = places.iter().find(|(name, other)| *name != outer && place.contains(other))
        {
            return Err(SettingError {
                setting: setting.to_owned(),
                found: format!("`{inner}` in the place of `{outer}`"),
                required: "a place of its own for each environment, none below another".to_owned(),
            });
        }
    }
    Ok(())
}
