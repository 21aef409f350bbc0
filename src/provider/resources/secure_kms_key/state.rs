//! From a live key to the state: what AWS shows, on top of what only the
//! configuration knows.
//!
//! INVARIANT: what could not be read keeps its value; what AWS writes in
//! another way keeps its spelling.

use std::collections::BTreeMap;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::controls::contract::finding::Finding;
use crate::model::fact::Fact;
use crate::model::key::KeyState;
use crate::model::key::Rotation;
use crate::model::tag::Tags;
use crate::provider::alias_format::parts_of;
use crate::provider::alias_format::with_prefix;
use crate::provider::configured::Configured;
use crate::provider::facts;
use crate::provider::key_policy;
use crate::provider::key_policy::Home;
use crate::provider::live_key::LiveKey;
use crate::provider::resources::secure_kms_key::changes::is_doomed;
use crate::provider::resources::secure_kms_key::model::Model;
use crate::provider::resources::secure_kms_key::model::planned_tags;
use crate::provider::resources::secure_kms_key::plan::PERIOD;
use crate::provider::resources::secure_kms_key::plan::WINDOW;
use crate::provider::resources::secure_kms_key::plan::digest;
use crate::provider::resources::secure_kms_key::plan::environment_tag;
use crate::provider::resources::secure_kms_key::wanted::CREATION_TAG;
use crate::provider::verdicts;
use crate::tf::Field;
use crate::tf::Value;

/// The state of a key that was read, on top of the state before.
pub(super) fn refreshed(live: &LiveKey, before: Model, configured: &Configured) -> Model {
    let adopting = before.key_arn.is_null();
    let mut state = before;
    computed(live, &mut state);
    names(live, adopting, configured, &mut state);
    settings(live, &mut state);
    tags(live, configured, &mut state);
    policy(live, adopting, configured, &mut state);
    if adopting {
        fill(live, configured, &mut state);
    }
    judge(live, configured, &mut state);
    state
}

/// The state after an apply: the plan, with what was unknown in it filled in.
/// Known values stay as planned; where AWS lags behind or a step failed, the
/// next refresh shows the difference.
pub(super) fn applied(live: &LiveKey, planned: &Model, configured: &Configured) -> Model {
    let mut seen = planned.clone();
    computed(live, &mut seen);
    let alias_arn = planned.alias().map(|alias| {
        let key = &live.metadata.arn;
        let (region, account) = (key.region(), key.account());
        let region = region.map_or("", |region| region.as_str());
        let account = account.map_or("", |account| account.as_str());
        format!("arn:{}:kms:{region}:{account}:{alias}", key.partition())
    });
    let aliases = live.aliases.as_ref().map(|aliases| aliases.iter().map(ToString::to_string).collect());
    judge(live, configured, &mut seen);
    Model {
        id: settled(&planned.id, seen.id),
        key_id: settled(&planned.key_id, seen.key_id),
        key_arn: settled(&planned.key_arn, seen.key_arn),
        arn: settled(&planned.arn, seen.arn),
        region: settled(&planned.region, seen.region),
        alias_arn: settled(&planned.alias_arn, alias_arn.map_or(Field::Null, Field::Known)),
        aliases: match (&planned.aliases, aliases) {
            (Field::Unknown, Ok(aliases)) => Field::Known(aliases),
            (Field::Unknown, Err(_)) => {
                Field::Known(planned.alias().iter().map(ToString::to_string).collect())
            }
            (known, _) => known.clone(),
        },
        key_state: settled(&planned.key_state, seen.key_state),
        origin: settled(&planned.origin, seen.origin),
        key_manager: settled(&planned.key_manager, seen.key_manager),
        creation_date: settled(&planned.creation_date, seen.creation_date),
        deletion_date: settled(&planned.deletion_date, seen.deletion_date),
        next_rotation_date: settled(&planned.next_rotation_date, seen.next_rotation_date),
        compliance: verdicts::completed(&planned.compliance, seen.compliance),
        ..planned.clone()
    }
}

/// The findings of a live key under a configuration's deletion window.
pub(crate) fn findings(live: &LiveKey, window: Option<i64>, configured: &Configured) -> Vec<Finding> {
    configured.judge(&facts::live(live, window, (configured.clock)()))
}

