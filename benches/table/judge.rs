//! How fast the judge decides, compiles and matches, in the processor time of
//! one core.
//!
//! The case is a large organisation's: five levels of SCPs, two of RCPs, a key
//! policy and an identity policy, with the conditions that guardrails have.

use std::hint::black_box;
use std::time::Duration;
use std::time::Instant;

use keyrail::iam::PolicyKind;
use keyrail::iam::evaluate::Caller;
use keyrail::iam::evaluate::Compiled;
use keyrail::iam::evaluate::Context;
use keyrail::iam::evaluate::Decision;
use keyrail::iam::evaluate::Level;
use keyrail::iam::evaluate::Organisation;
use keyrail::iam::evaluate::Policies;
use keyrail::iam::evaluate::Request;
use keyrail::iam::evaluate::RequestBuilder;
use keyrail::iam::evaluate::decide;
use keyrail::iam::evaluate::evaluate;
use keyrail::iam::parse;

use crate::Promise;
use crate::Row;

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

/// The request that is judged, over and over.
pub(crate) const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

fn request(action: &str) -> RequestBuilder {
    let organisation = Organisation {
        id: "o-a1b2c3d4e5".to_owned(),
        path: "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/".to_owned(),
        management_account: false,
    };
    let context = Context::new()
        .with("kms:EncryptionContext:app", "orders")
        .with("aws:ResourceTag/Environment", "prod")
        .with("aws:MultiFactorAuthPresent", "false")
        .with("aws:SourceIp", "10.1.2.3");
    Request::builder(action, KEY, Caller::parse("arn:aws:sts::111122223333:assumed-role/app/s1").unwrap())
        .context(context)
        .caller_organisation(organisation.clone())
        .resource_organisation(organisation)
}

fn policies() -> Policies {
    let compile = |text: &str, kind| Compiled::new(&parse(text, kind).unwrap());
    let level = |target: &str, texts: &[&str]| {
        Level::new(target, texts.iter().map(|text| compile(text, PolicyKind::ServiceControl)))
    };
    let perimeter = |target| Level::new(target, [compile(PERIMETER, PolicyKind::ResourceControl)]);
    Policies {
        identity: vec![compile(IDENTITY, PolicyKind::Identity)],
        resource: Some(compile(KEY_POLICY, PolicyKind::Resource)),
        scp: Some(vec![
            level("r-ab12", &[FULL_ACCESS, CRITICAL]),
            level("ou-ab12-11111111", &[FULL_ACCESS]),
            level("ou-ab12-22222222", &[FULL_ACCESS, TAGS]),
            level("ou-ab12-33333333", &[FULL_ACCESS]),
            level("111122223333", &[FULL_ACCESS]),
        ]),
        rcp: Some(vec![perimeter("r-ab12"), perimeter("ou-ab12-11111111")]),
        ..Policies::default()
    }
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

pub(crate) const FULL_ACCESS: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"FullAWSAccess","Effect":"Allow","Action":"*","Resource":"*"}]}"#;

pub(crate) const CRITICAL: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Sid":"Mfa","Effect":"Deny","Action":["kms:ScheduleKeyDeletion","kms:DisableKey","kms:PutKeyPolicy","kms:DeleteAlias"],"Resource":"*",
     "Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"},"ArnNotLikeIfExists":{"aws:PrincipalArn":["arn:aws:iam::*:role/terraform-pipeline","arn:aws:iam::*:role/break-glass"]}}},
    {"Sid":"Window","Effect":"Deny","Action":"kms:ScheduleKeyDeletion","Resource":"*","Condition":{"NumericLessThan":{"kms:ScheduleKeyDeletionPendingWindowInDays":"30"}}},
    {"Sid":"Rotation","Effect":"Deny","Action":"kms:DisableKeyRotation","Resource":"*"}]}"#;

pub(crate) const TAGS: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Sid":"Tags","Effect":"Deny","Action":"kms:CreateKey","Resource":"*","Condition":{"StringNotEquals":{"aws:RequestTag/Environment":["dev","prod"]}}},
    {"Sid":"Boundary","Effect":"Deny","Action":"kms:*","Resource":"*",
     "Condition":{"StringEquals":{"aws:ResourceTag/Environment":"prod"},"ForAllValues:StringNotLike":{"aws:PrincipalOrgPaths":["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*"]}}}]}"#;

pub(crate) const PERIMETER: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Perimeter","Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"*",
    "Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"},"ArnNotLikeIfExists":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/break-glass"}}}]}"#;

pub(crate) const KEY_POLICY: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Sid":"Root","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"},
    {"Sid":"Admins","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/key-admin"},"Action":["kms:Describe*","kms:Put*","kms:Enable*"],"Resource":"*"},
    {"Sid":"Users","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:role/app","arn:aws:iam::111122223333:role/batch"]},"Action":["kms:Decrypt","kms:GenerateDataKey*"],"Resource":"*",
     "Condition":{"StringEquals":{"kms:EncryptionContext:app":"orders"}}},
    {"Sid":"Outsiders","Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"*",
     "Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}}}]}"#;

pub(crate) const IDENTITY: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Sid":"Use","Effect":"Allow","Action":["kms:Decrypt","kms:Encrypt","kms:GenerateDataKey*","kms:DescribeKey"],"Resource":"arn:aws:kms:*:111122223333:key/*"},
    {"Sid":"S3","Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::orders/*"}]}"#;
