//! The catalogue as one organisation chose it: every control configured once,
//! with the waivers that are in the books.
//!
//! INVARIANT: a catalogue holds one rule for each of [`CONTROLS`], in their
//! order, and every setting in it is of its type and in its range.

use std::collections::BTreeMap;
use std::fmt;

use thiserror::Error;
use time::Date;

use crate::controls::contract::facts::KeyFacts;
use crate::controls::contract::finding::Finding;
use crate::controls::contract::settings::{SettingError, Settings};
use crate::controls::contract::waiver::Waiver;
use crate::controls::{CONTROLS, Control, Rule};
use crate::iam::policy::Statement;
use crate::model::arn::Arn;
use crate::model::fact::Fact;
use crate::model::key::{AliasName, KeyId};
use crate::model::quoted;

/// Every control with its settings bound, and the waivers.
#[derive(Debug)]
pub struct Catalogue {
    rules: Vec<(&'static dyn Control, Box<dyn Rule>)>,
    settings: BTreeMap<String, Settings>,
    waivers: Vec<Waiver>,
}

impl Catalogue {
    /// Binds the settings given for each control, by [`Control::argument`];
    /// controls that are not named get their defaults. All that is wrong is
    /// reported at once.
    pub fn configure(
        settings: &BTreeMap<String, Settings>,
        waivers: Vec<Waiver>,
    ) -> Result<Self, Vec<CatalogueError>> {
        let mut errors: Vec<CatalogueError> = Vec::new();
        errors.extend(settings.keys().filter_map(|argument| unknown_control(argument)));
        errors.extend(waivers.iter().enumerate().flat_map(|(index, waiver)| waiver_errors(index, waiver)));
        let none = Settings::new();
        let mut rules = Vec::with_capacity(CONTROLS.len());
        for control in CONTROLS {
            let given = settings.get(control.argument()).unwrap_or(&none);
            match configure(*control, given) {
                Ok(rule) => rules.push((*control, rule)),
                Err(found) => errors.extend(found),
            }
        }
        if errors.is_empty() { Ok(Self { rules, settings: settings.clone(), waivers }) } else { Err(errors) }
    }

    /// One finding per control, in the order of their ids. A waiver turns a
    /// violation, and what cannot be said, into `Waived` through its last day;
    /// after that day it is again what it was.
    pub fn judge(&self, key: &KeyFacts, today: Date) -> Vec<Finding> {
        let judge = |(control, rule): &(&'static dyn Control, Box<dyn Rule>)| {
            let waiver = self.waiver_for(*control, key);
            Finding::new(control.id(), control.doc(), rule.check(key), waiver, today)
        };
        self.rules.iter().map(judge).collect()
    }

    /// What the controls ask the policy of this key to carry; a generated
    /// policy carries it. Unknown while it hangs on something of the key that is.
    pub fn key_policy_statements(&self, key: &KeyFacts) -> Fact<Vec<Statement>> {
        let mut statements = Vec::new();
        for (_, rule) in &self.rules {
            match rule.key_policy_statements(key) {
                Fact::Known(more) => statements.extend(more),
                Fact::Unknown => return Fact::Unknown,
                Fact::Unreadable(reason) => return Fact::Unreadable(reason),
            }
        }
        Fact::Known(statements)
    }

    /// The settings given for a control, by [`Control::argument`].
    pub fn settings(&self) -> &BTreeMap<String, Settings> {
        &self.settings
    }

    /// Every control with its rule, in the order of their ids.
    pub fn rules(&self) -> impl Iterator<Item = (&'static dyn Control, &dyn Rule)> {
        self.rules.iter().map(|(control, rule)| (*control, rule.as_ref()))
    }

    /// The waivers, in the order they were given.
    pub fn waivers(&self) -> &[Waiver] {
        &self.waivers
    }

