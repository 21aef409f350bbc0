//! The text fits where it is sent, and has only characters that are taken.

use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::{Rule, Subject};
use crate::iam::parse;
use crate::model::quota::{KEY_POLICY_BYTES, RCP_CHARACTERS, SCP_CHARACTERS};

/// The rule.
#[derive(Debug)]
pub(super) struct SizeWithinQuota;

impl Rule for SizeWithinQuota {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        if matches!(subject.kind, Kind::Key | Kind::Identity)
            && let Some((letter, at)) = parse::first_beyond_latin(subject.text)
        {
            findings.add(
                at,
                format!("`{}` is outside Latin-1, and AWS takes no such character", letter.escape_debug()),
                format!("write it in ASCII: within a string it is `{}`", escaped(letter)),
            );
        }
        let (count, quota, unit): (fn(&str) -> usize, _, _) = match subject.kind {
            Kind::Key => (str::len, KEY_POLICY_BYTES.value, "bytes"),
            Kind::ServiceControl => (characters, SCP_CHARACTERS.value, "characters"),
            Kind::ResourceControl => (characters, RCP_CHARACTERS.value, "characters"),
            Kind::Identity | Kind::Endpoint => return,
        };
        let length = count(subject.text);
        if length > quota {
            let bare = count(&without_whitespace(subject.text));
            let printed = subject.document.to_json().len();
            let fix = if bare <= quota {
                format!("send it without whitespace: then it has {bare}")
            } else if printed <= quota {
                format!("send it without whitespace, each list of one as its element: then it has {printed}")
            } else {
                format!("split it or shorten its lists; even without whitespace it has {}", bare.min(printed))
            };
            let message = format!("the policy has {length} {unit} as written, and AWS takes {quota}");
            findings.add(subject.start, message, fix);
        }
    }
}

fn characters(text: &str) -> usize {
    text.chars().count()
}

/// The text without whitespace outside of strings.
fn without_whitespace(text: &str) -> String {
    let (mut quoted, mut escaped) = (false, false);
    let keep = |letter: &char| {
        let inside = quoted;
        quoted = if *letter == '"' && !escaped { !quoted } else { quoted };
        escaped = inside && *letter == '\\' && !escaped;
        inside || !letter.is_ascii_whitespace()
    };
    text.chars().filter(keep).collect()
}

/// The character as JSON spells it in ASCII.
fn escaped(letter: char) -> String {
    let units =
        letter.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect::<Vec<_>>();
    units.concat()
}

static DOC: Doc = Doc {
    id: "size-within-quota",
    number: "L04",
    title: "The policy fits its quota",
    severity: Severity::Error,
    kinds: &[Kind::Key, Kind::ServiceControl, Kind::ResourceControl, Kind::Identity],
    requires: "A key policy has at most 32,768 bytes, a service control policy 10,240 characters, a resource control \
               policy 5,120. Key policies and identity policies have no characters beyond Latin-1.",
    why: "AWS refuses more, and counts every character that is sent, whitespace too; only the console strips it. KMS \
          and IAM refuse other characters with a regular expression and no place; Organizations takes them all.",
    remedy: "Send the text without whitespace and with each list of one as its element: `provider::kms::policy_size` tells \
             how long it is then. Split what is longer.",
    references: &[
        "AWS Organizations user guide, Quotas",
        "KMS developer guide, Resource quotas",
        "Access Analyzer `POLICY_SIZE_EXCEEDS_SCP_QUOTA`, `POLICY_SIZE_EXCEEDS_RCP_QUOTA`",
    ],
};
