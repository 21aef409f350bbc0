//! The steps of one run, taken one after the other, with what must be seen of
//! them in AWS.

use std::collections::{BTreeMap, BTreeSet};

use crate::aws::{AwsError, Fault, NewPolicy, Organizations};
use crate::guardrails::attach::owner::{self, is_unfinished};
use crate::guardrails::attach::patience::{Patience, Progress};
use crate::guardrails::attach::{AttachError, Claim, Livery, OWNER_TAG};
use crate::guardrails::change::{InForce, Name, Step, same_meaning};
use crate::model::org::{PolicyId, PolicySummary, TargetId};
use crate::model::tag::Tags;

/// The calls of one run, and the ids of what it works on.
pub(super) struct Work<'a> {
    pub(super) api: &'a dyn Organizations,
    pub(super) livery: &'a Livery,
    pub(super) patience: &'a Patience,
    pub(super) progress: &'a Progress,
    ids: BTreeMap<Name, PolicyId>,
    made: BTreeSet<PolicyId>,
    /// What was written since somebody last looked.
    unseen: BTreeMap<PolicyId, Written>,
}

/// What must be seen of a policy.
#[derive(Debug, Default)]
struct Written {
    content: Option<String>,
    attached: BTreeSet<TargetId>,
    detached: BTreeSet<TargetId>,
}

impl<'a> Work<'a> {
    pub(super) fn new(
        api: &'a dyn Organizations,
        livery: &'a Livery,
        patience: &'a Patience,
        progress: &'a Progress,
        current: &[InForce],
    ) -> Self {
        let ids = current.iter().map(|policy| ((policy.policy_type, policy.name.clone()), policy.id.clone()));
        let (made, unseen) = (BTreeSet::new(), BTreeMap::new());
        Self { api, livery, patience, progress, ids: ids.collect(), made, unseen }
    }

    /// The policies that this run made.
    pub(super) fn made(&self) -> &BTreeSet<PolicyId> {
        &self.made
    }

    /// Whether this run works on the policy.
    pub(super) fn is_ours(&self, policy: &InForce) -> bool {
        self.ids.values().any(|id| *id == policy.id)
    }

    /// Makes what a create left that never ended this one's, so that the other
    /// one notices if it goes on all the same.
    pub(super) async fn take_over(&self, current: &[InForce]) -> Result<(), AwsError> {
        if self.livery.claim != Claim::New {
            return Ok(());
        }
        // What says that it is made in full comes first: the rest tells that it is not.
        let (left, last): (Vec<_>, Vec<_>) = current.iter().partition(|policy| !is_unfinished(policy));
        for policy in left.into_iter().chain(last) {
            let tags = self.beside_ignored(&policy.tags, self.livery.first_tags());
            self.progress.begins(&format_args!("take over `{}`", policy.name));
            self.patience.call(self.progress, || self.api.set_policy_tags(&policy.id, &tags)).await?;
            self.progress.done();
        }
        Ok(())
    }

    /// The tags with those that somebody else manages as they are.
    fn beside_ignored(&self, found: &Tags, mut tags: Tags) -> Tags {
        let ignored = found.iter().filter(|(key, _)| self.livery.ignored.ignores(key));
        tags.extend(ignored.map(|(key, value)| (key.clone(), value.clone())));
        tags
    }

    /// Takes one step, and takes it again while another change is in the way.
    pub(super) async fn take(&mut self, step: Step) -> Result<(), AttachError> {
        let (api, patience, progress) = (self.api, self.patience, self.progress);
        match step {
            Step::Create(name, content) => self.create(name, content).await,
            Step::Verify => Ok(self.verify().await?),
            Step::Update(name, content) => {
                let id = self.id(&name)?;
                let description = &self.livery.description;
                patience.call(progress, || api.update_policy(&id, &content, description)).await?;
                self.written(&id).content = Some(content);
                Ok(())
            }
            Step::Replace(name, next, content) => self.replace(&name, next, content).await,
            Step::Attach(name, target) => {
                let id = self.id(&name)?;
                patience.call(progress, || api.attach(&id, &target)).await?;
                self.written(&id).attached.insert(target);
                Ok(())
            }
            Step::Detach(name, target) => {
                let id = self.id(&name)?;
                patience.call(progress, || api.detach(&id, &target)).await?;
                let written = self.written(&id);
                written.attached.remove(&target);
                written.detached.insert(target);
                Ok(())
            }
            Step::Delete(name) => {
                let id = self.id(&name)?;
                delete(api, patience, progress, &id).await?;
                self.ids.remove(&name);
                self.made.remove(&id);
                self.unseen.remove(&id);
                Ok(())
            }
        }
    }

    fn id(&self, name: &Name) -> Result<PolicyId, AttachError> {
        self.ids.get(name).cloned().ok_or_else(|| AttachError::Lost(name.1.clone()))
    }

    fn written(&mut self, id: &PolicyId) -> &mut Written {
        self.unseen.entry(id.clone()).or_default()
    }

    async fn create(&mut self, name: Name, content: String) -> Result<(), AttachError> {
        let policy = NewPolicy {
            name: name.1.clone(),
            description: self.livery.description.clone(),
            policy_type: name.0,
            content: content.clone(),
            tags: self.livery.first_tags(),
        };
        let api = self.api;
        let made = self.patience.call(self.progress, || api.create_policy(&policy)).await;
        let id = match made {
            Ok(id) => id,
            // Ours after all, if an answer was lost or the list was late.
            Err(error) if error.fault() == Fault::AlreadyExists => self.adopt(&name, &content).await?,
            Err(error) => return Err(error.into()),
        };
        self.made.insert(id.clone());
        self.written(&id).content = Some(content);
        self.ids.insert(name, id);
        Ok(())
    }

