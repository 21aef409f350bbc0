//! Case files: requests and policies by topic, each with the decision AWS
//! takes, the layers that take it and the statements they take it by.
//!
//! A file has `defaults`, merged into every case, and per case `expect`. A
//! statement is written as `layer Sid`, for SCPs and RCPs `layer target Sid`.

use std::fs;
use std::path::{Path, PathBuf};

use keyrail::cli::simulate::{Layout, simulate};
use serde_json::{Map, Value, json};

#[test]
fn every_case_is_decided_as_aws_decides_it() {
    let mut wrong = Vec::new();
    let mut judged = 0_usize;
    for path in case_files() {
        let topic = topic_of(&path);
        let (input, expected) = load(&path);
        let answer: Value = serde_json::from_str(&simulate(&input, Layout::Compact).unwrap()).unwrap();
        for (result, expected) in answer["results"].as_array().unwrap().iter().zip(expected) {
            judged += 1;
            if shape(result) != expected {
                wrong.push(format!(
                    "{topic}: {}\n  expected {expected}\n  found    {}",
                    result["name"],
                    shape(result)
                ));
            }
        }
    }
    assert!(judged > 850, "only {judged} cases were found");
    assert!(wrong.is_empty(), "{} of {judged} cases:\n{}", wrong.len(), wrong.join("\n"));
}

/// The 43 rules of judging, numbered as in the reference evaluator.
#[test]
fn every_rule_has_its_cases() {
    let topics = case_files().into_iter().map(|path| topic_of(&path));
    let numbers: Vec<u32> =
        topics.filter_map(|topic| topic.strip_prefix("rules/")?.split('-').next()?.parse().ok()).collect();
    assert_eq!(numbers, (1..=43).collect::<Vec<_>>());
}

#[test]
fn every_case_has_a_name_of_its_own() {
    for path in case_files() {
        let file: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let mut names: Vec<&str> =
            file["cases"].as_array().unwrap().iter().map(|case| case["name"].as_str().unwrap()).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count, "{}", path.display());
    }
}

fn case_files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/cases");
    let topics = [
        "boundary",
        "conditions",
        "cross-account",
        "grants",
        "kms",
        "principals",
        "rcp",
        "rules",
        "scp",
        "session",
    ];
    let mut files: Vec<PathBuf> = topics
        .iter()
        .flat_map(|topic| fs::read_dir(root.join(topic)).unwrap())
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
}

fn topic_of(path: &Path) -> String {
    let folder = path.parent().and_then(Path::file_name).unwrap().to_string_lossy();
    format!("{folder}/{}", path.file_stem().unwrap().to_string_lossy())
}

/// The simulate input of a file, and what is expected of each case.
fn load(path: &Path) -> (String, Vec<Value>) {
    let file: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let mut expected = Vec::new();
    let cases = file["cases"].as_array().unwrap().iter().map(|case| {
        let mut merged = file["defaults"].as_object().unwrap().clone();
        merged.extend(case.as_object().unwrap().clone());
        if merged.contains_key("operation") {
            merged.remove("action");
        }
        let mut expectation = merged.remove("expect").unwrap();
        if expectation.get("error").is_some() {
            expected.push(expectation);
            return merged;
        }
        let object = expectation.as_object_mut().unwrap();
        object.entry("not_modelled").or_insert_with(|| json!([]));
        object.entry("unknown").or_insert_with(|| json!([]));
        object.entry("perhaps").or_insert_with(|| json!([]));
        sort(object);
        expected.push(expectation);
        merged
    });
    (json!({"cases": cases.collect::<Vec<_>>()}).to_string(), expected)
}

/// A result in the form expectations are written in.
fn shape(result: &Value) -> Value {
    if let Some(error) = result["error"].as_str() {
        return json!({ "error": error.split_once(": ").unwrap().1 });
    }
    let statement = |statement: &Value| {
        let words = ["layer", "target", "sid"].map(|field| statement[field].as_str());
        Value::from(words.into_iter().flatten().collect::<Vec<_>>().join(" "))
    };
    let mut shape = Map::new();
    for field in ["decision", "decided_by", "not_modelled"] {
        shape.insert(field.to_owned(), result[field].clone());
    }
    shape.insert("unknown".to_owned(), result.get("unknown").cloned().unwrap_or_else(|| json!([])));
    let perhaps = result.get("perhaps").and_then(Value::as_array).into_iter().flatten().map(|perhaps| {
        let keys: Vec<&str> =
            perhaps["unknown"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        format!("{}: {}", statement(perhaps).as_str().unwrap(), keys.join(", "))
    });
    shape.insert("perhaps".to_owned(), perhaps.collect());
    shape.insert(
        "statements".to_owned(),
        result["statements"].as_array().unwrap().iter().map(statement).collect(),
    );
    sort(&mut shape);
    Value::Object(shape)
}

fn sort(expectation: &mut Map<String, Value>) {
    if let Some(statements) = expectation["statements"].as_array_mut() {
        statements.sort_by_key(ToString::to_string);
    }
}
