//! What a configuration asks to audit.

use std::collections::BTreeSet;

use crate::audit::Filter;
use crate::audit::Scope;
use crate::audit::Selection;
use crate::audit::TagFilter;
use crate::audit::reference;
use crate::aws::KeyReference;
use crate::controls::CONTROLS;
use crate::controls::catalogue::control_named;
use crate::controls::contract::doc::ControlId;
use crate::model::{quoted, quoted_with};
use crate::tf::Diagnostic;
use crate::tf::Diagnostics;
use crate::tf::Error;
use crate::tf::Field;
use crate::tf::Path;
use crate::tf::Value;

/// A configuration, parsed. What is unknown while validating counts as absent.
#[derive(Debug)]
pub(super) struct Request {
    /// The keys.
    pub(super) scope: Scope,
    /// The controls; `None` means all.
    pub(super) checks: Option<BTreeSet<ControlId>>,
    /// The argument that names keys, if one does.
    pub(super) named: Option<&'static str>,
    /// The configuration as it came, for the state to repeat.
    pub(super) config: Value,
}

impl Request {
    pub(super) fn read(config: &Value) -> Result<Self, Diagnostics> {
        let mut problems = Diagnostics::new();
        let one = problems.absorb(choice(config));
        let references = problems.absorb(references(config)).unwrap_or_default();
        let checks = problems.absorb(checks(config)).flatten();
        let filter = problems.absorb(filter(config)).unwrap_or_default();
        if problems.has_errors() {
            return Err(problems);
        }
        let named = one.flatten().filter(|argument| *argument != "all_keys");
        let selection = match named {
            Some(_) => Selection::Named(references),
            None => Selection::CustomerKeys,
        };
        Ok(Self { scope: Scope { selection, filter }, checks, named, config: config.clone() })
    }
}

/// The argument that says which keys, of the three that could.
fn choice(config: &Value) -> Result<Option<&'static str>, Diagnostics> {
    let mut given = Vec::new();
    for argument in ["key_id", "key_ids", "all_keys"] {
        if !config.attr(argument)?.is_null() {
            given.push(argument);
        }
    }
    if let [_, second, ..] = given.as_slice() {
        let found = quoted_with(" and ", &given);
        let detail = format!(
            "Found {found}; at most one of `key_id`, `key_ids` and `all_keys` may be set. Remove all but one."
        );
        return Err(Diagnostic::error("Conflicting choice of keys", detail)
            .at(Path::attribute(*second))
            .into());
    }
    if config.attr("all_keys")?.as_bool()? == Field::Known(false) {
        let detail = "`all_keys` is false and no key is named. Remove it to audit every customer managed key, \
                      or name the keys with `key_ids`.";
        return Err(Diagnostic::error("No key is chosen", detail).at(Path::attribute("all_keys")).into());
    }
    Ok(given.first().copied())
}

fn references(config: &Value) -> Result<Vec<KeyReference>, Diagnostics> {
    let mut problems = Diagnostics::new();
    let mut references = Vec::new();
    let one = config.attr("key_id")?.as_str()?.known().map(|text| ("key_id", text));
    let many = config.attr("key_ids")?.elements()?.known().unwrap_or_default();
    let many = many.iter().map(Value::as_str).collect::<Result<Vec<_>, Error>>()?;
    let many = many.into_iter().filter_map(Field::known).map(|text| ("key_ids", text));
    for (argument, text) in one.into_iter().chain(many) {
        match reference(text) {
            Some(reference) => references.push(reference),
            None => problems.push(not_a_key(argument, text)),
        }
    }
    if problems.has_errors() { Err(problems) } else { Ok(references) }
}

fn not_a_key(argument: &str, text: &str) -> Diagnostic {
    let detail = format!(
        "`{text}` names no key. Required is a key id, a key ARN, an alias such as `alias/app/db`, or an alias ARN."
    );
    Diagnostic::error("Invalid key", detail).at(Path::attribute(argument))
}

fn checks(config: &Value) -> Result<Option<BTreeSet<ControlId>>, Diagnostics> {
    let Some(names) = config.attr("checks")?.elements()?.known() else { return Ok(None) };
    let mut problems = Diagnostics::new();
    let mut checks = BTreeSet::new();
    for name in names.iter().map(Value::as_str).collect::<Result<Vec<_>, Error>>()? {
        let Some(name) = name.known() else { continue };
        match control_named(name) {
            Some(control) => {
                checks.insert(control.id());
            }
            None => problems.push(no_control(name)),
        }
    }
    if problems.has_errors() { Err(problems) } else { Ok(Some(checks)) }
}

fn no_control(name: &str) -> Diagnostic {
    let ids = quoted(CONTROLS.iter().map(|control| control.id()));
    let detail = format!("There is no control `{name}`. Required is one of {ids}.");
    Diagnostic::error("Unknown control", detail).at(Path::attribute("checks"))
}

fn filter(config: &Value) -> Result<Filter, Diagnostics> {
    let filter = config.attr("filter")?;
    let alias_prefix = filter.attr("alias_prefix")?.as_str()?.known().map(ToOwned::to_owned);
    if let Some(prefix) = alias_prefix.as_ref().filter(|prefix| !prefix.starts_with("alias/")) {
        let detail = format!("Found `{prefix}`; alias names begin with `alias/`. Write `alias/{prefix}`.");
        let path = Path::attribute("filter").attr("alias_prefix");
        return Err(Diagnostic::error("Invalid alias prefix", detail).at(path).into());
    }
    let tag = filter.attr("tag")?;
    let value = tag.attr("value")?.as_str()?.known().map(ToOwned::to_owned);
    let tag = tag.attr("key")?.as_str()?.known().map(|key| TagFilter { key: key.to_owned(), value });
    Ok(Filter { alias_prefix, tag })
}
