//! Organizations in memory: policies and where they hang, AWS's quotas, a
//! script of faults, and every state there ever was.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;

use crate::aws::{AwsError, Fault, NewPolicy, Organizations};
use crate::guardrails::change::InForce;
use crate::model::org::{
    Organization, OrganizationalUnit, PolicyId, PolicySummary, PolicyType, PolicyTypeStatus, Root, RootId,
    TargetId,
};
use crate::model::tag::Tags;

/// What goes wrong at one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Refused before it was carried out.
    Refused(Fault),
    /// Carried out, and the answer was lost.
    Unanswered,
    /// Carried out; the next so many reads show what was there before.
    Late(u32),
    /// Not carried out and never answered.
    Silence,
}

/// One policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Policy {
    pub(super) summary: PolicySummary,
    pub(super) content: String,
    pub(super) tags: Tags,
    pub(super) targets: BTreeSet<TargetId>,
}

/// Every policy by its id.
pub(super) type State = BTreeMap<PolicyId, Policy>;

#[derive(Debug)]
pub(super) struct FakeOrganizations {
    world: Mutex<World>,
}

#[derive(Debug, Default)]
struct World {
    now: State,
    /// What reads show while they are late, and how many still do.
    stale: Option<(State, u32)>,
    history: Vec<State>,
    off: BTreeSet<PolicyType>,
    calls: Vec<&'static str>,
    script: BTreeMap<(&'static str, usize), Trouble>,
    slots: usize,
    characters: usize,
}

impl FakeOrganizations {
    /// An organisation in which a target takes so many policies of so many characters.
    pub(super) fn new(slots: usize, characters: usize) -> Self {
        Self { world: Mutex::new(World { slots, characters, ..World::default() }) }
    }

    /// With a policy of this owner, or of nobody known.
    pub(super) fn having(self, policy: &InForce, tags: Tags) -> Self {
        let InForce { id, arn, name, policy_type, description, content, targets, .. } = policy.clone();
        let summary =
            PolicySummary { id: id.clone(), arn, name, description, policy_type, aws_managed: false };
        self.world().now.insert(id, Policy { summary, content, tags, targets });
        self
    }

    /// With a kind of policy off.
    pub(super) fn without(self, policy_type: PolicyType) -> Self {
        self.world().off.insert(policy_type);
        self
    }

    /// At the call of `operation` that is the `nth` from now, from 1, this goes wrong.
    pub(super) fn script(&self, operation: &'static str, nth: usize, trouble: Trouble) {
        let mut world = self.world();
        world.calls.clear();
        world.script = [((operation, nth), trouble)].into();
    }

    /// The operations called since the last script, in order.
    pub(super) fn calls(&self) -> Vec<&'static str> {
        self.world().calls.clone()
    }

