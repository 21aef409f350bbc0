//! Keys that draw the line around an organisation have literal values.

use crate::iam::lint::contract::conditions;
use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::kms::is_pattern;
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::Comparison;

/// The rule.
#[derive(Debug)]
pub(super) struct SensitiveKeysLiteral;

impl Rule for SensitiveKeysLiteral {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        for statement in subject.statements() {
            let sensitive = conditions::on(statement, &SENSITIVE)
                .filter(|condition| condition.operator.comparison != Comparison::Null);
            for condition in sensitive {
                let variable = |text: &str| text.contains("${");
                for value in condition
                    .values
                    .iter()
                    .filter(|value| variable(value.as_str()) || is_pattern(value.as_str()))
                {
                    let what = if variable(value.as_str()) { "a variable" } else { "a wildcard" };
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
}

/// Keys of which Access Analyzer wants literals (policy check reference, read
/// 2026-11).
const SENSITIVE: [&str; 10] = [
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:vpceaccount",
    "aws:vpceorgid",
];

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
