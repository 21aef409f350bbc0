//! What can be said of an unknown value before it is known.

use super::Number;

/// Promises about a value that is still unknown. All empty means nothing is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refinement {
    /// The value will not be null.
    pub not_null: bool,
    /// The string will start so; at most 256 bytes are kept by Terraform.
    pub prefix: Option<String>,
    /// The number will not be below this.
    pub lower: Option<Bound>,
    /// The number will not be above this.
    pub upper: Option<Bound>,
    /// The collection will have at least so many elements.
    pub min_length: Option<u64>,
    /// The collection will have at most so many elements.
    pub max_length: Option<u64>,
}

impl Refinement {
    /// The most common promise: there will be a value.
    pub fn not_null() -> Self {
        Self { not_null: true, ..Self::default() }
    }

    /// Whether nothing is promised.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// One end of a range of numbers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bound {
    /// Where the range ends.
    pub number: Number,
    /// Whether the end itself belongs to the range.
    pub inclusive: bool,
}
