//! Three-valued logic: what is so, what is not, and what hangs on unknown
//! condition keys.

/// Kleene's three values. The order makes "and" the smaller and "or" the
/// larger of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Truth {
    False,
    Unknown,
    True,
}

impl Truth {
    pub(crate) fn not(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
            Self::True => Self::False,
        }
    }

    pub(crate) fn negated_if(self, negated: bool) -> Self {
        if negated { self.not() } else { self }
    }

    /// What holds whichever of two it is.
    pub(crate) fn whichever(self, other: Self) -> Self {
        if self == other { self } else { Self::Unknown }
    }

    pub(crate) fn any(values: impl IntoIterator<Item = Self>) -> Self {
        let mut result = Self::False;
        for value in values {
            if value == Self::True {
                return value;
            }
            result = result.max(value);
        }
        result
    }

    pub(crate) fn all(values: impl IntoIterator<Item = Self>) -> Self {
        let mut result = Self::True;
        for value in values {
            if value == Self::False {
                return value;
            }
            result = result.min(value);
        }
        result
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}
