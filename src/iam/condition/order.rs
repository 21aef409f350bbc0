//! The six relations that numbers and dates share.

use std::cmp::Ordering;

use crate::iam::condition::Truth;
use crate::iam::policy::Comparison;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Relation {
    /// The relation of a numeric or date comparison.
    pub(super) fn of(comparison: Comparison) -> Self {
        let name = comparison.as_str();
        let name = name.strip_prefix("Numeric").or_else(|| name.strip_prefix("Date")).unwrap_or(name);
        match name {
            "NotEquals" => Self::NotEqual,
            "LessThan" => Self::Less,
            "LessThanEquals" => Self::LessOrEqual,
            "GreaterThan" => Self::Greater,
            "GreaterThanEquals" => Self::GreaterOrEqual,
            _ => Self::Equal,
        }
    }

    /// What comes out alike for all values; `comparable`: of each operand
    /// whether it is a number or date at all.
    pub(super) fn holds_of_any_value(self, mut comparable: impl Iterator<Item = bool>) -> Truth {
        if comparable.any(|comparable| comparable) { Truth::Unknown } else { (self == Self::NotEqual).into() }
    }

    /// Whether a value satisfies: any operand, or for "not equal" every one.
    /// `None` stands for what is no number or date: it equals nothing and has
    /// no order, so only "not equal" holds of it (recorded answer of AWS).
    pub(super) fn holds(self, mut orders: impl Iterator<Item = Option<Ordering>>) -> bool {
        match self {
            Self::NotEqual => orders.all(|order| order != Some(Ordering::Equal)),
            Self::Equal => orders.any(|order| order == Some(Ordering::Equal)),
            Self::Less => orders.flatten().any(Ordering::is_lt),
            Self::LessOrEqual => orders.flatten().any(Ordering::is_le),
            Self::Greater => orders.flatten().any(Ordering::is_gt),
            Self::GreaterOrEqual => orders.flatten().any(Ordering::is_ge),
        }
    }
}
