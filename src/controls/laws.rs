//! Laws over the whole registry. A new control is held to them by its line in
//! [`CONTROLS`] alone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value;

use crate::controls::CONTROLS;
use crate::controls::contract::example::good_key;
use crate::controls::contract::settings::{SettingKind, SettingValue, Settings};
use crate::iam::parse;
use crate::iam::policy::{Document, PolicyKind};
use crate::model::org::PolicyType;

fn file_of(id: &str) -> String {
    id.replace('-', "_")
}

fn is_words(id: &str) -> bool {
    id.split('-').all(|word| !word.is_empty() && word.chars().all(|letter| letter.is_ascii_lowercase()))
}

/// A default as it reads in a configuration.
fn default_of(kind: SettingKind, text: &str) -> SettingValue {
    let texts = |value: &Value| -> BTreeSet<String> {
        value.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    };
    let value: Value = serde_json::from_str(text).unwrap();
    match kind {
        SettingKind::Bool => SettingValue::Bool(value.as_bool().unwrap()),
        SettingKind::Integer { .. } => SettingValue::Integer(value.as_i64().unwrap()),
        SettingKind::Text => SettingValue::Text(value.as_str().unwrap().to_owned()),
        SettingKind::Texts => SettingValue::Texts(texts(&value)),
        SettingKind::TextByName => SettingValue::TextByName(
            value.as_object().unwrap().iter().map(|(name, text)| (name.clone(), text.to_string())).collect(),
        ),
        SettingKind::TextsByName => SettingValue::TextsByName(
            value
                .as_object()
                .unwrap()
                .iter()
                .map(|(name, list)| (name.clone(), texts(list)))
                .collect::<BTreeMap<_, _>>(),
        ),
    }
}

#[test]
fn ids_are_words_in_order_and_once() {
    let ids: Vec<&str> = CONTROLS.iter().map(|control| control.id().0).collect();
    let mut sorted = ids.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(ids, sorted);
    assert!(ids.iter().all(|id| is_words(id)));
    let arguments: BTreeSet<&str> = CONTROLS.iter().map(|control| control.argument()).collect();
    assert_eq!(arguments.len(), CONTROLS.len());
}

#[test]
fn every_file_here_is_a_registered_control() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/controls");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file())
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|name| !["mod", "catalogue", "laws"].contains(&name.as_str()))
        .collect();
    files.sort_unstable();
    let registered: Vec<String> = CONTROLS.iter().map(|control| file_of(control.id().0)).collect();
    assert_eq!(files, registered);
}

#[test]
fn every_control_has_its_cases_and_every_case_its_control() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/cases/controls");
    let mut folders: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    folders.sort_unstable();
    let ids: Vec<&str> = CONTROLS.iter().map(|control| control.id().0).collect();
    assert_eq!(folders, ids);
}

#[test]
fn every_document_is_complete() {
    for control in CONTROLS {
        let doc = control.doc();
        let parts = [doc.title, doc.requires, doc.why, doc.reach, doc.evidence, doc.remedy];
        assert!(parts.iter().all(|part| part.len() > 10), "{}", control.id());
        assert!(!doc.title.ends_with('.'), "{}", control.id());
        assert!(doc.references.iter().all(|reference| !reference.requirement.is_empty()));
        assert!(!doc.references.is_empty(), "{}", control.id());
    }
}

#[test]
fn every_control_accepts_its_own_defaults() {
    for control in CONTROLS {
        let written: Settings = control
            .settings()
            .iter()
            .map(|spec| (spec.name.to_owned(), default_of(spec.kind, spec.default)))
            .collect();
        for spec in control.settings() {
            assert!(spec.kind.accepts(&written[spec.name]), "{}: {}", control.id(), spec.name);
        }
        let bound = format!("{:?}", control.configure(&written).unwrap());
        assert_eq!(bound, format!("{:?}", control.configure(&Settings::new()).unwrap()), "{}", control.id());
    }
}

#[test]
fn every_guardrail_has_a_clause_or_a_reason() {
    for control in CONTROLS {
        let guardrail = control.configure(&Settings::new()).unwrap().guardrail();
        assert!(!guardrail.clauses().is_empty() || !guardrail.limits().is_empty(), "{}", control.id());
    }
}

#[test]
fn every_clause_is_a_policy_that_aws_accepts_and_is_witnessed_both_ways() {
    for control in CONTROLS {
        for clause in control.configure(&Settings::new()).unwrap().guardrail().clauses() {
            let kind = match clause.vehicle {
                PolicyType::ServiceControl => PolicyKind::ServiceControl,
                PolicyType::ResourceControl => PolicyKind::ResourceControl,
            };
            let document = Document::new([clause.statement_exempting(&clause.exempt)]);
            assert_eq!(parse(&document.to_json(), kind).unwrap(), document);
            assert_eq!(clause.statement.sid.as_ref().unwrap().as_str(), clause.sid);
            assert!(clause.sid.chars().all(|letter| letter.is_ascii_alphanumeric()), "{}", clause.sid);
            let denied = |witness: &&crate::controls::contract::guardrail::Witness| {
                witness.expected == crate::controls::contract::guardrail::Expected::Denied
            };
            let denied = clause.witnesses.iter().filter(denied).count();
            assert!(0 < denied && denied < clause.witnesses.len(), "{}", clause.sid);
        }
    }
}

#[test]
fn a_control_that_leaves_key_policies_alone_asks_for_no_statement() {
    for control in CONTROLS.iter().filter(|control| !control.shapes_key_policy()) {
        let rule = control.configure(&Settings::new()).unwrap();
        let statements = rule.key_policy_statements(&good_key());
        assert_eq!(statements, crate::model::fact::Fact::Known(Vec::new()), "{}", control.id());
    }
}

#[test]
fn every_rule_is_satisfied_by_the_key_policy_it_asks_for() {
    for control in CONTROLS {
        let rule = control.configure(&Settings::new()).unwrap();
        let mut key = good_key();
        let statements = rule.key_policy_statements(&key).known().unwrap().clone();
        key.policy = crate::model::fact::Fact::Known(Document::new(statements).to_json());
        let verdict = format!("{:?}", rule.check(&key));
        assert!(verdict.starts_with("Satisfied") || verdict.starts_with("NotApplicable"), "{verdict}");
    }
}
