//! What an import needs to know and no policy says: `ou_map`, `environments`,
//! the exemptions, the limits and the switches as they were written, kept in
//! tags of our policies. `timeouts` are Terraform's own affair and are not kept.

use std::collections::BTreeMap;

use crate::model::tag::{MAX_TAG_KEY, MAX_TAG_VALUE, Tags};
use crate::tf::{Field, Value};

/// The tags that keep these arguments. What does not fit into a tag is left
/// out; an import then shows it as a change of the argument.
pub(super) fn keep(config: &Value) -> Tags {
    let mut tags = Tags::new();
    for (key, names) in entries(config, "ou_map") {
        let names = names.elements().ok().and_then(Field::known).unwrap_or_default();
        let names: Vec<&str> = names.iter().filter_map(text).collect();
        tags.insert(format!("{HUNG}{key}"), names.join(" "));
    }
    for (name, place) in entries(config, "environments") {
        tags.insert(format!("{ENVIRONMENT}{name}"), text(&place).unwrap_or_default().to_owned());
    }
    for (name, key) in PATTERNS {
        let patterns =
            config.attr(name).ok().and_then(|value| value.elements().ok()?.known()).unwrap_or_default();
        let patterns: Vec<&str> = patterns.iter().filter_map(text).collect();
        if !patterns.is_empty() {
            tags.insert((*key).to_owned(), patterns.join(" ").replace('*', ANY));
        }
    }
    let further = further(config);
    if !further.is_empty() {
        tags.insert(FURTHER.to_owned(), further.join(" "));
    }
    tags.retain(|key, value| fits(key, MAX_TAG_KEY) && fits(value, MAX_TAG_VALUE));
    tags
}

/// The arguments that were kept, and the tags of the user's own.
pub(super) fn recall(tags: &Tags) -> (BTreeMap<&'static str, Value>, Tags) {
    let kept = |prefix: &'static str| {
        tags.iter().filter_map(move |(key, value)| Some((key.strip_prefix(prefix)?.to_owned(), value)))
    };
    let hung: BTreeMap<String, Value> = kept(HUNG)
        .map(|(key, names)| (key, Value::list(names.split_whitespace().map(Value::string))))
        .collect();
    let places: BTreeMap<String, Value> =
        kept(ENVIRONMENT).map(|(name, place)| (name, Value::string(place))).collect();
    let mut arguments = BTreeMap::new();
    for (name, entries) in [("ou_map", hung), ("environments", places)] {
        if !entries.is_empty() {
            arguments.insert(name, Value::Map(entries));
        }
    }
    for (name, key) in PATTERNS {
        if let Some(patterns) = tags.get(*key) {
            let patterns = patterns.replace(ANY, "*");
            arguments.insert(*name, Value::set(patterns.split_whitespace().map(Value::string)));
        }
    }
    for argument in tags.get(FURTHER).iter().flat_map(|further| further.split_whitespace()) {
        arguments.extend(argument.split_once('=').and_then(|(key, text)| recall_further(key, text)));
    }
    let own = tags.iter().filter(|(key, _)| !key.starts_with(PREFIX));
    (arguments, own.map(|(key, value)| (key.clone(), value.clone())).collect())
}

/// The arguments that are one short word each, where they are not what they are without being written.
fn further(config: &Value) -> Vec<String> {
    let mut further = Vec::new();
    for (name, key) in NUMBERS {
        let number = config.attr(name).ok().and_then(|value| value.as_i64().ok()?.known());
        further.extend(number.map(|number| format!("{key}={number}")));
    }
    let types = config.attr("policy_types").ok().and_then(|value| value.elements().ok()?.known());
    let types: Vec<&str> = types.unwrap_or_default().iter().filter_map(text).collect();
    if !types.is_empty() {
        further.push(format!("{TYPES}={}", types.join("+")));
    }
    for (name, key) in SWITCHES {
        if matches!(config.attr(name).and_then(Value::as_bool), Ok(Field::Known(false))) {
            further.push(format!("{key}=off"));
        }
    }
    further
}

fn recall_further(key: &str, text: &str) -> Option<(&'static str, Value)> {
    let named =
        |table: &[(&'static str, &str)]| table.iter().find(|(_, short)| *short == key).map(|(name, _)| *name);
    if key == TYPES {
        return Some(("policy_types", Value::set(text.split('+').map(Value::string))));
    }
    match named(NUMBERS) {
        Some(name) => Some((name, Value::from(text.parse::<i64>().ok()?))),
        None => named(SWITCHES).map(|name| (name, Value::Bool(false))),
    }
}

fn entries(config: &Value, name: &str) -> BTreeMap<String, Value> {
    let entries = config.attr(name).ok().and_then(|value| value.entries().ok()?.known().cloned());
    entries.unwrap_or_default()
}

fn text(value: &Value) -> Option<&str> {
    value.as_str().ok()?.known()
}

// Organizations API reference, `Tag`, read 2026-11.
fn fits(text: &str, longest: usize) -> bool {
    let accepted = |character: char| character.is_ascii_alphanumeric() || " _.:/=+-@".contains(character);
    text.chars().count() <= longest && text.chars().all(accepted)
}

const PATTERNS: &[(&str, &str)] =
    &[("exempt_principal_arns", "keyrail:exempt"), ("role_administrator_arns", "keyrail:administrators")];
// A tag's value takes no `*`, and an ARN has no `@@`.
const ANY: &str = "@@";
const NUMBERS: &[(&str, &str)] =
    &[("max_policy_characters", "characters"), ("max_policies_per_target", "per-target")];
const SWITCHES: &[(&str, &str)] = &[("enable_policy_types", "enable"), ("deletion_protection", "protection")];
const TYPES: &str = "types";
const FURTHER: &str = "keyrail:arguments";
/// What the keys of our own tags begin with.
pub(super) const PREFIX: &str = "keyrail:";
const HUNG: &str = "keyrail:on:";
const ENVIRONMENT: &str = "keyrail:environment:";
