//! The fuzz targets for a bounded time: the case files as a corpus, mutated by
//! repeatable chance. `fuzz/` drives the same functions without end.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use serde_json::{Value, json};

use crate::support::dice::Dice;

#[path = "../../fuzz/targets.rs"]
mod targets;

#[test]
fn any_text_is_a_policy_or_an_error_with_its_place() {
    let corpus = corpus().iter().flat_map(policies_in).collect::<Vec<_>>();
    drive(targets::policy_parse, &corpus, 1);
}

#[test]
fn patterns_match_what_a_table_of_all_positions_says() {
    let words = ["*", "?", "a", "b", "ab", "é", "😀", "**", "*a", "?a", "\0"];
    let draw = |seed: u64| {
        let mut dice = Dice::new(seed);
        let mut side = |count| (0..dice.below(count)).map(|_| dice.pick(&words[..10])).collect::<String>();
        format!("{}\0{}", side(12), side(24).replace(['*', '?'], "a")).into_bytes()
    };
    drive(targets::pattern_match, &(0..2000).map(draw).collect::<Vec<_>>(), 2);
}

#[test]
fn any_text_is_answered_or_refused_with_its_place() {
    let corpus =
        corpus().iter().map(|case| json!({"cases": [case]}).to_string().into_bytes()).collect::<Vec<_>>();
    drive(targets::evaluate, &corpus, 3);
}

/// Runs the target on the corpus and on mutants of it.
fn drive(target: fn(&[u8]), corpus: &[Vec<u8>], seed: u64) {
    let mut dice = Dice::new(seed);
    for input in corpus {
        target(input);
    }
    for _ in 0..MUTANTS {
        let mut input = dice.pick_value(corpus);
        for _ in 0..=dice.below(4) {
            mutate(&mut input, corpus, &mut dice);
        }
        let broken = catch_unwind(AssertUnwindSafe(|| target(&input))).is_err();
        assert!(!broken, "this input breaks it:\n{}", String::from_utf8_lossy(&input));
    }
}

fn mutate(input: &mut Vec<u8>, corpus: &[Vec<u8>], dice: &mut Dice) {
    let length = u64::try_from(input.len()).unwrap();
    let mut place = || usize::try_from(dice.below(length.saturating_add(1))).unwrap();
    let (one, other) = (place(), place());
    let (from, to) = (one.min(other), one.max(other));
    match dice.below(6) {
        0 => drop(input.drain(from..to.min(from.saturating_add(8)))),
        1 => drop(input.splice(from..from, dice.pick(TOKENS).bytes())),
        2 => drop(input.splice(from..to.min(from.saturating_add(1)), dice.pick(TOKENS).bytes())),
        3 => {
            let repeated = input[from..to.min(from.saturating_add(200))].to_vec();
            drop(input.splice(from..from, repeated));
        }
        4 => {
            let stranger = dice.pick_value(corpus);
            let tail = stranger.get(from..).unwrap_or_default().to_vec();
            drop(input.splice(from.., tail));
        }
        _ => {
            if let Some(byte) = input.get_mut(from) {
                *byte ^= dice.pick(&[1, 2, 4, 8, 16, 32, 64]);
            }
        }
    }
}

/// Every case of the rules.
fn corpus() -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/cases/rules");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut cases = Vec::new();
    for path in paths {
        let file: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        for case in file["cases"].as_array().unwrap() {
            let mut merged = file["defaults"].as_object().unwrap().clone();
            merged.extend(case.as_object().unwrap().clone());
            merged.remove("expect");
            cases.push(Value::Object(merged));
        }
    }
    cases
}

/// The policies of a case, as texts.
fn policies_in(case: &Value) -> Vec<Vec<u8>> {
    match case {
        Value::Object(members) if members.contains_key("Statement") => vec![case.to_string().into_bytes()],
        Value::Object(members) => members.values().flat_map(policies_in).collect(),
        Value::Array(items) => items.iter().flat_map(policies_in).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

const TOKENS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "\\",
    "\\u0000",
    "\\ud800",
    "\\udc00",
    "null",
    "true",
    "-1e999",
    "0x",
    "*",
    "?",
    "${",
    "}",
    "${aws:username}",
    "${*}",
    "\u{feff}",
    "é",
    "😀",
    "\"Action\":",
    "\"NotAction\":",
    "\"Principal\":\"*\",",
    "\"Condition\":{",
    "ForAllValues:",
    "IfExists",
    "Null",
    "arn:aws:kms:",
    ":",
    "\n",
    "\u{0}",
    "[[[[[[[[",
    "{\"a\":",
];

/// How many mutants of the corpus are tried.
const MUTANTS: u64 = 15_000;
