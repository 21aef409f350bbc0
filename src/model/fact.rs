//! What is known about one property at one moment.

/// A property that a plan may not know yet and an audit may not be allowed to
/// read.
///
/// Terraform's `null` is a known absence: `Fact::Known(None)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact<T> {
    /// The value is this.
    Known(T),
    /// The value will be known later: it depends on something not yet applied.
    Unknown,
    /// The value exists and could not be read; the reason is kept.
    Unreadable(String),
}

impl<T> Fact<T> {
    /// The value, if it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown | Self::Unreadable(_) => None,
        }
    }

    /// The same fact about something derived from the value.
    pub fn map<U>(self, derive: impl FnOnce(T) -> U) -> Fact<U> {
        match self {
            Self::Known(value) => Fact::Known(derive(value)),
            Self::Unknown => Fact::Unknown,
            Self::Unreadable(reason) => Fact::Unreadable(reason),
        }
    }

    /// The same fact, borrowed.
    pub fn as_ref(&self) -> Fact<&T> {
        match self {
            Self::Known(value) => Fact::Known(value),
            Self::Unknown => Fact::Unknown,
            Self::Unreadable(reason) => Fact::Unreadable(reason.clone()),
        }
    }
}
