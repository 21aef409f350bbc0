//! AWS Signature Version 4, verified: the sandbox accepts a request only if
//! the secret of its access key signed these very bytes (AWS IAM user guide,
//! "Signature Version 4 for API requests", read 2026-11).
//!
//! Signatures are made with the time outside, not with the sandbox's clock.

use hyper::http::request::Parts;
use sha2::Digest as _;
use sha2::Sha256;
use time::Duration;
use time::OffsetDateTime;
use time::PrimitiveDateTime;
use time::macros::format_description;

use crate::sandbox::ids::hex;

/// What an `Authorization` header claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claim {
    /// The access key id.
    pub(crate) access_key: String,
    /// The day of the scope, `20261122`.
    pub(crate) date: String,
    /// The region of the scope.
    pub(crate) region: String,
    /// The service of the scope.
    pub(crate) service: String,
    /// The session token, if one was sent.
    pub(crate) token: Option<String>,
    signed_headers: Vec<String>,
    signature: String,
    timestamp: String,
}

/// Why a request is not believed to come from whom it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Distrust {
    /// Nothing was signed.
    Missing,
    /// The header does not have its parts.
    Incomplete(&'static str),
    /// No such access key, or not with this token.
    UnknownKey,
    /// The session is over.
    Expired,
    /// Another secret, or other bytes.
    WrongSignature,
    /// Signed too long ago, or in the future.
    Skewed,
}

/// Reads the claim of a request.
pub(crate) fn claim(parts: &Parts) -> Result<Claim, Distrust> {
    let authorization = header(parts, "authorization").ok_or(Distrust::Missing)?;
    let fields = authorization
        .strip_prefix("AWS4-HMAC-SHA256 ")
        .ok_or(Distrust::Incomplete("Authorization header requires the AWS4-HMAC-SHA256 algorithm."))?;
    let field =
        |name: &str| fields.split(',').find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='));
    let credential = field("Credential")
        .ok_or(Distrust::Incomplete("Authorization header requires 'Credential' parameter."))?;
    let signature = field("Signature")
        .ok_or(Distrust::Incomplete("Authorization header requires 'Signature' parameter."))?;
    let signed = field("SignedHeaders")
        .ok_or(Distrust::Incomplete("Authorization header requires 'SignedHeaders' parameter."))?;
    let timestamp = header(parts, "x-amz-date")
        .ok_or(Distrust::Incomplete("Authorization header requires existence of a 'X-Amz-Date' header."))?;
    let scope: Vec<&str> = credential.split('/').collect();
    let [access_key, date, region, service, "aws4_request"] = scope.as_slice() else {
        return Err(Distrust::Incomplete("Credential must have exactly 5 slash-delimited elements."));
    };
    Ok(Claim {
        access_key: (*access_key).to_owned(),
        date: (*date).to_owned(),
        region: (*region).to_owned(),
        service: (*service).to_owned(),
        token: header(parts, "x-amz-security-token").map(str::to_owned),
        signed_headers: signed.split(';').map(str::to_owned).collect(),
        signature: signature.to_owned(),
        timestamp: timestamp.to_owned(),
    })
}

impl Claim {
    /// Whether `secret` signed this request not long ago.
    pub(crate) fn verify(
        &self,
        parts: &Parts,
        body: &[u8],
        secret: &str,
        now: OffsetDateTime,
    ) -> Result<(), Distrust> {
        if !self.signed_headers.iter().any(|name| name == "host") || !self.timestamp.starts_with(&self.date) {
            return Err(Distrust::WrongSignature);
        }
        let expected = self.signature_of(parts, body, secret);
        if !same(expected.as_bytes(), self.signature.as_bytes()) {
            return Err(Distrust::WrongSignature);
        }
        let format = format_description!("[year][month][day]T[hour][minute][second]Z");
        let signed_at = PrimitiveDateTime::parse(&self.timestamp, format).map_err(|_| Distrust::Skewed)?;
        let apart = now.checked_sub(TOLERANCE).zip(now.checked_add(TOLERANCE));
        let fresh = apart.is_some_and(|(from, to)| (from..=to).contains(&signed_at.assume_utc()));
        if fresh { Ok(()) } else { Err(Distrust::Skewed) }
    }

    fn signature_of(&self, parts: &Parts, body: &[u8], secret: &str) -> String {
        let scope = format!("{}/{}/{}/aws4_request", self.date, self.region, self.service);
        let canonical = hex(&Sha256::digest(self.canonical_request(parts, body).as_bytes()));
        let to_sign = format!("AWS4-HMAC-SHA256\n{}\n{scope}\n{canonical}", self.timestamp);
        let mut key = hmac(format!("AWS4{secret}").as_bytes(), self.date.as_bytes());
        for part in [self.region.as_str(), self.service.as_str(), "aws4_request"] {
            key = hmac(&key, part.as_bytes());
        }
        hex(&hmac(&key, to_sign.as_bytes()))
    }

    fn canonical_request(&self, parts: &Parts, body: &[u8]) -> String {
        let mut canonical = format!("{}\n{}\n", parts.method, parts.uri.path());
        let mut query: Vec<&str> =
            parts.uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()).collect();
        query.sort_unstable();
        canonical.push_str(&query.join("&"));
        canonical.push('\n');
        for name in &self.signed_headers {
            canonical.push_str(name);
            canonical.push(':');
            let words: Vec<&str> = header(parts, name).unwrap_or_default().split_whitespace().collect();
            canonical.push_str(&words.join(" "));
            canonical.push('\n');
        }
        canonical.push('\n');
        canonical.push_str(&self.signed_headers.join(";"));
        canonical.push('\n');
        canonical.push_str(&hex(&Sha256::digest(body)));
        canonical
    }
}

fn header<'a>(parts: &'a Parts, name: &str) -> Option<&'a str> {
    parts.headers.get(name)?.to_str().ok()
}

/// HMAC-SHA256 (RFC 2104).
fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut block = [0_u8; 64];
    let hashed = Sha256::digest(key);
    let key = if key.len() > block.len() { hashed.as_slice() } else { key };
    block.iter_mut().zip(key).for_each(|(slot, byte)| *slot = *byte);
    let padded = |pad: u8| block.map(|byte| byte ^ pad);
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().into()
}

/// Compares without stopping at the first difference.
fn same(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len() && left.iter().zip(right).fold(0, |seen, (a, b)| seen | (a ^ b)) == 0
}

/// How far a signature's time may be from now (AWS allows five minutes).
const TOLERANCE: Duration = Duration::minutes(5);
