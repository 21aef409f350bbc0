//! A report as JSON. Key order and array order are fixed, so that two reports
//! can be compared line by line.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::audit::evaluate::{NotAsked, Report};
use crate::audit::record::{KeyRecord, written};
use crate::controls::contract::finding::Finding;
use crate::model::account::AccountId;

/// The report as indented JSON with a final newline.
pub fn json(report: &Report) -> String {
    let mut text = serde_json::to_string_pretty(&Document::of(report)).unwrap_or_default();
    text.push('\n');
    text
}

/// The report as compact JSON without its time: it changes only when a key or
/// a control does.
pub fn timeless_json(report: &Report) -> String {
    let document = Document { time: None, ..Document::of(report) };
    serde_json::to_string(&document).unwrap_or_default()
}

/// The key records alone, as compact JSON: `{"input": [record…]}`, what a policy in Rego is asked about.
pub fn opa_input(report: &Report) -> String {
    let records: Vec<&KeyRecord> = report.keys.iter().map(|key| &key.record).collect();
    serde_json::to_string(&BTreeMap::from([("input", records)])).unwrap_or_default()
}

#[derive(Serialize)]
struct Document<'a> {
    account_id: Option<&'a str>,
    region: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    compliant: Option<bool>,
    summary: SummaryView<'a>,
    coverage: CoverageView<'a>,
    findings: Vec<FindingView<'a>>,
    keys: Vec<&'a KeyRecord>,
}

#[derive(Serialize)]
struct SummaryView<'a> {
    keys: usize,
    by_status: &'a BTreeMap<&'static str, usize>,
    failed_by_severity: &'a BTreeMap<&'static str, usize>,
}

#[derive(Serialize)]
struct CoverageView<'a> {
    aws_managed_keys: usize,
    vanished_keys: &'a [String],
    unreadable: Vec<GapView<'a>>,
    not_asked: Vec<NotAskedView>,
}

#[derive(Serialize)]
struct GapView<'a> {
    key_id: &'a str,
    read: &'a str,
    reason: &'a str,
}

#[derive(Serialize)]
struct NotAskedView {
    reads: &'static [&'static str],
    keys: usize,
    reason: String,
}

#[derive(Serialize)]
struct FindingView<'a> {
    key_id: &'a str,
    control_id: &'a str,
    severity: &'a str,
    status: &'a str,
    title: &'a str,
    detail: &'a str,
    remediation: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiver: Option<WaiverView<'a>>,
}

#[derive(Serialize)]
struct WaiverView<'a> {
    reason: &'a str,
    approved_by: &'a str,
    expires: String,
}

impl<'a> Document<'a> {
    fn of(report: &'a Report) -> Self {
        let gap = |gap: &'a crate::audit::evaluate::Gap| GapView {
            key_id: &gap.key_id,
            read: gap.read,
            reason: &gap.reason,
        };
        let not_asked = |not_asked: &NotAsked| NotAskedView {
            reads: not_asked.reason.reads(),
            keys: not_asked.keys,
            reason: not_asked.reason.to_string(),
        };
        Self {
            account_id: report.place.account.as_ref().map(AccountId::as_str),
            region: report.place.region.as_str(),
            time: written(report.time),
            compliant: report.compliant(),
            summary: SummaryView {
                keys: report.keys.len(),
                by_status: &report.summary.by_status,
                failed_by_severity: &report.summary.failed_by_severity,
            },
            coverage: CoverageView {
                aws_managed_keys: report.coverage.aws_managed,
                vanished_keys: &report.coverage.vanished,
                unreadable: report.coverage.gaps.iter().map(gap).collect(),
                not_asked: report.coverage.not_asked.iter().map(not_asked).collect(),
            },
            findings: report.findings().map(|(key, finding)| FindingView::of(key, finding)).collect(),
            keys: report.keys.iter().map(|key| &key.record).collect(),
        }
    }
}

impl<'a> FindingView<'a> {
    fn of(key: &'a KeyRecord, finding: &'a Finding) -> Self {
        Self {
            key_id: &key.key_id,
            control_id: finding.control.0,
            severity: finding.severity.as_str(),
            status: finding.status.as_str(),
            title: finding.title,
            detail: &finding.detail,
            remediation: finding.remedy,
            waiver: finding.waiver.as_ref().map(|waiver| WaiverView {
                reason: &waiver.reason,
                approved_by: &waiver.approved_by,
                expires: waiver.expires.to_string(),
            }),
        }
    }
}
