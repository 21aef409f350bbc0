//! Pages of a list: `Limit`, `Marker`, `NextMarker`, `Truncated`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::sandbox::wire::Input;
use crate::sandbox::wire::Reply;
use crate::sandbox::wire::ServiceError;

/// How long the pages of an operation are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pages {
    /// The member that holds the list.
    pub(super) member: &'static str,
    /// Items on a page when the caller does not say.
    pub(super) usual: i64,
    /// The most a caller may ask for.
    pub(super) most: i64,
}

impl Pages {
    /// The page that the request asks for, of items in order with the id that
    /// each is known by.
    pub(super) fn answer(self, input: Input<'_>, items: impl Iterator<Item = (String, Value)>) -> Reply {
        let limit = input.within("Limit", 1, self.most)?.unwrap_or(self.usual);
        let after = input.bounded("Marker", 1_024)?.map(unmark).transpose()?;
        let mut rest = items.filter(|(id, _)| after.as_ref().is_none_or(|after| id > after)).peekable();
        let mut page = Vec::new();
        let mut last = String::new();
        for (id, item) in rest.by_ref().take(usize::try_from(limit).unwrap_or(usize::MAX)) {
            page.push(item);
            last = id;
        }
        let mut answer = Map::new();
        answer.insert(self.member.to_owned(), Value::Array(page));
        answer.insert("Truncated".to_owned(), json!(rest.peek().is_some()));
        if rest.peek().is_some() {
            answer.insert("NextMarker".to_owned(), json!(URL_SAFE_NO_PAD.encode(last)));
        }
        Ok(Value::Object(answer))
    }
}

fn unmark(marker: &str) -> Result<String, ServiceError> {
    let invalid = || ServiceError::new("InvalidMarkerException", "Could not deserialize marker");
    let bytes = URL_SAFE_NO_PAD.decode(marker).map_err(|_| invalid())?;
    String::from_utf8(bytes).map_err(|_| invalid())
}
