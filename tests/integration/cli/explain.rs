//! What `keyrail simulate --explain` tells of whole files of cases, and what
//! the other form answers where the two must agree.
//!
//! A folder holds `NAME.json`, the cases, beside `NAME.txt`, every word that is
//! said of them.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::support::{keyrail, out, with_input};

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/cases/explain");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
    files.sort();
    assert_eq!(files.len(), 6, "{files:?}");
    files
}

#[test]
fn a_person_is_told_the_same_as_ever() {
    for path in files() {
        let told = out(&keyrail().args(["simulate", "--explain"]).arg(&path).output().unwrap());
        let expected = fs::read_to_string(path.with_extension("txt")).unwrap();
        for (told, expected) in told.split("\n\n").zip(expected.split("\n\n")) {
            assert_eq!(told, expected, "{}", path.display());
        }
        assert_eq!(told, expected, "{}", path.display());
    }
}

#[test]
fn both_forms_take_the_same_decision() {
    for path in files() {
        let told = out(&keyrail().args(["simulate", "--explain"]).arg(&path).output().unwrap());
        let answers = out(&keyrail().args(["simulate", "--compact"]).arg(&path).output().unwrap());
        let answers: Value = serde_json::from_str(&answers).unwrap();
        let heads: Vec<&str> = told.split("\n\n").map(|case| case.lines().next().unwrap()).collect();
        let results = answers["results"].as_array().unwrap().iter();
        let expected: Vec<String> = results
            .map(|result| {
                let [name, decision] = ["name", "decision"].map(|field| result[field].as_str().unwrap());
                format!("{name}: {}", decision.replace('_', " "))
            })
            .collect();
        assert_eq!(heads, expected, "{}", path.display());
    }
}

#[test]
fn a_denial_by_silence_names_the_levels_that_are_silent() {
    let path = files().into_iter().find(|path| path.ends_with("organisation-and-grants.json")).unwrap();
    let answers = out(&keyrail().args(["simulate", "--compact"]).arg(path).output().unwrap());
    let expected = r#"{"results":[{"name":"a level without an Allow","decision":"implicitly_denied","decided_by":["scp"],"statements":[],"at":["ou-ab12-11111111"],"not_modelled":[]},"#;
    assert!(answers.starts_with(expected), "{answers}");
}

#[test]
fn the_examples_of_the_reference_page_are_answered_as_it_says() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/simulate.md");
    let page = fs::read_to_string(page).unwrap();
    let examples = page.split_once("\n## Examples\n").unwrap().1;
    let blocks: Vec<&str> = examples.split("```").skip(1).step_by(2).collect();
    let (mut cases, mut answers, mut explanations) = ("", 0, 0);
    for block in blocks {
        let (language, text) = block.split_once('\n').unwrap();
        let mut command = keyrail();
        match language {
            "text" => command.args(["simulate", "--explain", "-"]),
            _ => command.args(["simulate", "-"]),
        };
        if text.starts_with("{\"cases\"") {
            cases = text;
            continue;
        }
        assert_eq!(out(&with_input(command, cases)), text, "{cases}");
        *if language == "text" { &mut explanations } else { &mut answers } += 1;
    }
    assert_eq!((answers, explanations), (3, 2));
}

#[test]
fn the_example_of_the_help_is_answered() {
    let help = out(&keyrail().args(["simulate", "--help"]).output().unwrap());
    let (_, example) = help.split_once("<<'CASES'\n").unwrap();
    let (cases, _) = example.split_once("\n  CASES\n").unwrap();
    let mut command = keyrail();
    command.args(["simulate", "--explain", "-"]);
    let told = out(&with_input(command, cases));
    assert!(
        told.starts_with(
            "rotation stays on: explicitly denied\n  decided by scp r-ab12 Deny `RotationStaysOn`\n"
        ),
        "{told}"
    );
}
