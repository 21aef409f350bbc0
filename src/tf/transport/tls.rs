//! Mutual TLS between two processes that trust exactly one certificate each.
//!
//! The host's certificate is pinned byte for byte. It cannot be verified the
//! usual way: it is a CA certificate used as a leaf, which webpki refuses, with
//! a P-521 key, which of rustls' back ends only aws-lc-rs verifies.

use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, ServerConfig, SignatureScheme};
use tokio_rustls::TlsAcceptor;

use crate::tf::error::Error;

/// Our side of TLS.
pub(crate) struct Tls {
    /// Makes encrypted connections of plain ones.
    pub(crate) acceptor: TlsAcceptor,
    /// Our certificate in DER, which the host is told and pins in turn.
    pub(crate) certificate: Vec<u8>,
}

impl Tls {
    /// A fresh certificate for us, and room for nobody but the owner of `host_pem`.
    pub(crate) fn pinned_to(host_pem: &str) -> Result<Self, Error> {
        let host = CertificateDer::from_pem_slice(host_pem.as_bytes())
            .map_err(Error::start("`PLUGIN_CLIENT_CERT` is not a certificate in PEM"))?;
        let own = rcgen::generate_simple_self_signed(["localhost".to_owned()])
            .map_err(Error::start("no certificate could be made"))?;
        let certificate = own.cert.der().to_vec();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(own.signing_key.serialize_der()));
        let config =
            configure(host, own.cert.into(), key).map_err(Error::start("TLS could not be set up"))?;
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), certificate })
    }
}

fn configure(
    host: CertificateDer<'static>,
    own: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, rustls::Error> {
    // Named, because the process default panics where two back ends are linked.
    let provider = Arc::new(aws_lc_rs::default_provider());
    let pin = Arc::new(Pin { host, provider: Arc::clone(&provider) });
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(pin)
        .with_single_cert(vec![own], key)?;
    // gRPC clients since grpc-go 1.67 refuse a server that does not choose it.
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(config)
}

/// Accepts one certificate. That its owner is at the other end is proven by
/// the handshake's signature, which is verified as usual.
#[derive(Debug)]
struct Pin {
    host: CertificateDer<'static>,
    provider: Arc<CryptoProvider>,
}

impl ClientCertVerifier for Pin {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        if *end_entity == self.host {
            Ok(ClientCertVerified::assertion())
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
