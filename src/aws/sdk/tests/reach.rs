//! Where calls go and whose credentials they carry, as the settings say: the
//! hosts of AWS, proxies, the instance, and shared files.

use std::io::Write as _;

use serde_json::json;

use super::{Answer, Canned, refuses, says, settings};
use crate::aws::config::{ConnectionSettings, Endpoints, InstanceMetadata, Retries, RetryMode};
use crate::aws::{ConnectError, Fault, NamedBy, connect};

fn no_keys() -> Answer {
    says(&json!({ "Keys": [], "Truncated": false }))
}

/// The host that a call of KMS and one of STS would be made to, learnt from a proxy that refuses to connect to it.
async fn hosts(fips: bool, dual_stack: bool) -> Vec<String> {
    let proxy = Canned::deciding(|_| Some(Answer::Says(403, String::new()))).await;
    let mut settings = settings("");
    settings.endpoints = Endpoints::default();
    settings.proxies.https = proxy.address.parse().ok();
    (settings.fips, settings.dual_stack) = (Some(fips), Some(dual_stack));
    settings.retries.max_attempts = 1;
    let session = connect(&settings).await.unwrap();
    assert_eq!(session.kms.keys().await.unwrap_err().fault(), Fault::Unreachable);
    assert_eq!(session.sts.caller_identity().await.unwrap_err().fault(), Fault::Unreachable);
    proxy.asked().into_iter().map(|asked| asked.line).collect()
}

#[tokio::test]
async fn fips_and_dual_stack_have_hosts_of_their_own() {
    for (fips, dual_stack, expected) in [
        (false, false, ["kms.eu-west-1.amazonaws.com", "sts.eu-west-1.amazonaws.com"]),
        (true, false, ["kms-fips.eu-west-1.amazonaws.com", "sts-fips.eu-west-1.amazonaws.com"]),
        (false, true, ["kms.eu-west-1.api.aws", "sts.eu-west-1.api.aws"]),
        (true, true, ["kms-fips.eu-west-1.api.aws", "sts-fips.eu-west-1.api.aws"]),
    ] {
        let expected = expected.map(|host| format!("CONNECT {host}:443 HTTP/1.1"));
        assert_eq!(hosts(fips, dual_stack).await, expected);
    }
}

#[tokio::test]
async fn a_proxy_that_finds_nothing_is_asked_again_and_one_that_wants_a_password_is_not() {
    for (status, asked) in [(502, 3), (407, 1)] {
        let proxy = Canned::deciding(move |_| Some(Answer::Says(status, String::new()))).await;
        let mut settings = settings("https://kms.invalid");
        settings.proxies.https = proxy.address.parse().ok();
        let error = connect(&settings).await.unwrap().kms.keys().await.unwrap_err();
        assert_eq!((error.fault(), proxy.asked().len()), (Fault::Unreachable, asked), "{error}");
    }
}

#[tokio::test]
async fn a_host_that_is_excepted_is_reached_without_the_proxy() {
    let proxy = Canned::answering(vec![no_keys()]).await;
    let mut settings = settings("http://kms.invalid");
    settings.proxies.http = proxy.address.parse().ok();
    settings.proxies.exceptions = "other.example,.invalid".to_owned();
    settings.retries.max_attempts = 1;
    let error = connect(&settings).await.unwrap().kms.keys().await.unwrap_err();
    assert_eq!((error.fault(), proxy.asked().len()), (Fault::Unreachable, 0), "{error}");
}

#[tokio::test]
async fn a_throttled_call_is_made_again_in_adaptive_mode() {
    let throttled = refuses(400, "ThrottlingException", "Rate exceeded");
    let service = Canned::answering(vec![throttled, no_keys()]).await;
    let retries = Retries { mode: RetryMode::Adaptive, max_attempts: 3, ..Retries::default() };
    let session = connect(&ConnectionSettings { retries, ..settings(&service.address) }).await.unwrap();
    session.kms.keys().await.unwrap();
    assert_eq!(service.operations(), ["ListKeys", "ListKeys"]);
}

#[tokio::test]
async fn the_instance_gives_region_and_credentials() {
    let instance = Canned::deciding(|asked| {
        let credentials = json!({
            "Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": "ASIAINSTANCE", "SecretAccessKey": "hunter2",
            "Token": "of-the-instance", "LastUpdated": "2026-01-01T00:00:00Z", "Expiration": "2999-01-01T00:00:00Z",
            "AccountId": "222222222222",
        });
        let path = asked.line.split(' ').nth(1).unwrap_or_default();
        let body = match path {
            "/latest/api/token" => "token".to_owned(),
            "/latest/meta-data/placement/region" => "eu-central-1".to_owned(),
            path if path.ends_with("/server-role") => credentials.to_string(),
            path if path.contains("/security-credentials") => "server-role".to_owned(),
            _ => return Some(Answer::Says(404, String::new())),
        };
        Some(Answer::Says(200, body))
    })
    .await;
    let service = Canned::answering(vec![no_keys()]).await;
    let instance_metadata = InstanceMetadata::At { endpoint: instance.address.parse().ok(), mode: None };
    let settings =
        ConnectionSettings { region: None, keys: None, instance_metadata, ..settings(&service.address) };
    let session = connect(&settings).await.unwrap();
    assert_eq!(session.region.as_str(), "eu-central-1");
    session.kms.keys().await.unwrap();
    assert_eq!(service.asked()[0].token, "of-the-instance");
}

fn files(text: &str) -> (tempfile::NamedTempFile, ConnectionSettings) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let settings = ConnectionSettings {
        keys: None,
        config_files: vec![file.path().to_owned()],
        ..settings("http://127.0.0.1:1")
    };
    (file, settings)
}

#[tokio::test]
async fn a_profile_of_a_single_sign_on_says_how_to_sign_on() {
    let (_file, settings) = files(
        "[profile work]\nsso_session = corp\nsso_account_id = 222222222222\nsso_role_name = reader\n\
         [sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.example/start\n",
    );
    let settings = ConnectionSettings { profile: Some("work".to_owned()), ..settings };
    let error = connect(&settings).await.unwrap().kms.keys().await.unwrap_err();
    assert_eq!(error.fault(), Fault::Credentials);
    assert_eq!(
        error.message(),
        "an error occurred while loading credentials: an error occurred while loading an access token: failed to \
         load the cached SSO token; sign on with `aws sso login`"
    );
}

#[tokio::test]
async fn an_unknown_source_profile_is_told_by_name() {
    let (_file, settings) =
        files("[profile top]\nrole_arn = arn:aws:iam::222222222222:role/terraform\nsource_profile = gone\n");
    let settings = ConnectionSettings { profile: Some("top".to_owned()), ..settings };
    let error = connect(&settings).await.unwrap_err();
    let ConnectError::Profile(error) = error else {
        panic!("{error}");
    };
    assert_eq!((error.profile(), error.named_by()), ("gone", NamedBy::Profile));
}
