//! The Organizations calls that keyrail makes.
//!
//! Reads and writes wait and repeat by themselves where AWS says a change is
//! under way or the caller is too fast; what comes back is final.

use async_trait::async_trait;

use crate::aws::AwsError;
use crate::model::org::Organization;
use crate::model::org::OrganizationalUnit;
use crate::model::org::PolicyId;
use crate::model::org::PolicySummary;
use crate::model::org::PolicyType;
use crate::model::org::Root;
use crate::model::org::RootId;
use crate::model::org::TargetId;
use crate::model::tag::Tags;

/// What a new policy is made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPolicy {
    /// Its name, unique within its type.
    pub name: String,
    /// Its description, which may be empty.
    pub description: String,
    /// Its kind.
    pub policy_type: PolicyType,
    /// Its document as minified JSON.
    pub content: String,
    /// Its tags.
    pub tags: Tags,
}

/// AWS Organizations as the management account or a delegated administrator
/// sees it. Every list is whole: pages are followed.
#[async_trait]
pub trait Organizations: Send + Sync {
    /// The organisation; any member account may ask.
    async fn organization(&self) -> Result<Organization, AwsError>;
    /// The root and which kinds of policy are on.
    async fn root(&self) -> Result<Root, AwsError>;
    /// The organizational units directly below `parent`.
    async fn units_below(&self, parent: &TargetId) -> Result<Vec<OrganizationalUnit>, AwsError>;
    /// What `child` hangs below; `None` for the root.
    async fn parent_of(&self, child: &TargetId) -> Result<Option<TargetId>, AwsError>;
    /// All policies of one kind.
    async fn policies(&self, policy_type: PolicyType) -> Result<Vec<PolicySummary>, AwsError>;
    /// One policy with its document.
    async fn policy(&self, id: &PolicyId) -> Result<(PolicySummary, String), AwsError>;
    /// The policies attached directly to `target`.
    async fn attached_to(
        &self,
        target: &TargetId,
        policy_type: PolicyType,
    ) -> Result<Vec<PolicySummary>, AwsError>;
    /// Where a policy is attached.
    async fn targets_of(&self, id: &PolicyId) -> Result<Vec<TargetId>, AwsError>;
    /// The tags of a policy.
    async fn policy_tags(&self, id: &PolicyId) -> Result<Tags, AwsError>;
    /// Makes a policy.
    async fn create_policy(&self, policy: &NewPolicy) -> Result<PolicyId, AwsError>;
    /// Replaces a policy's document and description. AWS takes an empty description for none that was sent, and
    /// leaves the one that was there.
    async fn update_policy(&self, id: &PolicyId, content: &str, description: &str) -> Result<(), AwsError>;
    /// Replaces a policy's name, document and description in one call.
    async fn replace_policy(
        &self,
        id: &PolicyId,
        name: &str,
        content: &str,
        description: &str,
    ) -> Result<(), AwsError>;
    /// Replaces a policy's tags: adds, overwrites and removes until they are these.
    async fn set_policy_tags(&self, id: &PolicyId, tags: &Tags) -> Result<(), AwsError>;
    /// Deletes a policy that is attached nowhere.
    async fn delete_policy(&self, id: &PolicyId) -> Result<(), AwsError>;
    /// Attaches a policy; one that is attached already is a success.
    async fn attach(&self, id: &PolicyId, target: &TargetId) -> Result<(), AwsError>;
    /// Detaches a policy; one that is not attached is a success.
    async fn detach(&self, id: &PolicyId, target: &TargetId) -> Result<(), AwsError>;
    /// Switches a kind of policy on and waits until it is; one that is on is a success.
    async fn enable_policy_type(&self, root: &RootId, policy_type: PolicyType) -> Result<(), AwsError>;
}
