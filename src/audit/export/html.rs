//! A report as one HTML page that needs nothing else: no network, no fonts, no
//! images. Readable in light and dark, on paper, and without its script.
//!
//! INVARIANT: descriptions, aliases, tags and policies are written by others;
//! every text goes through maud's escaping, and the page's own policy lets no
//! script run but the one below.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use crate::audit::evaluate::{AuditedKey, Report, SEVERITIES, STATUSES};
use crate::audit::record::{GrantRecord, KeyRecord, TagRecord, written};
use crate::controls::contract::finding::Finding;
use crate::controls::contract::finding::Status;
use crate::model::capitalised;

/// The report as a self-contained HTML page.
pub fn html(report: &Report) -> String {
    let title = format!("KMS audit, {}", report.place);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content=(content_policy());
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (masthead(report))
                main {
                    (filters(report))
                    section aria-label="Keys" {
                        @for key in &report.keys { (card(key)) }
                        p.nothing hidden[!report.keys.is_empty()] { "No key to show." }
                    }
                    (coverage(report))
                }
                footer { "Made by keyrail. What could not be read is unknown, never a pass." }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    page.into_string()
}

fn masthead(report: &Report) -> Markup {
    let (tone, headline) = headline(report);
    let account = report.place.account.as_ref().map_or("unknown", |account| account.as_str());
    html! {
        header.(tone) {
            p.eyebrow { "KMS audit" }
            h1 { (headline) }
            dl.place {
                (fact("Account", account))
                (fact("Region", report.place.region.as_str()))
                (fact("Time", &written(report.time).unwrap_or_default()))
                (fact("Keys", &report.keys.len().to_string()))
            }
            (severities(report))
        }
    }
}

fn headline(report: &Report) -> (&'static str, String) {
    if !report.judged() {
        return ("unknown", "No key was judged".to_owned());
    }
    match (report.compliant(), report.summary.count(Status::Waived)) {
        (Some(true), 0) => ("pass", "Every key is as required".to_owned()),
        (Some(true), waived) => {
            ("waived", format!("Every key is as required, {} waived", counted(waived, "finding")))
        }
        (Some(false), _) => {
            let failing = report.keys.iter().filter(|key| has(key, Status::Fail)).count();
            ("fail", format!("{failing} of {} not as required", counted(report.keys.len(), "key")))
        }
        (None, _) => ("unknown", "Nothing fails, but not everything could be read".to_owned()),
    }
}

fn severities(report: &Report) -> Markup {
    let count = |name| report.summary.failed_by_severity.get(name).copied().unwrap_or(0);
    html! {
        @if report.summary.count(Status::Fail) > 0 {
            ul.severities aria-label="Failed findings by severity" {
                @for severity in SEVERITIES {
                    @let count = count(severity.as_str());
                    @if count > 0 {
                        li.(severity.as_str()) { b { (count) } " " (severity.as_str()) }
                    }
                }
            }
        }
    }
}

fn filters(report: &Report) -> Markup {
    html! {
        nav aria-label="Show keys" {
            button type="button" data-status="" aria-pressed="true" { "All keys" span { (report.keys.len()) } }
            @for status in STATUSES {
                @let keys = report.keys.iter().filter(|key| has(key, status)).count();
                button.(status.as_str()) type="button" data-status=(status.as_str()) aria-pressed="false"
                    disabled[keys == 0] { (word(status)) span { (keys) } }
            }
            input type="search" placeholder="Alias, id or tag" aria-label="Search keys";
        }
    }
}

fn card(key: &AuditedKey) -> Markup {
    let record = &key.record;
    let worst = key.status();
    let statuses: Vec<&str> =
        STATUSES.into_iter().filter(|status| has(key, *status)).map(Status::as_str).collect();
    html! {
        details.key data-status=(statuses.join(" ")) open[worst == Status::Fail || worst == Status::Unknown] {
            summary {
                (badge(worst))
                span.name { (record.name()) }
                @if record.name() != record.key_id { code { (record.key_id) } }
                span.state { (shown(record.key_state.as_deref())) }
            }
            table {
                thead { tr { th { "Status" } th { "Control" } th { "What was found" } } }
                tbody { @for finding in &key.findings { (row(finding)) } }
            }
            (particulars(record))
        }
    }
}

fn row(finding: &Finding) -> Markup {
    let mend = matches!(finding.status, Status::Fail | Status::Waived);
    html! {
        tr data-status=(finding.status.as_str()) {
            td { (badge(finding.status)) }
            td {
                (finding.title)
                div.small { code { (finding.control) } " " span.(finding.severity.as_str()) { (finding.severity.as_str()) } }
            }
            td {
                (prose(&finding.detail))
                @if mend { div.remedy { (prose(finding.remedy)) } }
            }
        }
    }
}

