//! Whom to trust: the system's authorities, or those of a PEM file in their place.
//!
//! The SDK reads such a file when it connects for the first time, and panics on
//! what it cannot use. INVARIANT: a file that is handed to it was understood
//! here to the last certificate.

use std::path::{Path, PathBuf};

use aws_smithy_http_client::tls::{TlsContext, TrustStore};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{Error as PemError, PemObject, SectionKind};
use thiserror::Error;

/// The file with the authorities to trust cannot be read, or something in it is not a certificate.
#[derive(Debug, Error)]
#[error("the CA bundle `{}` {reason}", path.display())]
pub struct UnusableBundle {
    path: PathBuf,
    reason: String,
}

/// What the certificates of services are checked against.
pub(super) fn trusted(bundle: Option<&Path>) -> Result<TlsContext, UnusableBundle> {
    let Some(path) = bundle else { return Ok(TlsContext::default()) };
    let wrong = |reason: String| UnusableBundle { path: path.to_owned(), reason };
    let pem = std::fs::read(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    understood(&pem).map_err(wrong)?;
    let store = TrustStore::empty().with_pem_certificate(pem);
    let context = TlsContext::builder().with_trust_store(store).build();
    context.map_err(|error| wrong(format!("cannot be used: {error}")))
}

/// Reads the text as the SDK will. Sections that are no certificates do no harm.
fn understood(pem: &[u8]) -> Result<(), String> {
    let mut store = RootCertStore::empty();
    for (section, number) in <(SectionKind, Vec<u8>)>::pem_slice_iter(pem).zip(1_u32..) {
        let (kind, der) = section.map_err(|error| broken(&error, number))?;
        if kind == SectionKind::Certificate {
            let added = store.add(CertificateDer::from(der));
            added.map_err(|_| format!("has no X.509 certificate in its section {number}"))?;
        }
    }
    if store.is_empty() { Err("holds no PEM certificate".to_owned()) } else { Ok(()) }
}

fn broken(error: &PemError, section: u32) -> String {
    if matches!(error, PemError::MissingSectionEnd { .. }) {
        return format!("breaks off in its section {section}");
    }
    if let PemError::Base64Decode(reason) = error {
        return format!("has no base64 in its section {section}: {reason}");
    }
    format!("cannot be read in its section {section}: {error}")
}

#[cfg(test)]
mod tests {
    use super::understood;

    fn certificate() -> String {
        rcgen::generate_simple_self_signed(["ca".to_owned()]).unwrap().cert.pem()
    }

    #[test]
    fn every_certificate_of_a_bundle_is_read() {
        let bundle = format!("# two of them\n{}\n{}", certificate(), certificate());
        assert_eq!(understood(bundle.as_bytes()), Ok(()));
    }

    #[test]
    fn what_is_wrong_with_a_bundle_is_told_by_section() {
        let good = certificate();
        let cut = good.lines().take(3).collect::<Vec<_>>().join("\n");
        let noise = "-----BEGIN CERTIFICATE-----\nbm8gY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n";
        let key = rcgen::KeyPair::generate().unwrap().serialize_pem();
        for (bundle, reason) in [
            (format!("{good}{cut}"), "breaks off in its section 2"),
            (good.replacen("MII", "!!!", 1), "has no base64 in its section 1: "),
            (format!("{key}{good}{noise}"), "has no X.509 certificate in its section 3"),
            ("\u{0}garbage".to_owned(), "holds no PEM certificate"),
            (key, "holds no PEM certificate"),
            (String::new(), "holds no PEM certificate"),
        ] {
            let told = understood(bundle.as_bytes()).unwrap_err();
            assert!(told.starts_with(reason), "{told}");
        }
    }
}
