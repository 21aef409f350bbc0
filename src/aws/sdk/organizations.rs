//! Organizations over the SDK: changes one after the other, waiting while AWS
//! says that another one is under way; what is so already is a success.

use std::future::Future;

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_organizations::operation::create_policy::CreatePolicyError;
use aws_sdk_organizations::types;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::operation::BuildError;
use tokio::sync::Mutex;

use super::convert::sdk_tags;
use super::error::Call;
use super::page;
use super::retry::{Once, PATIENCE, partition, patiently};
use crate::aws::config::ConnectionSettings;
use crate::aws::{AwsError, Fault, NewPolicy, Organizations};
use crate::model::account::AccountId;
use crate::model::org::{
    Organization, OrganizationalUnit, PolicyId, PolicySummary, PolicyType, PolicyTypeStatus, Root, RootId,
    TargetId,
};
use crate::model::tag::Tags;

pub(super) struct Client {
    sdk: aws_sdk_organizations::Client,
    account: Option<AccountId>,
    /// AWS refuses changes that are made at the same time.
    one_at_a_time: Mutex<()>,
}

impl Client {
    pub(super) fn new(settings: &ConnectionSettings, config: &SdkConfig, account: Option<AccountId>) -> Self {
        let mut builder = aws_sdk_organizations::config::Builder::from(config)
            .retry_partition(partition(&settings.retries));
        if let Some(endpoint) = &settings.endpoints.organizations {
            builder = builder.endpoint_url(endpoint.as_str());
        }
        let sdk = aws_sdk_organizations::Client::from_conf(builder.build());
        Self { sdk, account, one_at_a_time: Mutex::new(()) }
    }

    fn call(&self, operation: &'static str) -> Call {
        Call::new("Organizations", operation).at(self.account.as_ref(), None)
    }

    /// Makes a change when it is its turn.
    async fn change<T, F>(&self, call: impl Fn() -> F) -> Result<T, AwsError>
    where
        F: Future<Output = Result<T, AwsError>>,
    {
        let _turn = self.one_at_a_time.lock().await;
        patiently(PATIENCE, call).await
    }

    /// The policy that a lost answer may have been about: names are unique
    /// within a type, so one of this name and document is the one that was made.
    async fn made_after_all(&self, wanted: &NewPolicy) -> Option<PolicyId> {
        let named = self.policies(wanted.policy_type).await.ok()?;
        let found = named.into_iter().find(|summary| summary.name == wanted.name)?;
        let (summary, content) = self.policy(&found.id).await.ok()?;
        (content == wanted.content).then_some(summary.id)
    }

    async fn tag_policy(&self, id: &PolicyId, tags: &Tags) -> Result<(), AwsError> {
        let call = self.call("TagResource").on(id);
        let tags = sdk_tags(tags, &call, sdk_tag)?;
        let sent = self.change(|| async {
            let request = self.sdk.tag_resource().resource_id(id.as_str()).set_tags(Some(tags.clone()));
            request.send().await.map_err(|error| call.clone().failed(&error))
        });
        sent.await.map(drop)
    }

    async fn untag_policy(&self, id: &PolicyId, keys: &[String]) -> Result<(), AwsError> {
        let call = self.call("UntagResource").on(id);
        let sent = self.change(|| async {
            let request = self.sdk.untag_resource().resource_id(id.as_str());
            let request = request.set_tag_keys(Some(keys.to_vec()));
            request.send().await.map_err(|error| call.clone().failed(&error))
        });
        sent.await.map(drop)
    }
}

/// Sends what may be sent again.
async fn read<T, E, F>(call: &Call, send: impl Fn() -> F) -> Result<T, AwsError>
where
    F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    E: aws_smithy_types::error::metadata::ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    patiently(PATIENCE, || async { send().await.map_err(|error| call.clone().failed(&error)) }).await
}

