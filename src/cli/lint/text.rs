//! Findings for a person, each with the line it is about.
//!
//! INVARIANT: nothing of a policy reaches the terminal as a control character.

use anstyle::{AnsiColor, Style};

use super::Linted;
use crate::cli::render::plain;
use crate::iam::lint::{Finding, Severity};

/// The whole report.
pub(super) fn report(linted: &[Linted]) -> String {
    let mut report = String::new();
    for file in linted {
        let lines = file.text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
        let lines: Vec<&str> = lines.collect();
        for finding in &file.findings {
            let line =
                usize::try_from(finding.at.line.saturating_sub(1)).ok().and_then(|index| lines.get(index));
            report.push_str(&told(&file.path, finding, line.copied().unwrap_or_default()));
        }
    }
    report.push_str(&summary(linted));
    report
}

fn told(path: &str, finding: &Finding, line: &str) -> String {
    let Finding { rule, severity, at, statement, message, fix } = finding;
    let (bold, frame) = (Style::new().bold(), Style::new().fg_color(Some(AnsiColor::Blue.into())).bold());
    let colour = Style::new().fg_color(Some(colour(*severity).into())).bold();
    let number = at.line.to_string();
    let margin = " ".repeat(number.len());
    let bar = format!("{frame}{margin} |{frame:#}");
    let note = |name: &str, text: &str| {
        format!("{frame}{margin} ={frame:#} {bold}{name}:{bold:#} {}\n", plain(text))
    };
    let cut = cut(line, at.column);
    let mut told = format!(
        "{colour}{severity}[{}]{colour:#}{bold}: {}{bold:#}\n{frame}{margin}-->{frame:#} {}:{}:{}\n{bar}\n",
        rule.number,
        plain(message),
        plain(path),
        at.line,
        at.column
    );
    told.push_str(&format!("{frame}{number} |{frame:#} {}\n", cut.text));
    told.push_str(&format!("{bar} {}{colour}{}{colour:#}\n", " ".repeat(cut.before), "^".repeat(cut.marked)));
    if let Some(statement) = statement {
        told.push_str(&note("statement", statement));
    }
    told.push_str(&note("fix", fix));
    told.push_str(&note("rule", rule.id));
    told.push('\n');
    told
}

fn colour(severity: Severity) -> AnsiColor {
    match severity {
        Severity::Error => AnsiColor::Red,
        Severity::Warning => AnsiColor::Yellow,
        Severity::Info => AnsiColor::Cyan,
    }
}

/// The part of a line to show, and what to mark in it, in characters.
struct Cut {
    text: String,
    before: usize,
    marked: usize,
}

/// A minified policy is one long line, so no more of it is looked at than is shown.
fn cut(line: &str, column: u32) -> Cut {
    let at = usize::try_from(column.saturating_sub(1)).unwrap_or_default();
    let start = if at > WIDTH { at.saturating_sub(WIDTH / 2) } else { 0 };
    let mut letters = line.chars().skip(start);
    let window: Vec<char> = letters.by_ref().take(WIDTH.saturating_mul(2)).collect();
    let before = at.saturating_sub(start).min(window.len());
    let shown = plain(&window.iter().collect::<String>());
    let front = if start > 0 { "…" } else { "" };
    let back = if letters.next().is_some() { "…" } else { "" };
    let room = window.len().saturating_sub(before).max(1);
    Cut {
        text: format!("{front}{shown}{back}").trim_end().to_owned(),
        before: before.saturating_add(usize::from(start > 0)),
        marked: token(window.get(before..).unwrap_or_default()).clamp(1, room),
    }
}

/// How long the string, or else the one character, is that starts here.
fn token(letters: &[char]) -> usize {
    let mut escaped = false;
    let Some(('"', rest)) = letters.split_first() else { return 1 };
    for (length, letter) in (2..).zip(rest) {
        match letter {
            '"' if !escaped => return length,
            _ => escaped = *letter == '\\' && !escaped,
        }
    }
    letters.len()
}

fn summary(linted: &[Linted]) -> String {
    let count = |severity| {
        let findings = linted.iter().flat_map(|file| &file.findings);
        findings.filter(|finding| finding.severity == severity).count()
    };
    let several = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let counts: Vec<String> = [(Severity::Error, "error"), (Severity::Warning, "warning")]
        .into_iter()
        .filter(|(severity, _)| count(*severity) > 0)
        .map(|(severity, word)| several(count(severity), word))
        .chain((count(Severity::Info) > 0).then(|| format!("{} for information", count(Severity::Info))))
        .collect();
    let files = several(linted.len(), "file");
    match counts.as_slice() {
        [] => format!("{files}: nothing found\n"),
        counts => format!("{files}: {}\n", counts.join(", ")),
    }
}

/// Of a longer line only the surroundings of the finding are shown.
const WIDTH: usize = 60;

#[cfg(test)]
mod tests {
    use super::{cut, token};

    #[test]
    fn a_string_is_marked_to_its_closing_quote() {
        let length = |text: &str| token(&text.chars().collect::<Vec<_>>());
        assert_eq!(length(r#""a\"b" c"#), 6);
        assert_eq!(length(r#""open"#), 5);
        assert_eq!(length("{ }"), 1);
        assert_eq!(length(""), 1);
    }

    #[test]
    fn a_long_line_is_cut_around_the_finding() {
        let line = format!("{}\"x\"{}", "a".repeat(500), "b".repeat(500));
        let shown = cut(&line, 501);
        assert_eq!(shown.text.chars().nth(shown.before), Some('"'));
        assert_eq!((shown.marked, shown.text.chars().count()), (3, 122));
    }
}
