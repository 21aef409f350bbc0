//! What a plan says: the arguments with everything that follows from them, and
//! computed values that are unknown only where something really changes.
//!
//! The order matters: names, then tags, then the policy (which may hang on
//! both), then what AWS computes. Nothing here writes to AWS.

mod analysis;
mod computed;
mod judged;
mod lockout;
mod names;
mod policy;
mod refusals;
mod tags;
#[cfg(test)]
mod tests;

use crate::aws::AwsError;
use crate::aws::CallerIdentity;
use crate::model::key::KeyOrigin;
use crate::model::region::Region;
use crate::provider::configured::Configured;
use crate::provider::key_policy::Home;
use crate::provider::resources::secure_kms_key::model::Model;
use crate::tf::Diagnostics;
use crate::tf::Field;
use crate::tf::Path;
use crate::tf::Value;

pub(super) use computed::is_silent;
pub(super) use judged::judged;
pub(crate) use policy::digest;
pub(super) use refusals::{destroy, property_path, protected, replaced, replacement};
pub(super) use tags::environment as environment_tag;
#[cfg(test)]
pub(super) use tests::config;

/// What a plan is made of.
pub(super) struct Planning<'a> {
    /// The configuration.
    pub(super) config: &'a Model,
    /// The key as it is, if it exists.
    pub(super) prior: Option<&'a Model>,
    /// The provider.
    pub(super) configured: &'a Configured,
    /// The account, or why AWS does not say it.
    pub(super) home: Result<&'a Home, Option<&'a AwsError>>,
    /// Who applies, as far as it is known, and in which Region.
    pub(super) caller: Option<(&'a CallerIdentity, &'a Region)>,
}

/// The key as it shall be.
pub(super) fn plan(planning: &Planning<'_>, diagnostics: &mut Diagnostics) -> Model {
    let mut planned = with_defaults(planning.config, planning.prior);
    planned.region = region(planning);
    tags::plan(planning, &mut planned);
    names::plan(planning, &mut planned, diagnostics);
    policy::plan(planning, &mut planned, diagnostics);
    computed::plan(planning, planned)
}

/// Whether AWS's own refusals and the controls let it pass.
pub(super) fn check(planning: &Planning<'_>, planned: &Model, diagnostics: &mut Diagnostics) {
    refusals::check(planning, planned, diagnostics);
    tags::check(planned, diagnostics);
    policy::check(planning, planned, diagnostics);
}

fn with_defaults(config: &Model, prior: Option<&Model>) -> Model {
    let mut planned = config.clone();
    let description = given(&config.key_description, &config.description);
    planned.key_description = description.or(DESCRIPTION.to_owned());
    planned.description = planned.key_description.clone();
    planned.enable_key_rotation = config.enable_key_rotation.or(prior.is_none_or(can_rotate));
    planned.rotation_period_in_days = match (config.rotation_period_in_days, planned.enable_key_rotation) {
        (Field::Null, Field::Known(true)) => Field::Known(PERIOD),
        (Field::Null, Field::Unknown) => Field::Unknown,
        (period, _) => period,
    };
    planned.deletion_window_in_days = config.deletion_window_in_days.or(WINDOW);
    planned.deletion_protection = config.deletion_protection.or(true);
    planned.on_destroy = config.on_destroy.clone().or("schedule_deletion".to_owned());
    planned.restore_if_pending_deletion = config.restore_if_pending_deletion.or(true);
    planned.is_enabled = config.is_enabled.or(true);
    planned.allow_replacement = config.allow_replacement.or(false);
    planned.multi_region = config.multi_region.or(false);
    planned.key_spec = config.key_spec.clone().or("SYMMETRIC_DEFAULT".to_owned());
    planned.key_usage = config.key_usage.clone().or("ENCRYPT_DECRYPT".to_owned());
    planned.bypass_policy_lockout_safety_check = config.bypass_policy_lockout_safety_check.or(false);
    for names in [
        &mut planned.key_owners,
        &mut planned.key_administrators,
        &mut planned.key_users,
        &mut planned.key_service_users,
    ] {
        if names.is_null() {
            *names = Value::Set(Vec::new());
        }
    }
    planned
}

/// AWS rotates only material of its own (KMS developer guide, "Rotate AWS KMS
/// keys", read 2026-11); other keys can be imported.
fn can_rotate(key: &Model) -> bool {
    key.origin.clone().known().is_none_or(|origin| origin == KeyOrigin::AwsKms.as_str())
}

/// The configuration's, else the provider's. As long as the provider's is not
/// known, a key stays where it is.
fn region(planning: &Planning<'_>) -> Field<String> {
    if !planning.config.region.is_null() {
        return planning.config.region.clone();
    }
    match (&planning.configured.session, planning.prior) {
        (Ok(session), _) => Field::Known(session.region.to_string()),
        (Err(_), Some(prior)) if !prior.region.is_null() => prior.region.clone(),
        (Err(_), _) => Field::Unknown,
    }
}

/// The one of two synonyms that was given; an unknown one counts as given.
fn given(a: &Field<String>, b: &Field<String>) -> Field<String> {
    if a.is_null() { b.clone() } else { a.clone() }
}

fn at(attribute: &str) -> Path {
    Path::attribute(attribute)
}

/// What the description is when none is given.
pub(super) const DESCRIPTION: &str = "Managed by Terraform";
/// Days between rotations when none are given (KMS API reference,
/// `EnableKeyRotation`, read 2026-11).
pub(super) const PERIOD: i64 = 365;
/// Days before deletion when none are given.
pub(super) const WINDOW: i64 = 30;