#[async_trait]
impl Organizations for Client {
    async fn organization(&self) -> Result<Organization, AwsError> {
        let call = self.call("DescribeOrganization");
        let answer = read(&call, || self.sdk.describe_organization().send()).await?;
        let found = answer.organization().ok_or_else(|| call.clone().without("organization"))?;
        Ok(Organization {
            id: parsed(found.id(), "organization id", &call)?,
            management_account: parsed(found.master_account_id(), "management account", &call)?,
            all_features: found.feature_set() == Some(&types::OrganizationFeatureSet::All),
        })
    }

    async fn root(&self) -> Result<Root, AwsError> {
        let call = self.call("ListRoots");
        let roots =
            read(&call, || page::all(self.sdk.list_roots().into_paginator().send(), |page| page.roots))
                .await?;
        let found = roots.first().ok_or_else(|| call.clone().without("root"))?;
        Ok(Root {
            id: parsed(found.id(), "root id", &call)?,
            policy_types: found.policy_types().iter().filter_map(policy_type_status).collect(),
        })
    }

    async fn units_below(&self, parent: &TargetId) -> Result<Vec<OrganizationalUnit>, AwsError> {
        let call = self.call("ListOrganizationalUnitsForParent").on(parent);
        let id = parent.to_string();
        let found = read(&call, || {
            let request = self.sdk.list_organizational_units_for_parent().parent_id(&id);
            page::all(request.into_paginator().send(), |page| page.organizational_units)
        });
        let unit = |unit: &types::OrganizationalUnit| {
            let name = unit.name().unwrap_or_default().to_owned();
            Ok(OrganizationalUnit { id: parsed(unit.id(), "organizational unit id", &call)?, name })
        };
        found.await?.iter().map(unit).collect()
    }

    async fn parent_of(&self, child: &TargetId) -> Result<Option<TargetId>, AwsError> {
        if matches!(child, TargetId::Root(_)) {
            return Ok(None);
        }
        let call = self.call("ListParents").on(child);
        let id = child.to_string();
        let found = read(&call, || self.sdk.list_parents().child_id(&id).send()).await?;
        let parent = found.parents().first().ok_or_else(|| call.clone().without("parent"))?;
        parsed(parent.id(), "parent id", &call).map(Some)
    }

    async fn policies(&self, policy_type: PolicyType) -> Result<Vec<PolicySummary>, AwsError> {
        let call = self.call("ListPolicies");
        let found = read(&call, || {
            let request = self.sdk.list_policies().filter(sdk_type(policy_type));
            page::all(request.into_paginator().send(), |page| page.policies)
        });
        found.await?.iter().map(|found| summary(found, &call)).collect()
    }

    async fn policy(&self, id: &PolicyId) -> Result<(PolicySummary, String), AwsError> {
        let call = self.call("DescribePolicy").on(id);
        let answer = read(&call, || self.sdk.describe_policy().policy_id(id.as_str()).send()).await?;
        let policy = answer.policy().ok_or_else(|| call.clone().without("policy"))?;
        let found = policy.policy_summary().ok_or_else(|| call.clone().without("policy summary"))?;
        let content = policy.content().ok_or_else(|| call.clone().without("policy content"))?;
        Ok((summary(found, &call)?, content.to_owned()))
    }

    async fn attached_to(
        &self,
        target: &TargetId,
        policy_type: PolicyType,
    ) -> Result<Vec<PolicySummary>, AwsError> {
        let call = self.call("ListPoliciesForTarget").on(target);
        let id = target.to_string();
        let found = read(&call, || {
            let request = self.sdk.list_policies_for_target().target_id(&id).filter(sdk_type(policy_type));
            page::all(request.into_paginator().send(), |page| page.policies)
        });
        found.await?.iter().map(|found| summary(found, &call)).collect()
    }

