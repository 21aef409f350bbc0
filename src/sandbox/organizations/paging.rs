//! Pages of a list: `MaxResults` (1 to 20), `NextToken`.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::sandbox::organizations::errors::invalid_input;
use crate::sandbox::paging::cut;
use crate::sandbox::paging::id_in;
use crate::sandbox::wire::Input;
use crate::sandbox::wire::Reply;
use crate::sandbox::wire::ServiceError;

/// The page that the request asks for, of items in the order of the id that
/// each is known by.
pub(super) fn page(input: Input<'_>, member: &str, items: impl Iterator<Item = (String, Value)>) -> Reply {
    let limit = input.within("MaxResults", 1, MOST)?.unwrap_or(MOST);
    let after = input.text("NextToken")?.map(unmark).transpose()?;
    let page = cut(items, after.as_deref(), limit);
    let mut answer = Map::new();
    answer.insert(member.to_owned(), Value::Array(page.items));
    if let Some(token) = page.next {
        answer.insert("NextToken".to_owned(), json!(token));
    }
    Ok(Value::Object(answer))
}

fn unmark(token: &str) -> Result<String, ServiceError> {
    id_in(token).ok_or_else(|| invalid_input("INVALID_NEXT_TOKEN", "The provided NextToken is not valid."))
}

/// The most items on a page, and as many as there are when nobody says.
const MOST: i64 = 20;
