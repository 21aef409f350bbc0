//! What is known of one field when a resource reads it as a Rust type.

/// A field's content: known, known to be absent, or not known before apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field<T> {
    /// Known and present.
    Known(T),
    /// Known to be absent: `null`, or never written.
    Null,
    /// Known only after apply.
    Unknown,
}

impl<T> Field<T> {
    /// The content, if it is known and present.
    pub fn known(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Null | Self::Unknown => None,
        }
    }

    /// Whether the field is known to be absent.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether the field is known only after apply.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// The same state of knowledge about something made from the content.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Field<U> {
        match self {
            Self::Known(value) => Field::Known(make(value)),
            Self::Null => Field::Null,
            Self::Unknown => Field::Unknown,
        }
    }

    /// The same, where making can fail.
    pub fn try_map<U, E>(self, make: impl FnOnce(T) -> Result<U, E>) -> Result<Field<U>, E> {
        Ok(match self {
            Self::Known(value) => Field::Known(make(value)?),
            Self::Null => Field::Null,
            Self::Unknown => Field::Unknown,
        })
    }

    /// Puts `default` where the field is absent; unknown stays unknown.
    #[must_use]
    pub fn or(self, default: T) -> Self {
        match self {
            Self::Known(_) | Self::Unknown => self,
            Self::Null => Self::Known(default),
        }
    }
}