    async fn targets_of(&self, id: &PolicyId) -> Result<Vec<TargetId>, AwsError> {
        let call = self.call("ListTargetsForPolicy").on(id);
        let found = read(&call, || {
            let request = self.sdk.list_targets_for_policy().policy_id(id.as_str());
            page::all(request.into_paginator().send(), |page| page.targets)
        });
        found.await?.iter().map(|target| parsed(target.target_id(), "target id", &call)).collect()
    }

    async fn policy_tags(&self, id: &PolicyId) -> Result<Tags, AwsError> {
        let call = self.call("ListTagsForResource").on(id);
        let found = read(&call, || {
            let request = self.sdk.list_tags_for_resource().resource_id(id.as_str());
            page::all(request.into_paginator().send(), |page| page.tags)
        });
        Ok(found.await?.into_iter().map(|tag| (tag.key, tag.value)).collect())
    }

    async fn create_policy(&self, policy: &NewPolicy) -> Result<PolicyId, AwsError> {
        let call = self.call("CreatePolicy").on(&policy.name);
        let tags = sdk_tags(&policy.tags, &call, sdk_tag)?;
        let sent = self.change(|| async {
            let once = aws_sdk_organizations::config::Builder::new()
                .retry_classifier(Once::<CreatePolicyError>::new());
            let request = self.sdk.create_policy().name(&policy.name).content(&policy.content);
            let request = request.description(&policy.description).r#type(sdk_type(policy.policy_type));
            let request = request.set_tags(Some(tags.clone()).filter(|tags| !tags.is_empty()));
            let sent = request.customize().config_override(once).send().await;
            sent.map_err(|error| call.clone().failed(&error))
        });
        let made = sent.await.and_then(|answer| {
            let found = answer.policy().and_then(types::Policy::policy_summary);
            let id = parsed(found.and_then(types::PolicySummary::id), "policy id", &call);
            id.map_err(|unreadable| AwsError { fault: Fault::Ambiguous, ..unreadable })
        });
        match made {
            Err(lost) if matches!(lost.fault, Fault::Ambiguous | Fault::Service) => {
                self.made_after_all(policy).await.ok_or(lost)
            }
            made => made,
        }
    }

    async fn update_policy(&self, id: &PolicyId, content: &str, description: &str) -> Result<(), AwsError> {
        let call = self.call("UpdatePolicy").on(id);
        let sent = self.change(|| async {
            let request = self.sdk.update_policy().policy_id(id.as_str());
            let request = request.content(content).description(description);
            request.send().await.map_err(|error| call.clone().failed(&error))
        });
        sent.await.map(drop)
    }

    async fn replace_policy(
        &self,
        id: &PolicyId,
        name: &str,
        content: &str,
        description: &str,
    ) -> Result<(), AwsError> {
        let call = self.call("UpdatePolicy").on(id);
        let sent = self.change(|| async {
            let request = self.sdk.update_policy().policy_id(id.as_str());
            let request = request.name(name).content(content).description(description);
            request.send().await.map_err(|error| call.clone().failed(&error))
        });
        sent.await.map(drop)
    }

    async fn set_policy_tags(&self, id: &PolicyId, tags: &Tags) -> Result<(), AwsError> {
        let found = self.policy_tags(id).await?;
        let wanted = |key: &String| tags.contains_key(key);
        let surplus: Vec<String> = found.keys().filter(|key| !wanted(key)).cloned().collect();
        let mut missing = tags.clone();
        missing.retain(|key, value| found.get(key) != Some(value));
        if !missing.is_empty() {
            self.tag_policy(id, &missing).await?;
        }
        if !surplus.is_empty() {
            self.untag_policy(id, &surplus).await?;
        }
        Ok(())
    }

    async fn delete_policy(&self, id: &PolicyId) -> Result<(), AwsError> {
        let call = self.call("DeletePolicy").on(id);
        let sent = self.change(|| async {
            let request = self.sdk.delete_policy().policy_id(id.as_str());
            request.send().await.map_err(|error| call.clone().failed(&error))
        });
        already(sent.await.map(drop), "PolicyNotFoundException")
    }

