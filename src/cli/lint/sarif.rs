//! Findings for code scanning: SARIF 2.1.0 (OASIS, read 2026-11).

use serde_json::{Value, json};

use super::{Linted, Unread};
use crate::cli::exit::Failure;
use crate::iam::lint::{Finding, RULES, Rule, Severity};

/// The whole report.
pub(super) fn report(linted: &[Linted], unread: &[Unread]) -> Result<String, Failure> {
    let results: Vec<Value> = linted
        .iter()
        .flat_map(|file| file.findings.iter().map(move |finding| result(&file.path, finding)))
        .collect();
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "keyrail",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": RULES.iter().map(|rule| descriptor(*rule)).collect::<Vec<_>>(),
            }},
            // Without it code scanning takes what was not looked at for mended.
            "invocations": [{
                "executionSuccessful": unread.is_empty(),
                "toolExecutionNotifications": unread.iter().map(notification).collect::<Vec<_>>(),
            }],
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    Ok(format!("{}\n", serde_json::to_string_pretty(&log)?))
}

fn descriptor(rule: &dyn Rule) -> Value {
    let doc = rule.doc();
    let help = format!("{}\n\nTo mend it: {}", doc.why, doc.remedy);
    json!({
        "id": doc.number,
        "name": doc.id,
        "shortDescription": {"text": doc.title},
        "fullDescription": {"text": doc.requires},
        "help": {"text": help, "markdown": help},
        "helpUri": format!("{}/blob/main/docs/lint/{}.md", env!("CARGO_PKG_REPOSITORY"), doc.id),
        "defaultConfiguration": {"level": level(doc.severity)},
    })
}

fn notification((path, failure): &Unread) -> Value {
    json!({
        "level": "error",
        "message": {"text": format!("{failure}.")},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri(path)}}}],
    })
}

fn result(path: &str, finding: &Finding) -> Value {
    let index = RULES.iter().position(|rule| rule.doc().id == finding.rule.id);
    json!({
        "ruleId": finding.rule.number,
        "ruleIndex": index,
        "level": level(finding.severity),
        "message": {"text": format!("{}. To mend it: {}.", finding.message, finding.fix)},
        "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": uri(path)},
            "region": {"startLine": finding.at.line, "startColumn": finding.at.column},
        }}],
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// A path as a URI reference.
fn uri(path: &str) -> String {
    let scheme = if path.starts_with('/') { "file://" } else { "" };
    let encoded = path.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    });
    format!("{scheme}{}", encoded.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn a_path_is_a_uri_reference() {
        assert_eq!(uri("policies/my key.json"), "policies/my%20key.json");
        assert_eq!(uri("/tmp/ä.json"), "file:///tmp/%C3%A4.json");
    }
}
