//! What an import needs to know and no policy says: `ou_map`, `environments`,
//! the exemptions, the limits and the switches as they were written, kept in
//! tags of our policies. `timeouts` are Terraform's own affair and are not kept.

use std::collections::BTreeMap;

use crate::model::tag::{MAX_TAG_KEY, MAX_TAG_VALUE, Tags};
use crate::provider::tag_rules::OUR_PREFIX;
use crate::tf::{Field, Value};

/// The tags that keep these arguments. What does not fit into tags is left
/// out; an import then shows it as a change of the argument.
pub(super) fn keep(config: &Value) -> Tags {
    let mut tags = Tags::new();
    for (key, names) in entries(config, "ou_map") {
        tags.extend(pages(&texts(&names)).map(|(page, text)| (format!("{HUNG}{page}:{key}"), text)));
    }
    for (name, place) in entries(config, "environments") {
        tags.insert(format!("{ENVIRONMENT}{name}"), text(&place).unwrap_or_default().to_owned());
    }
    for (name, key) in PATTERNS {
        let patterns: Vec<String> = elements(config, name).iter().map(|pattern| encoded(pattern)).collect();
        let patterns: Vec<&str> = patterns.iter().map(String::as_str).collect();
        if !patterns.is_empty() {
            tags.extend(pages(&patterns).map(|(page, text)| (format!("{key}{page}"), text)));
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
    let mut arguments = BTreeMap::new();
    for argument in tags.get(FURTHER).iter().flat_map(|further| further.split_whitespace()) {
        arguments
            .extend(argument.split_once('=').into_iter().flat_map(|(key, text)| recall_further(key, text)));
    }
    let mut hung: BTreeMap<&str, BTreeMap<usize, &str>> = BTreeMap::new();
    for (rest, text) in below(tags, HUNG) {
        let Some((page, key)) = rest.split_once(':') else { continue };
        if let Some(page) = page_number(page) {
            hung.entry(key).or_default().insert(page, text);
        }
    }
    let hung = hung.into_iter().map(|(key, pages)| (key, Value::list(words(&pages))));
    let places = below(tags, ENVIRONMENT).map(|(name, place)| (name, Value::string(place)));
    for (name, entries) in [("ou_map", Value::map(hung)), ("environments", Value::map(places))] {
        if entries.entries().is_ok_and(|entries| entries.known().is_some_and(|entries| !entries.is_empty())) {
            arguments.insert(name, entries);
        }
    }
    for (name, key) in PATTERNS {
        let pages: BTreeMap<usize, &str> =
            below(tags, key).filter_map(|(page, text)| Some((page_number(page)?, text))).collect();
        if !pages.is_empty() {
            arguments.insert(*name, Value::set(words(&pages)));
        }
    }
    let own = tags.iter().filter(|(key, _)| !key.starts_with(OUR_PREFIX));
    (arguments, own.map(|(key, value)| (key.clone(), value.clone())).collect())
}

fn below<'a>(tags: &'a Tags, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    tags.iter().filter_map(move |(key, value)| Some((key.strip_prefix(prefix)?, value.as_str())))
}

/// Words on as many pages as they need, each the value of one tag. The first
/// page has no number.
fn pages(words: &[&str]) -> impl Iterator<Item = (String, String)> {
    let mut pages = vec![String::new()];
    for word in words {
        match pages.last_mut() {
            Some(last) if last.is_empty() => (*word).clone_into(last),
            Some(last) if last.len().saturating_add(word.len()) < MAX_TAG_VALUE => {
                last.push(' ');
                last.push_str(word);
            }
            _ => pages.push((*word).to_owned()),
        }
    }
    let number = |at: usize| if at == 1 { String::new() } else { format!("-{at}") };
    (1..).map(number).zip(pages)
}

fn page_number(page: &str) -> Option<usize> {
    if page.is_empty() { Some(1) } else { page.strip_prefix('-')?.parse().ok() }
}

fn words(pages: &BTreeMap<usize, &str>) -> Vec<Value> {
    pages.values().flat_map(|page| page.split_whitespace()).map(|word| Value::string(decoded(word))).collect()
}

/// The arguments that are one short word each, where they are not what they are without being written.
fn further(config: &Value) -> Vec<String> {
    let mut further = Vec::new();
    for (name, key) in NUMBERS {
        let number = config.attr(name).ok().and_then(|value| value.as_i64().ok()?.known());
        further.extend(number.map(|number| format!("{key}={number}")));
    }
    let types = elements(config, "policy_types");
    if !types.is_empty() {
        further.push(format!("{TYPES}={}", types.join("+")));
    }
    let empty: Vec<&str> = COLLECTIONS.iter().copied().filter(|name| is_empty(config, name)).collect();
    if !empty.is_empty() {
        further.push(format!("{EMPTY}={}", empty.join("+")));
    }
    for (name, key) in SWITCHES {
        if matches!(config.attr(name).and_then(Value::as_bool), Ok(Field::Known(false))) {
            further.push(format!("{key}=off"));
        }
    }
    further
}

fn recall_further(key: &str, text: &str) -> Vec<(&'static str, Value)> {
    let named =
        |table: &[(&'static str, &str)]| table.iter().find(|(_, short)| *short == key).map(|(name, _)| *name);
    if key == TYPES {
        return vec![("policy_types", Value::set(text.split('+').map(Value::string)))];
    }
    if key == EMPTY {
        let empty = COLLECTIONS.iter().filter(|name| text.split('+').any(|empty| empty == **name));
        return empty.map(|name| (*name, nothing(name))).collect();
    }
    match (named(NUMBERS), text.parse::<i64>()) {
        (Some(name), Ok(number)) => vec![(name, Value::from(number))],
        (Some(_), Err(_)) => Vec::new(),
        (None, _) => named(SWITCHES).map(|name| (name, Value::Bool(false))).into_iter().collect(),
    }
}

/// Written as empty, which a plan tells from not being written.
fn is_empty(config: &Value, name: &str) -> bool {
    config.attr(name).is_ok_and(|value| *value == nothing(name))
}

fn nothing(name: &str) -> Value {
    if PATTERNS.iter().any(|(patterns, _)| *patterns == name) {
        Value::set(Vec::<Value>::new())
    } else {
        Value::Map(BTreeMap::new())
    }
}

fn elements<'a>(config: &'a Value, name: &str) -> Vec<&'a str> {
    config.attr(name).map(texts).unwrap_or_default()
}

fn texts(value: &Value) -> Vec<&str> {
    let elements = value.elements().ok().and_then(Field::known).unwrap_or_default();
    elements.iter().filter_map(text).collect()
}

fn entries(config: &Value, name: &str) -> BTreeMap<String, Value> {
    let entries = config.attr(name).ok().and_then(|value| value.entries().ok()?.known().cloned());
    entries.unwrap_or_default()
}

fn text(value: &Value) -> Option<&str> {
    value.as_str().ok()?.known()
}

fn encoded(pattern: &str) -> String {
    CODES.iter().fold(pattern.to_owned(), |text, (letter, code)| text.replace(*letter, code))
}

fn decoded(text: &str) -> String {
    CODES.iter().fold(text.to_owned(), |text, (letter, code)| text.replace(code, &letter.to_string()))
}

// Organizations API reference, `Tag`, read 2026-11.
fn fits(text: &str, longest: usize) -> bool {
    let accepted = |character: char| character.is_ascii_alphanumeric() || " _.:/=+-@".contains(character);
    text.chars().count() <= longest && text.chars().all(accepted)
}

const PATTERNS: &[(&str, &str)] =
    &[("exempt_principal_arns", "keyrail:exempt"), ("role_administrator_arns", "keyrail:administrators")];
// What a tag's value does not take, and what no ARN of a principal has instead of it.
const CODES: &[(char, &str)] = &[('*', "@@"), ('?', "@:"), (',', "/:")];
const NUMBERS: &[(&str, &str)] =
    &[("max_policy_characters", "characters"), ("max_policies_per_target", "per-target")];
const SWITCHES: &[(&str, &str)] = &[("enable_policy_types", "enable"), ("deletion_protection", "protection")];
const TYPES: &str = "types";
const EMPTY: &str = "empty";
const COLLECTIONS: &[&str] =
    &["environments", "exempt_principal_arns", "policies", "role_administrator_arns"];
const FURTHER: &str = "keyrail:arguments";
const HUNG: &str = "keyrail:on";
const ENVIRONMENT: &str = "keyrail:environment:";
