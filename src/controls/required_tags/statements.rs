//! The Denies that keep tags on keys: at creation, later, in every spelling.

use std::collections::BTreeSet;

use super::Tagged;
use crate::controls::contract::guardrail::{Clause, Scope, Witness, WitnessCaller};
use crate::controls::contract::tags::{misspellings, sid_parts};
use crate::iam::policy::Comparison;
use crate::model::org::PolicyType;

impl Tagged {
    /// What hangs where the control is placed.
    pub(super) fn clauses(&self) -> Vec<Clause> {
        let parts = sid_parts(self.keys.keys(), &["Case", "Spelling", "Value"]);
        let mut clauses = Vec::new();
        for (key, allowed) in &self.keys {
            let sid = parts.get(key).map_or(key.as_str(), String::as_str);
            clauses.extend([at_creation(sid, key, allowed), later(sid, key, allowed), spelled(sid, key)]);
        }
        clauses.push(self.known_misspellings());
        clauses.push(self.never_removed());
        clauses
    }

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
const UNRELATED: &str = "keyrail-witness";
