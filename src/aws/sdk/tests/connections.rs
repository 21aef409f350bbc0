//! Connections that are not made: which are tried again, which are not, and
//! whom the client trusts.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use rcgen::{CertificateParams, DnType, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::json;
use tokio_rustls::TlsAcceptor;

use super::kms::{described, wanted};
use super::{Answer, Canned, says, settings};
use crate::aws::config::{ConnectionSettings, Retries};
use crate::aws::{AwsError, ConnectError, Fault, connect};

/// A service of this machine with a certificate that it issued to itself, and the file that makes it trusted.
struct Secure {
    service: Canned,
    bundle: tempfile::NamedTempFile,
}

impl Secure {
    async fn answering(answers: Vec<Answer>, closed: usize) -> Self {
        // Two of them must not have one name: that would be one authority with two keys.
        static MADE: AtomicU32 = AtomicU32::new(0);
        let mut named = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        let name = format!("authority {}", MADE.fetch_add(1, Ordering::Relaxed));
        named.distinguished_name.push(DnType::CommonName, name);
        let own = KeyPair::generate().unwrap();
        let certificate = named.self_signed(&own).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(own.serialize_der()));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let server = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        let tls = TlsAcceptor::from(Arc::new(server));
        let bundle = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(bundle.path(), certificate.pem()).unwrap();
        Self { service: Canned::answering_over_tls(answers, tls, closed).await, bundle }
    }

    fn settings(&self) -> ConnectionSettings {
        ConnectionSettings {
            ca_bundle: Some(self.bundle.path().to_owned()),
            ..settings(&self.service.address)
        }
    }
}

fn no_keys() -> Answer {
    says(&json!({ "Keys": [], "Truncated": false }))
}

async fn keys(settings: &ConnectionSettings) -> Result<usize, AwsError> {
    connect(settings).await.unwrap().kms.keys().await.map(|keys| keys.len())
}

#[tokio::test]
async fn a_service_is_trusted_by_the_bundle_that_names_it() {
    let secure = Secure::answering(vec![no_keys()], 0).await;
    assert_eq!(keys(&secure.settings()).await, Ok(0));
}

#[tokio::test]
async fn a_service_that_the_bundle_does_not_name_is_not_trusted_and_not_asked_again() {
    let (secure, other) = (Secure::answering(vec![no_keys()], 0).await, Secure::answering(vec![], 0).await);
    let settings = ConnectionSettings { ca_bundle: other.settings().ca_bundle, ..secure.settings() };
    let error = keys(&settings).await.unwrap_err();
    assert_eq!(
        (error.fault(), error.message()),
        (
            Fault::Unreachable,
            format!("no connection to `{}`: invalid peer certificate: UnknownIssuer", secure.service.address)
                .as_str()
        )
    );
    assert_eq!((secure.service.connections(), secure.service.asked().len()), (1, 0));
}

#[tokio::test]
async fn a_bundle_that_breaks_off_is_refused_by_name() {
    let secure = Secure::answering(vec![], 0).await;
    let whole = std::fs::read_to_string(secure.bundle.path()).unwrap();
    let half = whole.lines().take(3).collect::<Vec<_>>().join("\n");
    for (text, reason) in
        [(half.as_str(), "breaks off in its section 1"), ("\u{1}\u{2} garbage", "holds no PEM certificate")]
    {
        std::fs::write(secure.bundle.path(), text).unwrap();
        let error = connect(&secure.settings()).await.unwrap_err();
        assert!(matches!(error, ConnectError::CaBundle { .. }));
        assert_eq!(error.to_string(), format!("the CA bundle `{}` {reason}", secure.bundle.path().display()));
    }
    let missing = ConnectionSettings { ca_bundle: Some(PathBuf::from("/no/such.pem")), ..secure.settings() };
    assert_eq!(
        connect(&missing).await.unwrap_err().to_string(),
        "the CA bundle `/no/such.pem` cannot be read: No such file or directory (os error 2)"
    );
}

#[tokio::test]
async fn a_handshake_that_is_cut_off_is_tried_again_even_to_make_a_key() {
    let secure = Secure::answering(vec![described()], 2).await;
    let session = connect(&secure.settings()).await.unwrap();
    session.kms.create_key(&wanted()).await.unwrap();
    assert_eq!((secure.service.connections(), secure.service.operations().len()), (3, 1));
}

#[tokio::test]
async fn a_handshake_is_tried_as_often_as_a_call_and_at_most_nine_times() {
    for (allowed, tried) in [(2, 2), (25, 9)] {
        let secure = Secure::answering(vec![], usize::MAX).await;
        let retries = Retries { max_attempts: allowed, ..Retries::default() };
        let error = keys(&ConnectionSettings { retries, ..secure.settings() }).await.unwrap_err();
        assert_eq!((error.fault(), secure.service.connections()), (Fault::Unreachable, tried), "{error}");
    }
}
