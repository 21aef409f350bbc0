//! `default_tags` and `ignore_tags`, with hashicorp/aws's environment variables.

use std::collections::BTreeSet;

use super::reading::{Notes, Part};
use crate::aws::config::Environment;
use crate::provider::configured::{DefaultTags, IgnoredTags};
use crate::provider::tag_rules::{self, Broken};
use crate::tf::{Field, Path};

/// Tags of every resource. What the block says wins over the environment.
pub(super) fn default_tags(part: &Part<'_>, environment: &Environment, notes: &mut Notes) -> DefaultTags {
    let mut tags = DefaultTags::default();
    for (variable, value) in environment {
        let key = variable.strip_prefix("TF_AWS_DEFAULT_TAGS_").filter(|key| !key.is_empty());
        let Some(key) = key else { continue };
        for broken in tag_rules::broken(key, &Field::Known(value.clone())) {
            let detail = format!("The environment variable `{variable}`: {}", told(&broken));
            notes.wrong(Path::root(), broken.summary, detail);
        }
        tags.tags.insert(key.to_owned(), Some(value.clone()));
    }
    let mut here = Notes::default();
    if let Some(part) = here.part(part, "default_tags") {
        for (key, value) in here.fields(&part, "tags") {
            for broken in tag_rules::broken(&key, &value) {
                here.wrong(part.place("tags").key(&key), broken.summary, told(&broken));
            }
            tags.tags.insert(key, value.known());
        }
    }
    tags.incomplete = here.unknown.is_some();
    notes.diagnostics.extend(here.diagnostics);
    tags
}

/// Refuses more tags than a key can have, ignored ones not counted.
pub(super) fn check_count(part: &Part<'_>, defaults: &DefaultTags, ignored: &IgnoredTags, notes: &mut Notes) {
    let count = defaults.tags.keys().filter(|key| !ignored.ignores(key)).count();
    if let Some(broken) = tag_rules::too_many(count) {
        notes.wrong(part.place("default_tags").index(0).attr("tags"), broken.summary, told(&broken));
    }
}

fn told(broken: &Broken) -> String {
    format!("Found is {}; required is {}.", broken.found, broken.required)
}

/// Tags that somebody else manages. Block and environment add up.
pub(super) fn ignored_tags(part: &Part<'_>, environment: &Environment, notes: &mut Notes) -> IgnoredTags {
    let listed = |name: &str| -> BTreeSet<String> {
        let texts = environment.get(name).map_or("", String::as_str).split(',').map(str::trim);
        texts.filter(|text| !text.is_empty()).map(str::to_owned).collect()
    };
    let mut ignored = IgnoredTags {
        keys: listed("TF_AWS_IGNORE_TAGS_KEYS"),
        key_prefixes: listed("TF_AWS_IGNORE_TAGS_KEY_PREFIXES"),
    };
    if let Some(part) = notes.part(part, "ignore_tags") {
        ignored.keys.extend(notes.texts(&part, "keys").into_iter().flatten());
        ignored.key_prefixes.extend(notes.texts(&part, "key_prefixes").into_iter().flatten());
    }
    ignored
}
