//! A report as a table for a terminal. Pure: whether to colour, and how wide,
//! are arguments.

use comfy_table::{Attribute, Cell, Color, ContentArrangement, LineStyle, Table, TableStyle};
use time::format_description::well_known::Rfc3339;

use crate::audit::{AuditedKey, Report};
use crate::controls::contract::finding::Finding;
use crate::controls::contract::finding::Status;

/// How to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look {
    /// Which findings get a row.
    pub(crate) rows: Rows,
    /// Whether a terminal reads it.
    pub(crate) colour: Colour,
}

/// Which findings get a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rows {
    /// Those that somebody should look at: fail, unknown, waived.
    Notable,
    /// All.
    All,
}

/// Whether colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colour {
    /// They are.
    On,
    /// They are not, and the width is fixed.
    Off,
}

/// The report as a table with a heading and a summary.
pub(crate) fn table(report: &Report, look: Look) -> String {
    let rows: Vec<_> = report.keys.iter().flat_map(|key| rows(key, look.rows)).collect();
    let drawn = if rows.is_empty() { String::new() } else { format!("{}\n\n", draw(rows, look.colour)) };
    format!("{}, {}\n\n{drawn}{}{}\n", report.place, time(report), coverage(report), summary(report))
}

fn rows(key: &AuditedKey, rows: Rows) -> impl Iterator<Item = Vec<Cell>> {
    let notable = |status| matches!(status, Status::Fail | Status::Unknown | Status::Waived);
    let findings = key.findings.iter().filter(move |finding| rows == Rows::All || notable(finding.status));
    findings.map(|finding| row(key, finding))
}

fn row(key: &AuditedKey, finding: &Finding) -> Vec<Cell> {
    vec![
        Cell::new(visible(key.record.name())),
        Cell::new(finding.control),
        Cell::new(finding.severity.as_str()),
        Cell::new(finding.status.as_str().replace('_', " ")).fg(shade(finding.status)),
        Cell::new(visible(&finding.detail)),
    ]
}

fn draw(rows: Vec<Vec<Cell>>, colour: Colour) -> String {
    let mut table = Table::new();
    table.load_style(TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─')));
    table.set_content_arrangement(ContentArrangement::Dynamic);
    let heading = |text| Cell::new(text).add_attribute(Attribute::Bold);
    table.set_header(["Key", "Control", "Severity", "Status", "What was found"].map(heading));
    table.add_rows(rows);
    match colour {
        Colour::On => table.enforce_styling(),
        Colour::Off => table.force_no_tty(),
    };
    // A terminal inside a pipeline says that it is 0 columns wide.
    if colour == Colour::Off || table.width().is_none_or(|width| width < NARROWEST) {
        table.set_width(PLAIN_WIDTH);
    }
    table.trim_fmt()
}

fn summary(report: &Report) -> String {
    let keys = report.keys.len();
    let counts: Vec<String> =
        [Status::Fail, Status::Unknown, Status::Waived, Status::Pass, Status::NotApplicable]
            .into_iter()
            .map(|status| format!("{} {}", report.summary.count(status), status.as_str().replace('_', " ")))
            .collect();
    format!("{keys} {}: {}", if keys == 1 { "key" } else { "keys" }, counts.join(", "))
}

fn coverage(report: &Report) -> String {
    let line = |gap: &crate::audit::Gap| {
        format!("not readable: {} of {}: {}\n", gap.read, gap.key_id, visible(&gap.reason))
    };
    let mut lines: String = report.coverage.gaps.iter().map(line).collect();
    for not_asked in &report.coverage.not_asked {
        lines.push_str(&format!("not readable: {not_asked}\n"));
    }
    for key in &report.coverage.vanished {
        lines.push_str(&format!("gone before it could be read: {key}\n"));
    }
    if !lines.is_empty() {
        lines.push('\n');
    }
    lines
}

fn time(report: &Report) -> String {
    report.time.format(&Rfc3339).unwrap_or_default()
}

fn shade(status: Status) -> Color {
    match status {
        Status::Fail => Color::Red,
        Status::Unknown => Color::Yellow,
        Status::Waived => Color::Magenta,
        Status::Pass => Color::Green,
        Status::NotApplicable => Color::DarkGrey,
    }
}

/// Aliases, tags and policies are written by others: a control character in
/// one must not reach a terminal.
fn visible(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { '\u{fffd}' } else { character }).collect()
}

const PLAIN_WIDTH: u16 = 120;

/// Columns below which a terminal cannot be meant.
const NARROWEST: u16 = 20;

#[cfg(test)]
mod tests {
    use super::{Colour, Look, Rows, table, visible};
    use crate::audit::example::example;

    #[test]
    fn the_table_shows_what_somebody_should_look_at() {
        insta::assert_snapshot!(table(&example(), Look { rows: Rows::Notable, colour: Colour::Off }));
    }

    #[test]
    fn the_whole_table_shows_passes_too() {
        insta::assert_snapshot!(table(&example(), Look { rows: Rows::All, colour: Colour::Off }));
    }

    #[test]
    fn control_characters_of_others_do_not_reach_the_terminal() {
        assert_eq!(visible("a\u{1b}[31mb\nc"), "a\u{fffd}[31mb\u{fffd}c");
    }
}
