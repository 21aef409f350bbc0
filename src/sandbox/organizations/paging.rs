//! Pages of a list: `MaxResults` (1 to 20), `NextToken`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::sandbox::organizations::errors::invalid_input;
use crate::sandbox::wire::Input;
use crate::sandbox::wire::Reply;
use crate::sandbox::wire::ServiceError;

/// The page that the request asks for, of items in the order of the id that
/// each is known by.
pub(super) fn page(input: Input<'_>, member: &str, items: impl Iterator<Item = (String, Value)>) -> Reply {
    let limit = input.within("MaxResults", 1, MOST)?.unwrap_or(MOST);
    let after = input.text("NextToken")?.map(unmark).transpose()?;
    let mut rest = items.filter(|(id, _)| after.as_ref().is_none_or(|after| id > after)).peekable();
    let mut items = Vec::new();
    let mut last = String::new();
    for (id, item) in rest.by_ref().take(usize::try_from(limit).unwrap_or(usize::MAX)) {
        items.push(item);
        last = id;
    }
    let mut answer = Map::new();
    answer.insert(member.to_owned(), Value::Array(items));
    if rest.peek().is_some() {
        answer.insert("NextToken".to_owned(), json!(URL_SAFE_NO_PAD.encode(last)));
    }
    Ok(Value::Object(answer))
}

fn unmark(token: &str) -> Result<String, ServiceError> {
    let invalid = || invalid_input("INVALID_NEXT_TOKEN", "The provided NextToken is not valid.");
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| invalid())?;
    String::from_utf8(bytes).map_err(|_| invalid())
}

/// The most items on a page, and as many as there are when nobody says.
const MOST: i64 = 20;
