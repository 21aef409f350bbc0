//! Every key says whose it is and what it is for, in tags with agreed keys.
//!
//! Tag keys are compared with regard to case here and by KMS, without it in
//! condition keys; so a key that carries two spellings of one tag is refused.

mod statements;

use std::collections::{BTreeMap, BTreeSet};

use crate::controls::contract::doc::{ControlId, Doc, Reference, Severity};
use crate::controls::contract::facts::{KeyFacts, required};
use crate::controls::contract::guardrail::Guardrail;
use crate::controls::contract::settings::{
    SettingError, SettingKind, SettingSpec, SettingValue, Settings, texts,
};
use crate::controls::contract::tags::{check_tag_key, check_tag_value, spellings};
use crate::controls::contract::verdict::{Property, Verdict, Violation};
use crate::controls::{Control, Rule};
use crate::model::fact::Fact;
use crate::model::quoted;

/// The definition.
#[derive(Debug)]
pub(super) struct RequiredTags;

#[derive(Debug)]
struct Tagged {
    /// The required keys, each with the values it may have; an empty set stands for any value but an empty one.
    keys: BTreeMap<String, BTreeSet<String>>,
}

impl Control for RequiredTags {
    fn id(&self) -> ControlId {
        ControlId("required-tags")
    }

    fn argument(&self) -> &'static str {
        "required_tags"
    }

    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn settings(&self) -> &'static [SettingSpec] {
        SETTINGS
    }

    fn shapes_key_policy(&self) -> bool {
        false
    }

    fn configure(&self, settings: &Settings) -> Result<Box<dyn Rule>, SettingError> {
        let mut keys: BTreeMap<String, BTreeSet<String>> =
            texts(settings, KEYS, DEFAULT_KEYS).into_iter().map(|key| (key, BTreeSet::new())).collect();
        if let Some(SettingValue::TextsByName(allowed)) = settings.get(ALLOWED_VALUES) {
            for (key, values) in allowed {
                admit(&mut keys, key, values)?;
            }
        }
        let mut seen = BTreeSet::new();
        for key in keys.keys() {
            check_tag_key(KEYS, key)?;
            if !seen.insert(key.to_lowercase()) {
                return Err(SettingError {
                    setting: KEYS.to_owned(),
                    found: format!("`{key}` in two spellings"),
                    required: "one spelling: conditions of policies do not tell them apart".to_owned(),
                });
            }
        }
        Ok(Box::new(Tagged { keys }))
    }
}

impl Rule for Tagged {
    fn check(&self, key: &KeyFacts) -> Verdict {
        if let Some(verdict) = key.not_ours() {
            return verdict;
        }
        if self.keys.is_empty() {
            return Verdict::not_applicable("no tags are required");
        }
        let tags = match required(&key.tags, "the set of tag keys") {
            Ok(tags) => tags,
            Err(undecided) => return undecided,
        };
        let mut violations = Vec::new();
        let mut undecided = Vec::new();
        for (name, allowed) in &self.keys {
            violations.extend(spellings(name, tags));
            match tags.get(name) {
                None => violations.push(missing(name, allowed)),
                Some(Fact::Known(value)) => violations.extend(wrong(name, value, allowed)),
                Some(Fact::Unknown) => {
                    undecided.push(format!("the value of tag `{name}` is known after apply"));
                }
                Some(Fact::Unreadable(why)) => {
                    undecided.push(format!("the value of tag `{name}` could not be read: {why}"));
                }
            }
        }
        if violations.is_empty() && !undecided.is_empty() {
            return Verdict::undecided(undecided.join("; "));
        }
        Verdict::of(violations, format!("the key carries {}", quoted(self.keys.keys())))
    }

    fn guardrail(&self) -> Guardrail {
        if self.keys.is_empty() {
            return Guardrail::not_expressible("no tags are required, so nothing is left to deny");
        }
        Guardrail::of(self.clauses()).but_not(
            "a request that carries a required tag in its right spelling and beside it in an unusual one \
             (`eNVIRONMENT`) passes; the audit reports such a key",
        )
    }
}

