//! `controls`: from what was written to settings in the controls' own terms.
//!
//! Terraform leaves out, without a word, what a nested attribute does not have,
//! so that a misspelled setting would leave its control at the default. The
//! argument is therefore of any type for Terraform, and all checking is here.
//!
//! INVARIANT: nothing that was written is passed over. Every name is one that is
//! declared, every value of its declared type and range, or a diagnostic says so.

use std::collections::{BTreeMap, BTreeSet};

use crate::controls::contract::doc::ControlId;
use crate::controls::contract::settings::{SettingKind, SettingSpec, SettingValue, Settings};
use crate::controls::{CONTROLS, Control};
use crate::model::quoted;
use crate::model::spelling::nearest;
use crate::tf::{Diagnostic, Diagnostics, Error, Field, Path, Value};

/// The settings that were written, by [`Control::argument`].
#[derive(Debug, Default)]
pub(super) struct Written {
    /// Those of the controls of which everything is known.
    pub(super) settings: BTreeMap<String, Settings>,
    /// The controls of which something is known only after apply.
    pub(super) unsettled: BTreeSet<ControlId>,
}

/// Reads the argument. Everything that is wrong with it is told at once.
pub(super) fn read(value: &Value, diagnostics: &mut Diagnostics) -> Written {
    let mut written = Written::default();
    let path = Path::attribute("controls");
    if value.is_unknown() {
        written.unsettled.extend(CONTROLS.iter().map(|control| control.id()));
        return written;
    }
    let example = "controls = { key_rotation = { max_period_in_days = 365 } }";
    let Some(entries) = object(value, &path, "an object of controls", example, diagnostics) else {
        return written;
    };
    for (argument, value) in entries {
        let path = path.clone().attr(argument);
        match CONTROLS.iter().find(|control| control.argument() == argument) {
            Some(control) => read_control(*control, value, &path, &mut written, diagnostics),
            None => diagnostics.push(unknown_control(argument, path)),
        }
    }
    written
}

fn read_control(
    control: &dyn Control,
    value: &Value,
    path: &Path,
    written: &mut Written,
    diagnostics: &mut Diagnostics,
) {
    if value.is_unknown() {
        written.unsettled.insert(control.id());
        return;
    }
    let example = control.settings().first().map(assignment).unwrap_or_default();
    let example = format!("{} = {{ {example} }}", control.argument());
    let Some(entries) = object(value, path, "an object with settings", &example, diagnostics) else {
        return;
    };
    let mut settings = Settings::new();
    for (name, value) in entries {
        let path = path.clone().attr(name);
        let Some(spec) = control.settings().iter().find(|spec| spec.name == name) else {
            diagnostics.push(unknown_setting(control, name, path));
            continue;
        };
        match read_setting(spec, value, &path) {
            Ok(Some(value)) => settings.extend([(name.clone(), value)]),
            Ok(None) if value.is_null() => {}
            Ok(None) => written.unsettled.extend([control.id()]),
            Err(wrong) => diagnostics.push(wrong.diagnostic(spec)),
        }
    }
    if !written.unsettled.contains(&control.id()) {
        written.settings.insert(control.argument().to_owned(), settings);
    }
}

/// What is in an object or a map; nothing for null, which stands for absent.
fn object<'a>(
    value: &'a Value,
    path: &Path,
    required: &str,
    example: &str,
    diagnostics: &mut Diagnostics,
) -> Option<&'a BTreeMap<String, Value>> {
    if let Ok(entries) = value.entries() {
        return entries.known();
    }
    let detail = format!("Found is {}; required is {required}. Write it as `{example}`.", shown(value));
    diagnostics.push(Diagnostic::error("Invalid settings of a control", detail).at(path.clone()));
    None
}

/// The value of a setting; `None` where it is null or not wholly known.
fn read_setting(spec: &SettingSpec, value: &Value, path: &Path) -> Read<SettingValue> {
    if value.is_null() {
        return Ok(None);
    }
    let read = match spec.kind {
        SettingKind::Bool => known(value.as_bool(), value, path, spec.kind)?.map(SettingValue::Bool),
        SettingKind::Integer { .. } => integer(value, path, spec.kind)?.map(SettingValue::Integer),
        SettingKind::Text => text(value, path)?.map(SettingValue::Text),
        SettingKind::Texts => texts(value, path)?.map(SettingValue::Texts),
        SettingKind::TextByName => by_name(value, path, spec.kind, text)?.map(SettingValue::TextByName),
        SettingKind::TextsByName => by_name(value, path, spec.kind, texts)?.map(SettingValue::TextsByName),
    };
    match read {
        Some(read) if !spec.kind.accepts(&read) => Err(Wrong::range(value, path, spec.kind)),
        read => Ok(read),
    }
}

/// A number of the wrong size is of the right type all the same.
fn integer(value: &Value, path: &Path, kind: SettingKind) -> Read<i64> {
    known(value.as_number(), value, path, kind)?
        .map(|number| number.as_i64().ok_or_else(|| Wrong::range(value, path, kind)))
        .transpose()
}

