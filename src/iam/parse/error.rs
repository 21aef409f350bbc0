//! What is wrong with a policy text, and where.

use crate::iam::policy::Position;

/// A policy could not be read. Prints as `line 3, column 5: found …, expected …`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {message}")]
pub struct ParseError {
    at: Position,
    message: String,
}

impl ParseError {
    pub(crate) fn new(at: Position, message: impl Into<String>) -> Self {
        Self { at, message: message.into() }
    }

    /// Where the fault is.
    pub fn at(&self) -> Position {
        self.at
    }

    /// What was found and what was expected, without the position.
    pub fn message(&self) -> &str {
        &self.message
    }
}