fn particulars(record: &KeyRecord) -> Markup {
    let rotation = match (record.key_rotation_enabled, record.rotation_period_in_days) {
        (Some(true), Some(days)) => format!("every {days} days"),
        (Some(true), None) => "on".to_owned(),
        (Some(false), _) => "off".to_owned(),
        (None, _) => "not readable".to_owned(),
    };
    html! {
        dl.particulars {
            (fact("ARN", &shown(record.key_arn.as_deref())))
            (fact("Description", &shown(record.description.as_deref())))
            (fact("Spec", &shown(record.key_spec.as_deref())))
            (fact("Usage", &shown(record.key_usage.as_deref())))
            (fact("Origin", &shown(record.origin.as_deref())))
            (fact("Rotation", &rotation))
            @if let Some(date) = &record.deletion_date { (fact("Deletion", date)) }
            div { dt { "Aliases" } dd { (list(record.aliases.as_deref(), alias)) } }
            div { dt { "Tags" } dd { (list(record.tags.as_deref(), tag)) } }
            div { dt { "Grants" } dd { (list(record.grants.as_deref(), grant)) } }
        }
        @if let Some(policy) = &record.key_policy {
            details.policy {
                summary { "Key policy" }
                pre { (serde_json::to_string_pretty(policy).unwrap_or_default()) }
            }
        }
    }
}

fn alias(alias: &String) -> Markup {
    html! { code { (alias) } }
}

fn tag(tag: &TagRecord) -> Markup {
    html! { code { (tag.key) "=" (tag.value) } }
}

fn grant(grant: &GrantRecord) -> Markup {
    html! { code { (grant.grantee_principal) } " may " (grant.operations.join(", ")) }
}

fn list<T>(items: Option<&[T]>, item: impl Fn(&T) -> Markup) -> Markup {
    html! {
        @match items {
            None => span.missing { "not readable" },
            Some([]) => span.missing { "none" },
            Some(items) => ul { @for one in items { li { (item(one)) } } },
        }
    }
}

fn coverage(report: &Report) -> Markup {
    let coverage = &report.coverage;
    html! {
        section.coverage {
            h2 { "What was not looked at" }
            p {
                "Keys that AWS manages and that were left alone: " (coverage.aws_managed) ". "
                @if coverage.gaps.is_empty() { "Every read that was made succeeded." }
                @else { (counted(coverage.gaps.len(), "read")) " failed; what would have been seen is unknown." }
            }
            @if !coverage.vanished.is_empty() {
                p { "Gone before they could be read: " (coverage.vanished.join(", ")) }
            }
            @for not_asked in &coverage.not_asked {
                p.unasked { (sentence(&not_asked.to_string())) }
            }
            @if !coverage.gaps.is_empty() {
                table {
                    thead { tr { th { "Key" } th { "Not read" } th { "Why" } } }
                    tbody {
                        @for gap in &coverage.gaps {
                            tr { td { code { (gap.key_id) } } td { (gap.read) } td { (gap.reason) } }
                        }
                    }
                }
            }
        }
    }
}

fn fact(name: &str, value: &str) -> Markup {
    html! { div { dt { (name) } dd { (value) } } }
}

fn badge(status: Status) -> Markup {
    html! { span.badge.(status.as_str()) { (word(status)) } }
}

/// Text whose parts between backticks are code.
fn prose(text: &str) -> Markup {
    html! {
        @for (position, part) in text.split('`').enumerate() {
            @if position % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

fn sentence(text: &str) -> String {
    format!("{}.", capitalised(text))
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

fn has(key: &AuditedKey, status: Status) -> bool {
    key.findings.iter().any(|finding| finding.status == status)
}

fn shown(text: Option<&str>) -> String {
    text.map_or("not readable", |text| if text.is_empty() { "none" } else { text }).to_owned()
}

fn word(status: Status) -> &'static str {
    match status {
        Status::Pass => "Pass",
        Status::Fail => "Fail",
        Status::Unknown => "Unknown",
        Status::Waived => "Waived",
        Status::NotApplicable => "Not applicable",
    }
}

/// Lets nothing in from outside, and no script but [`SCRIPT`], which is named
/// by its digest.
fn content_policy() -> String {
    let digest = STANDARD.encode(Sha256::digest(SCRIPT));
    format!("default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'")
}

const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = include_str!("report.js");
