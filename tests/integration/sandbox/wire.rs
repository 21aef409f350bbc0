use aws_credential_types::Credentials;
use aws_sdk_kms::operation::RequestId as _;

use crate::sandbox::support::code;
use crate::sandbox::support::kms;
use crate::sandbox::support::operator;
use crate::sandbox::support::raw;
use crate::sandbox::support::sandbox;
use crate::sandbox::support::sts;

#[tokio::test]
async fn the_sdk_signs_and_the_sandbox_believes_the_right_secret_only() {
    let running = sandbox().await;
    let answer = kms(&running, operator()).list_keys().send().await.unwrap();
    assert_eq!(answer.keys().len(), 0);
    assert_eq!(answer.request_id().unwrap().len(), 36);
    let credentials = |id: &str, secret: &str, token: Option<&str>| {
        Credentials::new(id, secret, token.map(str::to_owned), None, "test")
    };
    let wrong_secret = credentials("AKIAKEYRAILOPERATOR1", "guess", None);
    let wrong_key = credentials("AKIANOBODY", "sandbox-operator-secret", None);
    let wrong_token = credentials("AKIAKEYRAILOPERATOR1", "sandbox-operator-secret", Some("t"));
    for (credentials, kms_code, sts_code) in [
        (wrong_secret, "InvalidSignatureException", "SignatureDoesNotMatch"),
        (wrong_key, "UnrecognizedClientException", "InvalidClientTokenId"),
        (wrong_token, "UnrecognizedClientException", "InvalidClientTokenId"),
    ] {
        assert_eq!(code(kms(&running, credentials.clone()).list_keys().send().await), kms_code);
        assert_eq!(code(sts(&running, credentials).get_caller_identity().send().await), sts_code);
    }
}

#[tokio::test]
async fn requests_that_nobody_signed_or_understands_get_an_error_of_their_protocol() {
    let running = sandbox().await;
    for (head, body, status, expected) in [
        (
            "POST / HTTP/1.1\r\nx-amz-target: TrentService.ListKeys",
            "{}",
            400,
            "MissingAuthenticationTokenException",
        ),
        (
            "POST / HTTP/1.1\r\nx-amz-target: TrentService.ListKeys\r\nauthorization: Basic x",
            "{}",
            400,
            "IncompleteSignatureException",
        ),
        (
            "POST / HTTP/1.1\r\nx-amz-target: DynamoDB_20120810.ListTables",
            "{}",
            400,
            "UnknownOperationException",
        ),
        (
            "POST / HTTP/1.1\r\ncontent-type: application/x-www-form-urlencoded",
            "Action=GetCallerIdentity",
            403,
            "<Code>MissingAuthenticationToken</Code>",
        ),
        ("GET /bucket HTTP/1.1", "", 400, "UnknownOperationException"),
        ("GET /_sandbox/nothing HTTP/1.1", "", 404, "is not an endpoint of the sandbox"),
    ] {
        let (found, answer) = raw(&running, head, body).await;
        assert_eq!(found, status, "{head}");
        assert!(answer.contains(expected), "{head}: {answer}");
    }
}

#[tokio::test]
async fn a_request_that_is_too_large_is_refused() {
    let running = sandbox().await;
    let head = "POST / HTTP/1.1\r\nx-amz-target: TrentService.ListKeys";
    let (status, answer) = raw(&running, head, &" ".repeat(1_048_577)).await;
    assert_eq!((status, answer.as_str()), (413, "the request is larger than one mebibyte"));
}

#[tokio::test]
async fn the_region_is_the_one_that_was_signed_for() {
    let running = sandbox().await;
    let config = kms(&running, operator())
        .config()
        .to_builder()
        .region(aws_sdk_kms::config::Region::new("us-east-1"))
        .build();
    let elsewhere = aws_sdk_kms::Client::from_conf(config);
    let made = elsewhere.create_key().send().await.unwrap();
    assert!(
        made.key_metadata().unwrap().arn().unwrap().starts_with("arn:aws:kms:us-east-1:111111111111:key/")
    );
    assert_eq!(kms(&running, operator()).list_keys().send().await.unwrap().keys().len(), 0);
}
