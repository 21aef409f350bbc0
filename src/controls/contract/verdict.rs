//! What a control answers.
//!
//! INVARIANT: a message never names the control; the caller puts the id in front.

use std::fmt;

/// Whether a key is as a control requires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is, for this reason.
    Satisfied {
        /// What was seen, for the report's evidence.
        evidence: String,
    },
    /// It is not.
    Violated(Vec<Violation>),
    /// It cannot be said yet, or was not readable. Never counts as satisfied.
    Undecided {
        /// What is missing.
        missing: String,
    },
    /// The requirement does not concern this key.
    NotApplicable {
        /// Why not.
        reason: String,
    },
}

impl Verdict {
    /// The key is as required.
    pub(crate) fn satisfied(evidence: impl Into<String>) -> Self {
        Self::Satisfied { evidence: evidence.into() }
    }

    /// It cannot be said.
    pub(crate) fn undecided(missing: impl Into<String>) -> Self {
        Self::Undecided { missing: missing.into() }
    }

    /// The requirement does not concern the key.
    pub(crate) fn not_applicable(reason: impl Into<String>) -> Self {
        Self::NotApplicable { reason: reason.into() }
    }

    /// What follows from these violations; without one the key is as required.
    pub(crate) fn of(violations: Vec<Violation>, evidence: impl Into<String>) -> Self {
        if violations.is_empty() { Self::satisfied(evidence) } else { Self::Violated(violations) }
    }
}

/// One way in which a key is not as required.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The property of the key that is wrong; the caller turns it into an attribute path.
    pub property: Property,
    /// What was found.
    pub found: String,
    /// What is required.
    pub required: String,
    /// What to do.
    pub fix: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "found {}, required is {}", self.found, self.required)
    }
}

/// The properties of a key that controls speak about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Property {
    /// Whether automatic rotation is on.
    Rotation,
    /// The days between rotations.
    RotationPeriod,
    /// The days before deletion.
    DeletionWindow,
    /// The tags as a whole.
    Tags,
    /// One tag.
    Tag(String),
    /// The key policy.
    Policy,
}
