//! Every key says whose it is and what it is for, in tags with agreed keys.
//!
//! Tag keys are compared with regard to case here and by KMS, without it in
//! condition keys; so a key that carries two spellings of one tag is refused.

use std::collections::{BTreeMap, BTreeSet};

use crate::controls::contract::doc::{ControlId, Doc, Reference, Severity};
use crate::controls::contract::facts::{KeyFacts, required};
use crate::controls::contract::guardrail::{Clause, Guardrail, Scope, Witness, WitnessCaller};
use crate::controls::contract::settings::{
    SettingError, SettingKind, SettingSpec, SettingValue, Settings, texts,
};
use crate::controls::contract::tags::{check_tag_key, check_tag_value, misspellings, sid_parts, spellings};
use crate::controls::contract::verdict::{Property, Verdict, Violation};
use crate::controls::{Control, Rule};
use crate::iam::policy::Comparison;
use crate::model::fact::Fact;
use crate::model::org::PolicyType;

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
        let names: Vec<String> = self.keys.keys().map(|name| format!("`{name}`")).collect();
        Verdict::of(violations, format!("the key carries {}", names.join(", ")))
    }

    fn guardrail(&self) -> Guardrail {
        if self.keys.is_empty() {
            return Guardrail::not_expressible("no tags are required, so nothing is left to deny");
        }
        let parts = sid_parts(self.keys.keys(), &["Case", "Spelling", "Value"]);
        let mut clauses = Vec::new();
        for (key, allowed) in &self.keys {
            let sid = parts.get(key).map_or(key.as_str(), String::as_str);
            clauses.extend([at_creation(sid, key, allowed), later(sid, key, allowed), spelled(sid, key)]);
        }
        clauses.push(self.known_misspellings());
        clauses.push(self.never_removed());
        Guardrail::of(clauses).but_not(
            "a request that carries a required tag in its right spelling and beside it in an unusual one \
             (`eNVIRONMENT`) passes; the audit reports such a key",
        )
    }
}

impl Tagged {
    fn names(&self) -> impl Iterator<Item = &str> {
        self.keys.keys().map(String::as_str)
    }

    fn never_removed(&self) -> Clause {
        let untag = |witness: fn(_, _, _) -> Witness, story, key: &str| {
            witness(story, WitnessCaller::Inside, UNTAG).with_list(TAG_KEYS, &[key])
        };
        let clause = Clause::new(PolicyType::ServiceControl, Scope::WherePlaced, "KmsTagsStay")
            .stating(|deny| {
                deny.actions([UNTAG]).when(
                    Comparison::StringEqualsIgnoreCase.for_any_value(),
                    TAG_KEYS,
                    self.names(),
                )
            })
            .witnessed(untag(Witness::spared, "a tag removed that nobody requires", UNRELATED));
        self.names().fold(clause, |clause, key| {
            clause.witnessed(untag(Witness::denied, "a required tag removed", key))
        })
    }

    fn known_misspellings(&self) -> Clause {
        let variants: BTreeSet<String> = self.names().flat_map(misspellings).collect();
        let tag = |witness: fn(_, _, _) -> Witness, story, keys: &[&str]| {
            witness(story, WitnessCaller::Inside, TAG).with_list(TAG_KEYS, keys)
        };
        let right = self.names().next().unwrap_or(UNRELATED);
        let clause = Clause::new(PolicyType::ServiceControl, Scope::WherePlaced, "KmsTagSpelling")
            .stating(|deny| {
                deny.actions([CREATE, TAG]).when(
                    Comparison::StringEquals.for_any_value(),
                    TAG_KEYS,
                    &variants,
                )
            })
            .witnessed(tag(Witness::spared, "the right spelling", &[right]));
        let created = variants.first().map_or(UNRELATED, String::as_str);
        let clause = clause.witnessed(
            Witness::denied("a key made with another spelling", WitnessCaller::Inside, CREATE)
                .with_list(TAG_KEYS, &[right, created]),
        );
        variants.iter().fold(clause, |clause, variant| {
            clause.witnessed(tag(Witness::denied, "another spelling beside the right one", &[right, variant]))
        })
    }
}

