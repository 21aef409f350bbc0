//! What is in the organisation today, as far as a plan needs it.

use std::collections::{BTreeMap, BTreeSet};

use crate::aws::{AwsError, Fault, Organizations};
use crate::controls::contract::place::Place;
use crate::guardrails::attach::{Claim, Divided, OwnerId, owned, owner_of};
use crate::guardrails::change::InForce;
use crate::guardrails::layout::Layout;
use crate::model::org::{OrgPath, OrganizationalUnitId, PolicyId, PolicyType, TargetId};
use crate::model::quota;
use crate::provider::resources::kms_org_guardrails::wanted::{Spot, Wanted};
use crate::tf::Path;

/// How many policies hang somewhere, by kind and target.
pub(crate) type Attachments = BTreeMap<(PolicyType, TargetId), usize>;

/// The organisation as it was found.
#[derive(Debug)]
pub(crate) struct Survey {
    /// Where everything is that the plan speaks of.
    pub(crate) layout: Layout,
    /// The place of each environment.
    pub(crate) environments: BTreeMap<String, TargetId>,
    /// What is ours.
    pub(crate) current: Vec<InForce>,
    /// What has our prefix and belongs to another resource.
    pub(crate) others: Vec<InForce>,
    /// Attachments of others by the time that ours are attached, by kind and target.
    pub(crate) taken: Attachments,
    /// The kinds of policy that are switched off.
    pub(crate) off: BTreeSet<PolicyType>,
}

/// What belongs to the resource that is asked for, of what has its prefix.
#[derive(Debug, Clone)]
pub(crate) struct Stake {
    /// What is its own.
    pub(crate) claim: Claim,
    /// Whose policies are gone by the time that it is made: those of the one that it replaces.
    pub(crate) leaving: Option<OwnerId>,
}

impl Stake {
    /// Of a resource that is there already.
    pub(crate) fn standing(claim: Claim) -> Self {
        Self { claim, leaving: None }
    }

    /// Of one that is new and takes the place of another.
    pub(crate) fn new(leaving: Option<OwnerId>) -> Self {
        Self { claim: Claim::New, leaving }
    }

    fn leaves(&self, policy: &InForce) -> bool {
        self.leaving.is_some() && owner_of(&policy.tags) == self.leaving
    }
}

/// A survey that failed.
#[derive(Debug)]
pub(crate) enum SurveyError {
    /// A call to AWS.
    Aws(AwsError),
    /// There is no such place in the organisation.
    Nowhere {
        /// What was looked for.
        target: TargetId,
        /// The argument that names it; none if the provider block does.
        named_by: Option<Path>,
    },
    /// The organisation has consolidated billing only.
    NoPolicies,
}

impl From<AwsError> for SurveyError {
    fn from(error: AwsError) -> Self {
        Self::Aws(error)
    }
}

impl Survey {
    /// Asks AWS; `known` are the places of environments that the provider block names.
    pub(crate) async fn take(
        api: &dyn Organizations,
        wanted: &Wanted,
        known: &BTreeMap<String, Place>,
        stake: &Stake,
    ) -> Result<Self, SurveyError> {
        let organization = api.organization().await?;
        if !organization.all_features {
            return Err(SurveyError::NoPolicies);
        }
        let root = api.root().await?;
        let off: BTreeSet<PolicyType> =
            wanted.policy_types.iter().copied().filter(|kind| !root.is_on(*kind)).collect();
        let layout = Layout::new(organization.id, root.id, Some(organization.management_account));
        let places = known.iter().chain(&wanted.environments);
        let environments: BTreeMap<String, TargetId> =
            places.map(|(name, place)| (name.clone(), place.target())).collect();
        let layout = laid_out(api, wanted, layout, environments.values().cloned()).await?;
        let found = owned(api, &wanted.name_prefix, &BTreeSet::new()).await?;
        let (leaving, staying) = found.into_iter().partition(|policy| stake.leaves(policy));
        let Divided { ours: current, others } = stake.claim.divide(staying);
        let ids = current.iter().chain(&leaving).map(|policy| policy.id.clone()).collect();
        let taken = self::others(api, &wanted.policy_types, &layout, &ids).await?;
        let taken = with_aws_own(taken, &off);
        Ok(Self { layout, environments, current, others, taken, off })
    }

