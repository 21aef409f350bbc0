//! How fast the judge decides, compiles and matches, in the processor time of
//! one core, in a large organisation.

use std::hint::black_box;
use std::time::Duration;
use std::time::Instant;

use keyrail::iam::PolicyKind;
use keyrail::iam::evaluate::Compiled;
use keyrail::iam::evaluate::Context;
use keyrail::iam::evaluate::Decision;
use keyrail::iam::evaluate::Policies;
use keyrail::iam::evaluate::decide;
use keyrail::iam::evaluate::evaluate;
use keyrail::iam::parse;

use crate::Promise;
use crate::Row;
use crate::large_organization::policies;
use crate::large_organization::request;

const RUNS: usize = 5;
const DECISIONS: u32 = 200_000;
const PATTERNS: u32 = 100_000;

pub(crate) fn measure() -> Vec<Row> {
    let policies = policies();
    let requests =
        ["kms:Decrypt", "kms:DisableKey", "kms:DescribeKey"].map(|action| request(action).build().unwrap());
    let expected = [Decision::Allowed, Decision::ExplicitlyDenied, Decision::Allowed];
    assert_eq!(requests.each_ref().map(|request| decide(request, &policies)), expected);
    let turns = || requests.iter().cycle().take(usize::try_from(DECISIONS).unwrap());
    let decided = || {
        for request in turns() {
            black_box(decide(request, &policies));
        }
    };
    let explained = || {
        for request in turns() {
            drop(black_box(evaluate(request, &policies)));
        }
    };
    let large = large_key_policy();
    vec![
        Row {
            what: "decisions of the judge, 5 SCP levels, 2 RCPs",
            measured: rate(DECISIONS, decided),
            unit: "/s",
            promise: Promise::AtLeast(1_000_000.0),
            floor: None,
        },
        Row {
            what: "the same with the statements that decided",
            measured: rate(DECISIONS, explained),
            unit: "/s",
            promise: Promise::AtLeast(500_000.0),
            floor: None,
        },
        Row {
            what: "reading and compiling a key policy of 32 KB",
            measured: crate::median(
                (0..RUNS).map(|_| millis_of(50, || drop(black_box(compiled(&large))))).collect(),
            ),
            unit: "ms",
            promise: Promise::AtMost(1.0),
            floor: None,
        },
        Row {
            what: "100,000 patterns *a*a*a*..., time for twice the stars",
            measured: adversarial(64) / adversarial(32),
            unit: "x",
            promise: Promise::AtMost(2.5),
            floor: None,
        },
    ]
}

fn compiled(text: &str) -> Compiled {
    Compiled::new(&parse(text, PolicyKind::Resource).unwrap())
}

fn large_key_policy() -> String {
    let statement = |number: usize| {
        format!(
            r#"{{"Sid":"S{number}","Effect":"Allow","Principal":{{"AWS":["arn:aws:iam::111122223333:role/app{number}","arn:aws:iam::111122223333:role/batch{number}"]}},"Action":["kms:Decrypt","kms:GenerateDataKey*","kms:DescribeKey","kms:ReEncrypt*"],"Resource":"*","Condition":{{"StringEquals":{{"kms:EncryptionContext:app":"a{number}"}},"ArnLike":{{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/team*/app{number}"}}}}}}"#
        )
    };
    let statements: Vec<String> = (0..88).map(statement).collect();
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
    assert!((32_000..=32_768).contains(&text.len()), "{}", text.len());
    text
}

/// Milliseconds for 100,000 matches of a pattern with so many stars.
fn adversarial(stars: usize) -> f64 {
    let tests = serde_json::json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "*", "Resource": "*",
        "Condition": {"StringLike": {"aws:UserAgent": format!("{}*b*", "*a".repeat(stars))}}
    }]});
    let policies = Policies {
        identity: vec![Compiled::new(&parse(&tests.to_string(), PolicyKind::Identity).unwrap())],
        ..Policies::default()
    };
    let context = Context::new().with("aws:UserAgent", "a".repeat(stars.checked_mul(2).unwrap()));
    let request = request("kms:ListKeys").resource("*").context(context).build().unwrap();
    let all = || {
        for _ in 0..PATTERNS {
            black_box(decide(&request, &policies));
        }
    };
    crate::median((0..RUNS).map(|_| millis_of(1, all)).collect())
}

fn rate(count: u32, work: impl Fn()) -> f64 {
    let runs = (0..RUNS).map(|_| f64::from(count) * 1000.0 / millis_of(1, &work));
    crate::median(runs.collect())
}

fn millis_of(times: u32, work: impl Fn()) -> f64 {
    let (start, wall) = (processor_time(), Instant::now());
    (0..times).for_each(|_| work());
    let took = match (start, processor_time()) {
        (Some(start), Some(end)) => end.saturating_sub(start),
        (None, _) | (_, None) => wall.elapsed(),
    };
    crate::milliseconds(took) / f64::from(times)
}

/// What this thread has had of the processor, where the system tells: others
/// that work at the same time do not count then.
fn processor_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(text.split_whitespace().next()?.parse().ok()?))
}
