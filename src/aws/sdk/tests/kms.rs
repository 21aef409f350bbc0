use std::time::{Duration, Instant};

use serde_json::json;

use super::{Answer, Canned, refuses, says, session, settings};
use crate::aws::config::{AccessKeys, ConnectionSettings, Secret};
use crate::aws::{CreateKey, Fault, KeyReference, connect};
use crate::model::key::{KeyId, KeySpec, KeyState, KeyUsage};

const KEY: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

fn key() -> KeyId {
    KEY.parse().unwrap()
}

pub(super) fn described() -> Answer {
    says(&json!({ "KeyMetadata": {
        "KeyId": KEY,
        "Arn": format!("arn:aws:kms:eu-west-1:222222222222:key/{KEY}"),
        "KeyState": "Enabled",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER",
        "Description": "for tests",
        "CreationDate": 1_790_000_000.25,
    }}))
}

pub(super) fn wanted() -> CreateKey {
    CreateKey {
        description: "for tests".to_owned(),
        policy: "{}".to_owned(),
        tags: [("Owner".to_owned(), "me".to_owned())].into(),
        spec: KeySpec::SymmetricDefault,
        usage: KeyUsage::EncryptDecrypt,
        multi_region: false,
        bypass_lockout_check: false,
    }
}

#[tokio::test]
async fn a_key_is_made_with_its_policy_and_tags() {
    let service = Canned::answering(vec![described()]).await;
    let made = session(&service).await.kms.create_key(&wanted()).await.unwrap();
    assert_eq!((made.id, made.state), (key(), KeyState::Enabled));
    assert_eq!(made.created.unwrap().unix_timestamp_nanos(), 1_790_000_000_250_000_000);
    let asked: serde_json::Value = serde_json::from_str(&service.asked()[0].body).unwrap();
    assert_eq!(
        asked,
        json!({
            "Description": "for tests", "Policy": "{}", "KeySpec": "SYMMETRIC_DEFAULT",
            "KeyUsage": "ENCRYPT_DECRYPT", "MultiRegion": false, "BypassPolicyLockoutSafetyCheck": false,
            "Tags": [{ "TagKey": "Owner", "TagValue": "me" }],
        })
    );
}

#[tokio::test]
async fn a_throttled_create_is_left_to_the_caller_to_repeat() {
    let throttled = refuses(400, "ThrottlingException", "Rate exceeded");
    let service = Canned::answering(vec![throttled, described()]).await;
    let error = session(&service).await.kms.create_key(&wanted()).await.unwrap_err();
    assert_eq!((error.fault(), error.operation()), (Fault::Throttled, "CreateKey"));
    assert_eq!(service.operations(), ["CreateKey"]);
}

#[tokio::test]
async fn a_create_whose_answer_is_lost_is_made_once_and_ambiguous() {
    let service = Canned::answering(vec![Answer::Lost, described()]).await;
    let error = session(&service).await.kms.create_key(&wanted()).await.unwrap_err();
    assert_eq!(
        (error.fault(), error.to_string().as_str()),
        (
            Fault::Ambiguous,
            "KMS CreateKey in region eu-west-1: the connection broke before the answer came: connection closed before \
             message completed"
        )
    );
    assert_eq!(service.operations(), ["CreateKey"]);
}

#[tokio::test]
async fn a_create_that_fails_inside_aws_is_made_once_and_ambiguous() {
    let service = Canned::answering(vec![refuses(500, "KMSInternalException", "oops"), described()]).await;
    let error = session(&service).await.kms.create_key(&wanted()).await.unwrap_err();
    assert_eq!(
        (error.fault(), error.to_string().as_str()),
        (Fault::Ambiguous, "KMS CreateKey in region eu-west-1: KMSInternalException: oops (request id id-1)")
    );
    assert_eq!(service.operations(), ["CreateKey"]);
}

#[tokio::test]
async fn a_create_whose_answer_cannot_be_understood_perhaps_made_a_key() {
    let arn = format!("arn:aws:kms:eu-west-1:222222222222:key/{KEY}");
    let stateless = says(&json!({ "KeyMetadata": { "KeyId": KEY, "Arn": arn } }));
    for answer in [stateless, says(&json!({})), Answer::Says(200, "not JSON".to_owned())] {
        let service = Canned::answering(vec![answer, described()]).await;
        let error = session(&service).await.kms.create_key(&wanted()).await.unwrap_err();
        assert_eq!(error.fault(), Fault::Ambiguous, "{error}");
        assert_eq!(service.operations(), ["CreateKey"]);
    }
}

#[tokio::test]
async fn a_create_that_is_refused_was_not_made() {
    let service = Canned::answering(vec![refuses(400, "AccessDeniedException", "no")]).await;
    let error = session(&service).await.kms.create_key(&wanted()).await.unwrap_err();
    assert_eq!(error.fault(), Fault::AccessDenied);
}

#[tokio::test]
async fn a_read_is_repeated_when_its_answer_is_lost_or_aws_fails() {
    let internal = refuses(500, "KMSInternalException", "oops");
    let service = Canned::answering(vec![Answer::Lost, internal, described()]).await;
    let session = session(&service).await;
    session.kms.describe_key(&KeyReference::Id(key())).await.unwrap();
    assert_eq!(service.operations(), ["DescribeKey", "DescribeKey", "DescribeKey"]);
}

#[tokio::test]
async fn a_failure_says_where_and_on_what() {
    let service = Canned::answering(vec![refuses(400, "NotFoundException", "Key is not there")]).await;
    let error = session(&service).await.kms.key_policy(&key()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "KMS GetKeyPolicy on `{KEY}` in region eu-west-1: NotFoundException: Key is not there (request id id-1)"
        )
    );
}

