//! A proven plan put in force, one call after the other.
//!
//! Takes nothing but what [`crate::guardrails::prove`] let pass. What is ours
//! is known by a tag; policies of others are never touched. A run that failed
//! half-way is continued by the next one, which looks at what is there.

mod owner;
mod patience;
mod work;

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

use thiserror::Error;

use crate::aws::{AwsError, Fault, Organizations};
use crate::guardrails::change::{InForce, NoRoom, Step, steps};
use crate::guardrails::prove::{Plan, Proven};
use crate::model::org::{PolicyId, PolicySummary, PolicyType, RootId};
use crate::model::tag::{IgnoredTags, Tags};
use patience::Progress;
use work::{Work, delete};

pub use owner::{Claim, Divided, ID_TAG, OWNER_TAG, OwnerId, id as owner_of};
pub use patience::{Cut, Patience, Report};

/// What our policies carry beside their documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Livery {
    /// The value of [`OWNER_TAG`], and what every name begins with.
    pub owner: String,
    /// The value of [`ID_TAG`].
    pub id: OwnerId,
    /// What is the resource's already.
    pub claim: Claim,
    /// The description of every policy.
    pub description: String,
    /// Further tags.
    pub tags: Tags,
    /// Tags that somebody else manages.
    pub ignored: IgnoredTags,
    /// Whether kinds of policy that are off are switched on.
    pub enable_policy_types: bool,
}

impl Livery {
    /// What a policy carries while the run goes on.
    fn first_tags(&self) -> Tags {
        self.all_tags(self.claim != Claim::New)
    }

    /// What a policy carries in the end.
    fn last_tags(&self) -> Tags {
        self.all_tags(true)
    }

    fn all_tags(&self, finished: bool) -> Tags {
        let mut tags = self.tags.clone();
        tags.insert(OWNER_TAG.to_owned(), self.owner.clone());
        tags.insert(ID_TAG.to_owned(), self.id.tag(finished));
        tags
    }
}

/// Why a plan is not in force, or not in full.
#[derive(Debug, Error)]
pub enum AttachError {
    /// AWS refused or failed; what was done so far stays and is found again.
    #[error(transparent)]
    Aws(#[from] AwsError),
    /// It took too long, or somebody interrupted.
    #[error("{0}")]
    Cut(Cut),
    /// There is no order in which nothing is unprotected for a while.
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
    /// The kind of policy is off and may not be switched on.
    #[error("policies of type {0} are off in this organisation")]
    TypeOff(PolicyType),
    /// Guardrails of this prefix are in force and belong to another resource.
    #[error("guardrails with the prefix `{prefix}` exist already: {}", names.join(", "))]
    Taken {
        /// What their names begin with.
        prefix: String,
        /// The names of their policies.
        names: Vec<String>,
    },
    /// A policy of that name exists and is not ours.
    #[error(
        "a policy `{name}` of type {policy_type} exists (`{id}`) without the tags `{OWNER_TAG}` = `{owner}` and \
         `{ID_TAG}` = `{owner_id}`"
    )]
    NotOurs {
        /// Its name.
        name: String,
        /// Its kind.
        policy_type: PolicyType,
        /// Its id.
        id: PolicyId,
        /// The owner it would have to have.
        owner: String,
        /// The owner's id that it would have to have.
        owner_id: OwnerId,
    },
    /// Another run took over what this one had made.
    #[error("another run with the prefix `{0}` took the policies over while they were made")]
    TakenOver(String),
    /// A step works on a policy that nobody made; a bug.
    #[error("the policy `{0}` is to be changed and was never made; please report this")]
    Lost(String),
}

/// A run that did not come to its end.
#[derive(Debug, Error)]
#[error("{cause}")]
pub struct Halted {
    /// Why.
    #[source]
    pub cause: AttachError,
    /// How far it came. What was done stays, and the next run goes on from there.
    pub report: Report,
}

/// Puts a proven plan in force and returns what is in force then.
pub async fn attach(
    plan: &Proven<Plan>,
    api: &dyn Organizations,
    livery: &Livery,
    patience: &Patience,
) -> Result<Vec<InForce>, Halted> {
    let progress = Progress::default();
    limited(put_in_force(plan, api, livery, patience, &progress), patience, &progress).await
}

/// Takes everything of ours out of force.
pub async fn remove(
    api: &dyn Organizations,
    owner: &str,
    claim: &Claim,
    patience: &Patience,
) -> Result<(), Halted> {
    let progress = Progress::default();
    limited(take_away(api, owner, claim, patience, &progress), patience, &progress).await
}

async fn limited<T>(
    run: impl Future<Output = Result<T, AttachError>>,
    patience: &Patience,
    progress: &Progress,
) -> Result<T, Halted> {
    let done = patience.limit(run).await.map_err(AttachError::Cut).and_then(|done| done);
    done.map_err(|cause| Halted { cause, report: progress.so_far() })
}

