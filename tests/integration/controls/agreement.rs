//! The two facets of every control agree: what would bring a key into a
//! violated state is denied by that control's own statements, and what leaves
//! it satisfied is not.
//!
//! What is asked comes from `agreement.json` in the control's case folder, so
//! that a new control is held to this by its folder. INVARIANT: both answers
//! occur for every control, at its edges and in what is drawn; where a control
//! has no changes of its own, its folder says why.

use std::cell::RefCell;
use std::collections::BTreeMap;

use keyrail::controls::contract::facts::KeyFacts;
use keyrail::controls::contract::verdict::Verdict;
use keyrail::controls::{CONTROLS, Control, Rule};
use keyrail::iam::evaluate::{Context, Decision};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value, json};

use super::{INSIDE, altered, case, context_of, given, good_key, judge};

/// One control with what its folder says.
struct Subject {
    control: &'static dyn Control,
    rule: Box<dyn Rule>,
    key: KeyFacts,
    /// What is in every request that this control is asked about.
    asked_with: Value,
    /// Requests that change the facts that this control looks at.
    changes: Vec<Value>,
    /// Why there are none.
    no_changes: Option<String>,
}

fn subjects() -> Vec<Subject> {
    let read = |control: &&'static dyn Control| {
        let (case, path) = case(*control, "agreement");
        let rule = control.configure(&given(*control, &case["settings"])).unwrap();
        let changes = case["changes"].as_array().cloned().unwrap_or_default();
        let no_changes = case["no_changes"].as_str().map(str::to_owned);
        assert_eq!(changes.is_empty(), no_changes.is_some(), "{}: changes, or why not", path.display());
        let asked_with = case.get("asked_with").cloned().unwrap_or_else(|| json!({}));
        Subject { control: *control, key: good_key(rule.as_ref()), rule, asked_with, changes, no_changes }
    };
    CONTROLS.iter().map(read).collect()
}

/// Whether a change of the control's own was a violation and denied, and whether one was neither.
#[derive(Debug, Default)]
struct Tally {
    denied: bool,
    spared: bool,
}