    /// Every state there was since the last question, the present one last.
    pub(super) fn history(&self) -> Vec<State> {
        let mut world = self.world();
        let now = world.now.clone();
        std::mem::take(&mut world.history).into_iter().chain([now]).collect()
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    async fn read<T>(
        &self,
        operation: &'static str,
        answer: impl Fn(&State) -> Result<T, Fault>,
    ) -> Result<T, AwsError> {
        let trouble = self.trouble(operation);
        match trouble {
            Some(Trouble::Refused(fault)) => return Err(error(operation, fault)),
            Some(Trouble::Unanswered) => return Err(error(operation, Fault::Ambiguous)),
            Some(Trouble::Silence) => std::future::pending::<()>().await,
            Some(Trouble::Late(_)) | None => {}
        }
        let mut world = self.world();
        let shown = match &mut world.stale {
            Some((stale, left)) if *left > 0 => {
                *left = left.saturating_sub(1);
                stale.clone()
            }
            _ => world.now.clone(),
        };
        answer(&shown).map_err(|fault| error(operation, fault))
    }

    async fn change<T>(
        &self,
        operation: &'static str,
        act: impl FnOnce(&mut World) -> Result<T, Fault>,
    ) -> Result<T, AwsError> {
        let trouble = self.trouble(operation);
        match trouble {
            Some(Trouble::Refused(fault)) => return Err(error(operation, fault)),
            Some(Trouble::Silence) => std::future::pending::<()>().await,
            Some(Trouble::Unanswered | Trouble::Late(_)) | None => {}
        }
        let mut world = self.world();
        let before = world.now.clone();
        let done = act(&mut world);
        if before != world.now {
            world.history.push(before.clone());
        }
        match trouble {
            Some(Trouble::Unanswered) => return Err(error(operation, Fault::Ambiguous)),
            Some(Trouble::Late(reads)) => world.stale = Some((before, reads)),
            Some(Trouble::Refused(_) | Trouble::Silence) | None => {}
        }
        done.map_err(|fault| error(operation, fault))
    }

    fn trouble(&self, operation: &'static str) -> Option<Trouble> {
        let mut world = self.world();
        world.calls.push(operation);
        let nth = world.calls.iter().filter(|made| **made == operation).count();
        world.script.get(&(operation, nth)).copied()
    }
}

impl World {
    fn policy(&mut self, id: &PolicyId) -> Result<&mut Policy, Fault> {
        self.now.get_mut(id).ok_or(Fault::NotFound)
    }

    fn check(&self, except: Option<&PolicyId>, summary: &PolicySummary, content: &str) -> Result<(), Fault> {
        let same = |policy: &Policy| {
            policy.summary.name == summary.name && policy.summary.policy_type == summary.policy_type
        };
        if self.now.iter().any(|(id, policy)| Some(id) != except && same(policy)) {
            return Err(Fault::AlreadyExists);
        }
        if content.chars().count() > self.characters { Err(Fault::LimitExceeded) } else { Ok(()) }
    }
}

fn error(operation: &'static str, fault: Fault) -> AwsError {
    AwsError {
        fault,
        service: "Organizations",
        operation,
        code: None,
        message: "it was scripted".to_owned(),
        resource: None,
        account: None,
        region: None,
        request_id: None,
    }
}

#[async_trait]
impl Organizations for FakeOrganizations {
    async fn organization(&self) -> Result<Organization, AwsError> {
        Err(error("DescribeOrganization", Fault::Unsupported))
    }

    async fn root(&self) -> Result<Root, AwsError> {
        let off = self.world().off.clone();
        let types = [PolicyType::ServiceControl, PolicyType::ResourceControl];
        let on = types.into_iter().filter(|policy_type| !off.contains(policy_type));
        let policy_types = on.map(|policy_type| (policy_type, PolicyTypeStatus::Enabled)).collect();
        self.read("ListRoots", |_| Ok(())).await?;
        Ok(Root { id: "r-ab12".parse().unwrap(), policy_types })
    }

    async fn units_below(&self, _: &TargetId) -> Result<Vec<OrganizationalUnit>, AwsError> {
        Err(error("ListOrganizationalUnitsForParent", Fault::Unsupported))
    }

    async fn parent_of(&self, _: &TargetId) -> Result<Option<TargetId>, AwsError> {
        Err(error("ListParents", Fault::Unsupported))
    }

    async fn policies(&self, policy_type: PolicyType) -> Result<Vec<PolicySummary>, AwsError> {
        let of_type = |policy: &&Policy| policy.summary.policy_type == policy_type;
        self.read("ListPolicies", |state| {
            Ok(state.values().filter(of_type).map(|policy| policy.summary.clone()).collect())
        })
        .await
    }

    async fn policy(&self, id: &PolicyId) -> Result<(PolicySummary, String), AwsError> {
        self.read("DescribePolicy", |state| {
            let policy = state.get(id).ok_or(Fault::NotFound)?;
            Ok((policy.summary.clone(), policy.content.clone()))
        })
        .await
    }

    async fn attached_to(&self, _: &TargetId, _: PolicyType) -> Result<Vec<PolicySummary>, AwsError> {
        Err(error("ListPoliciesForTarget", Fault::Unsupported))
    }

