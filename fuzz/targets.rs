//! What is fuzzed, as plain functions of bytes: `cargo fuzz` drives them without
//! end on nightly, and the integration tests for a bounded time on stable.
//!
//! Each panics where a promise is broken: any bytes are an answer or an error
//! with a place, printing and reading is the identity, and `*` and `?` match
//! what a table of all positions says.

use keyrail::cli::simulate::Layout;
use keyrail::cli::simulate::simulate;
use keyrail::iam::PolicyKind;
use keyrail::iam::evaluate::Caller;
use keyrail::iam::evaluate::Compiled;
use keyrail::iam::evaluate::Context;
use keyrail::iam::evaluate::Decision;
use keyrail::iam::evaluate::Policies;
use keyrail::iam::evaluate::Request;
use keyrail::iam::evaluate::decide;
use keyrail::iam::parse;
use keyrail::iam::policy::Comparison;
use keyrail::iam::policy::Condition;
use keyrail::iam::policy::Document;
use keyrail::iam::policy::Operator;
use keyrail::iam::policy::Statement;
use keyrail::iam::policy::Version;

/// Any text is a policy or an error with its place.
pub(crate) fn policy_parse(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for kind in
        [PolicyKind::Identity, PolicyKind::Resource, PolicyKind::ServiceControl, PolicyKind::ResourceControl]
    {
        match parse(text, kind) {
            Err(error) => assert!(error.to_string().starts_with("line "), "{error}"),
            Ok(document) => {
                let again = parse(&document.to_json(), kind).expect("what was printed is read");
                assert_eq!(again, document);
                drop(Compiled::new(&document));
            }
        }
    }
}

/// The pattern before the first zero byte, on the text behind it.
pub(crate) fn pattern_match(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Some((pattern, text)) = text.split_once('\0') else { return };
    if pattern.contains("${") {
        return;
    }
    let operator = Operator { comparison: Comparison::StringLike, quantifier: None, if_exists: false };
    let mut statement = Statement::allow("Like").actions(["kms:ListKeys"]);
    statement.conditions =
        vec![Condition { operator, key: "aws:UserAgent".into(), values: vec![pattern.into()] }];
    let document = Document { version: Some(Version::V2012), id: None, statements: vec![statement] };
    let policies = Policies { identity: vec![Compiled::new(&document)], ..Policies::default() };
    let caller = Caller::parse("arn:aws:iam::111122223333:role/app").expect("a role");
    let context = Context::new().with("aws:UserAgent", text);
    let request = Request::builder("kms:ListKeys", "*", caller).context(context).build().expect("a request");
    let expected = if like(pattern, text) { Decision::Allowed } else { Decision::ImplicitlyDenied };
    assert_eq!(decide(&request, &policies), expected, "{pattern} on {text}");
}

/// Any text is answered case by case, or refused with its place.
pub(crate) fn evaluate(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match simulate(text, Layout::Compact) {
        Err(error) => assert!(error.to_string().starts_with("line "), "{error}"),
        Ok(answer) => {
            let answer: serde_json::Value = serde_json::from_str(&answer).expect("the answer is JSON");
            let results = answer.get("results").and_then(serde_json::Value::as_array).expect("results");
            let is_answer = |result: &serde_json::Value| {
                result.get("decision").is_some_and(serde_json::Value::is_string)
                    != result.get("error").is_some_and(serde_json::Value::is_string)
            };
            assert!(results.iter().all(is_answer), "{answer}");
        }
    }
}

/// `*` and `?` by a table: which beginnings of the text the pattern so far can
/// match. `?` is one unit of UTF-16.
fn like(pattern: &str, text: &str) -> bool {
    let text: Vec<u16> = text.encode_utf16().collect();
    let mut reached: Vec<bool> = std::iter::once(true).chain(text.iter().map(|_| false)).collect();
    for unit in pattern.encode_utf16() {
        let mut any = false;
        reached = if unit == u16::from(b'*') {
            let so_far = |was: &bool| {
                any |= was;
                any
            };
            reached.iter().map(so_far).collect()
        } else {
            let fits = |(was, found): (&bool, &u16)| *was && (unit == u16::from(b'?') || unit == *found);
            std::iter::once(false).chain(reached.iter().zip(&text).map(fits)).collect()
        };
    }
    reached.last() == Some(&true)
}
