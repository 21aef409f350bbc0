//! The part of an organisation that a plan speaks of: ids, and the path of
//! every place that something hangs on.

use std::collections::BTreeMap;

use crate::model::account::AccountId;
use crate::model::org::{OrgPath, OrganizationId, OrganizationalUnitId, RootId, TargetId};

/// Where the targets of a plan are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    organization: OrganizationId,
    root: RootId,
    management_account: Option<AccountId>,
    paths: BTreeMap<TargetId, OrgPath>,
}

impl Layout {
    /// An organisation of which only the root is known yet.
    pub fn new(organization: OrganizationId, root: RootId, management_account: Option<AccountId>) -> Self {
        let path = OrgPath::new(organization.clone(), root.clone(), Vec::new());
        let paths = BTreeMap::from([(TargetId::Root(root.clone()), path)]);
        Self { organization, root, management_account, paths }
    }

    /// Adds a place: an organizational unit with its own path, an account with
    /// the path of its parent. A path of another organisation is ignored.
    #[must_use]
    pub fn with(mut self, target: TargetId, path: OrgPath) -> Self {
        if *path.organization() == self.organization && *path.root() == self.root {
            self.paths.insert(target, path);
        }
        self
    }

    /// The organisation.
    pub fn organization(&self) -> &OrganizationId {
        &self.organization
    }

    /// The root.
    pub fn root(&self) -> TargetId {
        TargetId::Root(self.root.clone())
    }

    /// The account that policies of the organisation do not restrict.
    pub fn management_account(&self) -> Option<&AccountId> {
        self.management_account.as_ref()
    }

    /// The path of a target; for an account that of its parent.
    pub fn path(&self, target: &TargetId) -> Option<&OrgPath> {
        self.paths.get(target)
    }

    /// The path that leads from the root through these units, topmost first.
    pub fn below_root(&self, units: Vec<OrganizationalUnitId>) -> OrgPath {
        OrgPath::new(self.organization.clone(), self.root.clone(), units)
    }

    /// Every known place with its path.
    pub fn paths(&self) -> &BTreeMap<TargetId, OrgPath> {
        &self.paths
    }

    /// The targets whose policies hold for an account below `path`, root first.
    pub fn levels(path: &OrgPath) -> Vec<TargetId> {
        let units = path.units().iter().cloned().map(TargetId::OrganizationalUnit);
        std::iter::once(TargetId::Root(path.root().clone())).chain(units).collect()
    }

    /// Whether what hangs on `upper` holds below `lower` too.
    pub fn is_above(&self, upper: &TargetId, lower: &TargetId) -> bool {
        upper != lower && self.path(lower).is_some_and(|path| Self::levels(path).contains(upper))
    }
}
