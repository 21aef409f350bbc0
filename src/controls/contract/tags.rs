//! What tags and statements about tags have in common.

use std::collections::{BTreeMap, BTreeSet};

use crate::controls::contract::settings::SettingError;
use crate::controls::contract::verdict::{Property, Violation};
use crate::model::fact::Fact;
use crate::model::tag::{MAX_TAG_KEY, MAX_TAG_VALUE, RESERVED_PREFIX};

/// Refuses a tag key that KMS would refuse.
pub(crate) fn check_tag_key(setting: &str, key: &str) -> Result<(), SettingError> {
    let length = key.chars().count();
    let reserved = key.to_ascii_lowercase().starts_with(RESERVED_PREFIX);
    if (1..=MAX_TAG_KEY).contains(&length) && !reserved && key.chars().all(is_tag_character) {
        return Ok(());
    }
    Err(SettingError {
        setting: setting.to_owned(),
        found: format!("the tag key `{key}`"),
        required: format!(
            "1 to {MAX_TAG_KEY} letters, digits, spaces or `_.:/=+-@`, not beginning with `{RESERVED_PREFIX}`"
        ),
    })
}

/// Refuses a tag value that is empty or that KMS would refuse.
pub(crate) fn check_tag_value(setting: &str, value: &str) -> Result<(), SettingError> {
    let length = value.chars().count();
    if (1..=MAX_TAG_VALUE).contains(&length) && value.chars().all(is_tag_character) {
        return Ok(());
    }
    Err(SettingError {
        setting: setting.to_owned(),
        found: format!("the tag value `{value}`"),
        required: format!("1 to {MAX_TAG_VALUE} letters, digits, spaces or `_.:/=+-@`"),
    })
}

/// The text as a part of a Sid, which takes letters and digits only. Different
/// texts stay different: what is not a letter or digit, and `X` itself, is
/// written as `X` and its code.
pub(crate) fn in_sid(text: &str) -> String {
    let mut sid = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii_alphanumeric() && character != 'X' {
            sid.push(character);
        } else {
            sid.push_str(&format!("X{:x}X", u32::from(character)));
        }
    }
    sid
}

/// The spellings of a tag key that people use by mistake.
pub(crate) fn misspellings(key: &str) -> BTreeSet<String> {
    let mut variants = BTreeSet::from([key.to_lowercase(), key.to_uppercase()]);
    variants.remove(key);
    variants
}

/// A violation for every tag that differs from `name` in letter case only: which
/// of them a condition sees is undefined.
pub(crate) fn spellings<'a>(
    name: &'a str,
    tags: &'a BTreeMap<String, Fact<String>>,
) -> impl Iterator<Item = Violation> + 'a {
    let other = move |key: &&String| key.as_str() != name && key.to_lowercase() == name.to_lowercase();
    tags.keys().filter(other).map(move |key| Violation {
        property: Property::Tag(key.clone()),
        found: format!("a tag `{key}`"),
        required: format!(
            "the spelling `{name}` and no other: conditions of policies do not tell them apart"
        ),
        fix: format!("rename the tag to `{name}`"),
    })
}

// KMS API reference, `Tag`, read 2026-11.
fn is_tag_character(character: char) -> bool {
    character.is_alphanumeric() || character == ' ' || "_.:/=+-@".contains(character)
}

#[cfg(test)]
mod tests {
    use super::{check_tag_key, check_tag_value, in_sid};

    #[test]
    fn tag_keys_are_what_kms_accepts() {
        for key in ["Environment", "Cost Center", "a:b/c"] {
            assert_eq!(check_tag_key("keys", key), Ok(()));
        }
        for key in ["", "aws:x", "AWS:x", "a*", "${x}"] {
            assert!(check_tag_key("keys", key).is_err(), "{key}");
        }
        assert!(check_tag_value("allowed_values", "").is_err());
    }

    #[test]
    fn different_texts_give_different_sids() {
        assert_eq!(in_sid("BusinessOwner"), "BusinessOwner");
        assert_eq!(in_sid("cost-center"), "costX2dXcenter");
        assert_ne!(in_sid("X2dX"), in_sid("-"));
    }
}