fn settled(planned: &Field<String>, seen: Field<String>) -> Field<String> {
    match (planned, seen) {
        (Field::Unknown, Field::Unknown) => Field::Null,
        (Field::Unknown, seen) => seen,
        (known, _) => known.clone(),
    }
}

fn judge(live: &LiveKey, configured: &Configured, state: &mut Model) {
    state.compliance = verdicts::value(&findings(live, state.deletion_window_in_days.known(), configured));
}

fn computed(live: &LiveKey, state: &mut Model) {
    let metadata = &live.metadata;
    state.id = Field::Known(metadata.id.to_string());
    state.key_id = state.id.clone();
    state.key_arn = Field::Known(metadata.arn.to_string());
    state.arn = state.key_arn.clone();
    state.region = metadata.arn.region().map_or(Field::Null, |region| Field::Known(region.to_string()));
    state.key_state = Field::Known(metadata.state.to_string());
    state.origin = Field::Known(metadata.origin.to_string());
    state.key_manager = Field::Known(metadata.manager.to_string());
    state.creation_date = date(metadata.created);
    state.deletion_date = date(metadata.deletion_date);
    if let Ok(Rotation { next, .. }) = live.rotation {
        state.next_rotation_date = date(next);
    }
}

fn settings(live: &LiveKey, state: &mut Model) {
    let metadata = &live.metadata;
    let description = Field::Known(metadata.description.clone());
    state.description = description.clone();
    state.key_description = description;
    state.key_spec = Field::Known(metadata.spec.to_string());
    state.key_usage = Field::Known(metadata.usage.to_string());
    state.multi_region = Field::Known(metadata.multi_region.is_some());
    // A key on its way to deletion is neither usable nor rotating (KMS developer
    // guide, "Deleting AWS KMS keys"); that says nothing of its settings.
    if is_doomed(&metadata.state) {
        return;
    }
    if matches!(metadata.state, KeyState::Enabled | KeyState::Disabled) {
        state.is_enabled = Field::Known(metadata.state == KeyState::Enabled);
    }
    if let Ok(rotation) = live.rotation {
        state.enable_key_rotation = Field::Known(rotation.enabled);
        state.rotation_period_in_days = match (rotation.enabled, rotation.period) {
            (true, Some(period)) => Field::Known(i64::from(period.get())),
            // A service that names no period is taken to have the one it was told.
            (true, None) => state.rotation_period_in_days,
            (false, _) => Field::Null,
        };
    }
}

fn names(live: &LiveKey, adopting: bool, configured: &Configured, state: &mut Model) {
    let Ok(aliases) = &live.aliases else { return };
    state.aliases = Field::Known(aliases.iter().map(ToString::to_string).collect());
    if adopting && state.alias_name.is_null() {
        let formatted = aliases
            .iter()
            .find(|alias| parts_of(alias.as_str(), &configured.alias_format).environment.is_some());
        let first = formatted.or(aliases.first());
        state.alias_name = first.map_or(Field::Null, |alias| Field::Known(alias.to_string()));
    } else if let Field::Known(own) = &state.alias_name
        && !aliases.iter().any(|alias| alias.as_str() == with_prefix(own))
    {
        state.alias_name = Field::Null;
        state.alias_arn = Field::Null;
    }
    if let Some(alias) = state.alias() {
        let key = &live.metadata.arn.to_string();
        let prefix = key.split("key/").next().unwrap_or_default();
        state.alias_arn = Field::Known(format!("{prefix}{alias}"));
    }
}

/// `tags` holds what it held, and what is neither the provider's nor somebody
/// else's: a foreign tag shows as drift unless it is ignored.
fn tags(live: &LiveKey, configured: &Configured, state: &mut Model) {
    let Ok(found) = &live.tags else { return };
    let mut all: Tags = found.clone();
    all.retain(|key, _| key != CREATION_TAG && !configured.ignored_tags.ignores(key));
    let own = state.tags.clone().known().unwrap_or_default();
    let mut shown = all.clone();
    shown.retain(|key, value| own.contains_key(key) || !configured.default_tags.may_give(key, value));
    // An own tag that is ignored by the provider is kept as it was written.
    let ignored = own.into_iter().filter(|(key, _)| configured.ignored_tags.ignores(key));
    let mut shown = planned_tags(&shown);
    shown.extend(ignored);
    state.tags = Field::Known(shown);
    state.tags_all = Field::Known(planned_tags(&all));
}

