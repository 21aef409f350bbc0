//! Proven policies against those in force.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::aws::AwsError;
use crate::aws::Organizations;
use crate::guardrails::attach::OWNER_TAG;
use crate::guardrails::change::same_meaning;
use crate::guardrails::plan::Packed;
use crate::guardrails::plan::Plan;
use crate::model::org::PolicySummary;
use crate::model::org::PolicyType;
use crate::model::org::TargetId;

/// One way in which what is in force is not what is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Difference {
    /// The policy does not exist.
    Missing(String),
    /// It says something else.
    Altered(String),
    /// It does not hang where it must.
    Detached(String, TargetId),
    /// It hangs where it should not.
    Stray(String, TargetId),
    /// It has a name of ours and is not wanted.
    LeftOver(String),
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(name) => write!(formatter, "missing: {name}"),
            Self::Altered(name) => write!(formatter, "altered: {name}"),
            Self::Detached(name, target) => write!(formatter, "not attached: {name} to {target}"),
            Self::Stray(name, target) => write!(formatter, "attached elsewhere: {name} to {target}"),
            Self::LeftOver(name) => write!(formatter, "left over: {name}"),
        }
    }
}

/// The differences, in the order of kinds and names.
pub(super) async fn differences(
    organizations: &dyn Organizations,
    plan: &Plan,
    prefix: &str,
) -> Result<Vec<Difference>, AwsError> {
    let mut differences = Vec::new();
    for policy_type in [PolicyType::ServiceControl, PolicyType::ResourceControl] {
        let ours = organizations.policies(policy_type).await?.into_iter();
        let ours = ours.filter(|policy| !policy.aws_managed && policy.name.starts_with(prefix));
        let mut present: BTreeMap<String, PolicySummary> =
            ours.map(|policy| (policy.name.clone(), policy)).collect();
        for wanted in plan.documents.iter().filter(|document| document.policy_type == policy_type) {
            match present.remove(&wanted.name) {
                None => differences.push(Difference::Missing(wanted.name.clone())),
                Some(found) => differences.extend(between(organizations, wanted, &found).await?),
            }
        }
        for (name, policy) in present {
            if !is_others(organizations, &policy, prefix).await? {
                differences.push(Difference::LeftOver(name));
            }
        }
    }
    Ok(differences)
}

/// Whether the policy belongs to guardrails of another prefix, which begins with this one.
async fn is_others(api: &dyn Organizations, policy: &PolicySummary, prefix: &str) -> Result<bool, AwsError> {
    Ok(api.policy_tags(&policy.id).await?.get(OWNER_TAG).is_some_and(|owner| owner != prefix))
}

async fn between(
    organizations: &dyn Organizations,
    wanted: &Packed,
    found: &PolicySummary,
) -> Result<Vec<Difference>, AwsError> {
    let (_, content) = organizations.policy(&found.id).await?;
    let attached: BTreeSet<TargetId> = organizations.targets_of(&found.id).await?.into_iter().collect();
    let name = || wanted.name.clone();
    let altered =
        (!same_meaning(wanted.policy_type, &wanted.content, &content)).then(|| Difference::Altered(name()));
    let detached =
        wanted.targets.difference(&attached).map(|target| Difference::Detached(name(), target.clone()));
    let stray = attached.difference(&wanted.targets).map(|target| Difference::Stray(name(), target.clone()));
    Ok(altered.into_iter().chain(detached).chain(stray).collect())
}
