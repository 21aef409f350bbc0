//! What a plan refuses besides what the controls do: changes that need another
//! key, the wrong environment, and destroying a protected key.

use time::Date;
use time::OffsetDateTime;

use crate::controls::contract::verdict::Property;
use crate::model::capitalised;
use crate::provider::resources::secure_kms_key::model::Model;
use crate::provider::resources::secure_kms_key::plan::Planning;
use crate::provider::resources::secure_kms_key::plan::at;
use crate::provider::resources::secure_kms_key::plan::computed;
use crate::provider::resources::secure_kms_key::plan::names;
use crate::provider::resources::secure_kms_key::trouble;
use crate::tf::Diagnostic;
use crate::tf::Diagnostics;
use crate::tf::Field;
use crate::tf::Path;

/// Checks a planned create or change.
pub(super) fn check(planning: &Planning<'_>, planned: &Model, diagnostics: &mut Diagnostics) {
    names::check(planning, planned, diagnostics);
    let Some(prior) = planning.prior else { return };
    diagnostics.extend(rotation_of_a_disabled_key(prior, planned));
    diagnostics.extend(change_of_a_doomed_key(prior, planned));
    if planned.allow_replacement == Field::Known(true) {
        if !replacing(prior, planned).is_empty() {
            diagnostics.extend(replacement(prior, planned, (planning.configured.clock)()));
        }
        return;
    }
    for (attribute, before, after) in replacing(prior, planned) {
        diagnostics.push(
            Diagnostic::error(
                "The change needs another key",
                format!(
                    "Found: `{attribute}` changes from `{before}` to `{after}`, which a KMS key cannot do.\n\
                     Required: the same value, because what this key encrypted stays bound to it.\n\
                     Fix: add a second `secure_kms_key` and move the data over; or set `allow_replacement = true` \
                     to replace this key, whose data is then readable only until it is deleted."
                ),
            )
            .at(at(attribute)),
        );
    }
}

/// A replacement destroys the old key first, so what refuses the one refuses the
/// other: otherwise an apply would end without any key.
pub(in super::super) fn replacement(prior: &Model, planned: &Model, today: OffsetDateTime) -> Diagnostics {
    let kept = prior.on_destroy.clone().known().filter(|what| what != "schedule_deletion");
    let same_alias = prior.alias() == planned.alias() && prior.region == planned.region;
    match (kept, prior.alias()) {
        (Some(kept), Some(alias)) if same_alias && prior.deletion_protection != Field::Known(true) => {
            let detail = format!(
                "Found: a plan that replaces {}, and `on_destroy = \"{kept}\"`, with which the old key keeps \
                 `{alias}`.\nRequired: an alias that is free once the old key is destroyed.\nFix: set `on_destroy = \
                 \"schedule_deletion\"` and apply before; or give the new key another `alias_name`.",
                name(prior)
            );
            Diagnostic::error("The old key would keep the alias", detail).at(at("on_destroy")).into()
        }
        _ => destroy(prior, today),
    }
}

/// AWS changes nothing on a key that is scheduled for deletion (KMS developer
/// guide, "Key states", read 2026-11).
fn change_of_a_doomed_key(prior: &Model, planned: &Model) -> Option<Diagnostic> {
    let stays = computed::is_doomed(prior) && !computed::restores(prior, planned);
    let id = prior.id.clone().known().unwrap_or_default();
    (stays && !computed::is_silent(prior, planned)).then(|| trouble::doomed(&id, prior.deletion_date.clone()))
}

/// AWS changes no rotation of a disabled key (KMS developer guide, "Key
/// states", read 2026-11).
fn rotation_of_a_disabled_key(prior: &Model, planned: &Model) -> Option<Diagnostic> {
    let off = Field::Known(false);
    if prior.is_enabled != off || planned.is_enabled != off {
        return None;
    }
    let switched = (prior.enable_key_rotation.known()?, planned.enable_key_rotation.known()?);
    let period = (prior.rotation_period_in_days.known(), planned.rotation_period_in_days.known());
    let attribute = if switched.0 != switched.1 {
        "enable_key_rotation"
    } else if period.0 != period.1 && period.1.is_some() {
        "rotation_period_in_days"
    } else {
        return None;
    };
    let detail = format!(
        "Found: `{attribute}` changes on {}, which is and stays disabled.\nRequired: an enabled key; AWS changes no \
         rotation of a disabled one.\nFix: set `is_enabled = true` in the same change, or leave the rotation as it is.",
        name(prior)
    );
    Some(Diagnostic::error("The rotation of a disabled key cannot be changed", detail).at(at(attribute)))
}