    async fn attach(&self, id: &PolicyId, target: &TargetId) -> Result<(), AwsError> {
        let call = self.call("AttachPolicy").on(format_args!("{id} to {target}"));
        let place = target.to_string();
        let sent = self.change(|| async {
            let request = self.sdk.attach_policy().policy_id(id.as_str()).target_id(&place);
            request.send().await.map_err(|error| call.clone().failed(&error))
        });
        already(sent.await.map(drop), "DuplicatePolicyAttachmentException")
    }

    async fn detach(&self, id: &PolicyId, target: &TargetId) -> Result<(), AwsError> {
        let call = self.call("DetachPolicy").on(format_args!("{id} from {target}"));
        let place = target.to_string();
        let sent = self.change(|| async {
            let request = self.sdk.detach_policy().policy_id(id.as_str()).target_id(&place);
            request.send().await.map_err(|error| call.clone().failed(&error))
        });
        already(sent.await.map(drop), "PolicyNotAttachedException")
    }

    async fn enable_policy_type(&self, root: &RootId, policy_type: PolicyType) -> Result<(), AwsError> {
        let call = self.call("EnablePolicyType").on(format_args!("{policy_type} on {root}"));
        let sent = self.change(|| async {
            let request = self.sdk.enable_policy_type().root_id(root.as_str());
            let request = request.policy_type(sdk_type(policy_type));
            request.send().await.map_err(|error| call.clone().failed(&error))
        });
        already(sent.await.map(drop), "PolicyTypeAlreadyEnabledException")?;
        // The answer comes while AWS still switches the type on.
        patiently(PATIENCE, || async {
            let types = self.root().await?.policy_types;
            if types.contains(&(policy_type, PolicyTypeStatus::Enabled)) {
                return Ok(());
            }
            Err(call.clone().pending("the policy type is not switched on yet"))
        })
        .await
    }
}

/// What is so already is a success.
fn already(sent: Result<(), AwsError>, code: &str) -> Result<(), AwsError> {
    match sent {
        Err(refused) if refused.code() == Some(code) => Ok(()),
        sent => sent,
    }
}

fn summary(found: &types::PolicySummary, call: &Call) -> Result<PolicySummary, AwsError> {
    let arn = found.arn().ok_or_else(|| call.clone().without("policy ARN"))?;
    let name = found.name().ok_or_else(|| call.clone().without("policy name"))?;
    Ok(PolicySummary {
        id: parsed(found.id(), "policy id", call)?,
        arn: arn.to_owned(),
        name: name.to_owned(),
        description: found.description().unwrap_or_default().to_owned(),
        policy_type: parsed(found.r#type().map(types::PolicyType::as_str), "policy type", call)?,
        aws_managed: found.aws_managed(),
    })
}

/// Kinds of policy that are not ours are left out.
fn policy_type_status(found: &types::PolicyTypeSummary) -> Option<(PolicyType, PolicyTypeStatus)> {
    let policy_type = found.r#type()?.as_str().parse().ok()?;
    let status = match found.status()?.as_str() {
        "ENABLED" => PolicyTypeStatus::Enabled,
        "PENDING_ENABLE" => PolicyTypeStatus::PendingEnable,
        "PENDING_DISABLE" => PolicyTypeStatus::PendingDisable,
        _ => return None,
    };
    Some((policy_type, status))
}

fn sdk_type(policy_type: PolicyType) -> types::PolicyType {
    types::PolicyType::from(policy_type.as_str())
}

fn sdk_tag(key: &str, value: &str) -> Result<types::Tag, BuildError> {
    types::Tag::builder().key(key).value(value).build()
}

fn parsed<T>(text: Option<&str>, what: &str, call: &Call) -> Result<T, AwsError>
where
    T: std::str::FromStr<Err = crate::model::InvalidText>,
{
    let text = text.ok_or_else(|| call.clone().without(what))?;
    text.parse().map_err(|error| call.clone().unusable(&error))
}
