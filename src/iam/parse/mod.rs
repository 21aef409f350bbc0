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
use crate::iam::policy::{Document, PolicyKind};

pub use error::ParseError;
pub(crate) use kind::is_managed_allow_all;
#[cfg(feature = "cli")]
pub(crate) use reader::object;

/// Reads a policy of the given kind.
///
/// The text may have at most 131,072 characters, what the KMS API's shape
/// permits for a key policy (botocore model, August 2026); quotas below that
/// are the linter's and the packer's business.
pub fn parse(text: &str, kind: PolicyKind) -> Result<Document, ParseError> {
    if text.len() > MAX_CHARACTERS && text.chars().count() > MAX_CHARACTERS {
        let message = format!("the policy has more than {MAX_CHARACTERS} characters");
        return Err(ParseError::new(crate::iam::policy::Position { line: 1, column: 1 }, message));
    }
    from_node(&json::read(text)?, kind)
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

const MAX_CHARACTERS: usize = 131_072;

#[cfg(test)]
mod tests;
