//! What an apply has to bring about: the plan with everything known and in range.

use std::time::Duration;

use crate::aws::CreateKey;
use crate::model::key::AliasName;
use crate::model::key::KeySpec;
use crate::model::key::KeyUsage;
use crate::model::key::RotationPeriod;
use crate::model::tag::Tags;
use crate::provider::configure::duration;
use crate::provider::resources::secure_kms_key::model::Model;
use crate::tf::Diagnostic;
use crate::tf::Value;

/// One key as it shall be.
#[expect(clippy::struct_excessive_bools, reason = "four switches of one key, each with one meaning to AWS")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Its alias.
    pub(super) alias: AliasName,
    /// Its description.
    pub(super) description: String,
    /// Its policy as JSON.
    pub(super) policy: String,
    /// Days between rotations; `None` for a key that does not rotate.
    pub(super) rotation: Option<RotationPeriod>,
    /// Whether it can be used.
    pub(super) enabled: bool,
    /// Its tags, [`CREATION_TAG`] left out.
    pub(super) tags: Tags,
    /// Whether it can be replicated.
    pub(super) multi_region: bool,
    /// Whether AWS's own check against locking the caller out is skipped.
    pub(super) bypass: bool,
    /// Whether a scheduled deletion is taken back.
    pub(super) restore: bool,
}

impl Wanted {
    /// Reads a plan; every argument was checked when it was planned.
    pub(super) fn of(plan: &Model) -> Result<Self, Diagnostic> {
        let rotates = plan.enable_key_rotation.known().unwrap_or(true);
        let period =
            plan.rotation_period_in_days.known().and_then(|days| RotationPeriod::try_from(days).ok());
        Ok(Self {
            alias: plan.alias().ok_or_else(|| missing("alias_name"))?,
            description: plan.key_description.clone().known().unwrap_or_default(),
            policy: plan.effective_policy.clone().known().ok_or_else(|| missing("effective_policy"))?,
            rotation: if rotates {
                Some(period.ok_or_else(|| missing("rotation_period_in_days"))?)
            } else {
                None
            },
            enabled: plan.is_enabled.known().unwrap_or(true),
            tags: plan.known_tags(),
            multi_region: plan.multi_region.known().unwrap_or(false),
            bypass: plan.bypass_policy_lockout_safety_check.known().unwrap_or(false),
            restore: plan.restore_if_pending_deletion.known().unwrap_or(true),
        })
    }

    /// The request that makes it. Policy and tags are in it, so that no moment
    /// passes without them.
    pub(super) fn request(&self) -> CreateKey {
        CreateKey {
            description: self.description.clone(),
            policy: self.policy.clone(),
            tags: self.tags_with_creation(),
            spec: KeySpec::SymmetricDefault,
            usage: KeyUsage::EncryptDecrypt,
            multi_region: self.multi_region,
            bypass_lockout_check: self.bypass,
        }
    }

    /// The tags as AWS keeps them.
    pub(super) fn tags_with_creation(&self) -> Tags {
        let mut tags = self.tags.clone();
        tags.insert(CREATION_TAG.to_owned(), self.alias.to_string());
        tags
    }
}

/// How long one operation may take: the user's `timeouts`, else the default.
pub(super) fn timeout(timeouts: &Value, operation: &str, default: Duration) -> Duration {
    let given = timeouts.attr(operation).and_then(|value| Ok(value.as_str()?.known().and_then(duration)));
    given.ok().flatten().unwrap_or(default)
}

/// A time-out as users write it: more than nothing and at most a day.
pub(super) fn duration(text: &str) -> Option<Duration> {
    const DAY: Duration = Duration::from_hours(24);
    duration::parse(text).filter(|given| (Duration::from_nanos(1)..=DAY).contains(given))
}

/// The tag that every key is made with. Its value is the alias the key was made
/// for, so that a key whose creation was never answered is found again by the
/// next apply. It is not shown among the key's tags.
pub(crate) const CREATION_TAG: &str = "keyrail:creation-id";

fn missing(attribute: &str) -> Diagnostic {
    Diagnostic::error(
        "The plan is incomplete",
        format!(
            "`{attribute}` is still not known at apply. This is a bug in the provider, please report it."
        ),
    )
}