#[tokio::test]
async fn every_page_is_read() {
    let page = |name: &str, more: bool| {
        let alias = json!({ "AliasName": name, "TargetKeyId": KEY });
        says(&json!({ "Aliases": [alias], "Truncated": more, "NextMarker": more.then_some("two") }))
    };
    let service = Canned::answering(vec![page("alias/a", true), page("alias/b", false)]).await;
    let found = session(&service).await.kms.aliases().await.unwrap();
    let names: Vec<&str> = found.iter().map(|alias| alias.name.as_str()).collect();
    assert_eq!(names, ["alias/a", "alias/b"]);
    assert!(service.asked()[1].body.contains("\"Marker\":\"two\""));
}

#[tokio::test]
async fn half_a_list_is_not_a_list() {
    let first = says(&json!({ "Aliases": [], "Truncated": true, "NextMarker": "two" }));
    let service = Canned::answering(vec![first, refuses(400, "AccessDeniedException", "no")]).await;
    assert_eq!(session(&service).await.kms.aliases().await.unwrap_err().fault(), Fault::AccessDenied);
}

#[tokio::test]
async fn an_address_at_which_nothing_listens_is_given_up_soon() {
    let begun = Instant::now();
    let nobody = settings("http://127.0.0.1:1");
    let error = connect(&nobody).await.unwrap().kms.keys().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "KMS ListKeys in region eu-west-1: no connection to `http://127.0.0.1:1`: Connection refused (os error 111)"
    );
    assert_eq!(error.fault(), Fault::Unreachable);
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_unreachable() {
    let nowhere = settings("http://kms.invalid:80");
    let error = connect(&nowhere).await.unwrap().kms.create_key(&wanted()).await.unwrap_err();
    assert_eq!(error.fault(), Fault::Unreachable, "{error}");
    assert!(error.message().starts_with("no connection to `http://kms.invalid`: "), "{error}");
}

#[tokio::test]
async fn an_address_that_does_not_speak_tls_is_unreachable() {
    let service = Canned::answering(vec![]).await;
    let settings = settings(&service.address.replace("http:", "https:"));
    let error = connect(&settings).await.unwrap().kms.keys().await.unwrap_err();
    assert_eq!(error.fault(), Fault::Unreachable, "{error}");
}

#[tokio::test]
async fn the_products_lead_the_user_agent() {
    let service = Canned::answering(vec![described()]).await;
    let mut settings = settings(&service.address);
    settings.user_agent = vec!["Terraform/1.11.4".to_owned(), "pipeline/7".to_owned()];
    let session = connect(&settings).await.unwrap();
    session.kms.describe_key(&KeyReference::Id(key())).await.unwrap();
    let sent = &service.asked()[0].user_agent;
    assert!(sent.starts_with("Terraform/1.11.4 pipeline/7 aws-sdk-rust/"), "{sent}");
}

/// Settings whose every secret is a word that nothing else prints.
fn secretive(address: &str, proxy: &str) -> ConnectionSettings {
    let mut settings = settings(address);
    settings.keys = Some(AccessKeys {
        id: "AKIAEXAMPLE".to_owned(),
        secret: Secret::new(SECRETS[0]),
        token: Some(Secret::new(SECRETS[1])),
    });
    let proxy = proxy.replace("http://", &format!("http://user:{}@", SECRETS[2]));
    settings.proxies.http = Some(proxy.parse().unwrap());
    settings
}

const SECRETS: [&str; 3] = ["secretkeyQ7xv2m", "sessiontokenQ7xv2m", "proxypasswordQ7xv2m"];

#[tokio::test]
async fn no_secret_is_in_a_failure() {
    let no = || Canned::answering(vec![refuses(400, "UnrecognizedClientException", "invalid token")]);
    let (service, proxy) = (no().await, no().await);
    let attempts = [
        (secretive(&service.address, "http://127.0.0.1:1"), Fault::Credentials),
        (secretive("http://kms.invalid", &proxy.address), Fault::Credentials),
        (secretive("http://kms.invalid", "http://127.0.0.1:1"), Fault::Unreachable),
        (secretive("http://127.0.0.1:1", "http://127.0.0.1:1"), Fault::Unreachable),
    ];
    for (settings, fault) in attempts {
        let error = connect(&settings).await.unwrap().kms.keys().await.unwrap_err();
        assert_eq!(error.fault(), fault, "{error}");
        let told = format!("{error} {error:?} {settings:?}");
        for secret in SECRETS {
            assert!(!told.contains(secret), "{told}");
        }
    }
    // There was something to tell.
    let tokens = [service.asked(), proxy.asked()].concat().into_iter().map(|asked| asked.token);
    assert_eq!(tokens.collect::<Vec<_>>(), [SECRETS[1], SECRETS[1]]);
}

#[tokio::test]
async fn a_proxy_is_used_for_all_but_this_machine() {
    let proxy = Canned::answering(vec![described()]).await;
    let mut settings = settings("http://kms.invalid");
    settings.proxies.http = proxy.address.parse().ok();
    let session = connect(&settings).await.unwrap();
    session.kms.describe_key(&KeyReference::Id(key())).await.unwrap();
    assert_eq!(proxy.operations(), ["DescribeKey"]);
}

#[tokio::test]
async fn this_machine_is_reached_without_a_proxy() {
    let service = Canned::answering(vec![described()]).await;
    let mut settings = settings(&service.address);
    settings.proxies.http = "http://127.0.0.1:1".parse().ok();
    let session = connect(&settings).await.unwrap();
    session.kms.describe_key(&KeyReference::Id(key())).await.unwrap();
    assert_eq!(service.operations(), ["DescribeKey"]);
}