fn admit(
    keys: &mut BTreeMap<String, BTreeSet<String>>,
    key: &str,
    values: &BTreeSet<String>,
) -> Result<(), SettingError> {
    let wrong = |found: String, required: &str| SettingError {
        setting: ALLOWED_VALUES.to_owned(),
        found,
        required: required.to_owned(),
    };
    if values.is_empty() {
        return Err(wrong(format!("no value for `{key}`"), "at least one value, or the key left out"));
    }
    for value in values {
        check_tag_value(ALLOWED_VALUES, value)?;
    }
    let Some(allowed) = keys.get_mut(key) else {
        return Err(wrong(
            format!("values for `{key}`"),
            "values for tag keys that are in `keys`, in the same spelling",
        ));
    };
    allowed.clone_from(values);
    Ok(())
}

fn missing(name: &str, allowed: &BTreeSet<String>) -> Violation {
    Violation {
        property: Property::Tags,
        found: format!("no tag `{name}`"),
        required: requirement(name, allowed),
        fix: format!("add `{name}` to `tags`"),
    }
}

fn wrong(name: &str, value: &str, allowed: &BTreeSet<String>) -> Option<Violation> {
    let right = if allowed.is_empty() { !value.is_empty() } else { allowed.contains(value) };
    let found =
        if value.is_empty() { format!("an empty tag `{name}`") } else { format!("tag `{name}` = `{value}`") };
    (!right).then(|| Violation {
        property: Property::Tag(name.to_owned()),
        found,
        required: requirement(name, allowed),
        fix: format!("change the value of `{name}` in `tags`"),
    })
}

fn requirement(name: &str, allowed: &BTreeSet<String>) -> String {
    if allowed.is_empty() {
        return format!("a tag `{name}` with a value");
    }
    format!("a tag `{name}` with one of the values {}", quoted(allowed))
}

const KEYS: &str = "keys";
const ALLOWED_VALUES: &str = "allowed_values";
const DEFAULT_KEYS: &[&str] =
    &["BU", "BusinessOwner", "TechnicalOwner", "ProjectManager", "Project", "Owner", "Environment"];

static SETTINGS: &[SettingSpec] = &[
    SettingSpec {
        name: KEYS,
        kind: SettingKind::Texts,
        doc: "The tag keys that every key carries, in their exact spelling.",
        default: r#"["BU", "BusinessOwner", "TechnicalOwner", "ProjectManager", "Project", "Owner", "Environment"]"#,
    },
    SettingSpec {
        name: ALLOWED_VALUES,
        kind: SettingKind::TextsByName,
        doc: "The values that a required tag may have, by tag key, with regard to case. A key that is not named may \
              have any value but an empty one.",
        default: "{}",
    },
];

static DOC: Doc = Doc {
    title: "Keys must carry the agreed tags",
    severity: Severity::Low,
    requires: "Every key carries each tag of `keys`, in that spelling, with one of its allowed values or, where none \
               are named, with any value but an empty one.",
    why: "Without an owner nobody can say whether a key may be changed or deleted, and what it costs belongs to \
          nobody. Policies that decide by a tag are only as good as the tag.",
    reach: "The service control policy denies making a key without the tags, setting a required tag to a wrong or \
            empty value, other spellings, and removing a required tag. It does not touch keys that exist, and not \
            aliases or key stores, which carry no tags of this kind.",
    evidence: "The tags of the key, provider defaults included. A plan knows the keys before it knows the values.",
    remedy: "Add the tags that are missing, correct the values, and remove tags that differ in spelling only.",
    references: &[
        Reference { standard: "AWS Config", requirement: "KMS_KEY_TAGGED" },
        Reference { standard: "NIST SP 800-53 Rev. 5", requirement: "CM-8" },
        Reference { standard: "ISO/IEC 27001:2022", requirement: "A.5.9" },
    ],
};

#[cfg(test)]
mod tests;
