//! The tags of a plan: the key's own over the provider's, without those that
//! somebody else manages.

use std::collections::BTreeMap;

use crate::model::quota::TAGS;
use crate::provider::resources::secure_kms_key::model::Model;
use crate::provider::resources::secure_kms_key::plan::Planning;
use crate::provider::resources::secure_kms_key::plan::at;
use crate::provider::resources::secure_kms_key::plan::names::ENVIRONMENT_TAG;
use crate::provider::tag_rules::MOST;
use crate::tf::Diagnostic;
use crate::tf::Diagnostics;
use crate::tf::Field;

/// Plans `tags` and `tags_all`. The keys of `tags_all` are known as soon as
/// they can be, although values may not be.
pub(super) fn plan(planning: &Planning<'_>, planned: &mut Model) {
    planned.tags = planning.config.tags.clone().or(BTreeMap::new());
    planned.tags_all = match &planned.tags {
        Field::Known(own) => planning.configured.all_tags(own).map_or(Field::Unknown, Field::Known),
        Field::Null | Field::Unknown => Field::Unknown,
    };
}

/// Refuses more tags than AWS takes, the provider's counted in. Too many of the
/// key's own are refused before.
pub(super) fn check(planned: &Model, diagnostics: &mut Diagnostics) {
    let (Field::Known(own), Field::Known(all)) = (&planned.tags, &planned.tags_all) else { return };
    if all.len() > MOST && own.len() <= MOST {
        let detail = format!(
            "Found: {} tags: {} of the key, and more in the provider's `default_tags`.\nRequired: at most {MOST}: AWS \
             allows {}, and one is the creation tag.\nFix: remove tags from `tags` or `default_tags`.",
            all.len(),
            own.len(),
            TAGS.value
        );
        diagnostics.push(Diagnostic::error("Too many tags", detail).at(at("tags")));
    }
}

/// The environment that the tag names, if it is known and names one.
pub(in super::super) fn environment(model: &Model) -> Option<String> {
    value(model, ENVIRONMENT_TAG).known().filter(|name| !name.is_empty())
}

/// The value of one tag; unknown while the tags are.
pub(super) fn value(planned: &Model, key: &str) -> Field<String> {
    match &planned.tags_all {
        Field::Known(tags) => tags.get(key).cloned().unwrap_or(Field::Null),
        Field::Null => Field::Null,
        Field::Unknown => Field::Unknown,
    }
}
