//! What tags and statements about tags have in common.

use std::collections::{BTreeMap, BTreeSet};

use crate::controls::contract::settings::SettingError;
use crate::controls::contract::verdict::{Property, Violation};
use crate::model::capitalised;
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

/// Each name as a part of a Sid, which takes letters and digits only: its words,
/// each with a capital, as long as no other name reads the same. Names that
/// differ in case or punctuation alone, and those that begin like one of the
/// `reserved` words, are spelled out instead, so that no two Sids are ever equal.
pub(crate) fn sid_parts<'a>(
    names: impl IntoIterator<Item = &'a String>,
    reserved: &[&str],
) -> BTreeMap<String, String> {
    let names: BTreeSet<&String> = names.into_iter().collect();
    let reads_alone = |name: &String, words: &str| {
        let others = names.iter().filter(|other| **other != name);
        let free = !reserved.iter().any(|word| words.starts_with(word));
        free && !words.is_empty()
            && !others.into_iter().any(|other| words == in_words(other) || words == spelled(other))
    };
    let part = |name: &&String| {
        let words = in_words(name);
        ((*name).clone(), if reads_alone(name, &words) { words } else { spelled(name) })
    };
    names.iter().map(part).collect()
}

fn in_words(name: &str) -> String {
    let words = name.split(|character: char| !character.is_ascii_alphanumeric());
    words.map(capitalised).collect()
}

/// The name with its first character, `X` and whatever is no letter or digit
/// written as a code between two `X`. Different names stay different.
fn spelled(name: &str) -> String {
    let mut sid = String::with_capacity(name.len());
    for (at, character) in name.chars().enumerate() {
        if at > 0 && character.is_ascii_alphanumeric() && character != 'X' {
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
    use super::{check_tag_key, check_tag_value, sid_parts};

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

    fn parts(names: &[&str]) -> Vec<String> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let parts = sid_parts(&names, &["Case"]);
        names.iter().map(|name| parts[name].clone()).collect()
    }

    #[test]
    fn a_sid_reads_in_words() {
        assert_eq!(parts(&["prod", "pre-prod", "eu west 1"]), ["Prod", "PreProd", "EuWest1"]);
        assert_eq!(parts(&["BusinessOwner", "cost-center"]), ["BusinessOwner", "CostCenter"]);
    }

    #[test]
    fn names_that_read_the_same_are_spelled_out() {
        assert_eq!(parts(&["prod", "Prod", "dev"]), ["X70Xrod", "X50Xrod", "Dev"]);
        assert_eq!(parts(&["pre-prod", "pre prod"]), ["X70XreX2dXprod", "X70XreX20Xprod"]);
        assert_eq!(
            parts(&["case-owner", "X70Xrod", "prod", "Prod"])[..2],
            ["X63XaseX2dXowner", "X58X70X58Xrod"]
        );
        assert_eq!(parts(&["-", "ü"]), ["X2dX", "XfcX"]);
    }
}
