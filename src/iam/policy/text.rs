//! A string of a policy together with the place it was read from.

use std::fmt;
use std::hash::{Hash, Hasher};

/// A place in a JSON text. Lines and columns count from 1, columns in
/// characters; 0 and 0 mean "built by a program, not read".
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// A string of a policy. Compares, orders and hashes by its value alone.
#[derive(Debug, Clone)]
pub struct Text {
    value: String,
    at: Position,
}

impl Text {
    /// A string read at `at`.
    pub fn read(value: impl Into<String>, at: Position) -> Self {
        Self { value: value.into(), at }
    }

    /// The value.
    pub fn as_str(&self) -> &str {
        &self.value
    }

    /// Where it was read.
    pub fn at(&self) -> Position {
        self.at
    }
}

impl From<&str> for Text {
    fn from(value: &str) -> Self {
        Self::read(value, Position::default())
    }
}

impl From<String> for Text {
    fn from(value: String) -> Self {
        Self::read(value, Position::default())
    }
}

impl From<&String> for Text {
    fn from(value: &String) -> Self {
        Self::read(value.as_str(), Position::default())
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        &self.value
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.value)
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl Eq for Text {}

impl PartialOrd for Text {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Text {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.value.cmp(&other.value)
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}