#[derive(Default)]
struct Tallies(RefCell<BTreeMap<&'static str, Tally>>);

impl Tallies {
    /// Asks every control about one change of the control `owner`.
    fn ask(&self, subjects: &[Subject], owner: &Subject, change: &Value) {
        for subject in subjects {
            let (verdict, denied) = asked(subject, change);
            let violated = matches!(verdict, Verdict::Violated(_));
            assert_eq!(denied, violated, "{} and {change}", subject.control.id());
            if subject.control.id() == owner.control.id() {
                let mut tallies = self.0.borrow_mut();
                let tally = tallies.entry(owner.control.id().0).or_default();
                tally.denied |= violated;
                tally.spared |= matches!(verdict, Verdict::Satisfied { .. });
            }
        }
    }

    fn check(&self, subjects: &[Subject]) {
        let tallies = self.0.borrow();
        for subject in subjects.iter().filter(|subject| subject.no_changes.is_none()) {
            let tally = tallies.get(subject.control.id().0);
            let both = tally.is_some_and(|tally| tally.denied && tally.spared);
            assert!(both, "{} is never put to the test: {tally:?}", subject.control.id());
        }
    }
}

/// What the control says of the key after the change, and whether its guardrail denies the change.
fn asked(subject: &Subject, change: &Value) -> (Verdict, bool) {
    let action = change["action"].as_str().unwrap();
    let context = request_context(change, context_of(&subject.asked_with), &subject.key);
    let outcome = judge(subject.rule.as_ref(), &INSIDE, action, context, None);
    assert_eq!(outcome.not_modelled, Vec::<String>::new());
    let done = altered(subject.key.clone(), &change["key"]);
    (subject.rule.check(&done), outcome.decision == Decision::ExplicitlyDenied)
}

fn request_context(change: &Value, with: Context, key: &KeyFacts) -> Context {
    let empty = Map::new();
    let said = change["context"].as_object().unwrap_or(&empty);
    let context = said.iter().fold(with, |context, (name, value)| match value.as_str() {
        Some(text) => context.with(name, text),
        None => context.with(name, value.to_string()),
    });
    let tags = change["request_tags"].as_object();
    let context = tags.unwrap_or(&empty).iter().fold(context, |context, (name, value)| {
        context.with(&format!("aws:RequestTag/{name}"), value.as_str().unwrap())
    });
    let untagged =
        change["tag_keys"].as_array().into_iter().flatten().map(|key| key.as_str().unwrap().to_owned());
    let named: Vec<String> = tags.into_iter().flat_map(Map::keys).cloned().chain(untagged).collect();
    let speaks_of_tags = tags.is_some() || !named.is_empty();
    let context = if speaks_of_tags { context.with_list("aws:TagKeys", named) } else { context };
    if change["action"] == "kms:CreateKey" {
        return context;
    }
    let carried = key.tags.known().unwrap().iter();
    carried.fold(context, |context, (name, value)| {
        context.with(&format!("aws:ResourceTag/{name}"), value.known().unwrap())
    })
}

/// The change with what was drawn in the place of `$name`.
fn filled(template: &Value, drawn: &Map<String, Value>) -> Value {
    let put = |text: &str| match text.strip_prefix('$') {
        Some(name) => drawn.get(name).unwrap_or_else(|| panic!("`{name}` is not drawn")).clone(),
        None => Value::from(text),
    };
    match template {
        Value::String(text) => put(text),
        Value::Array(parts) => parts.iter().map(|part| filled(part, drawn)).collect(),
        Value::Object(parts) => {
            let one = |(name, part): (&String, &Value)| {
                (put(name).as_str().unwrap().to_owned(), filled(part, drawn))
            };
            Value::Object(parts.iter().map(one).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => template.clone(),
    }
}

fn drawing(change: &Value) -> BoxedStrategy<Map<String, Value>> {
    let draws = change["draw"].as_object().cloned().unwrap_or_default();
    let one = |(name, draw): (String, Value)| value(&draw).prop_map(move |value| (name.clone(), value));
    let all: Vec<_> = draws.into_iter().map(one).collect();
    all.prop_map(|drawn| drawn.into_iter().collect()).boxed()
}

fn value(draw: &Value) -> BoxedStrategy<Value> {
    if let Some(values) = draw["one_of"].as_array() {
        return select(values.clone()).boxed();
    }
    if let Some(tags) = draw.get("tags") {
        let texts = |of: &str| -> Vec<String> { serde_json::from_value(tags[of].clone()).unwrap() };
        let most = usize::try_from(tags["at_most"].as_u64().unwrap()).unwrap();
        let drawn = proptest::collection::btree_map(select(texts("keys")), select(texts("values")), 0..=most);
        return drawn.prop_map(|tags| json!(one_spelling(tags))).boxed();
    }
    (draw["from"].as_i64().unwrap()..=draw["to"].as_i64().unwrap()).prop_map(Value::from).boxed()
}

/// KMS refuses two keys that differ in case in one request's conditions only by
/// accident, so a request carries each tag in one spelling.
fn one_spelling(tags: BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut seen = std::collections::BTreeSet::new();
    tags.into_iter().filter(|(key, _)| seen.insert(key.to_lowercase())).collect()
}

#[test]
fn what_would_violate_a_control_is_denied_by_its_guardrail() {
    let subjects = subjects();
    let tallies = Tallies::default();
    for owner in &subjects {
        for template in &owner.changes {
            let config = Config { cases: 128, failure_persistence: None, ..Config::default() };
            let asking = |drawn: Map<String, Value>| {
                tallies.ask(&subjects, owner, &filled(template, &drawn));
                Ok(())
            };
            TestRunner::new(config).run(&drawing(template), asking).unwrap();
        }
    }
    tallies.check(&subjects);
}

#[test]
fn the_edges_agree() {
    let subjects = subjects();
    let tallies = Tallies::default();
    for owner in &subjects {
        for template in &owner.changes {
            for edge in template["edges"].as_array().unwrap() {
                tallies.ask(&subjects, owner, &filled(template, edge.as_object().unwrap()));
            }
        }
    }
    tallies.check(&subjects);
}

/// Without changes of its own a control is held to its key policy instead, or
/// has no guardrail that could disagree.
#[test]
fn a_control_without_changes_agrees_in_another_way() {
    for subject in subjects() {
        let Some(reason) = &subject.no_changes else { continue };
        let by_policy = !subject.rule.key_policy_statements(&subject.key).known().unwrap().is_empty();
        let no_guardrail = subject.rule.guardrail().clauses().is_empty();
        assert!(by_policy || no_guardrail, "{}: {reason}", subject.control.id());
        assert!(reason.len() > 40, "{}: a reason that can be read", subject.control.id());
    }
}
