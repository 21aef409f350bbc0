//! A decision in a large organisation: five levels of SCPs, two of RCPs, a key
//! policy and an identity policy, with the conditions that guardrails have.

use keyrail::iam::evaluate::{
    Caller, Compiled, Context, Level, Organisation, Policies, Request, RequestBuilder,
};
use keyrail::iam::{PolicyKind, parse};

/// The key that is asked for.
pub(crate) const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// A role session of the key's account that does `action` with the key, without MFA.
pub(crate) fn request(action: &str) -> RequestBuilder {
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

/// What applies to that session.
pub(crate) fn policies() -> Policies {
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
