//! A proven plan put in force, one call after the other.
//!
//! Takes nothing but what [`crate::guardrails::prove`] let pass. What is ours
//! is known by a tag; policies of others are never touched. A run that failed
//! half-way is continued by the next one, which looks at what is there.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use thiserror::Error;

use crate::aws::{AwsError, Fault, NewPolicy, Organizations};
use crate::guardrails::change::{InForce, Name, Step, says, steps};
use crate::guardrails::prove::{Plan, Proven};
use crate::model::org::{PolicyId, PolicySummary, PolicyType, PolicyTypeStatus, TargetId};
use crate::model::tag::Tags;

/// The tag by which our policies are known; its value is the owner's name.
pub const OWNER_TAG: &str = "keyrail:guardrails";

/// What our policies carry beside their documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Livery {
    /// The value of [`OWNER_TAG`], and what every name begins with.
    pub owner: String,
    /// The description of every policy.
    pub description: String,
    /// Further tags.
    pub tags: Tags,
    /// Whether kinds of policy that are off are switched on.
    pub enable_policy_types: bool,
}

impl Livery {
    fn all_tags(&self) -> Tags {
        let mut tags = self.tags.clone();
        tags.insert(OWNER_TAG.to_owned(), self.owner.clone());
        tags
    }
}

/// Why a plan is not in force, or not in full.
#[derive(Debug, Error)]
pub enum AttachError {
    /// AWS refused or failed; what was done so far stays and is found again.
    #[error(transparent)]
    Aws(#[from] AwsError),
    /// The kind of policy is off and may not be switched on.
    #[error("policies of type {0} are off in this organisation")]
    TypeOff(PolicyType),
    /// A policy of that name exists and is not ours.
    #[error(
        "a policy `{name}` of type {policy_type} exists (`{id}`) without the tag `{OWNER_TAG}` = `{owner}`"
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
    },
    /// What was read back is not what was written, and nothing was taken away.
    #[error("the policy `{0}` is not in force yet as it was written; nothing was detached or deleted")]
    NotVerified(String),
}

/// Puts a proven plan in force and returns what is in force then.
pub async fn attach(
    plan: &Proven<Plan>,
    api: &dyn Organizations,
    livery: &Livery,
) -> Result<Vec<InForce>, AttachError> {
    let wanted = &plan.subject().documents;
    let types: BTreeSet<PolicyType> = wanted.iter().map(|packed| packed.policy_type).collect();
    switch_on(api, &types, livery.enable_policy_types).await?;
    let current = owned(api, &livery.owner, &BTreeSet::new()).await?;
    let mut work = Work::new(api, livery, &current);
    for step in steps(&current, wanted) {
        work.take(step, plan).await?;
    }
    work.dress(&current).await?;
    Ok(owned(api, &livery.owner, &work.made()).await?)
}

/// Takes everything of ours out of force.
pub async fn remove(api: &dyn Organizations, owner: &str) -> Result<(), AttachError> {
    for policy in owned(api, owner, &BTreeSet::new()).await? {
        for target in &policy.targets {
            api.detach(&policy.id, target).await?;
        }
        delete(api, &policy.id).await?;
    }
    Ok(())
}

/// Every policy of ours, by name. Policies just made are asked for by their
/// ids, because a list may not show them yet.
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
    let mut ours = Vec::new();
    for (id, summary) in
        found.into_iter().filter(|(_, summary)| !summary.aws_managed && summary.name.starts_with(owner))
    {
        if api.policy_tags(&id).await?.get(OWNER_TAG).map(String::as_str) == Some(owner) {
            ours.push(read(api, summary).await?);
        }
    }
    ours.sort_by(|one, other| (one.policy_type, &one.name).cmp(&(other.policy_type, &other.name)));
    Ok(ours)
}

async fn read(api: &dyn Organizations, summary: PolicySummary) -> Result<InForce, AwsError> {
    let (_, content) = api.policy(&summary.id).await?;
    let targets = api.targets_of(&summary.id).await?.into_iter().collect();
    let PolicySummary { id, arn, name, description, policy_type, aws_managed: _ } = summary;
    Ok(InForce { id, arn, name, policy_type, description, content, targets })
}

async fn switch_on(
    api: &dyn Organizations,
    types: &BTreeSet<PolicyType>,
    allowed: bool,
) -> Result<(), AttachError> {
    let root = api.root().await?;
    for policy_type in types {
        let on = root.policy_types.contains(&(*policy_type, PolicyTypeStatus::Enabled));
        if !on && !allowed {
            return Err(AttachError::TypeOff(*policy_type));
        }
        if !on {
            api.enable_policy_type(&root.id, *policy_type).await?;
        }
    }
    Ok(())
}

/// AWS may still count a target that was just detached.
async fn delete(api: &dyn Organizations, id: &PolicyId) -> Result<(), AwsError> {
    let mut tries = 0_u8;
    loop {
        match api.delete_policy(id).await {
            Err(error) if error.fault() == Fault::NotFound => return Ok(()),
            Err(error) if error.fault() == Fault::InvalidState && tries < PATIENCE => {
                tries = tries.saturating_add(1);
                tokio::time::sleep(PAUSE).await;
            }
            done => return done,
        }
    }
}

/// The calls of one run, and the ids of what it works on.
struct Work<'a> {
    api: &'a dyn Organizations,
    livery: &'a Livery,
    ids: BTreeMap<Name, PolicyId>,
    made: BTreeSet<PolicyId>,
}

