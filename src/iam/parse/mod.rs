//! Policy text to policy tree.
//!
//! Refuses what AWS refuses for the given kind of policy, so that nothing is
//! judged that could not be stored: unknown elements and operators, duplicate
//! keys, wrong types. What AWS stores and then ignores (a key policy
//! statement without `Resource`) is read as written and judged inert.

mod error;
mod kind;
mod reader;

use crate::iam::json;
use crate::iam::policy::{Document, PolicyKind, Position};

pub use error::ParseError;
pub(crate) use kind::is_managed_allow_all;
#[cfg(feature = "cli")]
pub(crate) use reader::object;

/// Reads a policy of the given kind, of at most [`MAX_CHARACTERS`] and
/// [`MAX_DEPTH`](crate::iam::MAX_DEPTH).
pub fn parse(text: &str, kind: PolicyKind) -> Result<Document, ParseError> {
    if text.len() > MAX_CHARACTERS && text.chars().count() > MAX_CHARACTERS {
        let message = format!("the policy has more than {MAX_CHARACTERS} characters");
        return Err(ParseError::new(Position { line: 1, column: 1 }, message));
    }
    let document = from_node(&json::read(text)?, kind)?;
    only_taken(text, kind)?;
    Ok(document)
}

/// Refuses characters beyond Latin-1 where the API does: IAM, STS and KMS take
/// `[\u0009\u000A\u000D\u0020-\u00FF]+`, Organizations and EC2 anything (botocore
/// models, August 2026). An escape is ASCII, and so taken everywhere.
fn only_taken(text: &str, kind: PolicyKind) -> Result<(), ParseError> {
    match kind {
        PolicyKind::ServiceControl | PolicyKind::ResourceControl | PolicyKind::Endpoint => return Ok(()),
        PolicyKind::Identity
        | PolicyKind::PermissionBoundary
        | PolicyKind::Session
        | PolicyKind::Resource => {}
    }
    match first_beyond_latin(text) {
        None => Ok(()),
        Some((letter, at)) => Err(ParseError::new(
            at,
            format!(
                "found `{}`, expected characters up to U+00FF, as AWS takes no others here",
                letter.escape_debug()
            ),
        )),
    }
}

/// The first character after U+00FF, and where it is.
pub(crate) fn first_beyond_latin(text: &str) -> Option<(char, Position)> {
    if text.is_ascii() {
        return None;
    }
    (1..).zip(text.split('\n')).find_map(|(line, content)| {
        let mut letters = (1..).zip(content.chars());
        let (column, letter) = letters.find(|(_, letter)| *letter > '\u{ff}')?;
        Some((letter, Position { line, column }))
    })
}

/// Interprets JSON that has been read already.
pub(crate) fn from_node(node: &json::Node<'_>, kind: PolicyKind) -> Result<Document, ParseError> {
    let document = reader::document(node)?;
    kind::check(&document, kind, node.at)?;
    Ok(document)
}

/// Reads a policy of any kind: what only some kinds may have is let through.
pub(crate) fn any(text: &str) -> Result<Document, ParseError> {
    tree(&json::read(text)?)
}

/// Interprets JSON as a policy of any kind: what only some kinds may have is let through.
pub(crate) fn tree(node: &json::Node<'_>) -> Result<Document, ParseError> {
    reader::document(node)
}

/// Bytes as text; the place of the first that is not UTF-8 otherwise. Columns
/// count characters.
pub fn decode(bytes: &[u8]) -> Result<&str, ParseError> {
    let error = match std::str::from_utf8(bytes) {
        Ok(text) => return Ok(text),
        Err(error) => error,
    };
    let read = bytes.get(..error.valid_up_to()).and_then(|read| std::str::from_utf8(read).ok());
    let read = read.unwrap_or_default();
    let line = read.matches('\n').count().saturating_add(1);
    let column = read.rsplit('\n').next().unwrap_or_default().chars().count().saturating_add(1);
    let [line, column] = [line, column].map(|count| u32::try_from(count).unwrap_or(u32::MAX));
    let found = bytes.get(error.valid_up_to()).copied().unwrap_or_default();
    let message = format!("found the byte 0x{found:02x}, expected text in UTF-8");
    Err(ParseError::new(Position { line, column }, message))
}

/// The characters a policy may have: what the shape of KMS's API permits for a
/// key policy (botocore model, August 2026). Quotas below that are the linter's
/// and the packer's business. Every value, name and bracket takes one, so it
/// bounds their number as well.
pub const MAX_CHARACTERS: usize = 131_072;

#[cfg(test)]
mod tests;
