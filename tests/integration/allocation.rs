//! Deciding asks the allocator for nothing: policies and request are compiled
//! before.

use std::hint::black_box;

use keyrail::iam::evaluate::{
    Caller, Compiled, Context, Decision, Level, Organisation, Policies, Request, decide,
};
use keyrail::iam::{PolicyKind, parse};

const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const FULL: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
const CRITICAL: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Deny","Action":["kms:ScheduleKeyDeletion","kms:DisableKey"],"Resource":"*",
     "Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"},"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/terraform-*"}}},
    {"Effect":"Deny","Action":"kms:*","Resource":"*",
     "Condition":{"StringEquals":{"aws:ResourceTag/Environment":"prod"},"ForAllValues:StringNotLike":{"aws:PrincipalOrgPaths":"o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*"}}}]}"#;
const PERIMETER: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"*",
    "Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}}}}"#;
const KEY_POLICY: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"},
    {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/app"},"Action":["kms:Decrypt","kms:GenerateDataKey*"],"Resource":"*",
     "Condition":{"StringEquals":{"kms:EncryptionContext:app":"orders"}}}]}"#;
const IDENTITY: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["kms:Decrypt","kms:D*Key"],"Resource":"arn:aws:kms:*:111122223333:key/*"}}"#;

fn policies() -> Policies {
    let compile = |text: &str, kind| Compiled::new(&parse(text, kind).unwrap());
    let guarded = |target: &str, texts: &[&str]| {
        Level::new(target, texts.iter().map(|text| compile(text, PolicyKind::ServiceControl)))
    };
    let perimeter = |target| Level::new(target, [compile(PERIMETER, PolicyKind::ResourceControl)]);
    Policies {
        identity: vec![compile(IDENTITY, PolicyKind::Identity)],
        resource: Some(compile(KEY_POLICY, PolicyKind::Resource)),
        scp: Some(vec![
            guarded("r-ab12", &[FULL, CRITICAL]),
            guarded("ou-ab12-11111111", &[FULL]),
            guarded("ou-ab12-22222222", &[FULL]),
            guarded("ou-ab12-33333333", &[FULL]),
            guarded("111122223333", &[FULL]),
        ]),
        rcp: Some(vec![perimeter("r-ab12"), perimeter("ou-ab12-11111111")]),
        ..Policies::default()
    }
}

fn request(action: &str) -> Request {
    let organisation = Organisation {
        id: "o-a1b2c3d4e5".to_owned(),
        path: "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/ou-ab12-22222222/ou-ab12-33333333/".to_owned(),
        management_account: false,
    };
    let context = Context::new()
        .with("kms:EncryptionContext:app", "orders")
        .with("aws:ResourceTag/Environment", "prod")
        .with("aws:MultiFactorAuthPresent", "false");
    let caller = Caller::parse("arn:aws:sts::111122223333:assumed-role/app/s1").unwrap();
    Request::builder(action, KEY, caller)
        .context(context)
        .caller_organisation(organisation.clone())
        .resource_organisation(organisation)
        .build()
        .unwrap()
}

#[test]
fn a_decision_allocates_nothing() {
    let policies = policies();
    for (action, expected) in [
        ("kms:Decrypt", Decision::Allowed),
        ("kms:DescribeKey", Decision::Allowed),
        ("kms:DisableKey", Decision::ExplicitlyDenied),
        ("kms:CreateGrant", Decision::ImplicitlyDenied),
    ] {
        let request = request(action);
        let mut decision = None;
        let counted = allocation_counter::measure(|| {
            decision = Some(black_box(decide(black_box(&request), black_box(&policies))));
        });
        assert_eq!(decision, Some(expected), "{action}");
        assert_eq!(counted.count_total, 0, "{action}: {counted:?}");
    }
}

#[test]
fn allocations_are_counted() {
    let counted = allocation_counter::measure(|| drop(black_box(request("kms:Decrypt"))));
    assert!(counted.count_total > 0, "what counts nothing proves nothing");
}
