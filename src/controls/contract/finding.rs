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
    /// What is not as required; filled for `Fail`, and for `Waived` where that is what is waived.
    pub violations: Vec<Violation>,
    /// What was seen, what is missing, or why the control does not concern the key.
    pub detail: String,
    /// How to mend a key that violates it.
    pub remedy: &'static str,
    /// The waiver that speaks of this key; beside `Fail` and `Unknown` it is one that has expired.
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
    /// It is not as required, or that cannot be said, and a waiver in force accepts it.
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
                let found: Vec<String> = violations.iter().map(Violation::to_string).collect();
                (Status::Fail, violations, found.join("; "))
            }
        };
        let waiver = waiver.filter(|_| matches!(status, Status::Fail | Status::Unknown));
        let (status, detail) = match waiver {
            None => (status, detail),
            Some(waiver) => weigh(status, &detail, waiver, today),
        };
        let Doc { title, severity, remedy, .. } = *doc;
        Self { control, title, severity, status, violations, detail, remedy, waiver: waiver.cloned() }
    }
}

/// What a waiver makes of a violation or of what cannot be said.
fn weigh(status: Status, found: &str, waiver: &Waiver, today: Date) -> (Status, String) {
    let Waiver { approved_by, reason, expires, .. } = waiver;
    if waiver.has_expired(today) {
        return (status, format!("{found}; the waiver approved by {approved_by} expired on {expires}"));
    }
    (Status::Waived, format!("{found}; waived until {expires}, approved by {approved_by}: {reason}"))
}

#[cfg(test)]
mod tests {
    use time::Date;
    use time::macros::date;

    use super::{Finding, Status};
    use crate::controls::contract::verdict::Verdict;
    use crate::controls::contract::waiver::Waiver;
    use crate::controls::{CONTROLS, Control};

    fn waiver(expires: Date) -> Waiver {
        Waiver {
            control: CONTROLS[0].id(),
            key: "alias/legacy".to_owned(),
            reason: "AWS does not keep the window".to_owned(),
            approved_by: "security@example.com".to_owned(),
            expires,
        }
    }

    fn judged(verdict: Verdict, waiver: &Waiver) -> Finding {
        let control: &dyn Control = CONTROLS[0];
        Finding::new(control.id(), control.doc(), verdict, Some(waiver), date!(2026 - 11 - 22))
    }

    fn undecided() -> Verdict {
        Verdict::Undecided { missing: "who chose the window".to_owned() }
    }

    #[test]
    fn a_waiver_in_force_covers_what_is_unknown() {
        let waiver = waiver(date!(2026 - 11 - 22));
        let finding = judged(undecided(), &waiver);
        assert_eq!(
            (finding.status, finding.detail.as_str(), finding.waiver.as_ref()),
            (
                Status::Waived,
                "who chose the window; waived until 2026-11-22, approved by security@example.com: AWS does not keep \
                 the window",
                Some(&waiver)
            )
        );
    }

    #[test]
    fn what_is_unknown_is_unknown_again_once_its_waiver_has_expired() {
        let waiver = waiver(date!(2026 - 11 - 21));
        let finding = judged(undecided(), &waiver);
        assert_eq!(
            (finding.status, finding.detail.as_str(), finding.waiver.as_ref()),
            (
                Status::Unknown,
                "who chose the window; the waiver approved by security@example.com expired on 2026-11-21",
                Some(&waiver)
            )
        );
    }

    #[test]
    fn a_key_that_passes_needs_no_waiver() {
        let finding =
            judged(Verdict::Satisfied { evidence: "30 days".to_owned() }, &waiver(date!(2099 - 12 - 31)));
        assert_eq!(
            (finding.status, finding.detail.as_str(), finding.waiver),
            (Status::Pass, "30 days", None)
        );
    }
}
