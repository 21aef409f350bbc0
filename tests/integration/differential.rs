//! The evaluator against its slow and obvious reference, on cases drawn by chance.
//!
//! INVARIANT: every case is answered alike by both. A difference that turns out
//! to be a mistake of the evaluator stays on as a named case.

use std::collections::BTreeMap;
use std::{env, slice, thread};

use keyrail::cli::simulate::{Layout, simulate};
use serde_json::{Value, json};

use crate::support::alphabets::{KEYS_OF_ALL, KEYS_OF_IAM, KEYS_OF_REQUESTS, LISTS};
use crate::support::generator;
use crate::support::reference::{decide, texts};

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

/// What is decided without some keys holds whatever they turn out to be; and what is undecided names keys that settle
/// it, whatever they turn out to be and whatever the others are.
#[test]
fn an_answer_without_some_keys_is_the_answer_with_them_or_names_those_that_settle_it() {
    let mut open = 0_u64;
    for batch in (0..CASES / 25).collect::<Vec<_>>().chunks(200) {
        let cases: Vec<Unknown> =
            batch.iter().filter_map(|seed| Unknown::draw(&in_halves(generator::case(*seed)))).collect();
        let asked: Vec<Value> = cases.iter().map(|one| one.with(&[])).collect();
        let mut settled = Vec::new();
        for ((one, case), answer) in cases.iter().zip(&asked).zip(answers(&asked)) {
            assert!(answer["error"].is_null(), "{case}\n{answer}");
            if answer["decision"] == "undecided" {
                open = open.saturating_add(1);
                settled.extend(one.settled(&answer));
            } else {
                one.check(&answer);
            }
        }
        for (case, answer) in settled.iter().zip(answers(&settled)) {
            assert!(answer["error"].is_null(), "{case}\n{answer}");
            assert_ne!(
                answer["decision"], "undecided",
                "the keys that were named do not settle\n{case}\n{answer}"
            );
        }
    }
    assert!(open > CASES / 2000, "only {open} answers hang on a key");
}

/// A decryption made an encryption anew, so that its policies speak of one half or the other.
fn in_halves(case: Value) -> Value {
    if case["action"] != "kms:Decrypt" {
        return case;
    }
    let text = case.to_string();
    let mut parts = text.split("\"kms:Decrypt\"");
    let mut halved = parts.next().unwrap_or_default().to_owned();
    for (part, half) in parts.zip(["From", "To"].iter().cycle()) {
        halved.push_str(&format!("\"kms:ReEncrypt{half}\"{part}"));
    }
    let mut case: Value = serde_json::from_str(&halved).unwrap();
    case["action"] = json!("kms:ReEncrypt");
    case
}

/// A key with what it is.
type Known<'k> = (&'k str, &'k Option<Value>);

/// A case with some of its keys taken away, and what each of them may be.
struct Unknown {
    case: Value,
    keys: Vec<(String, Vec<Option<Value>>)>,
    /// Those that are unknown without being called so.
    unstated: Vec<String>,
}

impl Unknown {
    fn draw(case: &Value) -> Option<Self> {
        let policies = case.to_string().to_lowercase();
        let tested =
            |key: &str, times| policies.matches(&format!("\"{}\":", key.to_lowercase())).count() > times;
        // Tested somewhere, and not one of those that others follow from or that no request lacks.
        let telling = |key: &&String| {
            let lower = key.to_lowercase();
            let constrained =
                lower.starts_with("kms:encryptioncontext:") && policies.contains("\"encryptioncontext");
            let others = ["principalarn", "contextkeys", "tagkeys", "currenttime", "keyspec"];
            (constrained || tested(key, 1)) && !others.iter().any(|part| lower.contains(part))
        };
        let context = case["context"].as_object()?;
        let values = |key: &String| {
            // No `CreateGrant` lacks its operations.
            let absent = (!key.eq_ignore_ascii_case("kms:GrantOperations")).then_some(None);
            let own = context.get(key).cloned().map(Some);
            (key.clone(), values_of(key).chain(absent).chain(own).collect())
        };
        let mut keys: Vec<_> = context.keys().filter(telling).map(values).collect();
        if case["name"].as_str()?.ends_with(['1', '3', '5', '7', '9']) {
            keys.reverse();
        }
        keys.truncate(2);
        let unstated = |(key, companion, absent): &(&str, &str, bool)| {
            let there = |value: &Value| texts(value).iter().any(|value| value != "false");
            let alone = context.get(*key).is_some_and(there);
            let comes = alone && !context.contains_key(*companion) && tested(companion, 0);
            let values = || values_of(companion).chain(absent.then_some(None)).collect();
            comes.then(|| ((*companion).to_owned(), values()))
        };
        let companions: Vec<_> = PAIRS.iter().filter_map(unstated).collect();
        let unstated = companions.iter().map(|(key, _)| key.clone()).collect();
        keys.retain(|(key, _)| !PAIRS.iter().any(|(told, ..)| told == key));
        keys.extend(companions);
        (!keys.is_empty()).then(|| Self { case: case.clone(), keys, unstated })
    }

