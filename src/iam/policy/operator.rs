//! Condition operators: a comparison, an optional quantifier, an optional
//! `IfExists` (IAM user guide, "Condition operators", read 2026-11).

use std::fmt;

/// What is compared, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are AWS's own and say everything")]
pub enum Comparison {
    ArnEquals,
    ArnLike,
    ArnNotEquals,
    ArnNotLike,
    BinaryEquals,
    Bool,
    DateEquals,
    DateGreaterThan,
    DateGreaterThanEquals,
    DateLessThan,
    DateLessThanEquals,
    DateNotEquals,
    IpAddress,
    NotIpAddress,
    Null,
    NumericEquals,
    NumericGreaterThan,
    NumericGreaterThanEquals,
    NumericLessThan,
    NumericLessThanEquals,
    NumericNotEquals,
    StringEquals,
    StringEqualsIgnoreCase,
    StringLike,
    StringNotEquals,
    StringNotEqualsIgnoreCase,
    StringNotLike,
}

/// How a comparison treats several request values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quantifier {
    /// At least one value satisfies.
    ForAnyValue,
    /// Every value satisfies; no value at all satisfies too.
    ForAllValues,
}

/// A whole operator, such as `ForAnyValue:StringLikeIfExists`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Operator {
    /// The set prefix.
    pub quantifier: Option<Quantifier>,
    /// The comparison itself.
    pub comparison: Comparison,
    /// Whether a missing key satisfies.
    pub if_exists: bool,
}

impl Operator {
    /// Reads an operator as AWS spells it. `None` for anything else; `Null`
    /// takes neither prefix nor suffix.
    pub fn parse(text: &str) -> Option<Self> {
        let (quantifier, rest) = if let Some(rest) = text.strip_prefix("ForAnyValue:") {
            (Some(Quantifier::ForAnyValue), rest)
        } else if let Some(rest) = text.strip_prefix("ForAllValues:") {
            (Some(Quantifier::ForAllValues), rest)
        } else {
            (None, text)
        };
        let (name, if_exists) = match rest.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (rest, false),
        };
        let comparison = *Comparison::ALL.iter().find(|comparison| comparison.as_str() == name)?;
        let decorated = quantifier.is_some() || if_exists;
        (comparison != Comparison::Null || !decorated).then_some(Self { quantifier, comparison, if_exists })
    }

    /// The same operator, satisfied by a missing key.
    #[must_use]
    pub const fn if_exists(self) -> Self {
        Self { if_exists: true, ..self }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.quantifier {
            None => "",
            Some(Quantifier::ForAnyValue) => "ForAnyValue:",
            Some(Quantifier::ForAllValues) => "ForAllValues:",
        })?;
        f.write_str(self.comparison.as_str())?;
        f.write_str(if self.if_exists { "IfExists" } else { "" })
    }
}

impl From<Comparison> for Operator {
    fn from(comparison: Comparison) -> Self {
        Self { quantifier: None, comparison, if_exists: false }
    }
}

impl Comparison {
    /// Every comparison, by name.
    pub const ALL: [Self; 27] = [
        Self::ArnEquals,
        Self::ArnLike,
        Self::ArnNotEquals,
        Self::ArnNotLike,
        Self::BinaryEquals,
        Self::Bool,
        Self::DateEquals,
        Self::DateGreaterThan,
        Self::DateGreaterThanEquals,
        Self::DateLessThan,
        Self::DateLessThanEquals,
        Self::DateNotEquals,
        Self::IpAddress,
        Self::NotIpAddress,
        Self::Null,
        Self::NumericEquals,
        Self::NumericGreaterThan,
        Self::NumericGreaterThanEquals,
        Self::NumericLessThan,
        Self::NumericLessThanEquals,
        Self::NumericNotEquals,
        Self::StringEquals,
        Self::StringEqualsIgnoreCase,
        Self::StringLike,
        Self::StringNotEquals,
        Self::StringNotEqualsIgnoreCase,
        Self::StringNotLike,
    ];

    /// AWS's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ArnEquals => "ArnEquals",
            Self::ArnLike => "ArnLike",
            Self::ArnNotEquals => "ArnNotEquals",
            Self::ArnNotLike => "ArnNotLike",
            Self::BinaryEquals => "BinaryEquals",
            Self::Bool => "Bool",
            Self::DateEquals => "DateEquals",
            Self::DateGreaterThan => "DateGreaterThan",
            Self::DateGreaterThanEquals => "DateGreaterThanEquals",
            Self::DateLessThan => "DateLessThan",
            Self::DateLessThanEquals => "DateLessThanEquals",
            Self::DateNotEquals => "DateNotEquals",
            Self::IpAddress => "IpAddress",
            Self::NotIpAddress => "NotIpAddress",
            Self::Null => "Null",
            Self::NumericEquals => "NumericEquals",
            Self::NumericGreaterThan => "NumericGreaterThan",
            Self::NumericGreaterThanEquals => "NumericGreaterThanEquals",
            Self::NumericLessThan => "NumericLessThan",
            Self::NumericLessThanEquals => "NumericLessThanEquals",
            Self::NumericNotEquals => "NumericNotEquals",
            Self::StringEquals => "StringEquals",
            Self::StringEqualsIgnoreCase => "StringEqualsIgnoreCase",
            Self::StringLike => "StringLike",
            Self::StringNotEquals => "StringNotEquals",
            Self::StringNotEqualsIgnoreCase => "StringNotEqualsIgnoreCase",
            Self::StringNotLike => "StringNotLike",
        }
    }

    /// Whether a missing key satisfies the plain operator.
    pub const fn is_negated(self) -> bool {
        matches!(
            self,
            Self::ArnNotEquals
                | Self::ArnNotLike
                | Self::DateNotEquals
                | Self::NotIpAddress
                | Self::NumericNotEquals
                | Self::StringNotEquals
                | Self::StringNotEqualsIgnoreCase
                | Self::StringNotLike
        )
    }

    /// This comparison, satisfied by a missing key.
    pub const fn if_exists(self) -> Operator {
        Operator { quantifier: None, comparison: self, if_exists: true }
    }

    /// At least one request value satisfies; a missing key does not.
    pub const fn for_any_value(self) -> Operator {
        Operator { quantifier: Some(Quantifier::ForAnyValue), comparison: self, if_exists: false }
    }

    /// Every request value satisfies; a missing key does too.
    pub const fn for_all_values(self) -> Operator {
        Operator { quantifier: Some(Quantifier::ForAllValues), comparison: self, if_exists: false }
    }
}
