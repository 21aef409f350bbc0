//! What AWS requires of tags, and we of some: shared by keys, by policies and by
//! the tags of the provider.

use crate::model::quota::TAGS;
use crate::model::tag::MAX_TAG_KEY;
use crate::model::tag::MAX_TAG_VALUE;
use crate::model::tag::RESERVED_PREFIX;
use crate::tf::Field;

/// A rule that is broken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    /// What is wrong, as a title.
    pub(crate) summary: &'static str,
    /// What was found.
    pub(crate) found: String,
    /// What is required.
    pub(crate) required: String,
}

/// The rules that one tag breaks. A value that is unknown breaks none.
pub(crate) fn broken(key: &str, value: &Field<String>) -> Vec<Broken> {
    let mut broken = Vec::new();
    let mut must = |kept: bool, summary, found: String, required: String| {
        if !kept {
            broken.push(Broken { summary, found, required });
        }
    };
    must(
        (1..=MAX_TAG_KEY).contains(&key.chars().count()),
        "The tag key has the wrong length",
        format!("`{key}`"),
        format!("1 to {MAX_TAG_KEY} characters"),
    );
    must(
        key.chars().all(is_tag_character),
        "The tag key has a character that AWS does not take",
        format!("`{key}`"),
        CHARACTERS.to_owned(),
    );
    must(
        !key.to_lowercase().starts_with(RESERVED_PREFIX) && !key.starts_with(OUR_PREFIX),
        "The tag key is reserved",
        format!("`{key}`"),
        format!("a key that begins neither with `{RESERVED_PREFIX}` nor with `{OUR_PREFIX}`"),
    );
    must(
        !value.is_null(),
        "The tag has no value",
        format!("`{key} = null`"),
        "a text, which may be empty, or no such tag".to_owned(),
    );
    let length = value.clone().known().unwrap_or_default().chars().count();
    must(
        length <= MAX_TAG_VALUE,
        "The tag value is too long",
        format!("{length} characters"),
        format!("at most {MAX_TAG_VALUE} characters"),
    );
    must(
        value.clone().known().unwrap_or_default().chars().all(is_tag_character),
        "The tag value has a character that AWS does not take",
        format!("`{}`", value.clone().known().unwrap_or_default()),
        CHARACTERS.to_owned(),
    );
    broken
}

/// KMS API reference, `Tag`, and AWS's guide to tagging, read 2026-11.
fn is_tag_character(character: char) -> bool {
    let space = character.is_whitespace() && !character.is_control();
    character.is_alphanumeric() || space || "_.:/=+-@".contains(character)
}

/// The rule that so many tags of a key break, if they do.
pub(crate) fn too_many(count: usize) -> Option<Broken> {
    (count > MOST).then(|| Broken {
        summary: "Too many tags",
        found: format!("{count} tags"),
        required: format!("at most {MOST}: AWS allows {}, and one is the creation tag", TAGS.value),
    })
}

/// What the tags begin with by which we know keys and policies again.
pub(crate) const OUR_PREFIX: &str = "keyrail:";

const CHARACTERS: &str = "letters, digits, spaces and `_ . : / = + - @`";

/// The most tags that a key can be given: one of the quota is the creation tag.
pub(crate) const MOST: usize = TAGS.value.saturating_sub(1);
