//! What every control says about itself; messages, docs and reports are made
//! from it.

use std::fmt;

/// The id of a control: lower-case words joined by hyphens that state the
/// requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ControlId(pub &'static str);

impl fmt::Display for ControlId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

/// How much harm a violation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Informational,
    /// Little harm.
    Low,
    /// Some harm.
    Medium,
    /// Great harm.
    High,
    /// Data or access is lost.
    Critical,
}

impl Severity {
    /// The severity as one lower-case word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// A requirement of somebody else's that the control answers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference {
    /// Who asks, with the version: `CIS AWS Foundations 3.0`.
    pub standard: &'static str,
    /// The number there: `3.6`.
    pub requirement: &'static str,
}

/// The fixed headings of a control's page.
#[derive(Debug, Clone, Copy)]
pub struct Doc {
    /// A title of a few words.
    pub title: &'static str,
    /// How much harm a violation does.
    pub severity: Severity,
    /// What a compliant key looks like.
    pub requires: &'static str,
    /// What goes wrong without it.
    pub why: &'static str,
    /// What the guardrail can stop and what it cannot.
    pub reach: &'static str,
    /// Which facts the verdict rests on.
    pub evidence: &'static str,
    /// How to mend a key that violates it.
    pub remedy: &'static str,
    /// Who else asks for it.
    pub references: &'static [Reference],
}
