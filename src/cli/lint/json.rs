//! Findings for a program.

use serde::Serialize;

use super::{Linted, Unread};
use crate::cli::exit::Failure;
use crate::iam::lint::Finding;

/// The whole report.
pub(super) fn report(linted: &[Linted], unread: &[Unread]) -> Result<String, Failure> {
    let files = linted.iter().map(File::of).collect();
    let unread = unread.iter().map(|(path, failure)| NotRead { path, message: failure.to_string() });
    let text = serde_json::to_string_pretty(&Report { files, unread: unread.collect() })?;
    Ok(format!("{text}\n"))
}

#[derive(Serialize)]
struct Report<'a> {
    files: Vec<File<'a>>,
    unread: Vec<NotRead<'a>>,
}

#[derive(Serialize)]
struct NotRead<'a> {
    path: &'a str,
    message: String,
}

#[derive(Serialize)]
struct File<'a> {
    path: &'a str,
    findings: Vec<Found<'a>>,
}

#[derive(Serialize)]
struct Found<'a> {
    rule: &'static str,
    number: &'static str,
    severity: &'static str,
    line: u32,
    column: u32,
    statement: Option<&'a str>,
    message: &'a str,
    fix: &'a str,
}

impl<'a> File<'a> {
    fn of(linted: &'a Linted) -> Self {
        Self { path: &linted.path, findings: linted.findings.iter().map(Found::of).collect() }
    }
}

impl<'a> Found<'a> {
    fn of(finding: &'a Finding) -> Self {
        Self {
            rule: finding.rule.id,
            number: finding.rule.number,
            severity: finding.severity.as_str(),
            line: finding.at.line,
            column: finding.at.column,
            statement: finding.statement.as_deref(),
            message: &finding.message,
            fix: &finding.fix,
        }
    }
}
