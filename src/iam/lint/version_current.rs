//! The policy is in the current language, so that variables mean something.

use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::kms;
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::{Statement, Text, Version};

/// The rule.
#[derive(Debug)]
pub(super) struct VersionCurrent;

impl Rule for VersionCurrent {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        let found = match subject.document.version {
            Some(Version::V2012) => return,
            // It is there and could not be read, and that is told.
            None if subject.faults.iter().any(|fault| fault.at() == subject.version_at) => return,
            Some(Version::V2008) => "`Version` is `2008-10-17`",
            None => "`Version` is missing, which means `2008-10-17`",
        };
        match subject.statements().iter().find_map(variable) {
            Some(text) => findings.add(
                subject.version_at,
                format!("{found}, and in that language `{text}` is plain text and no variable"),
                FIX,
            ),
            None => findings.add_as(
                Severity::Warning,
                subject.version_at,
                format!("{found}, an old language in which variables are plain text"),
                FIX,
            ),
        }
    }
}

fn variable(statement: &Statement) -> Option<&Text> {
    let values = statement.conditions.iter().flat_map(|condition| &condition.values);
    kms::resources(statement).iter().chain(values).find(|text| text.as_str().contains("${"))
}

const FIX: &str = "set `Version` to `2012-10-17`";

static DOC: Doc = Doc {
    id: "version-current",
    number: "L03",
    title: "The policy language is the current one",
    severity: Severity::Error,
    kinds: &Kind::ALL,
    requires: "`Version` is `2012-10-17`.",
    why: "Without it AWS reads the policy in the language of 2008, in which `${aws:PrincipalAccount}` is seventeen \
          characters and not an account. An error where variables are used, a warning otherwise.",
    remedy: "Set `Version` to `2012-10-17`. It is the name of a language and not the date of your policy.",
    references: &["IAM user guide, Version", "parliament `OLD_VERSION`"],
};