    /// The case with these keys as they are, and the others unknown.
    fn with(&self, known: &[Known<'_>]) -> Value {
        let mut case = self.case.clone();
        let context = case["context"].as_object_mut().unwrap();
        self.keys.iter().for_each(|(key, _)| drop(context.remove(key)));
        for (key, value) in known {
            value.iter().for_each(|value| drop(context.insert((*key).to_owned(), value.clone())));
        }
        let names = context.keys().filter_map(|key| key.strip_prefix("kms:EncryptionContext:"));
        let names: Vec<String> = names.map(str::to_owned).collect();
        context.retain(|key, _| !key.eq_ignore_ascii_case("kms:EncryptionContextKeys"));
        let left =
            self.keys.iter().map(|(key, _)| key).filter(|key| !known.iter().any(|(known, _)| known == key));
        let (unstated, unknown): (Vec<_>, Vec<_>) = left.partition(|key| self.unstated.contains(key));
        // The program makes the list itself.
        if unknown.is_empty() && unstated.is_empty() && !names.is_empty() {
            context.insert("kms:EncryptionContextKeys".to_owned(), json!(names));
        }
        case["unknown"] = json!(unknown);
        case["unstated"] = json!(unstated);
        case
    }

    /// Everything that some of the keys may be.
    fn all(&self, asked: impl Fn(&str) -> bool) -> Vec<Vec<Known<'_>>> {
        let mut all = vec![Vec::new()];
        for (key, values) in self.keys.iter().filter(|(key, _)| asked(key)) {
            let mut longer = Vec::new();
            for known in &all {
                longer
                    .extend(values.iter().map(|value| [known.as_slice(), &[(key.as_str(), value)]].concat()));
            }
            all = longer;
        }
        all
    }

    /// An answer without the keys is the answer whatever they are.
    fn check(&self, answer: &Value) {
        for known in self.all(|_| true) {
            let case = self.with(&known);
            let expected = decide(&case);
            let perhaps = answer["decision"] == "implicitly_denied" && expected == "explicitly_denied";
            let told = if perhaps { !answer["perhaps"].is_null() } else { answer["decision"] == expected };
            assert!(told, "{expected}\n{case}\n{answer}");
        }
    }

    /// The case with the keys that an answer names, whatever they are.
    fn settled(&self, answer: &Value) -> Vec<Value> {
        let named = texts(&answer["unknown"]);
        // Which names there are, the pairs tell.
        let pairs = named.iter().any(|name| name == "kms:EncryptionContextKeys");
        let known = self.all(|key| {
            let lower = key.to_lowercase();
            pairs && lower.starts_with("kms:encryptioncontext:")
                || named.iter().any(|name| name.to_lowercase() == lower)
        });
        assert!(
            known.iter().all(|known| !known.is_empty()),
            "nothing is named\n{}\n{answer}",
            self.with(&[])
        );
        known.iter().map(|known| self.with(known)).collect()
    }
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
    let cases: Vec<Value> = cases.iter().map(told).collect();
    let cases = serde_json::to_string(&cases).unwrap();
    let answers = simulate(&format!(r#"{{"cases": {cases}}}"#), Layout::Compact).unwrap();
    let mut answers: Value = serde_json::from_str(&answers).unwrap();
    serde_json::from_value(answers["results"].take()).unwrap()
}

/// The case with null for what it does not draw and would otherwise come with what it draws.
fn told(case: &Value) -> Value {
    let mut told = case.clone();
    let unknown = [texts(&case["unknown"]), texts(&case["unstated"])].concat();
    told.as_object_mut().unwrap().remove("unstated");
    let context = told["context"].as_object_mut().unwrap();
    for key in COMPANIONS {
        if !context.keys().chain(&unknown).any(|known| known.eq_ignore_ascii_case(key)) {
            context.insert((*key).to_owned(), Value::Null);
        }
    }
    told
}

/// The values that cases are drawn with.
fn values_of(key: &str) -> impl Iterator<Item = Option<Value>> {
    let alphabet = KEYS_OF_ALL.iter().chain(KEYS_OF_IAM).chain(KEYS_OF_REQUESTS).chain(LISTS);
    let mut known = alphabet.filter(move |(known, _)| known.eq_ignore_ascii_case(key));
    known.next().map_or(&[][..], |(_, values)| values).iter().map(|value| Some(json!(value)))
}

/// A key, what comes with it, and whether that may be absent all the same.
const PAIRS: &[(&str, &str, bool)] = &[
    ("aws:CalledVia", "kms:ViaService", true),
    ("aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge", false),
    ("aws:PrincipalOrgID", "aws:PrincipalOrgPaths", false),
    ("aws:PrincipalOrgPaths", "aws:PrincipalOrgID", false),
    ("kms:ViaService", "aws:CalledVia", true),
];

/// What is never there alone, or always, and may be drawn without the rest.
const COMPANIONS: &[&str] = &[
    "aws:CalledVia",
    "aws:MultiFactorAuthAge",
    "aws:MultiFactorAuthPresent",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:RequestTag/team",
    "aws:SourceIp",
    "kms:ViaService",
];

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