async fn put_in_force(
    plan: &Proven<Plan>,
    api: &dyn Organizations,
    livery: &Livery,
    patience: &Patience,
    progress: &Progress,
) -> Result<Vec<InForce>, AttachError> {
    let wanted = &plan.subject().documents;
    let Divided { ours: current, others } =
        livery.claim.divide(owned(api, &livery.owner, &BTreeSet::new()).await?);
    if livery.claim == Claim::New && !others.is_empty() {
        let names = others.into_iter().map(|policy| policy.name).collect();
        return Err(AttachError::Taken { prefix: livery.owner.clone(), names });
    }
    let steps = steps(&current, plan.subject(), &livery.owner)?;
    let types: BTreeSet<PolicyType> = wanted.iter().map(|packed| packed.policy_type).collect();
    let root = api.root().await?;
    let off: BTreeSet<PolicyType> = types.into_iter().filter(|kind| !root.is_on(*kind)).collect();
    progress.ahead(steps.len().saturating_add(off.len()));
    switch_on(api, &root.id, &off, livery.enable_policy_types, patience, progress).await?;
    let mut work = Work::new(api, livery, patience, progress, &current);
    work.take_over(&current).await?;
    for step in steps {
        progress.begins(&step);
        work.take(step).await?;
        progress.done();
    }
    let in_force = owned(api, &livery.owner, work.made()).await?;
    // The last tags say that it is made in full, so nothing that may fail comes after them.
    work.dress().await?;
    Ok(in_force.into_iter().filter(|policy| work.is_ours(policy)).collect())
}

async fn take_away(
    api: &dyn Organizations,
    owner: &str,
    claim: &Claim,
    patience: &Patience,
    progress: &Progress,
) -> Result<(), AttachError> {
    let Divided { ours, others: _ } = claim.divide(owned(api, owner, &BTreeSet::new()).await?);
    let steps = ours.iter().map(|policy| policy.targets.len().saturating_add(1));
    progress.ahead(steps.fold(0, usize::saturating_add));
    for policy in &ours {
        let name = (policy.policy_type, policy.name.clone());
        for target in &policy.targets {
            progress.begins(&Step::Detach(name.clone(), target.clone()));
            patience.call(progress, || api.detach(&policy.id, target)).await?;
            progress.done();
        }
        progress.begins(&Step::Delete(name));
        delete(api, patience, progress, &policy.id).await?;
        progress.done();
    }
    Ok(())
}

/// Every policy of this prefix, whosever it is, by name. Policies just made are asked for by their
/// ids, because a list may not show them yet; what a list still shows and is
/// gone is left out.
pub async fn owned(
    api: &dyn Organizations,
    owner: &str,
    made: &BTreeSet<PolicyId>,
) -> Result<Vec<InForce>, AwsError> {
    let mut found: BTreeMap<PolicyId, PolicySummary> = BTreeMap::new();
    for policy_type in [PolicyType::ServiceControl, PolicyType::ResourceControl] {
        let policies = api.policies(policy_type).await?;
        found.extend(policies.into_iter().map(|summary| (summary.id.clone(), summary)));
    }
    for id in made {
        let (summary, _) = api.policy(id).await?;
        found.insert(id.clone(), summary);
    }
    let ours = |summary: &PolicySummary| !summary.aws_managed && summary.name.starts_with(owner);
    let mut all = Vec::new();
    for summary in found.into_values().filter(ours) {
        match read(api, owner, summary).await {
            Err(error) if error.fault() == Fault::NotFound => {}
            found => all.extend(found?),
        }
    }
    all.sort_by(|one, other| (one.policy_type, &one.name).cmp(&(other.policy_type, &other.name)));
    Ok(all)
}

/// A policy with all that belongs to it; nothing if it has not this prefix in its tag.
async fn read(
    api: &dyn Organizations,
    owner: &str,
    summary: PolicySummary,
) -> Result<Option<InForce>, AwsError> {
    let tags = api.policy_tags(&summary.id).await?;
    if tags.get(OWNER_TAG).map(String::as_str) != Some(owner) {
        return Ok(None);
    }
    let (_, content) = api.policy(&summary.id).await?;
    let targets = api.targets_of(&summary.id).await?.into_iter().collect();
    let PolicySummary { id, arn, name, description, policy_type, aws_managed: _ } = summary;
    Ok(Some(InForce { id, arn, name, policy_type, description, tags, content, targets }))
}

async fn switch_on(
    api: &dyn Organizations,
    root: &RootId,
    off: &BTreeSet<PolicyType>,
    allowed: bool,
    patience: &Patience,
    progress: &Progress,
) -> Result<(), AttachError> {
    for policy_type in off {
        if !allowed {
            return Err(AttachError::TypeOff(*policy_type));
        }
        progress.begins(&format_args!("switch policies of type {policy_type} on"));
        patience.call(progress, || api.enable_policy_type(root, *policy_type)).await?;
        progress.done();
    }
    Ok(())
}

#[cfg(test)]
mod tests;