    async fn targets_of(&self, id: &PolicyId) -> Result<Vec<TargetId>, AwsError> {
        self.read("ListTargetsForPolicy", |state| {
            Ok(state.get(id).ok_or(Fault::NotFound)?.targets.iter().cloned().collect())
        })
        .await
    }

    async fn policy_tags(&self, id: &PolicyId) -> Result<Tags, AwsError> {
        self.read("ListTagsForResource", |state| Ok(state.get(id).ok_or(Fault::NotFound)?.tags.clone())).await
    }

    async fn create_policy(&self, policy: &NewPolicy) -> Result<PolicyId, AwsError> {
        let NewPolicy { name, description, policy_type, content, tags } = policy.clone();
        self.change("CreatePolicy", |world| {
            let id: PolicyId = format!("p-made{:0>8}", world.calls.len()).parse().unwrap();
            let arn = format!("arn:aws:organizations::111111111111:policy/{id}");
            let summary =
                PolicySummary { id: id.clone(), arn, name, description, policy_type, aws_managed: false };
            world.check(None, &summary, &content)?;
            world.now.insert(id.clone(), Policy { summary, content, tags, targets: BTreeSet::new() });
            Ok(id)
        })
        .await
    }

    async fn update_policy(&self, id: &PolicyId, content: &str, description: &str) -> Result<(), AwsError> {
        self.change("UpdatePolicy", |world| {
            let summary = world.policy(id)?.summary.clone();
            world.check(Some(id), &summary, content)?;
            let policy = world.policy(id)?;
            content.clone_into(&mut policy.content);
            description.clone_into(&mut policy.summary.description);
            Ok(())
        })
        .await
    }

    async fn replace_policy(
        &self,
        id: &PolicyId,
        name: &str,
        content: &str,
        description: &str,
    ) -> Result<(), AwsError> {
        self.change("UpdatePolicy", |world| {
            let summary = PolicySummary {
                name: name.to_owned(),
                description: description.to_owned(),
                ..world.policy(id)?.summary.clone()
            };
            world.check(Some(id), &summary, content)?;
            let policy = world.policy(id)?;
            policy.summary = summary;
            content.clone_into(&mut policy.content);
            Ok(())
        })
        .await
    }

    async fn set_policy_tags(&self, id: &PolicyId, tags: &Tags) -> Result<(), AwsError> {
        self.change("TagResource", |world| {
            world.policy(id)?.tags.clone_from(tags);
            Ok(())
        })
        .await
    }

    async fn delete_policy(&self, id: &PolicyId) -> Result<(), AwsError> {
        self.change("DeletePolicy", |world| {
            if !world.policy(id)?.targets.is_empty() {
                return Err(Fault::InvalidState);
            }
            world.now.remove(id);
            Ok(())
        })
        .await
    }

    async fn attach(&self, id: &PolicyId, target: &TargetId) -> Result<(), AwsError> {
        self.change("AttachPolicy", |world| {
            let policy_type = world.policy(id)?.summary.policy_type;
            if world.off.contains(&policy_type) {
                return Err(Fault::InvalidState);
            }
            world.policy(id)?.targets.insert(target.clone());
            let here = |policy: &&Policy| {
                policy.summary.policy_type == policy_type && policy.targets.contains(target)
            };
            if world.now.values().filter(here).count() > world.slots {
                world.policy(id)?.targets.remove(target);
                return Err(Fault::LimitExceeded);
            }
            Ok(())
        })
        .await
    }

    async fn detach(&self, id: &PolicyId, target: &TargetId) -> Result<(), AwsError> {
        self.change("DetachPolicy", |world| {
            world.policy(id)?.targets.remove(target);
            Ok(())
        })
        .await
    }

    async fn enable_policy_type(&self, _: &RootId, policy_type: PolicyType) -> Result<(), AwsError> {
        self.change("EnablePolicyType", |world| {
            world.off.remove(&policy_type);
            Ok(())
        })
        .await
    }
}
