//! What parsed identifiers have in common: the error of a text that has the
//! wrong shape, and the macros that give each identifier its traits.
//!
//! INVARIANT: a value of an identifier type was accepted by that type's parser.

use std::fmt;

use thiserror::Error;

/// A text that does not have the shape its type asks for.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{found}` is not {article_and_noun}; expected {expected}")]
pub struct InvalidText {
    article_and_noun: &'static str,
    found: String,
    expected: &'static str,
}

impl InvalidText {
    /// `noun` with its article ("an account id"), the text found, and the shape
    /// that would have been right.
    pub(crate) fn new(
        article_and_noun: &'static str,
        found: impl fmt::Display,
        expected: &'static str,
    ) -> Self {
        Self { article_and_noun, found: found.to_string(), expected }
    }

    /// The shape that would have been accepted, in words.
    pub fn expected(&self) -> &'static str {
        self.expected
    }
}

/// The text with its first letter as a capital, as a sentence begins.
pub(crate) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    first + letters.as_str()
}

/// The names in backticks, one after the other with commas.
pub(crate) fn quoted(names: impl IntoIterator<Item = impl fmt::Display>) -> String {
    quoted_with(", ", names)
}

/// The names in backticks with `between` them, such as ` or `.
pub(crate) fn quoted_with(between: &str, names: impl IntoIterator<Item = impl fmt::Display>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(between)
}

/// A text type whose values passed `$check`.
macro_rules! checked_text {
    ($(#[$doc:meta])* $name:ident, $noun:literal, $expected:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The text as AWS writes it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::model::InvalidText;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let accepted: fn(&str) -> bool = $check;
                if accepted(text) {
                    return Ok(Self(text.to_owned()));
                }
                Err($crate::model::InvalidText::new($noun, text, $expected))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

/// An enumeration of AWS's that may grow: values not in our list are kept as
/// they came, so that a new one never breaks a read.
macro_rules! open_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
            /// A value AWS added after this list was written.
            Other(String),
        }

        impl $name {
            /// The value as AWS writes it.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)+
                    Self::Other(text) => text,
                }
            }

            /// Every value AWS documents, in AWS's spelling.
            pub const DOCUMENTED: &'static [&'static str] = &[$($text,)+];
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)+
                    other => Self::Other(other.to_owned()),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }
    };
}

/// A whole number of days within AWS's range.
macro_rules! days {
    ($(#[$doc:meta])* $name:ident, $noun:literal, $low:literal ..= $high:literal, $expected:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u16);

        impl $name {
            /// The fewest days AWS accepts.
            pub const MIN: Self = Self($low);
            /// The most days AWS accepts.
            pub const MAX: Self = Self($high);

            /// The number of days.
            pub fn get(self) -> u16 {
                self.0
            }
        }

        impl TryFrom<i64> for $name {
            type Error = $crate::model::InvalidText;

            fn try_from(days: i64) -> Result<Self, Self::Error> {
                match u16::try_from(days) {
                    Ok(days @ $low..=$high) => Ok(Self(days)),
                    _ => Err($crate::model::InvalidText::new($noun, days, $expected)),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(formatter)
            }
        }
    };
}

pub(crate) use {checked_text, days, open_enum};

/// Whether `text` has `length` characters, all accepted by `accepted`.
pub(crate) fn all(text: &str, length: std::ops::RangeInclusive<usize>, accepted: fn(char) -> bool) -> bool {
    length.contains(&text.chars().count()) && text.chars().all(accepted)
}

/// Lower-case letters and digits, the alphabet of ids in an organisation.
pub(crate) fn lower_alphanumeric(character: char) -> bool {
    character.is_ascii_lowercase() || character.is_ascii_digit()
}
