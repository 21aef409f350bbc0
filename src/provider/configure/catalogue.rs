//! `controls` and `waivers`: what the block says of them, in the controls' own
//! terms, and what the catalogue answers, at its place in the block.
//!
//! A control of which a setting is unknown in this plan is unsettled as a whole:
//! half of its settings with defaults for the rest could judge wrongly.

use std::collections::{BTreeMap, BTreeSet};

use time::Date;
use time::macros::format_description;

use super::controls::{self, Written};
use super::reading::{Notes, Part};
use crate::controls::CONTROLS;
use crate::controls::Control;
use crate::controls::catalogue::{Catalogue, CatalogueError, Place, control_named};
use crate::controls::contract::doc::ControlId;
use crate::controls::contract::settings::{ORGANIZATION_ID, SettingValue, Settings};
use crate::controls::contract::waiver::Waiver;
use crate::model::org::{OrgPath, OrganizationId, OrganizationalUnitId, RootId};
use crate::model::quoted;
use crate::tf::path::Step;
use crate::tf::{Diagnostic, Diagnostics, Path};

/// What the block says of the controls.
#[derive(Debug, Default)]
pub(super) struct Chosen {
    settings: BTreeMap<String, Settings>,
    waivers: Vec<Waiver>,
    /// The controls of which something is unknown: a setting or a waiver.
    pub(super) undecided: BTreeSet<ControlId>,
    /// Those of which a setting is.
    pub(super) unsettled: BTreeSet<ControlId>,
}

/// Reads `controls` and `waivers`.
pub(super) fn read(part: &Part<'_>, notes: &mut Notes) -> Chosen {
    let mut chosen = Chosen::default();
    if let Ok(value) = notes.attribute(part, "controls") {
        let mut wrong = Diagnostics::new();
        let Written { settings, unsettled } = controls::read(value, &mut wrong);
        notes.diagnostics.extend(wrong.into_iter().map(shown_whole));
        chosen.settings = settings;
        chosen.undecided.clone_from(&unsettled);
        chosen.unsettled = unsettled;
    }
    let mut here = Notes::default();
    let waivers = here.parts(part, "waivers");
    if here.unknown.is_some() {
        chosen.undecided.extend(CONTROLS.iter().map(|control| control.id()));
    }
    notes.diagnostics.extend(here.diagnostics);
    for part in &waivers {
        waiver(part, &mut chosen, notes);
    }
    chosen
}

impl Chosen {
    /// Whether a control needs the id of the organisation, because it was given
    /// places by their own ids, and nobody gave it.
    pub(super) fn wants_organization(&self) -> bool {
        self.wanting_organization().next().is_some()
    }

    /// Gives the id of the organisation to the controls that want it.
    pub(super) fn give_organization(&mut self, organization: &OrganizationId) {
        let wanting: Vec<String> = self.wanting_organization().map(str::to_owned).collect();
        for argument in wanting {
            let value = SettingValue::Text(organization.to_string());
            self.settings.entry(argument).or_default().insert(ORGANIZATION_ID.to_owned(), value);
        }
    }

    /// Binds the settings.
    pub(super) fn configure(self) -> Result<Catalogue, Diagnostics> {
        Catalogue::configure(&self.settings, self.waivers)
            .map_err(|errors| errors.iter().map(diagnostic).map(shown_whole).collect())
    }

    /// The arguments of controls that declare the setting, were not given it, were
    /// given the id of a place, and no whole path, which begins with it.
    fn wanting_organization(&self) -> impl Iterator<Item = &str> {
        CONTROLS.iter().filter_map(|control| {
            let declared = control.settings().iter().any(|spec| spec.name == ORGANIZATION_ID);
            let given = self.settings.get(control.argument())?;
            let named =
                given.get(ORGANIZATION_ID).is_some_and(|value| *value != SettingValue::Text(String::new()));
            let answered = named || given.values().any(|value| holds(value, is_path));
            (declared && !answered && given.values().any(|value| holds(value, is_place_id)))
                .then(|| control.argument())
        })
    }
}

