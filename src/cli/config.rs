//! The configuration file of the command line: the same controls and waivers
//! as in the provider block, and what the resource of the guardrails is told, as JSON.
//!
//! INVARIANT: what a setting may be is declared by its control and nowhere here.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;
use time::Date;
use time::macros::format_description;

use super::exit::Failure;
use crate::controls::catalogue::Catalogue;
use crate::controls::catalogue::control_named;
use crate::controls::contract::settings::SettingKind;
use crate::controls::contract::settings::SettingValue;
use crate::controls::contract::settings::Settings;
use crate::controls::contract::waiver::Waiver;
use crate::model::shape;

/// What the file says.
#[derive(Debug)]
pub(crate) struct Configuration {
    /// The controls with their settings, and the waivers.
    pub(crate) catalogue: Catalogue,
    /// Which controls hang where, and whom they spare.
    pub(crate) guardrails: Guardrails,
}

/// What the file says of the guardrails, under the names of the arguments in Terraform.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Guardrails {
    /// The controls of each place: `root`, an environment's name or an id. Empty where the file does not say.
    #[serde(default)]
    pub(crate) ou_map: BTreeMap<String, Vec<String>>,
    /// Patterns of the ARNs of principals that every statement spares.
    #[serde(default)]
    pub(crate) exempt_principal_arns: BTreeSet<String>,
}

/// The configuration in the file; without a file every control has its defaults.
pub(crate) fn configuration(path: Option<&Path>) -> Result<Configuration, Failure> {
    let Some(path) = path else { return from_text("{}") };
    let text = fs::read_to_string(path)
        .map_err(|error| Failure::new(format!("`{}` could not be read: {error}", path.display())))?;
    from_text(&text).map_err(|failure| {
        let advice = failure.advice().unwrap_or("see `keyrail audit --help` for an example").to_owned();
        Failure::new(format!("`{}`: {failure}", path.display())).advise(advice)
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    controls: BTreeMap<String, BTreeMap<String, Value>>,
    #[serde(default)]
    waivers: Vec<WaiverEntry>,
    #[serde(default)]
    guardrails: Guardrails,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WaiverEntry {
    control: String,
    key: String,
    reason: String,
    approved_by: String,
    expires: String,
}

fn from_text(text: &str) -> Result<Configuration, Failure> {
    let file: File = shape::read(text.as_bytes())?;
    let mut problems = Vec::new();
    let mut controls = BTreeMap::new();
    for (argument, given) in file.controls {
        let settings: Settings = given
            .into_iter()
            .filter_map(|(name, value)| {
                Some((name.clone(), setting(&argument, &name, &value, &mut problems)?))
            })
            .collect();
        controls.insert(argument, settings);
    }
    let entries = file.waivers.into_iter().enumerate();
    let waivers: Vec<Waiver> =
        entries.filter_map(|(index, entry)| waiver(index, entry, &mut problems)).collect();
    if !problems.is_empty() {
        return Err(Failure::new(problems.join("\n")));
    }
    let told = |errors: Vec<_>| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    let catalogue = Catalogue::configure(&controls, waivers).map_err(|errors| Failure::new(told(errors)))?;
    Ok(Configuration { catalogue, guardrails: file.guardrails })
}

/// The value as the setting's kind asks for it. A setting that no control
/// declares is passed on, for the catalogue to refuse by name.
fn setting(argument: &str, name: &str, value: &Value, problems: &mut Vec<String>) -> Option<SettingValue> {
    let specs = control_named(argument).map_or(&[][..], |control| control.settings());
    let Some(spec) = specs.iter().find(|spec| spec.name == name) else {
        return Some(SettingValue::Bool(true));
    };
    let read = match spec.kind {
        SettingKind::Bool => value.as_bool().map(SettingValue::Bool),
        SettingKind::Text => text(value).map(SettingValue::Text),
        SettingKind::Integer { .. } => value.as_i64().map(SettingValue::Integer),
        SettingKind::Texts => texts(value).map(SettingValue::Texts),
        SettingKind::TextByName => by_name(value, text).map(SettingValue::TextByName),
        SettingKind::TextsByName => by_name(value, texts).map(SettingValue::TextsByName),
    };
    if read.is_none() {
        let required = spec.kind.expected();
        problems.push(format!("setting `{argument}.{name}`: found `{value}`, required is {required}"));
    }
    read
}

fn waiver(index: usize, entry: WaiverEntry, problems: &mut Vec<String>) -> Option<Waiver> {
    let WaiverEntry { control, key, reason, approved_by, expires } = entry;
    let date = Date::parse(&expires, format_description!("[year]-[month]-[day]")).ok();
    if date.is_none() {
        problems.push(format!(
            "`expires` of waiver {index}: found `{expires}`, required is a date such as `2027-01-31`"
        ));
    }
    let known = control_named(&control);
    if known.is_none() {
        problems.push(format!(
            "`control` of waiver {index}: found `{control}`, required is the id of a control such as `key-rotation`"
        ));
    }
    Some(Waiver { control: known?.id(), key, reason, approved_by, expires: date? })
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(ToOwned::to_owned)
}

fn texts(value: &Value) -> Option<BTreeSet<String>> {
    value.as_array()?.iter().map(text).collect()
}

fn by_name<T>(value: &Value, read: fn(&Value) -> Option<T>) -> Option<BTreeMap<String, T>> {
    value.as_object()?.iter().map(|(name, value)| Some((name.clone(), read(value)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::from_text;

    fn refused(text: &str) -> String {
        from_text(text).unwrap_err().to_string()
    }

    #[test]
    fn an_empty_file_means_the_defaults() {
        assert!(from_text("{}").is_ok());
    }

    #[test]
    fn misspelled_parts_are_named() {
        assert_eq!(
            refused(r#"{"control": {}}"#),
            "found a member `control`, allowed are `controls`, `waivers`, `guardrails`; did you mean `controls`?"
        );
        assert!(refused(r#"{"controls": {"rotation": {}}}"#).starts_with("control `rotation`: found"));
    }

    #[test]
    fn everything_wrong_in_a_waiver_is_said_at_once() {
        let waiver = r#"{"waivers": [{"control": "no-such", "key": "alias/a", "reason": "r", "approved_by": "a", "expires": "soon"}]}"#;
        assert_eq!(
            refused(waiver),
            "`expires` of waiver 0: found `soon`, required is a date such as `2027-01-31`\n\
             `control` of waiver 0: found `no-such`, required is the id of a control such as `key-rotation`"
        );
    }
}
