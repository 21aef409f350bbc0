//! Minified, canonical and printed policies decide as the policies they come
//! from, on cases drawn by chance.

use keyrail::cli::simulate::{Layout, simulate};
use keyrail::iam::{Document, PolicyKind, canonical, equivalent, minify, parse};
use serde_json::{Value, json};

use crate::support::generator;

#[test]
fn minified_policies_decide_alike() {
    decide_alike(minify);
}

#[test]
fn canonical_policies_decide_alike() {
    decide_alike(canonical);
}

#[test]
fn a_policy_and_its_other_forms_are_equivalent_and_settled() {
    let mut read = 0_usize;
    for seed in 0..CASES / 5 {
        each_policy(&mut generator::case(seed), &mut |document| {
            read = read.saturating_add(1);
            assert!(equivalent(document, &canonical(document)), "{}", document.to_json());
            assert_eq!(canonical(&canonical(document)), canonical(document));
            assert_eq!(minify(&minify(document)), minify(document));
            assert!(minify(document).to_json().len() <= document.to_json().len());
            let mut turned = document.clone();
            turned.statements.reverse();
            assert!(equivalent(document, &turned));
            document.clone()
        });
    }
    assert!(read > 1_000, "{read}");
}

fn decide_alike(rewrite: fn(&Document) -> Document) {
    let (mut changed, mut allowed) = (0_u64, 0_u64);
    for batch in (0..CASES).collect::<Vec<_>>().chunks(500) {
        let cases: Vec<Value> = batch.iter().map(|seed| generator::case(*seed)).collect();
        let mut rewritten = cases.clone();
        for case in &mut rewritten {
            each_policy(case, &mut |document| rewrite(document));
        }
        for ((case, other), (before, after)) in
            cases.iter().zip(&rewritten).zip(answers(&cases).into_iter().zip(answers(&rewritten)))
        {
            assert_eq!(before["decision"], after["decision"], "{case}\n{other}");
            changed = changed.saturating_add(u64::from(case != other));
            allowed = allowed.saturating_add(u64::from(before["decision"] == "allowed"));
        }
    }
    assert!(changed > CASES / 4 && allowed > CASES / 20, "{changed} of {CASES} changed, {allowed} allowed");
}

fn answers(cases: &[Value]) -> Vec<Value> {
    let answer = simulate(&json!({"cases": cases}).to_string(), Layout::Compact).unwrap();
    let mut answer: Value = serde_json::from_str(&answer).unwrap();
    serde_json::from_value(answer["results"].take()).unwrap()
}

/// Puts another policy in the place of each.
fn each_policy(case: &mut Value, rewrite: &mut dyn FnMut(&Document) -> Document) {
    let mut one = |policy: &mut Value, kind: PolicyKind| {
        if policy.is_object() {
            let document = parse(&in_ascii(policy), kind).unwrap();
            *policy = serde_json::from_str(&rewrite(&document).to_json()).unwrap();
        }
    };
    for (field, kind) in [("resource_policy", PolicyKind::Resource), ("session_policy", PolicyKind::Session)]
    {
        if let Some(policy) = case.get_mut(field) {
            one(policy, kind);
        }
    }
    for (field, kind) in [
        ("identity_policies", PolicyKind::Identity),
        ("permission_boundaries", PolicyKind::PermissionBoundary),
        ("endpoint_policies", PolicyKind::Endpoint),
    ] {
        for policy in case.get_mut(field).and_then(Value::as_array_mut).into_iter().flatten() {
            one(policy, kind);
        }
    }
    for (field, kind) in [("scp", PolicyKind::ServiceControl), ("rcp", PolicyKind::ResourceControl)] {
        for level in case.get_mut(field).and_then(Value::as_array_mut).into_iter().flatten() {
            for policy in level["policies"].as_array_mut().unwrap() {
                one(policy, kind);
            }
        }
    }
}

/// As JSON that AWS takes: it refuses letters beyond Latin-1 unless they are escaped.
fn in_ascii(policy: &Value) -> String {
    let mut text = String::new();
    for letter in policy.to_string().chars() {
        if letter.is_ascii() {
            text.push(letter);
        } else {
            text.extend(letter.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    text
}

/// How many cases are drawn.
const CASES: u64 = 10_000;
