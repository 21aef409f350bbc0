//! Cutting a list into pages. What members a page has differs from service to
//! service; the token does not: it is the id of the last item, in base64.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// One page of a list.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) items: Vec<Value>,
    /// The token of the next page, if there is one.
    pub(crate) next: Option<String>,
}

/// The page of at most `limit` items that follows the item `after`, of items in
/// the order of the id that each is known by.
pub(crate) fn cut(items: impl Iterator<Item = (String, Value)>, after: Option<&str>, limit: i64) -> Page {
    let mut rest = items.filter(|(id, _)| after.is_none_or(|after| id.as_str() > after)).peekable();
    let mut page = Vec::new();
    let mut last = String::new();
    for (id, item) in rest.by_ref().take(usize::try_from(limit).unwrap_or(usize::MAX)) {
        page.push(item);
        last = id;
    }
    let next = rest.peek().map(|_| URL_SAFE_NO_PAD.encode(last));
    Page { items: page, next }
}

/// The id in a token that [`cut`] made.
pub(crate) fn id_in(token: &str) -> Option<String> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(token).ok()?).ok()
}