/// The attributes whose change replaces the key.
pub(in super::super) fn replaced(prior: &Model, planned: &Model) -> Vec<Path> {
    replacing(prior, planned).into_iter().map(|(attribute, ..)| at(attribute)).collect()
}

fn replacing(prior: &Model, planned: &Model) -> Vec<(&'static str, String, String)> {
    let text = |field: &Field<String>| match field {
        Field::Known(text) => Some(text.clone()),
        Field::Null | Field::Unknown => None,
    };
    let flag = |field: Field<bool>| field.known().map(|flag| flag.to_string());
    [
        ("environment_name", text(&prior.environment_name), text(&planned.environment_name)),
        ("key_spec", text(&prior.key_spec), text(&planned.key_spec)),
        ("key_usage", text(&prior.key_usage), text(&planned.key_usage)),
        ("region", text(&prior.region), text(&planned.region)),
        ("multi_region", flag(prior.multi_region), flag(planned.multi_region)),
    ]
    .into_iter()
    .filter_map(|(attribute, before, after)| Some((attribute, before?, after?)))
    .filter(|(_, before, after)| before != after)
    .collect()
}

/// What a plan says to destroying the key.
pub(in super::super) fn destroy(prior: &Model, today: OffsetDateTime) -> Diagnostics {
    if prior.deletion_protection == Field::Known(true) {
        return protected(prior).into();
    }
    let key = name(prior);
    let scheduled = || {
        let window = prior.deletion_window_in_days.known().unwrap_or(super::WINDOW);
        let date = today.date().checked_add(time::Duration::days(window)).unwrap_or(Date::MAX);
        Diagnostic::warning(
            "The key will be deleted",
            format!(
                "The deletion of {key} will be scheduled with a window of {window} days: on {date} AWS deletes it, \
                 and what it encrypted can never be read again. Until then the deletion can be cancelled."
            ),
        )
    };
    match prior.on_destroy.clone().known().as_deref() {
        Some("retain") => Diagnostic::warning(
            "The key will be kept",
            format!("{} stays as it is, with its alias and in use, and leaves the state.", capitalised(&key)),
        )
        .into(),
        Some("disable") => Diagnostic::warning(
            "The key will be disabled",
            format!("{} stays with its alias, disabled, and leaves the state.", capitalised(&key)),
        )
        .into(),
        _ => scheduled().into(),
    }
}

/// The refusal to destroy a protected key.
pub(in super::super) fn protected(prior: &Model) -> Diagnostic {
    Diagnostic::error(
        "The key is protected from deletion",
        format!(
            "Found: a plan that destroys {}, and `deletion_protection = true`.\n\
             Required: `deletion_protection = false` in the state before a destroy.\n\
             Fix: set `deletion_protection = false`, apply, and destroy then.",
            name(prior)
        ),
    )
    .at(at("deletion_protection"))
}

/// The attribute that a control's property is set by.
pub(in super::super) fn property_path(config: &Model, property: &Property) -> Path {
    match property {
        Property::Rotation => at("enable_key_rotation"),
        Property::RotationPeriod => at("rotation_period_in_days"),
        Property::DeletionWindow => at("deletion_window_in_days"),
        Property::Tags => at("tags"),
        Property::Tag(key) => {
            let own = config.tags.clone().known().is_some_and(|tags| tags.contains_key(key));
            if own { at("tags").key(key) } else { at("tags") }
        }
        Property::Policy if !config.custom_policy.is_null() => at("custom_policy"),
        Property::Policy if !config.key_policy.is_null() => at("key_policy"),
        Property::Policy => Path::root(),
    }
}

fn name(model: &Model) -> String {
    let id = model.key_id.clone().known().unwrap_or_default();
    match model.alias() {
        Some(alias) => format!("the key `{id}` (`{alias}`)"),
        None => format!("the key `{id}`"),
    }
}
