//! `default_tags` and `ignore_tags`, with hashicorp/aws's environment variables.

use std::collections::BTreeSet;

use super::reading::{Notes, Part};
use crate::aws::config::Environment;
use crate::model::tag::RESERVED_PREFIX;
use crate::provider::configured::{DefaultTags, IgnoredTags};

/// Tags of every resource. What the block says wins over the environment.
pub(super) fn default_tags(part: &Part<'_>, environment: &Environment, notes: &mut Notes) -> DefaultTags {
    let from_environment = environment.iter().filter_map(|(name, value)| {
        let key = name.strip_prefix("TF_AWS_DEFAULT_TAGS_").filter(|key| !key.is_empty())?;
        Some((key.to_owned(), Some(value.clone())))
    });
    let mut tags = DefaultTags { tags: from_environment.collect(), incomplete: false };
    let mut here = Notes::default();
    if let Some(part) = here.part(part, "default_tags") {
        let written = here.entries(&part, "tags").unwrap_or_default();
        for key in written.keys().filter(|key| key.starts_with(RESERVED_PREFIX)) {
            let detail = format!(
                "`{key}` begins with `{RESERVED_PREFIX}`, which AWS keeps for its own tags. Rename it."
            );
            here.wrong(part.place("tags").key(key), "Reserved tag key", detail);
        }
        tags.tags.extend(written);
    }
    tags.incomplete = here.unknown.is_some();
    notes.diagnostics.extend(here.diagnostics);
    tags
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