fn is_path(text: &str) -> bool {
    text.parse::<OrgPath>().is_ok()
}

fn is_place_id(text: &str) -> bool {
    text.parse::<OrganizationalUnitId>().is_ok() || text.parse::<RootId>().is_ok()
}

/// Whether one of the texts in a setting is such a one.
fn holds(value: &SettingValue, is_one: fn(&str) -> bool) -> bool {
    match value {
        SettingValue::Texts(texts) => texts.iter().any(|text| is_one(text)),
        SettingValue::TextByName(texts) => texts.values().any(|text| is_one(text)),
        SettingValue::Bool(_)
        | SettingValue::Integer(_)
        | SettingValue::Text(_)
        | SettingValue::TextsByName(_) => false,
    }
}

/// Reads one waiver. While a part of it is unknown, its control cannot be judged.
fn waiver(part: &Part<'_>, chosen: &mut Chosen, notes: &mut Notes) {
    let mut here = Notes::default();
    let control = control(part, &mut here);
    let key = here.text_or_empty(part, "key");
    let reason = here.text_or_empty(part, "reason");
    let approved_by = here.text_or_empty(part, "approved_by");
    let expires = expiry(part, &mut here);
    if here.unknown.is_some() {
        let concerned = CONTROLS.iter().map(|control| control.id());
        chosen.undecided.extend(concerned.filter(|id| control.is_none_or(|control| control == *id)));
    } else if let (Some(control), Some(expires)) = (control, expires) {
        let (key, reason) = (key.unwrap_or_default(), reason.unwrap_or_default());
        let approved_by = approved_by.unwrap_or_default();
        chosen.waivers.push(Waiver { control, key, reason, approved_by, expires });
    }
    notes.diagnostics.extend(here.diagnostics.into_iter().map(shown_whole));
}

/// Terraform finds the line of a whole argument, and not of what is inside
/// one; the detail names that instead.
fn shown_whole(diagnostic: Diagnostic) -> Diagnostic {
    let Some(path) = diagnostic.path.clone() else { return diagnostic };
    match path.steps() {
        [Step::Attribute(argument), _, ..] => {
            let detail = format!("At `{path}`: {}", lower_first(&diagnostic.detail));
            Diagnostic { detail, ..diagnostic }.at(Path::attribute(argument.clone()))
        }
        _ => diagnostic,
    }
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_lowercase().to_string()).unwrap_or_default();
    first + characters.as_str()
}

fn control(part: &Part<'_>, notes: &mut Notes) -> Option<ControlId> {
    let name = notes.text_or_empty(part, "control")?;
    let control = control_named(&name);
    if control.is_none() {
        let ids = quoted(CONTROLS.iter().map(|control| control.id()));
        let detail = format!("There is no control `{name}`. The controls are {ids}.");
        notes.wrong(part.place("control"), "Unknown control in a waiver", detail);
    }
    control.map(Control::id)
}

fn expiry(part: &Part<'_>, notes: &mut Notes) -> Option<Date> {
    let text = notes.text_or_empty(part, "expires")?;
    let date = Date::parse(&text, format_description!("[year]-[month]-[day]")).ok();
    if date.is_none() {
        let detail =
            format!("`{text}` is not a date. Required is the last day of the waiver, such as `2027-01-31`.");
        notes.wrong(part.place("expires"), "Invalid date in a waiver", detail);
    }
    date
}

fn diagnostic(error: &CatalogueError) -> Diagnostic {
    let (path, summary) = match &error.place {
        Place::Control { argument } => (place_of(argument), "Unknown control"),
        Place::Setting { argument, setting } => {
            (place_of(argument).attr(setting), "Invalid setting of a control")
        }
        Place::Waiver { index, field } => {
            (Path::attribute("waivers").index(*index).attr(*field), "Invalid waiver")
        }
    };
    let detail = format!("Found is {}; required is {}.", error.found, error.required);
    Diagnostic::error(summary, detail).at(path)
}

fn place_of(argument: &str) -> Path {
    Path::attribute("controls").attr(argument)
}
