//! The text fits where it is sent, and has only characters that are taken.

use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::Position;
use crate::model::quota::{KEY_POLICY_BYTES, RCP_CHARACTERS, SCP_CHARACTERS};

/// The rule.
#[derive(Debug)]
pub(super) struct SizeWithinQuota;

impl Rule for SizeWithinQuota {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        let (length, quota, unit) = match subject.kind {
            Kind::Key => (subject.text.len(), KEY_POLICY_BYTES, "bytes"),
            Kind::ServiceControl => (subject.text.chars().count(), SCP_CHARACTERS, "characters"),
            Kind::ResourceControl => (subject.text.chars().count(), RCP_CHARACTERS, "characters"),
            Kind::Identity | Kind::Endpoint => return,
        };
        if length > quota.value {
            let minified = subject.document.to_json().len();
            let fix = if minified <= quota.value {
                format!("send it without whitespace: then it has {minified}")
            } else {
                format!("split it or shorten its lists; even without whitespace it has {minified}")
            };
            let message = format!("the policy has {length} {unit} as written, and AWS takes {}", quota.value);
            findings.add(subject.start, message, fix);
        }
        if subject.kind == Kind::Key
            && let Some((letter, at)) = foreign(subject.text)
        {
            findings.add(
                at,
                format!("`{}` is outside Latin-1, and KMS takes no such character", letter.escape_debug()),
                "write the text in ASCII",
            );
        }
    }
}

/// The first character that KMS does not take (KMS API reference,
/// `PutKeyPolicy`, read 2026-11).
fn foreign(text: &str) -> Option<(char, Position)> {
    (1..).zip(text.split('\n')).find_map(|(line, content)| {
        let mut letters = (1..).zip(content.chars());
        let (column, letter) = letters.find(|(_, letter)| !taken(*letter))?;
        Some((letter, Position { line, column }))
    })
}

fn taken(letter: char) -> bool {
    matches!(letter, '\t' | '\r' | ' '..='~' | '\u{a0}'..='\u{ff}')
}

static DOC: Doc = Doc {
    id: "size-within-quota",
    number: "L04",
    title: "The policy fits its quota",
    severity: Severity::Error,
    kinds: &[Kind::Key, Kind::ServiceControl, Kind::ResourceControl],
    requires: "A key policy has at most 32,768 bytes in Latin-1, a service control policy 10,240 characters, a \
               resource control policy 5,120.",
    why: "AWS refuses more, and counts every character that is sent, whitespace too. Only the console strips it.",
    remedy: "Send the text minified: `provider::kms::policy_size` tells how long it is then. Split what is longer.",
    references: &[
        "AWS Organizations user guide, Quotas",
        "KMS developer guide, Resource quotas",
        "Access Analyzer `POLICY_SIZE_EXCEEDS_SCP_QUOTA`, `POLICY_SIZE_EXCEEDS_RCP_QUOTA`",
    ],
};