impl<'a> Work<'a> {
    fn new(api: &'a dyn Organizations, livery: &'a Livery, current: &[InForce]) -> Self {
        let ids = current.iter().map(|policy| ((policy.policy_type, policy.name.clone()), policy.id.clone()));
        Self { api, livery, ids: ids.collect(), made: BTreeSet::new() }
    }

    fn made(&self) -> BTreeSet<PolicyId> {
        self.made.clone()
    }

    async fn take(&mut self, step: Step, plan: &Proven<Plan>) -> Result<(), AttachError> {
        match step {
            Step::Create(name, content) => self.create(name, content).await,
            Step::Verify => self.verify(plan).await,
            Step::Update(name, content) => {
                let Some(id) = self.ids.get(&name) else { return Ok(()) };
                Ok(self.api.update_policy(id, &content, &self.livery.description).await?)
            }
            Step::Attach(name, target) => match self.ids.get(&name) {
                Some(id) => Ok(self.api.attach(id, &target).await?),
                None => Ok(()),
            },
            Step::Detach(name, target) => match self.ids.get(&name) {
                Some(id) => Ok(self.api.detach(id, &target).await?),
                None => Ok(()),
            },
            Step::Delete(name) => match self.ids.get(&name) {
                Some(id) => Ok(delete(self.api, id).await?),
                None => Ok(()),
            },
        }
    }

    async fn create(&mut self, name: Name, content: String) -> Result<(), AttachError> {
        let policy = NewPolicy {
            name: name.1.clone(),
            description: self.livery.description.clone(),
            policy_type: name.0,
            content: content.clone(),
            tags: self.livery.all_tags(),
        };
        let id = match self.api.create_policy(&policy).await {
            Ok(id) => id,
            // Ours after all, if an answer was lost or the list was late.
            Err(error) if error.fault() == Fault::AlreadyExists => self.adopt(&name, &content).await?,
            Err(error) => return Err(error.into()),
        };
        self.made.insert(id.clone());
        self.ids.insert(name, id);
        Ok(())
    }

    async fn adopt(&self, name: &Name, content: &str) -> Result<PolicyId, AttachError> {
        let (policy_type, text) = (name.0, name.1.clone());
        let found = self.api.policies(policy_type).await?.into_iter().find(|summary| summary.name == text);
        let Some(summary) = found else { return Err(AttachError::NotVerified(text)) };
        let tags = self.api.policy_tags(&summary.id).await?;
        let owner = self.livery.owner.clone();
        if tags.get(OWNER_TAG) != Some(&owner) {
            return Err(AttachError::NotOurs { name: text, policy_type, id: summary.id, owner });
        }
        self.api.update_policy(&summary.id, content, &self.livery.description).await?;
        Ok(summary.id)
    }

    /// Reads back that everything wanted hangs where it is wanted, saying at
    /// least what is wanted. A change becomes visible within seconds.
    async fn verify(&self, plan: &Proven<Plan>) -> Result<(), AttachError> {
        for packed in &plan.subject().documents {
            let Some(id) = self.ids.get(&(packed.policy_type, packed.name.clone())) else { continue };
            if !self.comes_to_hold(id, &packed.targets).await? {
                return Err(AttachError::NotVerified(packed.name.clone()));
            }
        }
        Ok(())
    }

    async fn comes_to_hold(&self, id: &PolicyId, targets: &BTreeSet<TargetId>) -> Result<bool, AwsError> {
        for _ in 0..PATIENCE {
            if self.holds(id, targets).await? {
                return Ok(true);
            }
            tokio::time::sleep(PAUSE).await;
        }
        self.holds(id, targets).await
    }

    async fn holds(&self, id: &PolicyId, targets: &BTreeSet<TargetId>) -> Result<bool, AwsError> {
        let attached: BTreeSet<TargetId> = match self.api.targets_of(id).await {
            Ok(attached) => attached.into_iter().collect(),
            Err(error) if error.fault() == Fault::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        Ok(targets.is_subset(&attached))
    }

    /// Descriptions and tags of policies whose documents did not change.
    async fn dress(&self, current: &[InForce]) -> Result<(), AwsError> {
        let tags = self.livery.all_tags();
        for policy in current {
            let name = (policy.policy_type, policy.name.clone());
            let kept = self.ids.contains_key(&name) && !self.made.contains(&policy.id);
            let (summary, content) = match self.api.policy(&policy.id).await {
                Ok(found) if kept => found,
                Ok(_) => continue,
                Err(error) if error.fault() == Fault::NotFound => continue,
                Err(error) => return Err(error),
            };
            if summary.description != self.livery.description {
                self.api.update_policy(&policy.id, &content, &self.livery.description).await?;
            }
            if self.api.policy_tags(&policy.id).await? != tags {
                self.api.set_policy_tags(&policy.id, &tags).await?;
            }
        }
        Ok(())
    }
}

/// Whether a plan has nothing left to do: every document is in force as it was
/// proven, and nothing of ours beside.
pub fn is_in_force(plan: &Proven<Plan>, current: &[InForce]) -> bool {
    let same = |policy: &InForce| {
        plan.subject().documents.iter().any(|packed| {
            packed.name == policy.name
                && packed.policy_type == policy.policy_type
                && packed.targets == policy.targets
                && says(policy, &packed.content)
        })
    };
    current.len() == plan.subject().documents.len() && current.iter().all(same)
}

const PATIENCE: u8 = 30;
const PAUSE: Duration = Duration::from_secs(1);