    async fn adopt(&self, name: &Name, content: &str) -> Result<PolicyId, AttachError> {
        let summary = self.namesake(name).await?;
        let tags = self.api.policy_tags(&summary.id).await?;
        if tags.get(OWNER_TAG) != Some(&self.livery.owner) || !self.may_be_ours(&tags) {
            return Err(self.not_ours(summary));
        }
        let (api, description) = (self.api, &self.livery.description);
        self.patience.call(self.progress, || api.update_policy(&summary.id, content, description)).await?;
        Ok(summary.id)
    }

    /// Whether the tags are those of this resource.
    fn may_be_ours(&self, tags: &Tags) -> bool {
        match (&self.livery.claim, owner::id(tags)) {
            (Claim::Any, _) | (Claim::Of(_), None) => true,
            (Claim::New, None) => false,
            (Claim::New | Claim::Of(_), Some(found)) => found == self.livery.id,
        }
    }

    /// The policy that has a name already; a list may show it late.
    async fn namesake(&self, name: &Name) -> Result<PolicySummary, AwsError> {
        loop {
            let found = self.api.policies(name.0).await?.into_iter().find(|summary| summary.name == name.1);
            if let Some(summary) = found {
                return Ok(summary);
            }
            let because = format!("a policy `{}` exists and is not listed yet", name.1);
            self.patience.wait(self.progress, &because).await;
        }
    }

    fn not_ours(&self, summary: PolicySummary) -> AttachError {
        let PolicySummary { id, name, policy_type, .. } = summary;
        let (owner, owner_id) = (self.livery.owner.clone(), self.livery.id.clone());
        AttachError::NotOurs { name, policy_type, id, owner, owner_id }
    }

    async fn replace(&mut self, name: &Name, next: String, content: String) -> Result<(), AttachError> {
        let id = self.id(name)?;
        let (api, description) = (self.api, &self.livery.description);
        let renamed =
            self.patience.call(self.progress, || api.replace_policy(&id, &next, &content, description)).await;
        let next = (name.0, next);
        match renamed {
            Err(error) if error.fault() == Fault::AlreadyExists => {
                return Err(self.not_ours(self.namesake(&next).await?));
            }
            done => done?,
        }
        self.ids.remove(name);
        self.ids.insert(next, id.clone());
        self.written(&id).content = Some(content);
        Ok(())
    }

    /// Waits until AWS shows what was written: documents as well as where they
    /// hang. A change becomes visible within seconds.
    async fn verify(&mut self) -> Result<(), AwsError> {
        for (id, written) in std::mem::take(&mut self.unseen) {
            while let Some(differs) = self.differs(&id, &written).await? {
                self.patience.wait(self.progress, &differs).await;
            }
        }
        Ok(())
    }

    /// In what AWS shows something else than was written.
    async fn differs(&self, id: &PolicyId, written: &Written) -> Result<Option<String>, AwsError> {
        let found = match self.api.policy(id).await {
            Err(error) if error.fault() == Fault::NotFound => {
                return Ok(Some(format!("the policy `{id}` does not show yet")));
            }
            found => found,
        };
        let (summary, content) = found?;
        let same = |wanted: &String| same_meaning(summary.policy_type, wanted, &content);
        if !written.content.as_ref().is_none_or(same) {
            return Ok(Some(format!("the policy `{}` does not yet say what was written", summary.name)));
        }
        let hangs: BTreeSet<TargetId> = self.api.targets_of(id).await?.into_iter().collect();
        let missing = written.attached.difference(&hangs).next();
        let missing = missing.map(|target| format!("`{}` does not yet show on `{target}`", summary.name));
        let stays = written.detached.intersection(&hangs).next();
        let stays = stays.map(|target| format!("`{}` still shows on `{target}`", summary.name));
        Ok(missing.or(stays))
    }

    /// Descriptions and tags of every policy as they are to be in the end.
    pub(super) async fn dress(&self) -> Result<(), AttachError> {
        let last = self.livery.last_tags();
        for id in self.ids.values() {
            match self.dress_one(id, &last).await {
                Err(AttachError::Aws(error)) if error.fault() == Fault::NotFound => {}
                done => done?,
            }
        }
        Ok(())
    }

    async fn dress_one(&self, id: &PolicyId, last: &Tags) -> Result<(), AttachError> {
        let (api, description) = (self.api, &self.livery.description);
        if !self.made.contains(id) {
            let (summary, content) = api.policy(id).await?;
            if summary.description != *description {
                let update = || api.update_policy(id, &content, description);
                self.progress.begins(&format_args!("describe `{id}`"));
                self.patience.call(self.progress, update).await?;
                self.progress.done();
            }
        } else if self.livery.claim != Claim::New {
            return Ok(());
        }
        let found = api.policy_tags(id).await?;
        let others = owner::id(&found).is_some_and(|found| found != self.livery.id);
        if self.livery.claim == Claim::New && others {
            return Err(AttachError::TakenOver(self.livery.owner.clone()));
        }
        let wanted = self.beside_ignored(&found, last.clone());
        if found != wanted {
            self.progress.begins(&format_args!("tag `{id}`"));
            self.patience.call(self.progress, || api.set_policy_tags(id, &wanted)).await?;
            self.progress.done();
        }
        Ok(())
    }
}

/// AWS may still count a target that was just detached.
pub(super) async fn delete(
    api: &dyn Organizations,
    patience: &Patience,
    progress: &Progress,
    id: &PolicyId,
) -> Result<(), AwsError> {
    loop {
        match patience.call(progress, || api.delete_policy(id)).await {
            Err(error) if error.fault() == Fault::NotFound => return Ok(()),
            Err(error) if error.fault() == Fault::InvalidState => {
                patience.wait(progress, &error.to_string()).await;
            }
            done => return done,
        }
    }
}
