use std::collections::{BTreeMap, BTreeSet};

use super::RequiredTags;
use crate::controls::contract::example::good_key;
use crate::controls::contract::facts::KeyFacts;
use crate::controls::contract::settings::{SettingValue, Settings};
use crate::controls::contract::verdict::{Property, Verdict, Violation};
use crate::controls::{Control, Rule};
use crate::model::fact::Fact;

fn rule() -> Box<dyn Rule> {
    let keys = BTreeSet::from(["Owner".to_owned(), "Environment".to_owned()]);
    let values = BTreeSet::from(["dev".to_owned(), "prod".to_owned()]);
    let settings = Settings::from([
        ("keys".to_owned(), SettingValue::Texts(keys)),
        (
            "allowed_values".to_owned(),
            SettingValue::TextsByName(BTreeMap::from([("Environment".to_owned(), values)])),
        ),
    ]);
    RequiredTags.configure(&settings).unwrap()
}

fn key(tags: &[(&str, Fact<String>)]) -> KeyFacts {
    let mut key = good_key();
    key.tags = Fact::Known(tags.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect());
    key
}

fn known(value: &str) -> Fact<String> {
    Fact::Known(value.to_owned())
}

fn violations(tags: &[(&str, Fact<String>)]) -> Vec<(Property, String)> {
    let verdict = rule().check(&key(tags));
    let Verdict::Violated(violations) = verdict else { panic!("{verdict:?}") };
    violations.into_iter().map(|Violation { property, found, .. }| (property, found)).collect()
}

#[test]
fn a_key_with_every_tag_satisfies() {
    assert_eq!(
        rule().check(&key(&[("Owner", known("me")), ("Environment", known("prod"))])),
        Verdict::satisfied("the key carries `Environment`, `Owner`")
    );
    assert!(matches!(
        RequiredTags.configure(&Settings::new()).unwrap().check(&good_key()),
        Verdict::Satisfied { .. }
    ));
}

#[test]
fn missing_empty_and_wrong_tags_are_violations() {
    assert_eq!(
        rule().check(&key(&[("Owner", known("me"))])),
        Verdict::Violated(vec![Violation {
            property: Property::Tags,
            found: "no tag `Environment`".to_owned(),
            required: "a tag `Environment` with one of the values `dev`, `prod`".to_owned(),
            fix: "add `Environment` to `tags`".to_owned(),
        }])
    );
    assert_eq!(
        violations(&[("Owner", known("")), ("Environment", known("Prod"))]),
        [
            (Property::Tag("Environment".to_owned()), "tag `Environment` = `Prod`".to_owned()),
            (Property::Tag("Owner".to_owned()), "an empty tag `Owner`".to_owned()),
        ]
    );
}

#[test]
fn a_second_spelling_of_a_tag_is_a_violation() {
    assert_eq!(
        violations(&[("Owner", known("me")), ("Environment", known("prod")), ("environment", known("dev"))]),
        [(Property::Tag("environment".to_owned()), "a tag `environment`".to_owned())]
    );
}

#[test]
fn keys_are_judged_before_values_are_known() {
    assert_eq!(
        rule().check(&key(&[("Owner", Fact::Unknown), ("Environment", known("prod"))])),
        Verdict::undecided("the value of tag `Owner` is known after apply")
    );
    assert_eq!(violations(&[("Owner", Fact::Unknown)]).len(), 1);
}

#[test]
fn tags_that_are_unknown_or_unreadable_are_undecided() {
    let mut key = good_key();
    key.tags = Fact::Unknown;
    assert_eq!(rule().check(&key), Verdict::undecided("the set of tag keys is known after apply"));
    key.tags = Fact::Unreadable("AccessDenied".to_owned());
    assert_eq!(rule().check(&key), Verdict::undecided("the set of tag keys could not be read: AccessDenied"));
}

#[test]
fn settings_that_contradict_themselves_are_refused() {
    let texts = |texts: &[&str]| SettingValue::Texts(texts.iter().map(|text| (*text).to_owned()).collect());
    let error = |settings: Settings| RequiredTags.configure(&settings).unwrap_err().to_string();
    assert_eq!(
        error(Settings::from([("keys".to_owned(), texts(&["owner", "Owner"]))])),
        "setting `keys` is `owner` in two spellings, required is one spelling: conditions of policies do not tell \
         them apart"
    );
    let stray =
        SettingValue::TextsByName(BTreeMap::from([("Team".to_owned(), BTreeSet::from(["a".to_owned()]))]));
    assert_eq!(
        error(Settings::from([("allowed_values".to_owned(), stray)])),
        "setting `allowed_values` is values for `Team`, required is values for tag keys that are in `keys`, in the \
         same spelling"
    );
}
