//! The evaluator against its slow and obvious reference, on cases drawn by chance.
//!
//! INVARIANT: every case is answered alike by both. A difference that turns out
//! to be a mistake of the evaluator stays on as a named case.

use std::collections::BTreeMap;
use std::{env, slice, thread};

use keyrail::cli::simulate::{Layout, simulate};
use serde_json::{Value, json};

use crate::support::generator;
use crate::support::reference::decide;

#[test]
fn both_evaluators_answer_every_case_alike() {
    let cases = env::var("KEYRAIL_DIFFERENTIAL_CASES").map_or(CASES, |count| count.parse().unwrap());
    let (even, odd): (Vec<u64>, Vec<u64>) = (0..cases).partition(|seed| seed % 2 == 0);
    let tallies = thread::scope(|scope| {
        let other = scope.spawn(|| compare(&odd));
        [compare(&even), other.join().unwrap()]
    });
    for decision in ["allowed", "implicitly_denied", "explicitly_denied"] {
        let count: u64 = tallies.iter().filter_map(|tally| tally.get(decision)).sum();
        assert!(count >= cases / 10, "only {count} of {cases} cases are {decision}");
    }
}

/// Allowed although a key is unknown means allowed whatever the key turns out to be, and so does denied.
#[test]
fn what_is_decided_without_a_key_holds_with_it_and_without_it() {
    let mut open = 0_u64;
    for batch in (0..CASES / 20).collect::<Vec<_>>().chunks(1000) {
        let cases = batch.iter().filter_map(|seed| with_unknown(&generator::case(*seed)));
        let (known, unknown): (Vec<[Value; 2]>, Vec<Value>) = cases.unzip();
        for ((known, case), answer) in known.iter().zip(&unknown).zip(answers(&unknown)) {
            assert!(answer["error"].is_null(), "{case}\n{answer}");
            let allowed = known.each_ref().map(|case| decide(case) == "allowed");
            match answer["decision"].as_str() {
                Some("undecided") => open = open.saturating_add(1),
                decision => assert_eq!([decision == Some("allowed"); 2], allowed, "{case}\n{answer}"),
            }
        }
    }
    assert!(open > 0, "no answer hangs on a key");
}

/// The case with one of its keys and without it, and with the key unknown.
fn with_unknown(case: &Value) -> Option<([Value; 2], Value)> {
    let policies = case.to_string().to_lowercase();
    // Tested somewhere, and not one of those that others follow from or that no request lacks.
    let telling = |key: &&String| {
        let key = key.to_lowercase();
        policies.matches(&format!("\"{key}\":")).count() > 1
            && !["principalarn", "encryptioncontext", "tagkeys", "currenttime", "keyspec"]
                .iter()
                .any(|part| key.contains(part))
    };
    let key = case["context"].as_object()?.keys().find(telling)?;
    let mut without = case.clone();
    without["context"].as_object_mut()?.remove(key);
    let mut unknown = without.clone();
    unknown["unknown"] = json!([key]);
    Some(([case.clone(), without], unknown))
}

/// How many cases came to each decision.
type Tally = BTreeMap<&'static str, u64>;

fn compare(seeds: &[u64]) -> Tally {
    let mut tally = Tally::new();
    for batch in seeds.chunks(1000) {
        let cases: Vec<Value> = batch.iter().map(|seed| generator::case(*seed)).collect();
        for (case, answer) in cases.iter().zip(answers(&cases)) {
            let expected = decide(case);
            assert_eq!(answer["decision"], expected, "{}\n{answer}", minimal(case));
            let count = tally.entry(expected).or_default();
            *count = count.saturating_add(1);
        }
    }
    tally
}

fn answers(cases: &[Value]) -> Vec<Value> {
    let cases = serde_json::to_string(cases).unwrap();
    let answers = simulate(&format!(r#"{{"cases": {cases}}}"#), Layout::Compact).unwrap();
    let mut answers: Value = serde_json::from_str(&answers).unwrap();
    serde_json::from_value(answers["results"].take()).unwrap()
}

/// The case with everything taken away that the difference does not need.
fn minimal(case: &Value) -> Value {
    let mut case = case.clone();
    while let Some(smaller) = smaller(&case).into_iter().find(differs) {
        case = smaller;
    }
    case
}

fn differs(case: &Value) -> bool {
    let answer = answers(slice::from_ref(case)).remove(0);
    answer["error"].is_null() && answer["decision"] != decide(case)
}

/// The value with one member or item left out, at any depth.
fn smaller(value: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    if let Value::Object(members) = value {
        for (name, member) in members {
            if !NEEDED.contains(&name.as_str()) {
                let mut rest = members.clone();
                rest.remove(name);
                found.push(Value::Object(rest));
            }
            for member in smaller(member) {
                let mut changed = members.clone();
                changed.insert(name.clone(), member);
                found.push(Value::Object(changed));
            }
        }
    }
    if let Value::Array(items) = value {
        for (index, item) in items.iter().enumerate() {
            if items.len() > 1 {
                let mut rest = items.clone();
                rest.remove(index);
                found.push(Value::Array(rest));
            }
            for item in smaller(item) {
                let mut changed = items.clone();
                changed[index] = item;
                found.push(Value::Array(changed));
            }
        }
    }
    found
}

/// Members without which a case or a statement would be another one.
const NEEDED: &[&str] = &[
    "name",
    "action",
    "resource",
    "resource_account",
    "principal",
    "context",
    "Effect",
    "Action",
    "Resource",
    "Principal",
    "NotPrincipal",
    "AWS",
    "Service",
    "GranteePrincipal",
    "GranteeServicePrincipal",
    "SourceArn",
    "Constraints",
    "Version",
];

/// How many cases are drawn where `KEYRAIL_DIFFERENTIAL_CASES` does not say.
const CASES: u64 = 100_000;
