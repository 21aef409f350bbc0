//! Evidence and what the controls say of it to a report. Pure.
//!
//! INVARIANT: a report is a function of what was read and of the judge:
//! the same keys in the same state give the same report, byte for byte, but
//! for its time.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;

use time::OffsetDateTime;

use super::collect::{CollectedKey, Collection};
use super::facts::key_facts;
use super::record::{KeyRecord, gaps};
use super::scope::Place;
use super::unasked::Unasked;
use crate::controls::contract::doc::ControlId;
use crate::controls::contract::doc::Severity;
use crate::controls::contract::facts::KeyFacts;
use crate::controls::contract::finding::Finding;
use crate::controls::contract::finding::Status;

/// What an audit found.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The account and region.
    pub place: Place,
    /// When the reading began.
    pub time: OffsetDateTime,
    /// Every key in the order of the ids, each with its findings in the order of the controls.
    pub keys: Vec<AuditedKey>,
    /// The findings counted.
    pub summary: Summary,
    /// What was not looked at.
    pub coverage: Coverage,
}

/// One key and what the controls say of it.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditedKey {
    /// The key as data.
    pub record: KeyRecord,
    /// One finding per control.
    pub findings: Vec<Finding>,
}

/// The findings counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Findings by status; every status is there.
    pub by_status: BTreeMap<&'static str, usize>,
    /// Failed findings by severity; every severity is there.
    pub failed_by_severity: BTreeMap<&'static str, usize>,
}

/// What was not looked at, and why.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Keys that AWS manages and that were left alone.
    pub aws_managed: usize,
    /// Keys that were gone when they were asked for.
    pub vanished: Vec<String>,
    /// Reads that failed.
    pub gaps: Vec<Gap>,
    /// Reads that were not made, one entry per reason.
    pub not_asked: Vec<NotAsked>,
}

/// Reads that were not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAsked {
    /// Why.
    pub reason: Unasked,
    /// Of how many keys.
    pub keys: usize,
}

/// One read that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The key.
    pub key_id: String,
    /// What was to be read: `key policy`.
    pub read: &'static str,
    /// Why it was not readable.
    pub reason: String,
}

/// Has every key judged. `checks` limits the findings to these controls; `None`
/// keeps all.
pub fn evaluate(
    collection: Collection,
    judge: impl Fn(&KeyFacts) -> Vec<Finding>,
    checks: Option<&BTreeSet<ControlId>>,
) -> Report {
    let time = collection.time;
    let coverage = Coverage {
        aws_managed: collection.aws_managed,
        vanished: collection.vanished.iter().map(ToString::to_string).collect(),
        gaps: collection.keys.iter().flat_map(key_gaps).collect(),
        not_asked: not_asked(&collection.keys),
    };
    let asked = |finding: &Finding| checks.is_none_or(|checks| checks.contains(&finding.control));
    let audit = |key: CollectedKey| AuditedKey {
        record: KeyRecord::of(&key),
        findings: judge(&key_facts(&key, time)).into_iter().filter(asked).collect(),
    };
    let keys: Vec<AuditedKey> = collection.keys.into_iter().map(audit).collect();
    Report { place: collection.place, time, summary: Summary::of(&keys), keys, coverage }
}

impl Report {
    /// Every finding with its key, in order.
    pub fn findings(&self) -> impl Iterator<Item = (&KeyRecord, &Finding)> {
        self.keys.iter().flat_map(|key| key.findings.iter().map(|finding| (&key.record, finding)))
    }

    /// `Some(false)` when anything fails, `None` when nothing fails and something
    /// is unknown, `Some(true)` otherwise. Waived findings do not count.
    pub fn compliant(&self) -> Option<bool> {
        match (self.summary.count(Status::Fail), self.summary.count(Status::Unknown)) {
            (0, 0) => Some(true),
            (0, _) => None,
            _ => Some(false),
        }
    }

    /// Whether any control had something to say of any key. A report without
    /// keys is compliant too, but shows nothing.
    pub fn judged(&self) -> bool {
        self.findings().any(|(_, finding)| finding.status != Status::NotApplicable)
    }

    /// The greatest severity among the failed findings.
    pub fn worst_failure(&self) -> Option<Severity> {
        let failed = self.findings().filter(|(_, finding)| finding.status == Status::Fail);
        failed.map(|(_, finding)| finding.severity).max()
    }
}

impl AuditedKey {
    /// The status that matters most among its findings.
    pub fn status(&self) -> Status {
        let has = |status: &Status| self.findings.iter().any(|finding| finding.status == *status);
        STATUSES.into_iter().find(has).unwrap_or(Status::NotApplicable)
    }
}

impl Summary {
    pub(crate) fn of(keys: &[AuditedKey]) -> Self {
        let mut by_status: BTreeMap<_, _> = STATUSES.iter().map(|status| (status.as_str(), 0)).collect();
        let mut failed_by_severity: BTreeMap<_, _> =
            SEVERITIES.iter().map(|severity| (severity.as_str(), 0)).collect();
        for finding in keys.iter().flat_map(|key| &key.findings) {
            add_one(&mut by_status, finding.status.as_str());
            if finding.status == Status::Fail {
                add_one(&mut failed_by_severity, finding.severity.as_str());
            }
        }
        Self { by_status, failed_by_severity }
    }

    /// How many findings have this status.
    pub fn count(&self, status: Status) -> usize {
        self.by_status.get(status.as_str()).copied().unwrap_or(0)
    }
}

fn add_one(counts: &mut BTreeMap<&'static str, usize>, name: &'static str) {
    let count = counts.entry(name).or_default();
    *count = count.saturating_add(1);
}

fn key_gaps(key: &CollectedKey) -> Vec<Gap> {
    let gap = |(read, reason)| Gap { key_id: key.id.to_string(), read, reason };
    gaps(key).into_iter().map(gap).collect()
}

fn not_asked(keys: &[CollectedKey]) -> Vec<NotAsked> {
    let mut counts: BTreeMap<Unasked, usize> = BTreeMap::new();
    for unasked in keys.iter().filter_map(|key| key.unasked) {
        let count = counts.entry(unasked).or_default();
        *count = count.saturating_add(1);
    }
    counts.into_iter().map(|(reason, keys)| NotAsked { reason, keys }).collect()
}

/// As one line: `grants of 5001 keys: not asked, because …`.
impl fmt::Display for NotAsked {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = if self.keys == 1 { "key" } else { "keys" };
        let reads = self.reason.reads().join(", ");
        write!(formatter, "{reads} of {} {keys}: not asked, because {}", self.keys, self.reason)
    }
}

/// From what matters most to what matters least.
pub(crate) const STATUSES: [Status; 5] =
    [Status::Fail, Status::Unknown, Status::Waived, Status::Pass, Status::NotApplicable];

/// From the worst to the mildest.
pub(crate) const SEVERITIES: [Severity; 5] =
    [Severity::Critical, Severity::High, Severity::Medium, Severity::Low, Severity::Informational];