    /// Attachments of ours.
    pub(crate) fn standing(&self) -> Attachments {
        let mut standing = Attachments::new();
        for policy in &self.current {
            for target in &policy.targets {
                let count = standing.entry((policy.policy_type, target.clone())).or_default();
                *count = count.saturating_add(1);
            }
        }
        standing
    }

    /// The target that a key of `ou_map` means.
    pub(crate) fn target(&self, spot: &Spot) -> Option<TargetId> {
        match spot {
            Spot::Root => Some(self.layout.root()),
            Spot::Environment(name) => self.environments.get(name).cloned(),
            Spot::Target(target) => Some(target.clone()),
        }
    }
}

/// The layout with every place that the configuration names.
async fn laid_out(
    api: &dyn Organizations,
    wanted: &Wanted,
    mut layout: Layout,
    environments: impl Iterator<Item = TargetId>,
) -> Result<Layout, SurveyError> {
    let spots = wanted.hung.keys().filter_map(|spot| match spot {
        Spot::Target(target) => Some(target.clone()),
        Spot::Root | Spot::Environment(_) => None,
    });
    let targets: BTreeSet<TargetId> = spots.chain(environments).collect();
    for target in targets {
        match path_of(api, &layout, &target).await {
            Ok(Some(path)) => layout = layout.with(target, path),
            Ok(None) => {}
            Err(error) if error.fault() == Fault::NotFound => {
                let named_by = named_by(wanted, &target);
                return Err(SurveyError::Nowhere { target, named_by });
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(layout)
}

fn named_by(wanted: &Wanted, target: &TargetId) -> Option<Path> {
    let environment = wanted.environments.iter().find(|(_, place)| place.target() == *target);
    let hung = || wanted.hung.contains_key(&Spot::Target(target.clone()));
    match environment {
        Some((name, _)) => Some(Path::attribute("environments").key(name)),
        None => hung().then(|| Path::attribute("ou_map").key(target.to_string())),
    }
}

/// The path of a place, walked upwards; nothing if it is in another organisation.
pub(crate) async fn path_of(
    api: &dyn Organizations,
    layout: &Layout,
    target: &TargetId,
) -> Result<Option<OrgPath>, AwsError> {
    let mut units: Vec<OrganizationalUnitId> = Vec::new();
    let mut here = target.clone();
    for _ in 0..quota::ORGANIZATION_LEVELS.value {
        match &here {
            TargetId::Root(root) if layout.root() == here => {
                units.reverse();
                return Ok(Some(OrgPath::new(layout.organization().clone(), root.clone(), units)));
            }
            TargetId::Root(_) => return Ok(None),
            TargetId::OrganizationalUnit(unit) => units.push(unit.clone()),
            TargetId::Account(_) => {}
        }
        let Some(parent) = api.parent_of(&here).await? else { return Ok(None) };
        here = parent;
    }
    Ok(None)
}

/// How many policies hang on every place beside these.
pub(super) async fn others(
    api: &dyn Organizations,
    types: &BTreeSet<PolicyType>,
    layout: &Layout,
    ours: &BTreeSet<PolicyId>,
) -> Result<Attachments, AwsError> {
    let mut others = Attachments::new();
    for policy_type in types {
        for target in layout.paths().keys() {
            let attached = api.attached_to(target, *policy_type).await?;
            let count = attached.iter().filter(|summary| !ours.contains(&summary.id)).count();
            others.insert((*policy_type, target.clone()), count);
        }
    }
    Ok(others)
}

/// Switching a kind on hangs AWS's own policy of that kind everywhere, and a list may not show it yet.
pub(super) fn with_aws_own(mut others: Attachments, coming: &BTreeSet<PolicyType>) -> Attachments {
    for ((policy_type, _), count) in &mut others {
        *count = (*count).max(usize::from(coming.contains(policy_type)));
    }
    others
}
