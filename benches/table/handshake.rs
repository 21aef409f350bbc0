//! From the start of the provider to a connection that both sides trust, as
//! Terraform makes it: fork and exec, the server's certificate, the line, the
//! socket, and TLS with both certificates checked (the host's signs on P-521).
//! The floor is a process that starts and does nothing.

use std::io::BufRead;
use std::io::BufReader;
use std::os::unix::net::UnixStream;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rcgen::CertificateParams;
use rcgen::KeyPair;
use rustls::ClientConfig;
use rustls::ClientConnection;
use rustls::DigitallySignedStruct;
use rustls::SignatureScheme;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::client::danger::ServerCertVerified;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::ServerName;
use rustls::pki_types::UnixTime;

use crate::Ended;
use crate::Promise;
use crate::Row;

const RUNS: usize = 25;
/// What Terraform sets so that a plugin knows who started it.
const COOKIE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

pub(crate) fn measure() -> Vec<Row> {
    let host = Host::new();
    let runs = (0..RUNS).map(|_| host.shake_hands()).collect::<Vec<_>>();
    let times = runs.iter().map(|(time, _)| crate::milliseconds(*time)).collect();
    let memory = runs.iter().filter_map(|(_, memory)| *memory).collect::<Vec<_>>();
    let time = Row {
        what: "handshake with mutual TLS, from the start on",
        measured: crate::median(times),
        unit: "ms",
        promise: Promise::AtMost(10.0),
        floor: Some(crate::median((0..RUNS).map(|_| crate::milliseconds(start_of_nothing())).collect())),
    };
    let memory = (!memory.is_empty()).then(|| Row {
        what: "memory at handshake",
        measured: crate::median(memory),
        unit: "MB",
        promise: Promise::AtMost(12.0),
        floor: None,
    });
    [Some(time), memory].into_iter().flatten().collect()
}

/// What it takes to start a process and to hear that it ended.
fn start_of_nothing() -> Duration {
    let start = Instant::now();
    assert!(Command::new("true").status().unwrap().success());
    start.elapsed()
}

/// Terraform's side: a certificate of its own on P-521.
struct Host {
    certificate: rcgen::Certificate,
    key: KeyPair,
    crypto: Arc<CryptoProvider>,
}

impl Host {
    fn new() -> Self {
        let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P521_SHA512).unwrap();
        let certificate =
            CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
        Self { certificate, key, crypto: Arc::new(rustls::crypto::aws_lc_rs::default_provider()) }
    }

    /// How long it took, and the memory that the provider had by then.
    fn shake_hands(&self) -> (Duration, Option<f64>) {
        let start = Instant::now();
        let mut provider = Command::new(crate::provider())
            .env("TF_PLUGIN_MAGIC_COOKIE", COOKIE)
            .env("PLUGIN_PROTOCOL_VERSIONS", "5,6")
            .env("PLUGIN_CLIENT_CERT", self.certificate.pem())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map(Ended)
            .unwrap();
        let mut line = String::new();
        BufReader::new(provider.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
        self.connect(&line);
        (start.elapsed(), crate::most_memory(provider.0.id()))
    }

    fn connect(&self, line: &str) {
        let fields = line.trim().split('|').collect::<Vec<_>>();
        let [_, _, "unix", socket, "grpc", certificate, ..] = fields.as_slice() else {
            panic!("not a handshake over a Unix socket: {line}");
        };
        let pinned = CertificateDer::from(STANDARD_NO_PAD.decode(certificate).unwrap());
        let config = ClientConfig::builder_with_provider(self.crypto.clone())
            .with_safe_default_protocol_versions()
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Pinned {
                certificate: pinned,
                crypto: self.crypto.clone(),
            }))
            .with_client_auth_cert(
                vec![self.certificate.der().clone()],
                PrivatePkcs8KeyDer::from(self.key.serialize_der()).into(),
            )
            .unwrap();
        let mut socket = UnixStream::connect(socket).unwrap();
        let mut tls =
            ClientConnection::new(Arc::new(config), ServerName::try_from("localhost").unwrap()).unwrap();
        while tls.is_handshaking() {
            tls.complete_io(&mut socket).unwrap();
        }
    }
}

/// Trusts the one certificate that the handshake line names.
#[derive(Debug)]
struct Pinned {
    certificate: CertificateDer<'static>,
    crypto: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if *end_entity == self.certificate {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(rustls::CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.crypto.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.crypto.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.crypto.signature_verification_algorithms.supported_schemes()
    }
}