    // Of several waivers for one key the one that holds longest speaks.
    fn waiver_for(&self, control: &dyn Control, key: &KeyFacts) -> Option<&Waiver> {
        let concerned = |waiver: &&Waiver| waiver.control == control.id() && waiver.concerns(key);
        self.waivers.iter().filter(concerned).max_by_key(|waiver| waiver.expires)
    }
}

/// The control of this name: its id (`key-rotation`) or its argument (`key_rotation`).
pub fn control_named(name: &str) -> Option<&'static dyn Control> {
    CONTROLS.iter().copied().find(|control| control.id().0 == name || control.argument() == name)
}

/// One thing wrong in what the catalogue was given.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{place}: found {found}, required is {required}")]
pub struct CatalogueError {
    /// Where.
    pub place: Place,
    /// What was found.
    pub found: String,
    /// What is required.
    pub required: String,
}

/// Where in the settings and waivers something is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The settings of a control as a whole.
    Control {
        /// The argument as it was given.
        argument: String,
    },
    /// One setting.
    Setting {
        /// The control's argument.
        argument: String,
        /// The setting.
        setting: String,
    },
    /// One part of a waiver.
    Waiver {
        /// Its index, from 0.
        index: usize,
        /// The part: `key`, `reason` or `approved_by`.
        field: &'static str,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Control { argument } => write!(formatter, "control `{argument}`"),
            Self::Setting { argument, setting } => write!(formatter, "setting `{argument}.{setting}`"),
            Self::Waiver { index, field } => write!(formatter, "`{field}` of waiver {index}"),
        }
    }
}

fn configure(control: &'static dyn Control, given: &Settings) -> Result<Box<dyn Rule>, Vec<CatalogueError>> {
    let at = |setting: &str| Place::Setting {
        argument: control.argument().to_owned(),
        setting: setting.to_owned(),
    };
    let wrong = |(name, value): (&String, &_)| {
        let Some(spec) = control.settings().iter().find(|spec| spec.name == name) else {
            let names: Vec<&str> = control.settings().iter().map(|spec| spec.name).collect();
            return Some(CatalogueError {
                place: at(name),
                found: "a setting that does not exist".to_owned(),
                required: one_of(&names),
            });
        };
        let fits = spec.kind.accepts(value);
        (!fits).then(|| CatalogueError {
            place: at(name),
            found: format!("`{value}`"),
            required: spec.kind.expected(),
        })
    };
    let errors: Vec<CatalogueError> = given.iter().filter_map(wrong).collect();
    if !errors.is_empty() {
        return Err(errors);
    }
    control.configure(given).map_err(|SettingError { setting, found, required }| {
        vec![CatalogueError { place: at(&setting), found, required }]
    })
}

fn unknown_control(argument: &str) -> Option<CatalogueError> {
    let names: Vec<&str> = CONTROLS.iter().map(|control| control.argument()).collect();
    (!names.contains(&argument)).then(|| CatalogueError {
        place: Place::Control { argument: argument.to_owned() },
        found: "a control that does not exist".to_owned(),
        required: one_of(&names),
    })
}

fn waiver_errors(index: usize, waiver: &Waiver) -> Vec<CatalogueError> {
    let error = |field, found: &str, required: &str| CatalogueError {
        place: Place::Waiver { index, field },
        found: format!("`{found}`"),
        required: required.to_owned(),
    };
    let mut errors = Vec::new();
    if !names_a_key(&waiver.key) {
        errors.push(error("key", &waiver.key, "an alias name (`alias/app`), a key id or a key ARN"));
    }
    if waiver.reason.trim().is_empty() {
        errors.push(error("reason", &waiver.reason, "why the violation is accepted"));
    }
    if waiver.approved_by.trim().is_empty() {
        errors.push(error("approved_by", &waiver.approved_by, "who accepted the violation"));
    }
    errors
}

fn names_a_key(text: &str) -> bool {
    let arn = || text.parse::<Arn>().is_ok_and(|arn| arn.key_id().is_some());
    text.parse::<AliasName>().is_ok() || text.parse::<KeyId>().is_ok() || arn()
}

fn one_of(names: &[&str]) -> String {
    format!("one of {}", quoted(names))
}
