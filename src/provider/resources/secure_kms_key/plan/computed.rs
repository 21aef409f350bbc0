//! What AWS computes: as it was, unless the change reaches it; and where the
//! outcome of the change is certain, the outcome.

use crate::model::key::AliasName;
use crate::model::key::KeyState;
use crate::provider::configured::Configured;
use crate::provider::facts;
use crate::provider::resources::secure_kms_key::changes;
use crate::provider::resources::secure_kms_key::model::Model;
use crate::provider::resources::secure_kms_key::plan::Planning;
use crate::provider::verdicts;
use crate::provider::verdicts::Change;
use crate::tf::Field;
use crate::tf::Value;

/// Fills in the computed attributes. Without a change the result is the prior key.
pub(super) fn plan(planning: &Planning<'_>, planned: Model) -> Model {
    let Some(prior) = planning.prior else { return all_unknown(planned) };
    let restores = restores(prior, &planned);
    let quiet = as_before(prior, planned);
    if restores || for_aws(&quiet) != for_aws(prior) {
        return reaching_aws(planning.configured, prior, quiet, restores);
    }
    quiet
}

/// A change that AWS is told of, or that the controls judge.
fn reaching_aws(configured: &Configured, prior: &Model, mut planned: Model, restores: bool) -> Model {
    let judge = |model: &Model| configured.judge(&facts::planned(model.facts()));
    let (was, will) = (judge(prior), judge(&planned));
    let settled = planned.facts().is_settled();
    let change = Change { was: &was, will: &will, settled, restored: restores };
    planned.compliance = verdicts::planned(&prior.compliance, &change);
    if planned.alias().is_none() || planned.alias() != prior.alias() {
        renamed(prior, &mut planned);
    }
    let switched = planned.is_enabled != prior.is_enabled;
    if restores || switched {
        let state = |on| if on { KeyState::Enabled } else { KeyState::Disabled };
        planned.key_state = planned.is_enabled.map(|on| state(on).to_string());
    }
    if restores {
        planned.deletion_date = Field::Null;
    }
    let rotates = |model: &Model| (model.enable_key_rotation, model.rotation_period_in_days);
    if planned.enable_key_rotation == Field::Known(false) {
        planned.next_rotation_date = Field::Null;
    } else if restores || switched || rotates(&planned) != rotates(prior) {
        planned.next_rotation_date = Field::Unknown;
    }
    planned
}

/// The new alias takes the place of the old one; others of the key stay.
fn renamed(prior: &Model, planned: &mut Model) {
    let (Some(alias), Field::Known(key)) = (planned.alias(), &prior.key_arn) else {
        planned.alias_arn = Field::Unknown;
        planned.aliases = Field::Unknown;
        return;
    };
    let prefix = key.split("key/").next().unwrap_or_default();
    planned.alias_arn = Field::Known(format!("{prefix}{alias}"));
    let old = prior.alias();
    planned.aliases = match &prior.aliases {
        Field::Known(aliases) => {
            let others = aliases.iter().filter(|name| old.as_ref().map(AliasName::as_str) != Some(name));
            let mut aliases: Vec<String> = others.cloned().collect();
            aliases.push(alias.to_string());
            aliases.sort();
            aliases.dedup();
            Field::Known(aliases)
        }
        Field::Null | Field::Unknown => Field::Unknown,
    };
}

/// Whether AWS has nothing to do for this change. The deletion window is kept by
/// the state until the key is destroyed.
pub(in super::super) fn is_silent(prior: &Model, planned: &Model) -> bool {
    let told = |model: &Model| Model {
        deletion_window_in_days: Field::Null,
        compliance: Value::Null,
        ..for_aws(model)
    };
    !restores(prior, planned) && told(prior) == told(planned)
}

/// Whether the key is on its way to deletion.
pub(super) fn is_doomed(prior: &Model) -> bool {
    changes::is_doomed(&state_of(prior))
}

/// Whether the plan takes a scheduled deletion back.
pub(super) fn restores(prior: &Model, planned: &Model) -> bool {
    is_doomed(prior) && planned.restore_if_pending_deletion == Field::Known(true)
}

/// The key without what only the configuration and the state know.
fn for_aws(model: &Model) -> Model {
    Model {
        environment_name: Field::Null,
        key_team: Field::Null,
        key_function: Field::Null,
        key_purpose: Field::Null,
        key_policy: Field::Null,
        custom_policy: Field::Null,
        deletion_protection: Field::Null,
        on_destroy: Field::Null,
        restore_if_pending_deletion: Field::Null,
        allow_replacement: Field::Null,
        bypass_policy_lockout_safety_check: Field::Null,
        timeouts: Value::Null,
        ..model.clone()
    }
}

fn as_before(prior: &Model, planned: Model) -> Model {
    Model {
        id: prior.id.clone(),
        key_id: prior.key_id.clone(),
        key_arn: prior.key_arn.clone(),
        arn: prior.arn.clone(),
        alias_arn: prior.alias_arn.clone(),
        aliases: prior.aliases.clone(),
        key_state: prior.key_state.clone(),
        origin: prior.origin.clone(),
        key_manager: prior.key_manager.clone(),
        creation_date: prior.creation_date.clone(),
        deletion_date: prior.deletion_date.clone(),
        next_rotation_date: prior.next_rotation_date.clone(),
        compliance: prior.compliance.clone(),
        ..planned
    }
}

fn all_unknown(planned: Model) -> Model {
    Model {
        id: Field::Unknown,
        key_id: Field::Unknown,
        key_arn: Field::Unknown,
        arn: Field::Unknown,
        alias_arn: Field::Unknown,
        aliases: Field::Unknown,
        key_state: Field::Unknown,
        origin: Field::Unknown,
        key_manager: Field::Unknown,
        creation_date: Field::Unknown,
        deletion_date: Field::Unknown,
        next_rotation_date: Field::Unknown,
        compliance: Value::UNKNOWN,
        ..planned
    }
}

fn state_of(model: &Model) -> KeyState {
    KeyState::from(model.key_state.clone().known().unwrap_or_default().as_str())
}
