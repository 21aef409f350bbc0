//! What a control may be told. A control declares its settings here; the
//! Terraform schema, the command line's configuration and the docs are made
//! from the declarations.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use thiserror::Error;

/// One setting of a control.
#[derive(Debug, Clone, Copy)]
pub struct SettingSpec {
    /// Its name: `max_period_in_days`.
    pub name: &'static str,
    /// Its type, with the range where there is one.
    pub kind: SettingKind,
    /// What it means, with the unit.
    pub doc: &'static str,
    /// The value that holds when none is given, as it reads in a configuration.
    pub default: &'static str,
}

/// The type of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingKind {
    /// Yes or no.
    Bool,
    /// A whole number within a range, both ends included.
    Integer {
        /// The least.
        min: i64,
        /// The most.
        max: i64,
    },
    /// A set of texts.
    Texts,
    /// Texts by name.
    TextByName,
    /// Sets of texts by name.
    TextsByName,
}

/// The value given for a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingValue {
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A set of texts.
    Texts(BTreeSet<String>),
    /// Texts by name.
    TextByName(BTreeMap<String, String>),
    /// Sets of texts by name.
    TextsByName(BTreeMap<String, BTreeSet<String>>),
}

/// The settings given for one control, by name. What is not given has its default.
pub type Settings = BTreeMap<String, SettingValue>;

/// A setting that the control cannot work with.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{found}; required is {required}")]
pub struct SettingError {
    /// The setting.
    pub setting: String,
    /// What was found.
    pub found: String,
    /// What is required.
    pub required: String,
}
