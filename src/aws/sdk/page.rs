//! Whole lists out of pages.

use aws_smithy_async::future::pagination_stream::PaginationStream;

/// Every item of every page, or the failure of the first page that fails: half a
/// list is never mistaken for the whole.
pub(super) async fn all<Page, Item, Failure>(
    mut pages: PaginationStream<Result<Page, Failure>>,
    items: impl Fn(Page) -> Option<Vec<Item>>,
) -> Result<Vec<Item>, Failure> {
    let mut whole = Vec::new();
    while let Some(page) = pages.next().await {
        whole.extend(items(page?).unwrap_or_default());
    }
    Ok(whole)
}
