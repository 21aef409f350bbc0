//! A sandbox of one's own for every test, and clients for its people.

use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_kms::error::ProvideErrorMetadata;
use aws_sdk_kms::error::SdkError;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use keyrail::sandbox::Options;
use keyrail::sandbox::Organisation;
use keyrail::sandbox::Running;
use serde_json::Value;
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

pub(crate) const DEV: &str = "222222222222";

pub(crate) async fn sandbox() -> Running {
    with_faults(None).await
}

pub(crate) async fn with_faults(faults: Option<Value>) -> Running {
    keyrail::sandbox::start(Options {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        organisation: Organisation::built_in().unwrap(),
        faults: faults.map(|script| script.to_string()),
    })
    .await
    .unwrap()
}

pub(crate) fn operator() -> Credentials {
    Credentials::new("AKIAKEYRAILOPERATOR1", "sandbox-operator-secret", None, None, "test")
}

pub(crate) fn developer() -> Credentials {
    Credentials::new("AKIAKEYRAILDEV222222", "sandbox-developer-secret", None, None, "test")
}

/// A KMS client that neither retries nor waits long.
pub(crate) fn kms(running: &Running, credentials: Credentials) -> aws_sdk_kms::Client {
    let config = aws_sdk_kms::Config::builder()
        .behavior_version(aws_sdk_kms::config::BehaviorVersion::latest())
        .http_client(http())
        .region(aws_sdk_kms::config::Region::new("eu-west-1"))
        .credentials_provider(credentials)
        .endpoint_url(format!("http://{}", running.address()))
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::builder().operation_timeout(Duration::from_millis(1_500)).build());
    aws_sdk_kms::Client::from_conf(config.build())
}

pub(crate) fn organizations(running: &Running) -> aws_sdk_organizations::Client {
    let config = aws_sdk_organizations::Config::builder()
        .behavior_version(aws_sdk_organizations::config::BehaviorVersion::latest())
        .http_client(http())
        .region(aws_sdk_organizations::config::Region::new("eu-west-1"))
        .credentials_provider(operator())
        .endpoint_url(format!("http://{}", running.address()))
        .retry_config(RetryConfig::disabled());
    aws_sdk_organizations::Client::from_conf(config.build())
}

pub(crate) fn sts(running: &Running, credentials: Credentials) -> aws_sdk_sts::Client {
    let config = aws_sdk_sts::Config::builder()
        .behavior_version(aws_sdk_sts::config::BehaviorVersion::latest())
        .http_client(http())
        .region(aws_sdk_sts::config::Region::new("eu-west-1"))
        .credentials_provider(credentials)
        .endpoint_url(format!("http://{}", running.address()))
        .retry_config(RetryConfig::disabled());
    aws_sdk_sts::Client::from_conf(config.build())
}

fn http() -> aws_smithy_runtime_api::client::http::SharedHttpClient {
    use aws_smithy_http_client::tls;

    aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc))
        .build_https()
}

/// The credentials of a session of a role of the dev account.
pub(crate) async fn session(running: &Running, role: &str) -> Credentials {
    let arn = format!("arn:aws:iam::{DEV}:role/{role}");
    let answer =
        sts(running, operator()).assume_role().role_arn(arn).role_session_name("test").send().await.unwrap();
    let given = answer.credentials().unwrap();
    Credentials::new(
        given.access_key_id(),
        given.secret_access_key(),
        Some(given.session_token().to_owned()),
        None,
        "test",
    )
}

/// The id of a new key.
pub(crate) async fn new_key(client: &aws_sdk_kms::Client) -> String {
    client.create_key().send().await.unwrap().key_metadata().unwrap().key_id().to_owned()
}

/// The code of the error that a service answered.
pub(crate) fn code<T: std::fmt::Debug, E: ProvideErrorMetadata>(
    answer: Result<T, SdkError<E, aws_smithy_runtime_api::client::orchestrator::HttpResponse>>,
) -> String {
    answer.unwrap_err().code().expect("the service answered").to_owned()
}

/// A request written by hand; the status and the body of its answer.
pub(crate) async fn raw(running: &Running, head: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(running.address()).await.unwrap();
    let request = format!(
        "{head}\r\nhost: localhost\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    let body = answer.split_once("\r\n\r\n").unwrap().1.to_owned();
    (status, body)
}

/// A call of the sandbox's own endpoints.
pub(crate) async fn control(running: &Running, method: &str, name: &str, body: Value) -> (u16, Value) {
    let (status, body) =
        raw(running, &format!("{method} /_sandbox/{name} HTTP/1.1"), &body.to_string()).await;
    (status, serde_json::from_str(&body).unwrap())
}
