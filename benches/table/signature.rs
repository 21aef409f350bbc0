//! A signed request to AWS as bytes, to be sent over and over.

use std::fmt::Write;

use sha2::Digest;
use sha2::Sha256;
use time::OffsetDateTime;
use time::macros::format_description;

/// Who asks: the sandbox's own credentials.
const ACCESS_KEY: &str = "AKIAKEYRAILOPERATOR1";
const SECRET: &str = "sandbox-operator-secret";
const REGION: &str = "eu-west-1";
const HEADERS: &str = "content-type;host;x-amz-date;x-amz-target";

/// A POST to KMS as it goes over the wire.
pub(crate) fn kms_request(host: &str, operation: &str, body: &str) -> Vec<u8> {
    let format = format_description!("[year][month][day]T[hour][minute][second]Z");
    let now = OffsetDateTime::now_utc().format(format).unwrap();
    let (day, _) = now.split_once('T').unwrap();
    let scope = format!("{day}/{REGION}/kms/aws4_request");
    let headers = format!(
        "content-type:application/x-amz-json-1.1\nhost:{host}\nx-amz-date:{now}\nx-amz-target:TrentService.{operation}\n"
    );
    let canonical = format!("POST\n/\n\n{headers}\n{HEADERS}\n{}", hex(&Sha256::digest(body)));
    let to_sign = format!("AWS4-HMAC-SHA256\n{now}\n{scope}\n{}", hex(&Sha256::digest(canonical)));
    let key =
        scope.split('/').fold(format!("AWS4{SECRET}").into_bytes(), |key, part| hmac(&key, part.as_bytes()));
    let signature = hex(&hmac(&key, to_sign.as_bytes()));
    format!(
        "POST / HTTP/1.1\r\n{}authorization:AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/{scope}, SignedHeaders={HEADERS}, \
         Signature={signature}\r\ncontent-length:{}\r\n\r\n{body}",
        headers.replace('\n', "\r\n"),
        body.len(),
    )
    .into_bytes()
}

/// RFC 2104 over SHA-256.
fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = [0_u8; 64];
    for (place, byte) in block.iter_mut().zip(key) {
        *place = *byte;
    }
    let inner = Sha256::new().chain_update(block.map(|byte| byte ^ 0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(block.map(|byte| byte ^ 0x5c)).chain_update(inner).finalize().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}
