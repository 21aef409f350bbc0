//! What a control may be told. A control declares its settings here; the
//! Terraform schema, the command line's configuration and the docs are made
//! from the declarations.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;

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
    /// One text; an empty one stands for none.
    Text,
    /// A set of texts.
    Texts,
    /// Texts by name.
    TextByName,
    /// Sets of texts by name.
    TextsByName,
}

impl SettingKind {
    /// The type in words, with its range.
    pub fn expected(self) -> String {
        match self {
            Self::Bool => "`true` or `false`".to_owned(),
            Self::Integer { min, max } => format!("a whole number from {min} to {max}"),
            Self::Text => "a string".to_owned(),
            Self::Texts => "a set of strings".to_owned(),
            Self::TextByName => "a map of strings".to_owned(),
            Self::TextsByName => "a map of sets of strings".to_owned(),
        }
    }

    /// Whether the value has this type and is in range.
    pub fn accepts(self, value: &SettingValue) -> bool {
        match (self, value) {
            (Self::Integer { min, max }, SettingValue::Integer(number)) => (min..=max).contains(number),
            (Self::Bool, SettingValue::Bool(_))
            | (Self::Text, SettingValue::Text(_))
            | (Self::Texts, SettingValue::Texts(_))
            | (Self::TextByName, SettingValue::TextByName(_))
            | (Self::TextsByName, SettingValue::TextsByName(_)) => true,
            _ => false,
        }
    }
}

/// The value given for a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingValue {
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// One text; an empty one stands for none.
    Text(String),
    /// A set of texts.
    Texts(BTreeSet<String>),
    /// Texts by name.
    TextByName(BTreeMap<String, String>),
    /// Sets of texts by name.
    TextsByName(BTreeMap<String, BTreeSet<String>>),
}

impl fmt::Display for SettingValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |texts: &BTreeSet<String>| {
            let quoted: Vec<String> = texts.iter().map(|text| format!("\"{text}\"")).collect();
            format!("[{}]", quoted.join(", "))
        };
        match self {
            Self::Bool(value) => value.fmt(formatter),
            Self::Integer(value) => value.fmt(formatter),
            Self::Text(text) => write!(formatter, "\"{text}\""),
            Self::Texts(texts) => formatter.write_str(&list(texts)),
            Self::TextByName(texts) => {
                let pairs: Vec<String> =
                    texts.iter().map(|(name, text)| format!("{name} = \"{text}\"")).collect();
                write!(formatter, "{{ {} }}", pairs.join(", "))
            }
            Self::TextsByName(texts) => {
                let pairs: Vec<String> =
                    texts.iter().map(|(name, texts)| format!("{name} = {}", list(texts))).collect();
                write!(formatter, "{{ {} }}", pairs.join(", "))
            }
        }
    }
}

/// The setting that names the organisation. Where a control needs it and nobody
/// gives it, AWS is asked for it.
pub(crate) const ORGANIZATION_ID: &str = "organization_id";

/// The settings given for one control, by name. What is not given has its default.
pub type Settings = BTreeMap<String, SettingValue>;

/// A setting that the control cannot work with.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("setting `{setting}` is {found}, required is {required}")]
pub struct SettingError {
    /// The setting.
    pub setting: String,
    /// What was found.
    pub found: String,
    /// What is required.
    pub required: String,
}

/// The number given for a setting, or its default.
pub(crate) fn integer(settings: &Settings, name: &str, default: i64) -> i64 {
    match settings.get(name) {
        Some(SettingValue::Integer(number)) => *number,
        _ => default,
    }
}

/// The texts given for a setting, or its default.
pub(crate) fn texts(settings: &Settings, name: &str, default: &[&str]) -> BTreeSet<String> {
    match settings.get(name) {
        Some(SettingValue::Texts(texts)) => texts.clone(),
        _ => default.iter().map(|text| (*text).to_owned()).collect(),
    }
}

/// The text given for a setting, or its default.
pub(crate) fn text(settings: &Settings, name: &str, default: &str) -> String {
    match settings.get(name) {
        Some(SettingValue::Text(text)) => text.clone(),
        _ => default.to_owned(),
    }
}
