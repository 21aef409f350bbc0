//! Keys that draw the line around an organisation have literal values.

use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::kms::{condition_key, is_pattern};
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::{Comparison, Condition};

/// The rule.
#[derive(Debug)]
pub(super) struct SensitiveKeysLiteral;

impl Rule for SensitiveKeysLiteral {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        for (_, condition) in subject.conditions().filter(|(_, condition)| is_sensitive(condition)) {
            for value in &condition.values {
                let what = match value.as_str() {
                    text if text.contains("${") => "a variable",
                    text if is_pattern(text) => "a wildcard",
                    _ => continue,
                };
                findings.add(
                    value.at(),
                    format!(
                        "`{value}` has {what}, and `{}` draws the line that keeps others out",
                        condition.key
                    ),
                    "write the ids out, with `StringEquals` or `StringNotEquals`",
                );
            }
        }
    }
}

/// Whether Access Analyzer wants literals of the key.
fn is_sensitive(condition: &Condition) -> bool {
    condition.operator.comparison != Comparison::Null
        && condition_key(condition.key.as_str()).is_some_and(|key| key.sensitive)
}

static DOC: Doc = Doc {
    id: "sensitive-keys-literal",
    number: "L28",
    title: "Perimeter keys have literal values",
    severity: Severity::Error,
    kinds: &Kind::ALL,
    requires: "`aws:PrincipalAccount`, `aws:PrincipalOrgID`, `aws:SourceVpce` and their like are compared with ids, without \
               wildcards and variables.",
    why: "`o-*` is every organisation of AWS, and a variable may be filled by the caller.",
    remedy: "Write the ids out.",
    references: &["Access Analyzer `WILDCARD_USAGE_TOO_PERMISSIVE`, `VARIABLE_USAGE_TOO_PERMISSIVE`"],
};
