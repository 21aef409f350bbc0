//! The AWS query protocol: a form in, XML out. STS speaks it.
//!
//! Only scalar members and lists of scalars and of pairs are read
//! (`Tags.member.1.Key`), which is what the operations of STS have.

use std::borrow::Cow;
use std::collections::BTreeMap;

use quick_xml::escape::escape;
use serde_json::Value;

use crate::sandbox::wire::ServiceError;

/// The content type of requests.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// The content type of answers.
pub(crate) const CONTENT_TYPE: &str = "text/xml";

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// The parameters of a form.
#[derive(Debug, Clone)]
pub(crate) struct Form {
    parameters: BTreeMap<String, String>,
}

impl Form {
    /// Reads a form; of a parameter given twice, the last counts.
    pub(crate) fn decode(body: &[u8]) -> Self {
        let owned = |(name, value): (Cow<'_, str>, Cow<'_, str>)| (name.into_owned(), value.into_owned());
        Self { parameters: url::form_urlencoded::parse(body).map(owned).collect() }
    }

    /// A parameter, if it is there and not empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// A parameter the operation cannot do without.
    pub(crate) fn needed(&self, name: &str) -> Result<&str, ServiceError> {
        self.text(name).ok_or_else(|| {
            ServiceError::new(
                "ValidationError",
                format!(
                    "1 validation error detected: Value null at '{name}' failed to satisfy constraint: Member must \
                     not be null"
                ),
            )
        })
    }

    /// The pairs of a list of tags, `Tags.member.N.Key` and `.Value`.
    pub(crate) fn tags(&self) -> BTreeMap<String, String> {
        let pair = |number: usize| {
            let key = self.text(&format!("Tags.member.{number}.Key"))?;
            let value = self.parameters.get(&format!("Tags.member.{number}.Value")).cloned();
            Some((key.to_owned(), value.unwrap_or_default()))
        };
        (1..=50).map_while(pair).collect()
    }
}

/// A successful answer of `operation`.
pub(crate) fn encode(operation: &str, output: &Value, request_id: &str) -> Vec<u8> {
    let mut result = String::new();
    write_value(&mut result, output);
    format!(
        "<{operation}Response xmlns=\"{NAMESPACE}\"><{operation}Result>{result}</{operation}Result><ResponseMetadata>\
         <RequestId>{request_id}</RequestId></ResponseMetadata></{operation}Response>"
    )
    .into_bytes()
}

/// An error.
pub(crate) fn encode_error(error: &ServiceError, request_id: &str) -> Vec<u8> {
    let side = if error.status < 500 { "Sender" } else { "Receiver" };
    format!(
        "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>{side}</Type><Code>{}</Code><Message>{}</Message></Error>\
         <RequestId>{request_id}</RequestId></ErrorResponse>",
        error.code,
        escape(error.message.as_str())
    )
    .into_bytes()
}

fn write_value(body: &mut String, value: &Value) {
    match value {
        Value::Null => {}
        Value::Bool(flag) => body.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => body.push_str(&number.to_string()),
        Value::String(text) => body.push_str(&escape(text.as_str())),
        Value::Array(items) => items.iter().for_each(|item| write_member(body, "member", item)),
        Value::Object(members) => members.iter().for_each(|(name, member)| write_member(body, name, member)),
    }
}

fn write_member(body: &mut String, name: &str, value: &Value) {
    body.extend(["<", name, ">"]);
    write_value(body, value);
    body.extend(["</", name, ">"]);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Form;
    use super::encode;

    #[test]
    fn a_form_gives_its_parameters_and_tags() {
        let form = Form::decode(b"Action=AssumeRole&Tags.member.1.Key=team&Tags.member.1.Value=a%20b&Empty=");
        assert_eq!(form.text("Action"), Some("AssumeRole"));
        assert_eq!(form.text("Empty"), None);
        assert_eq!(form.tags().get("team").map(String::as_str), Some("a b"));
        assert_eq!(form.needed("RoleArn").unwrap_err().code, "ValidationError");
    }

    #[test]
    fn text_is_escaped_in_an_answer() {
        let body = encode("GetCallerIdentity", &json!({"Arn": "a<&>"}), "1");
        let text = String::from_utf8(body).unwrap();
        assert!(
            text.contains("<GetCallerIdentityResult><Arn>a&lt;&amp;&gt;</Arn></GetCallerIdentityResult>"),
            "{text}"
        );
    }
}
