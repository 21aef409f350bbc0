//! Pages of a list: `Limit`, `Marker`, `NextMarker`, `Truncated`.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::sandbox::paging::cut;
use crate::sandbox::paging::id_in;
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
        let page = cut(items, after.as_deref(), limit);
        let mut answer = Map::new();
        answer.insert(self.member.to_owned(), Value::Array(page.items));
        answer.insert("Truncated".to_owned(), json!(page.next.is_some()));
        if let Some(marker) = page.next {
            answer.insert("NextMarker".to_owned(), json!(marker));
        }
        Ok(Value::Object(answer))
    }
}

fn unmark(marker: &str) -> Result<String, ServiceError> {
    id_in(marker).ok_or_else(|| ServiceError::new("InvalidMarkerException", "Could not deserialize marker"))
}
