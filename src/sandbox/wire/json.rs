//! AWS JSON 1.1: the operation in `X-Amz-Target`, one JSON object each way.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::sandbox::wire::ServiceError;

/// The content type of both directions.
pub(crate) const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

/// The members of a request body; an empty body has none.
pub(crate) fn decode(body: &[u8]) -> Result<Map<String, Value>, ServiceError> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(ServiceError::serialization("the request body is not a JSON object")),
        Err(error) => Err(ServiceError::serialization(format!("the request body is not JSON: {error}"))),
    }
}

/// The body of a successful answer: operations without output answer nothing.
pub(crate) fn encode(output: &Value) -> Vec<u8> {
    if output.is_null() { Vec::new() } else { output.to_string().into_bytes() }
}

/// The body of an error. KMS writes `message`, Organizations `Message`; SDKs
/// read both, and so both are there.
pub(crate) fn encode_error(error: &ServiceError) -> Vec<u8> {
    let mut body = Map::new();
    body.insert("__type".to_owned(), json!(error.code));
    body.insert("message".to_owned(), json!(error.message));
    body.insert("Message".to_owned(), json!(error.message));
    if let Some((name, value)) = error.member {
        body.insert(name.to_owned(), json!(value));
    }
    Value::Object(body).to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn only_objects_are_requests() {
        assert!(decode(b"").unwrap().is_empty());
        assert_eq!(decode(b"[]").unwrap_err().message, "the request body is not a JSON object");
        assert_eq!(decode(b"{\"a\"").unwrap_err().code, "SerializationException");
    }
}
