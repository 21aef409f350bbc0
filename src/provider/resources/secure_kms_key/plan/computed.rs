//! What AWS computes: as it was, unless the change reaches it.

use crate::model::key::KeyState;
use crate::provider::resources::secure_kms_key::changes::is_doomed;
use crate::provider::resources::secure_kms_key::model::Model;
use crate::tf::Field;
use crate::tf::Value;

/// Fills in the computed attributes. Without a change the result is `prior`.
pub(super) fn plan(prior: Option<&Model>, planned: Model) -> Model {
    let Some(prior) = prior else { return all_unknown(planned) };
    let restores = is_doomed(&state_of(prior)) && planned.restore_if_pending_deletion == Field::Known(true);
    let quiet = as_before(prior, planned);
    if restores || for_aws(&quiet) != for_aws(prior) {
        return reaching_aws(prior, quiet, restores);
    }
    quiet
}

/// A change that AWS is told of, or that the controls judge.
fn reaching_aws(prior: &Model, mut planned: Model, restores: bool) -> Model {
    planned.compliance = Value::UNKNOWN;
    if planned.alias().is_none() || planned.alias() != prior.alias() {
        planned.alias_arn = Field::Unknown;
        planned.aliases = Field::Unknown;
    }
    if restores || planned.is_enabled != prior.is_enabled {
        planned.key_state = Field::Unknown;
    }
    if restores {
        planned.deletion_date = Field::Null;
    }
    let rotates = |model: &Model| (model.enable_key_rotation, model.rotation_period_in_days);
    if restores || rotates(&planned) != rotates(prior) || planned.is_enabled != prior.is_enabled {
        planned.next_rotation_date = Field::Unknown;
    }
    planned
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
