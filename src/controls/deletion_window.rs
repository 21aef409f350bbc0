//! A key that is scheduled for deletion can still be saved for a minimum of
//! days.
//!
//! AWS keeps no window for a living key, so a living key is judged by the
//! window its configuration plans, and by none where nothing plans one.

use crate::controls::contract::doc::{ControlId, Doc, Reference, Severity};
use crate::controls::contract::facts::{DeletionFacts, KeyFacts, required};
use crate::controls::contract::guardrail::{Clause, Guardrail, Scope, Witness, WitnessCaller};
use crate::controls::contract::settings::{SettingError, SettingKind, SettingSpec, Settings, integer};
use crate::controls::contract::verdict::{Property, Verdict, Violation};
use crate::controls::{Control, Rule};
use crate::iam::policy::Comparison;
use crate::model::org::PolicyType;

/// The definition.
#[derive(Debug)]
pub(super) struct DeletionWindow;

#[derive(Debug)]
struct AtLeast {
    days: i64,
}

impl Control for DeletionWindow {
    fn id(&self) -> ControlId {
        ControlId("deletion-window")
    }

    fn argument(&self) -> &'static str {
        "deletion_window"
    }

    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn settings(&self) -> &'static [SettingSpec] {
        SETTINGS
    }

    fn shapes_key_policy(&self) -> bool {
        false
    }

    fn configure(&self, settings: &Settings) -> Result<Box<dyn Rule>, SettingError> {
        Ok(Box::new(AtLeast { days: integer(settings, MIN_DAYS, LONGEST) }))
    }
}

impl Rule for AtLeast {
    fn check(&self, key: &KeyFacts) -> Verdict {
        if let Some(verdict) = key.not_ours() {
            return verdict;
        }
        let deletion = match required(&key.deletion, "the deletion window") {
            Ok(deletion) => deletion,
            Err(undecided) => return undecided,
        };
        match deletion {
            DeletionFacts::Planned { window } => match required(window, "the deletion window") {
                Ok(window) => self.judge(*window),
                Err(undecided) => undecided,
            },
            DeletionFacts::NotScheduled => {
                Verdict::not_applicable("no deletion is scheduled; AWS keeps no window for a living key")
            }
            DeletionFacts::WaitingForReplicas { window } => self.judge(i64::from(*window)),
            DeletionFacts::Scheduled { date, now } => {
                let left =
                    date.unix_timestamp().saturating_sub(now.unix_timestamp()).div_euclid(SECONDS_PER_DAY);
                if left >= self.days {
                    return Verdict::satisfied(format!("the key is deleted in {left} days"));
                }
                Verdict::undecided(format!(
                    "the key is deleted in {left} days; AWS tells the date, not the window that was asked for"
                ))
            }
        }
    }

    fn guardrail(&self) -> Guardrail {
        if self.days <= SHORTEST {
            return Guardrail::not_expressible(
                "AWS itself accepts no window below 7 days, so nothing is left to deny",
            );
        }
        let short = |story, days: i64| {
            Witness::denied(story, WitnessCaller::Inside, ACTION).with(WINDOW_KEY, days.to_string())
        };
        let clause = Clause::new(PolicyType::ServiceControl, Scope::WherePlaced, "KmsDeletionWindow")
            .stating(|deny| {
                deny.actions([ACTION]).when(Comparison::NumericLessThan, WINDOW_KEY, [self.days.to_string()])
            })
            .witnessed(short("the shortest window AWS accepts", SHORTEST))
            .witnessed(short("one day below the minimum", self.days.saturating_sub(1)))
            .witnessed(
                Witness::spared("exactly the minimum", WitnessCaller::Inside, ACTION)
                    .with(WINDOW_KEY, self.days.to_string()),
            )
            .witnessed(
                Witness::spared("no window given, which AWS takes as 30", WitnessCaller::Inside, ACTION)
                    .with(WINDOW_KEY, LONGEST.to_string()),
            );
        Guardrail::of(vec![clause]).but_not(
            "imported key material can be deleted without any waiting period; `mfa-for-critical-operations` guards \
             that call",
        )
    }
}

impl AtLeast {
    fn judge(&self, window: i64) -> Verdict {
        if window >= self.days {
            return Verdict::satisfied(format!("the deletion window is {window} days"));
        }
        Verdict::Violated(vec![Violation {
            property: Property::DeletionWindow,
            found: format!("a deletion window of {window} days"),
            required: format!("at least {} days", self.days),
            fix: match self.days {
                LONGEST => "set `deletion_window_in_days` to 30".to_owned(),
                days => format!("set `deletion_window_in_days` to {days} or more"),
            },
        }])
    }
}

const ACTION: &str = "kms:ScheduleKeyDeletion";
const WINDOW_KEY: &str = "kms:ScheduleKeyDeletionPendingWindowInDays";
const MIN_DAYS: &str = "min_days";
// KMS API reference, `ScheduleKeyDeletion`, read 2026-11.
const SHORTEST: i64 = 7;
const LONGEST: i64 = 30;
const SECONDS_PER_DAY: i64 = 86_400;

static SETTINGS: &[SettingSpec] = &[SettingSpec {
    name: MIN_DAYS,
    kind: SettingKind::Integer { min: SHORTEST, max: LONGEST },
    doc: "The fewest days between scheduling a key's deletion and the deletion.",
    default: "30",
}];

static DOC: Doc = Doc {
    title: "Deletion must wait long enough to be noticed",
    severity: Severity::High,
    requires: "The deletion window of a key is at least `min_days` days.",
    why: "Everything encrypted under a key is lost with it, and nobody at AWS can bring it back. The window is the \
          only time in which a mistaken or malicious deletion can be cancelled, so it has to be long enough for \
          somebody to notice that the key is missing.",
    reach: "The service control policy denies `ScheduleKeyDeletion` with a shorter window. It cannot lengthen a \
            window that runs already, and it says nothing of imported key material, which is deleted at once. \
            Cancelling a deletion stays open to everybody whose own policies permit it.",
    evidence: "The planned `deletion_window_in_days`; for a key that is scheduled for deletion the date, from which \
               only the days left can be told; for a primary key that waits for its replicas the window itself.",
    remedy: "Set `deletion_window_in_days` to at least the minimum. For a key whose deletion runs with a shorter \
             window: cancel the deletion and schedule it again.",
    references: &[
        Reference { standard: "AWS Security Hub", requirement: "KMS.3" },
        Reference { standard: "NIST SP 800-53 Rev. 5", requirement: "SC-12, SC-12(2)" },
        Reference { standard: "PCI DSS 4.0.1", requirement: "3.7.1" },
    ],
};

#[cfg(test)]
mod tests;