fn at_creation(sid: &str, key: &str, allowed: &BTreeSet<String>) -> Clause {
    let tag = request_tag(key);
    let create = |witness: fn(_, _, _) -> Witness, story| witness(story, WitnessCaller::Inside, CREATE);
    // A missing key satisfies a negated operator: one statement covers "missing" and "wrong".
    let clause = Clause::new(PolicyType::ServiceControl, Scope::WherePlaced, format!("KmsTag{sid}"))
        .stating(|deny| {
            let deny = deny.actions([CREATE]);
            if allowed.is_empty() {
                deny.when(Comparison::StringNotLike, &tag, [NOT_EMPTY])
            } else {
                deny.when(Comparison::StringNotEquals, &tag, allowed)
            }
        })
        .witnessed(create(Witness::denied, "a key made without the tag"))
        .witnessed(
            create(Witness::denied, "a key made with an empty tag")
                .with(&tag, "")
                .with_list(TAG_KEYS, &[key]),
        )
        .witnessed(
            create(Witness::spared, "a key made with the tag")
                .with(&tag, example(allowed))
                .with_list(TAG_KEYS, &[key]),
        );
    if allowed.is_empty() {
        return clause;
    }
    let clause = clause.witnessed(
        create(Witness::denied, "a key made with another value")
            .with(&tag, UNRELATED)
            .with_list(TAG_KEYS, &[key]),
    );
    allowed.iter().fold(clause, |clause, value| {
        clause.witnessed(
            create(Witness::spared, "a key made with an allowed value")
                .with(&tag, value)
                .with_list(TAG_KEYS, &[key]),
        )
    })
}

fn later(sid: &str, key: &str, allowed: &BTreeSet<String>) -> Clause {
    let tag = request_tag(key);
    let ask = |witness: fn(_, _, _) -> Witness, story, value: &str| {
        witness(story, WitnessCaller::Inside, TAG).with(&tag, value).with_list(TAG_KEYS, &[key])
    };
    let clause = Clause::new(PolicyType::ServiceControl, Scope::WherePlaced, format!("KmsTagValue{sid}"))
        .stating(|deny| {
            let deny = deny.actions([TAG]);
            if allowed.is_empty() {
                deny.when(Comparison::StringEquals, &tag, [""])
            } else {
                deny.when(Comparison::Null, &tag, ["false"]).when(Comparison::StringNotEquals, &tag, allowed)
            }
        })
        .witnessed(ask(Witness::denied, "the tag emptied", ""))
        .witnessed(ask(Witness::spared, "the tag set to a right value", &example(allowed)))
        .witnessed(
            Witness::spared("another tag set", WitnessCaller::Inside, TAG)
                .with(request_tag(UNRELATED), "x")
                .with_list(TAG_KEYS, &[UNRELATED]),
        );
    if allowed.is_empty() {
        return clause;
    }
    let clause = clause.witnessed(ask(Witness::denied, "the tag set to another value", UNRELATED));
    allowed.iter().fold(clause, |clause, value| {
        clause.witnessed(ask(Witness::spared, "the tag set to an allowed value", value))
    })
}

fn spelled(sid: &str, key: &str) -> Clause {
    let ask = |witness: fn(_, _, _) -> Witness, story, keys: &[&str]| {
        witness(story, WitnessCaller::Inside, TAG).with_list(TAG_KEYS, keys)
    };
    let clause = Clause::new(PolicyType::ServiceControl, Scope::WherePlaced, format!("KmsTagCase{sid}"))
        .stating(|deny| {
            deny.actions([CREATE, TAG])
                .when(Comparison::StringEqualsIgnoreCase.for_any_value(), TAG_KEYS, [key])
                .when(Comparison::StringNotEquals.for_all_values(), TAG_KEYS, [key])
        })
        .witnessed(ask(Witness::spared, "the right spelling", &[key]))
        .witnessed(ask(Witness::spared, "another tag", &[UNRELATED]));
    misspellings(key).iter().fold(clause, |clause, variant| {
        clause.witnessed(ask(Witness::denied, "another spelling", &[variant])).witnessed(
            Witness::denied("a key made with another spelling", WitnessCaller::Inside, CREATE)
                .with_list(TAG_KEYS, &[variant]),
        )
    })
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
    let values: Vec<String> = allowed.iter().map(|value| format!("`{value}`")).collect();
    format!("a tag `{name}` with one of the values {}", values.join(", "))
}

fn example(allowed: &BTreeSet<String>) -> String {
    allowed.first().cloned().unwrap_or_else(|| "x".to_owned())
}

fn request_tag(key: &str) -> String {
    format!("aws:RequestTag/{key}")
}

const CREATE: &str = "kms:CreateKey";
const TAG: &str = "kms:TagResource";
const UNTAG: &str = "kms:UntagResource";
const TAG_KEYS: &str = "aws:TagKeys";
const NOT_EMPTY: &str = "?*";
const KEYS: &str = "keys";
const ALLOWED_VALUES: &str = "allowed_values";
const UNRELATED: &str = "keyrail-witness";
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
