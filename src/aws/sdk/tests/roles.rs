use serde_json::json;

use super::{Answer, Canned, says, settings};
use crate::aws::config::{CallerCheck, Role};
use crate::aws::{ConnectError, Fault, connect};

const ROLE: &str = "arn:aws:iam::222222222222:role/terraform";

fn assumed(token: &str) -> Answer {
    let body = format!(
        "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><Credentials>\
         <AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
         <SessionToken>{token}</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials>\
         </AssumeRoleResult></AssumeRoleResponse>"
    );
    Answer::Says(200, body)
}

fn caller() -> Answer {
    let body = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
                <GetCallerIdentityResult><Arn>arn:aws:sts::222222222222:assumed-role/terraform/keyrail</Arn>\
                <UserId>AROA:keyrail</UserId><Account>222222222222</Account></GetCallerIdentityResult>\
                </GetCallerIdentityResponse>";
    Answer::Says(200, body.to_owned())
}

fn denied() -> Answer {
    let body = "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
                <Code>AccessDenied</Code><Message>not authorized to perform: sts:AssumeRole</Message></Error>\
                </ErrorResponse>";
    Answer::Says(403, body.to_owned())
}

fn role(arn: &str) -> Role {
    Role { arn: arn.to_owned(), source_identity: Some("me".to_owned()), ..Role::default() }
}

#[tokio::test]
async fn roles_are_assumed_one_after_the_other() {
    let keys = says(&json!({ "Keys": [], "Truncated": false }));
    let service = Canned::answering(vec![assumed("one"), assumed("two"), keys]).await;
    let mut settings = settings(&service.address);
    settings.roles = vec![role(ROLE), role("arn:aws:iam::333333333333:role/terraform")];
    connect(&settings).await.unwrap().kms.keys().await.unwrap();
    let asked = service.asked();
    let tokens: Vec<&str> = asked.iter().map(|asked| asked.token.as_str()).collect();
    assert_eq!(tokens, ["", "one", "two"]);
    assert!(asked[0].body.contains("RoleSessionName=keyrail") && asked[0].body.contains("SourceIdentity=me"));
}

#[tokio::test]
async fn a_role_that_may_not_be_assumed_is_told_by_name() {
    let service = Canned::answering(vec![denied()]).await;
    let mut settings = settings(&service.address);
    settings.roles = vec![role(ROLE)];
    settings.caller_check = CallerCheck::Asked;
    let ConnectError::Caller(error) = connect(&settings).await.unwrap_err() else { panic!("another error") };
    assert_eq!((error.fault(), error.operation()), (Fault::Credentials, "AssumeRole"));
    assert_eq!(
        error.to_string(),
        format!(
            "STS AssumeRole on `{ROLE}`: AccessDenied: not authorized to perform: sts:AssumeRole (request id id-1)"
        )
    );
}

#[tokio::test]
async fn the_caller_is_asked_for_once() {
    let service = Canned::answering(vec![caller()]).await;
    let mut settings = settings(&service.address);
    settings.caller_check = CallerCheck::Asked;
    let session = connect(&settings).await.unwrap();
    assert_eq!(session.account.unwrap().as_str(), "222222222222");
    let again = session.sts.caller_identity().await.unwrap();
    assert_eq!(again.arn.to_string(), "arn:aws:sts::222222222222:assumed-role/terraform/keyrail");
    assert_eq!(service.asked().len(), 1);
}
