//! The names in `ou_map`: places as keys, controls and policies as values.

use std::collections::BTreeSet;

use crate::controls::CONTROLS;
use crate::controls::catalogue::control_named;
use crate::controls::contract::doc::ControlId;
use crate::model::quoted;
use crate::provider::resources::kms_org_guardrails::wanted::{Handwritten, Spot};

/// What to say of a name that is neither a control's nor a policy's.
pub(super) fn unknown_control(name: &str, written: &Handwritten) -> String {
    let known =
        quoted(CONTROLS.iter().map(|control| control.id().0).chain(written.keys().map(String::as_str)));
    format!("`{name}` was found; required is a control or a name from `policies`: one of {known}.")
}

/// What to say of a key that means no place.
pub(super) fn unknown_target(key: &str, environments: Option<&BTreeSet<String>>) -> String {
    let known = quoted(environments.into_iter().flatten());
    let known = if known.is_empty() { known } else { format!(", an environment ({known})") };
    format!(
        "`{key}` was found; required is `root`{known}, or the id of a root (`r-ab12`), an organizational unit \
         (`ou-ab12-11111111`) or an account."
    )
}

/// What a key of `ou_map` means. While the environments are not all known, any name may be one.
pub(super) fn spot(key: &str, environments: Option<&BTreeSet<String>>) -> Option<Spot> {
    if key == "root" {
        return Some(Spot::Root);
    }
    if let Ok(target) = key.parse() {
        return Some(Spot::Target(target));
    }
    environments.is_none_or(|known| known.contains(key)).then(|| Spot::Environment(key.to_owned()))
}

/// A control by its id, its words with underscores, its argument, or the name
/// under which `ou_map` has been written before keyrail.
pub(super) fn control_of(name: &str) -> Option<ControlId> {
    let dashed = name.replace('_', "-");
    let names = [Some(name), Some(dashed.as_str()), former(name)];
    names.into_iter().flatten().find_map(control_named).map(crate::controls::Control::id)
}

fn former(name: &str) -> Option<&'static str> {
    let environments = || name.strip_prefix("deny_")?.strip_suffix("_ou")?.split_once("_key_access_except_");
    if environments().is_some_and(|(one, other)| one == other) {
        return Some(BOUNDARY);
    }
    FORMER.iter().find(|(before, _)| *before == name).map(|(_, now)| *now)
}

// The policies of the guardrails that people wrote by hand before, and the controls that took their place.
const FORMER: &[(&str, &str)] = &[
    ("automatic_key_rotation", "key_rotation"),
    ("mfa_critical_api", "mfa"),
    ("tag_enforcement", "required_tags"),
    ("waiting_period", "deletion_window"),
];
// `deny_<environment>_key_access_except_<environment>_ou`.
const BOUNDARY: &str = "environment_boundary";
