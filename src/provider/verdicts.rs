//! Findings as Terraform sees them: the `compliance` attribute, and the
//! diagnostics that refuse a plan.

use std::collections::BTreeMap;

use crate::controls::contract::finding::Finding;
use crate::controls::contract::finding::Status;
use crate::controls::contract::verdict::Property;
use crate::controls::contract::verdict::Violation;
use crate::provider::configured::Enforcement;
use crate::tf::Attribute;
use crate::tf::Diagnostic;
use crate::tf::Diagnostics;
use crate::tf::Path;
use crate::tf::Type;
use crate::tf::Value;

/// The attribute that carries the findings of one key.
pub(crate) fn attribute() -> Attribute {
    Attribute::computed(ty()).describe(
        "Whether the key is as the provider's controls require, and the verdict of each control by its id: \
         `status` is `pass`, `fail`, `unknown`, `waived` or `not_applicable`. A key with a `fail` or an \
         `unknown` is not compliant.",
    )
}

/// The findings as the value of that attribute.
pub(crate) fn value(findings: &[Finding]) -> Value {
    let compliant = !findings.iter().any(|finding| matches!(finding.status, Status::Fail | Status::Unknown));
    let verdicts = findings.iter().map(|finding| (finding.control.to_string(), verdict(finding)));
    Value::object([("compliant", Value::from(compliant)), ("verdicts", Value::map(verdicts))])
}

/// What a plan says to the findings: violations are errors, or warnings when
/// the provider only warns; waived ones are warnings; what cannot be said yet
/// is judged again at apply.
pub(crate) fn diagnostics(
    findings: &[Finding],
    enforcement: Enforcement,
    path: impl Fn(&Property) -> Path,
) -> Diagnostics {
    let mut found = Diagnostics::new();
    for finding in findings {
        match finding.status {
            Status::Fail => {
                found.extend(
                    finding.violations.iter().map(|violation| {
                        refusal(finding, violation, enforcement).at(path(&violation.property))
                    }),
                );
            }
            Status::Waived => {
                if let Some(violation) = finding.violations.first() {
                    found.push(waived(finding).at(path(&violation.property)));
                }
            }
            Status::Pass | Status::Unknown | Status::NotApplicable => {}
        }
    }
    found
}

fn refusal(finding: &Finding, violation: &Violation, enforcement: Enforcement) -> Diagnostic {
    let Violation { property: _, found, required, fix } = violation;
    let expired = finding.waiver.as_ref().map_or_else(String::new, |waiver| {
        format!("\nWaiver: approved by {}, expired on {}", waiver.approved_by, waiver.expires)
    });
    let detail = format!(
        "Found: {found}\nRequired: {required}\nFix: {fix}{expired}\nControl: `{}` ({})",
        finding.control,
        finding.severity.as_str()
    );
    let summary = finding.title;
    match enforcement {
        Enforcement::Enforce => Diagnostic::error(summary, detail),
        Enforcement::Warn => Diagnostic::warning(summary, detail),
    }
}

fn waived(finding: &Finding) -> Diagnostic {
    let detail = format!("{}\nControl: `{}`", finding.detail, finding.control);
    Diagnostic::warning(format!("Waived: {}", finding.title), detail)
}

fn verdict(finding: &Finding) -> Value {
    Value::object([
        ("title", finding.title),
        ("severity", finding.severity.as_str()),
        ("status", finding.status.as_str()),
        ("detail", &finding.detail),
        ("remedy", finding.remedy),
    ])
}

fn ty() -> Type {
    let texts = ["title", "severity", "status", "detail", "remedy"];
    let verdict = Type::Object(texts.into_iter().map(|name| (name.to_owned(), Type::String)).collect());
    let fields = [("compliant", Type::Bool), ("verdicts", Type::map(verdict))];
    Type::Object(BTreeMap::from(fields.map(|(name, ty)| (name.to_owned(), ty))))
}