fn text(value: &Value, path: &Path) -> Read<String> {
    Ok(known(value.as_str(), value, path, SettingKind::Text)?.map(str::to_owned))
}

fn texts(value: &Value, path: &Path) -> Read<BTreeSet<String>> {
    let elements = known(value.elements(), value, path, SettingKind::Texts)?;
    let read = |(index, element)| text(element, &path.clone().index(index));
    all(elements.map(|elements| elements.iter().enumerate().map(read)))
}

fn by_name<T>(
    value: &Value,
    path: &Path,
    kind: SettingKind,
    read: fn(&Value, &Path) -> Read<T>,
) -> Read<BTreeMap<String, T>> {
    let entries = known(value.entries(), value, path, kind)?;
    let read = |(name, value): (&String, &Value)| {
        Ok(read(value, &path.clone().key(name))?.map(|value| (name.clone(), value)))
    };
    all(entries.map(|entries| entries.iter().map(read)))
}

/// Everything, if all of it is right and known; a mistake shows beside what is unknown.
fn all<T, C: FromIterator<T>>(parts: Option<impl Iterator<Item = Read<T>>>) -> Read<C> {
    let Some(parts) = parts else { return Ok(None) };
    let parts: Vec<Option<T>> = parts.collect::<Result<_, _>>()?;
    Ok(parts.into_iter().collect())
}

/// What is known of a value; null is no value, and a kind that was not expected is wrong.
fn known<T>(read: Result<Field<T>, Error>, value: &Value, path: &Path, kind: SettingKind) -> Read<T> {
    match read {
        Ok(Field::Known(found)) => Ok(Some(found)),
        Ok(Field::Unknown) => Ok(None),
        Ok(Field::Null) | Err(_) => Err(Wrong::kind(value, path, kind)),
    }
}

/// A part that was read; `None` while it is unknown.
type Read<T> = Result<Option<T>, Wrong>;

/// A part of a setting that is not what its setting declares.
#[derive(Debug)]
struct Wrong {
    path: Path,
    problem: String,
    /// Whether it is written in another way, and not just too large or too small.
    misshapen: bool,
}

impl Wrong {
    fn kind(value: &Value, path: &Path, kind: SettingKind) -> Self {
        Self { misshapen: true, ..Self::range(value, path, kind) }
    }

    fn range(value: &Value, path: &Path, kind: SettingKind) -> Self {
        let problem = format!("Found is {}; required is {}.", shown(value), kind.expected());
        Self { path: path.clone(), problem, misshapen: false }
    }

    fn diagnostic(self, spec: &SettingSpec) -> Diagnostic {
        let Self { path, mut problem, misshapen } = self;
        if misshapen {
            problem.push_str(&format!(" Write it as `{}`.", assignment(spec)));
        }
        Diagnostic::error("Invalid setting of a control", problem).at(path)
    }
}

fn unknown_control(name: &str, path: Path) -> Diagnostic {
    let names: Vec<&str> = CONTROLS.iter().map(|control| control.argument()).collect();
    let detail = format!(
        "There is no control `{name}`.{} The controls are {}.",
        suggestion(name, &names),
        quoted(names)
    );
    Diagnostic::error("Unknown control", detail).at(path)
}

fn unknown_setting(control: &dyn Control, name: &str, path: Path) -> Diagnostic {
    let names: Vec<&str> = control.settings().iter().map(|spec| spec.name).collect();
    let detail = format!(
        "The control `{}` has no setting `{name}`.{} Its settings are {}.",
        control.id(),
        suggestion(name, &names),
        quoted(names)
    );
    Diagnostic::error("Unknown setting of a control", detail).at(path)
}

fn suggestion(name: &str, names: &[&str]) -> String {
    nearest(name, names.iter().copied()).map_or_else(String::new, |meant| format!(" Did you mean `{meant}`?"))
}

/// The setting as one writes it, with something of the right shape.
fn assignment(spec: &SettingSpec) -> String {
    let value = match spec.kind {
        SettingKind::Bool => "true".to_owned(),
        SettingKind::Integer { .. } => spec.default.to_owned(),
        SettingKind::Text => "\"…\"".to_owned(),
        SettingKind::Texts => "[\"…\"]".to_owned(),
        SettingKind::TextByName => "{ name = \"…\" }".to_owned(),
        SettingKind::TextsByName => "{ name = [\"…\"] }".to_owned(),
    };
    format!("{} = {value}", spec.name)
}

/// A value as one recognises it: what is short as it was written, the rest by its kind.
fn shown(value: &Value) -> String {
    if let Ok(Field::Known(text)) = value.as_str() {
        return format!("the string `\"{text}\"`");
    }
    if let Ok(Field::Known(number)) = value.as_number() {
        return format!("`{number}`");
    }
    if let Ok(Field::Known(flag)) = value.as_bool() {
        return format!("`{flag}`");
    }
    match value.kind() {
        "null" => "null".to_owned(),
        "object" => "an object".to_owned(),
        // What brackets make is a tuple to Terraform, and a list to whoever wrote them.
        "tuple" => "a list".to_owned(),
        kind => format!("a {kind}"),
    }
}

#[cfg(test)]
mod tests;
