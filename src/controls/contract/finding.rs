//! What is said of one key under one control, waivers applied: the row that
//! plans, audits and reports are made of.

use std::fmt;

use time::Date;

use crate::controls::contract::doc::{ControlId, Doc, Severity};
use crate::controls::contract::verdict::{Verdict, Violation};
use crate::controls::contract::waiver::Waiver;

/// The answer of one control about one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The control.
    pub control: ControlId,
    /// Its title.
    pub title: &'static str,
    /// How much harm a violation does.
    pub severity: Severity,
    /// What came out.
    pub status: Status,
    /// What is not as required; filled for `Fail` and `Waived` alone.
    pub violations: Vec<Violation>,
    /// What was seen, what is missing, or why the control does not concern the key.
    pub detail: String,
    /// How to mend a key that violates it.
    pub remedy: &'static str,
    /// The waiver that speaks of this key; beside `Fail` it is one that has expired.
    pub waiver: Option<Waiver>,
}

/// What came out of judging one key by one control.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// The key is as required.
    Pass,
    /// It is not.
    Fail,
    /// It cannot be said; never counts as a pass.
    Unknown,
    /// It is not as required, and a waiver in force accepts that.
    Waived,
    /// The control does not concern the key.
    NotApplicable,
}

impl Status {
    /// The status as one lower-case word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Unknown => "unknown",
            Self::Waived => "waived",
            Self::NotApplicable => "not_applicable",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl Finding {
    /// The finding that a verdict becomes, under the waiver that speaks of the key.
    pub(crate) fn new(
        control: ControlId,
        doc: &'static Doc,
        verdict: Verdict,
        waiver: Option<&Waiver>,
        today: Date,
    ) -> Self {
        let (status, violations, detail) = match verdict {
            Verdict::Satisfied { evidence } => (Status::Pass, Vec::new(), evidence),
            Verdict::Undecided { missing } => (Status::Unknown, Vec::new(), missing),
            Verdict::NotApplicable { reason } => (Status::NotApplicable, Vec::new(), reason),
            Verdict::Violated(violations) => {
                let (status, detail) = weigh(&violations, waiver, today);
                (status, violations, detail)
            }
        };
        let waiver = (!violations.is_empty()).then_some(waiver).flatten().cloned();
        let Doc { title, severity, remedy, .. } = *doc;
        Self { control, title, severity, status, violations, detail, remedy, waiver }
    }
}

fn weigh(violations: &[Violation], waiver: Option<&Waiver>, today: Date) -> (Status, String) {
    let found: Vec<String> = violations.iter().map(Violation::to_string).collect();
    let found = found.join("; ");
    match waiver {
        None => (Status::Fail, found),
        Some(Waiver { approved_by, expires, .. })
            if waiver.is_some_and(|waiver| waiver.has_expired(today)) =>
        {
            (Status::Fail, format!("{found}; the waiver approved by {approved_by} expired on {expires}"))
        }
        Some(Waiver { approved_by, reason, expires, .. }) => {
            (Status::Waived, format!("{found}; waived until {expires}, approved by {approved_by}: {reason}"))
        }
    }
}