fn policy(live: &LiveKey, adopting: bool, configured: &Configured, state: &mut Model) {
    let Ok(found) = &live.policy else { return };
    let kept = |field: &Field<String>| match field {
        Field::Known(text) if key_policy::equivalent(text, found) => field.clone(),
        Field::Known(_) | Field::Null | Field::Unknown => Field::Known(found.clone()),
    };
    state.effective_policy = kept(&state.effective_policy);
    state.key_policy_sha256 = state.effective_policy.clone().map(|text| digest(&text));
    if !state.key_policy.is_null() {
        state.key_policy = kept(&state.key_policy);
    }
    if adopting && state.custom_policy.is_null() {
        recognise(live, found, configured, state);
    }
}

/// An imported key reads as the roles that would generate its policy, or else
/// as the policy itself.
fn recognise(live: &LiveKey, policy: &str, configured: &Configured, state: &mut Model) {
    let arn = &live.metadata.arn;
    let facts = facts::live(live, Some(WINDOW), (configured.clock)());
    let roles = match (arn.account(), configured.key_policy_statements(&facts)) {
        (Some(account), Fact::Known(required)) => {
            let home = Home { partition: arn.partition().clone(), account: account.clone() };
            key_policy::recognise(policy, &home, required)
        }
        _ => None,
    };
    let Some(roles) = roles else {
        state.key_policy = Field::Known(policy.to_owned());
        return;
    };
    state.key_policy = Field::Null;
    state.key_owners = Value::set(roles.owners);
    state.key_administrators = Value::set(roles.administrators);
    state.key_users = Value::set(roles.users);
    state.key_service_users = Value::set(roles.service_users);
    state.allow_iam_policies = Field::Known(roles.iam_policies);
}

/// What AWS does not keep gets its default, so that an imported key plans nothing.
fn fill(live: &LiveKey, configured: &Configured, state: &mut Model) {
    let doomed = is_doomed(&live.metadata.state);
    state.deletion_window_in_days = state.deletion_window_in_days.or(WINDOW);
    state.deletion_protection = state.deletion_protection.or(true);
    state.on_destroy = state.on_destroy.clone().or("schedule_deletion".to_owned());
    state.restore_if_pending_deletion = state.restore_if_pending_deletion.or(true);
    state.allow_replacement = state.allow_replacement.or(false);
    state.bypass_policy_lockout_safety_check = state.bypass_policy_lockout_safety_check.or(false);
    if doomed {
        state.is_enabled = state.is_enabled.or(true);
        state.enable_key_rotation = state.enable_key_rotation.or(true);
    }
    // A service that names no period has the one that AWS takes when none is given.
    if state.enable_key_rotation == Field::Known(true) {
        state.rotation_period_in_days = state.rotation_period_in_days.or(PERIOD);
    }
    for names in [
        &mut state.key_owners,
        &mut state.key_administrators,
        &mut state.key_users,
        &mut state.key_service_users,
    ] {
        if names.is_null() {
            *names = Value::Set(Vec::new());
        }
    }
    if state.tags.is_null() {
        state.tags = Field::Known(BTreeMap::new());
    }
    let alias = state.alias_name.clone().known().unwrap_or_default();
    let parts = parts_of(&alias, &configured.alias_format);
    let part = |given: &Field<String>, part: Option<String>| match given {
        Field::Null => part.map_or(Field::Null, Field::Known),
        given @ (Field::Known(_) | Field::Unknown) => given.clone(),
    };
    let environment = configured.environment.clone().or_else(|| environment_tag(state)).or(parts.environment);
    state.environment_name = part(&state.environment_name, environment);
    state.key_team = part(&state.key_team, parts.team);
    state.key_function = part(&state.key_function, parts.function);
    state.key_purpose = part(&state.key_purpose, parts.purpose);
}

/// RFC 3339, to the second: that is what AWS's dates mean.
pub(crate) fn date(instant: Option<OffsetDateTime>) -> Field<String> {
    let text = instant.and_then(|instant| {
        let instant = instant.replace_nanosecond(0).unwrap_or(instant);
        instant.to_offset(time::UtcOffset::UTC).format(&Rfc3339).ok()
    });
    text.map_or(Field::Null, Field::Known)
}
