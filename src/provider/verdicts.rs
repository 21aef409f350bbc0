//! Findings as Terraform sees them: the `compliance` attribute, and the
//! diagnostics that refuse a plan.

use std::collections::BTreeMap;

use crate::controls::contract::finding::Finding;
use crate::controls::contract::finding::Status;
use crate::controls::contract::verdict::Property;
use crate::controls::contract::verdict::Violation;
use crate::controls::contract::waiver::Waiver;
use crate::provider::configured::Enforcement;
use crate::provider::configured::KNOWN_LATER;
use crate::tf::Attribute;
use crate::tf::Diagnostic;
use crate::tf::Diagnostics;
use crate::tf::Field;
use crate::tf::Path;
use crate::tf::Type;
use crate::tf::Value;

/// The attribute that carries the findings of one key of many: what differs
/// from key to key, because Terraform keeps and compares it for every one.
pub(crate) fn attribute() -> Attribute {
    let more =
        "What a control requires and how to meet it is on its page, and in the data source's `compliance`.";
    Attribute::computed(ty(&VERDICT)).describe(format!("{DESCRIPTION} {more}"))
}

/// The findings as the value of that attribute.
pub(crate) fn value(findings: &[Finding]) -> Value {
    compliance(findings, verdict)
}

/// The attribute that carries the findings of a single key, with what each
/// control says of itself.
pub(crate) fn attribute_in_full() -> Attribute {
    Attribute::computed(ty(&[VERDICT.as_slice(), CONTROL.as_slice()].concat())).describe(DESCRIPTION)
}

/// The findings as the value of that attribute.
pub(crate) fn value_in_full(findings: &[Finding]) -> Value {
    compliance(findings, |finding| {
        Value::object([
            ("status", finding.status.as_str()),
            ("detail", &finding.detail),
            ("title", finding.title),
            ("severity", finding.severity.as_str()),
            ("remedy", finding.remedy),
        ])
    })
}

fn compliance(findings: &[Finding], verdict: fn(&Finding) -> Value) -> Value {
    let compliant = !findings.iter().any(|finding| matches!(finding.status, Status::Fail | Status::Unknown));
    let verdicts = findings.iter().map(|finding| (finding.control.to_string(), verdict(finding)));
    Value::object([("compliant", Value::from(compliant)), ("verdicts", Value::map(verdicts))])
}

/// A change of one key as its controls see it.
pub(crate) struct Change<'a> {
    /// The findings of the state, judged as a plan.
    pub(crate) was: &'a [Finding],
    /// The findings of the plan.
    pub(crate) will: &'a [Finding],
    /// Whether nothing in the plan is unknown.
    pub(crate) settled: bool,
    /// Whether the key comes back from a scheduled deletion.
    pub(crate) restored: bool,
}

/// The attribute of a key that changes: each verdict that is certain, and
/// unknown what only the apply can tell. `before` is the attribute of the state.
///
/// INVARIANT: what is known here is the same when everything is known.
pub(crate) fn planned(before: &Value, change: &Change<'_>) -> Value {
    let verdicts: BTreeMap<String, Value> = change
        .will
        .iter()
        .map(|will| {
            let path = Path::attribute("verdicts").key(will.control.to_string());
            (will.control.to_string(), change.verdict(before.at(&path), will).unwrap_or(Value::UNKNOWN))
        })
        .collect();
    let failing = |verdict: &&Value| {
        let status = verdict.attr("status").and_then(Value::as_str);
        status.is_ok_and(|status| matches!(status, Field::Known("fail" | "unknown")))
    };
    let compliant = if verdicts.values().any(|verdict| failing(&verdict)) {
        Value::from(false)
    } else if verdicts.values().any(Value::is_unknown) {
        Value::UNKNOWN
    } else {
        Value::from(true)
    };
    Value::object([("compliant", compliant), ("verdicts", Value::map(verdicts))])
}

impl Change<'_> {
    /// The verdict, if it is certain. One that is no pass may be told in other
    /// words once everything is known, or once a waiver has expired.
    fn verdict(&self, before: Option<&Value>, will: &Finding) -> Option<Value> {
        let certain = match will.status {
            Status::Pass | Status::NotApplicable => true,
            Status::Fail | Status::Waived => self.settled && will.waiver.is_none(),
            Status::Unknown => false,
        };
        if !certain {
            return None;
        }
        let was = self.was.iter().find(|was| was.control == will.control);
        let explained = was.is_some_and(|was| before.is_none_or(|before| *before == verdict(was)));
        let same = was == Some(will);
        match before {
            // What the plan sees of the key explains the verdict on it.
            _ if explained => Some(verdict(will)),
            Some(before) if same && !self.restored && !is_open(before) => Some(before.clone()),
            _ => None,
        }
    }
}

/// Whether a verdict waited for the provider block: the apply may have it whole.
fn is_open(verdict: &Value) -> bool {
    let detail = verdict.attr("detail").and_then(Value::as_str);
    detail.is_ok_and(|detail| detail.known().is_some_and(|detail| detail.ends_with(KNOWN_LATER)))
}

/// A value with what is unknown in it taken from another one.
pub(crate) fn completed(planned: &Value, seen: Value) -> Value {
    let merged = |planned: &BTreeMap<String, Value>, mut seen: BTreeMap<String, Value>| {
        let part = |(name, value): (&String, &Value)| {
            (name.clone(), completed(value, seen.remove(name).unwrap_or_default()))
        };
        planned.iter().map(part).collect()
    };
    match (planned, seen) {
        (Value::Unknown(_), seen) => seen,
        (Value::Object(planned), Value::Object(seen)) => Value::Object(merged(planned, seen)),
        (Value::Map(planned), Value::Map(seen)) => Value::Map(merged(planned, seen)),
        (planned, _) => planned.clone(),
    }
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
    let mut detail = String::new();
    for Violation { property: _, found, required, fix: _ } in &finding.violations {
        detail.push_str(&format!("Found: {found}\nRequired: {required}\n"));
    }
    if let Some(Waiver { approved_by, reason, expires, .. }) = &finding.waiver {
        detail.push_str(&format!("Waiver: approved by {approved_by} until {expires}: {reason}\n"));
    }
    detail.push_str(&format!("Control: `{}` ({})", finding.control, finding.severity.as_str()));
    Diagnostic::warning(format!("Waived: {}", finding.title), detail)
}

fn verdict(finding: &Finding) -> Value {
    Value::object([("status", finding.status.as_str()), ("detail", &finding.detail)])
}

fn ty(texts: &[&str]) -> Type {
    let verdict = Type::object(texts.iter().map(|name| (*name, Type::String)));
    Type::object([("compliant", Type::Bool), ("verdicts", Type::map(verdict))])
}

const DESCRIPTION: &str = "Whether the key is as the provider's controls require, and the verdict of each control by \
                           its id: `status` is `pass`, `fail`, `unknown`, `waived` or `not_applicable`. A key with a \
                           `fail` or an `unknown` is not compliant.";
/// What is said of a key.
const VERDICT: [&str; 2] = ["status", "detail"];
/// What is said of a control, whatever the key.
const CONTROL: [&str; 3] = ["title", "severity", "remedy"];

#[cfg(test)]
mod tests {
    use super::{attribute, attribute_in_full, value, value_in_full};
    use crate::controls::contract::doc::{ControlId, Severity};
    use crate::controls::contract::finding::{Finding, Status};
    use crate::tf::{Type, Value};

    fn finding() -> Finding {
        Finding {
            control: ControlId("deletion-window"),
            title: "Deletion must wait",
            severity: Severity::High,
            status: Status::Fail,
            violations: Vec::new(),
            detail: "the deletion window is 7 days".to_owned(),
            remedy: "Set a longer one.",
            waiver: None,
        }
    }

    fn compliance(verdict: &[(&str, &str)]) -> Value {
        let verdict = Value::object(verdict.iter().copied());
        let verdicts = Value::map([("deletion-window", verdict)]);
        Value::object([("compliant", Value::from(false)), ("verdicts", verdicts)])
    }

    fn ty(texts: &[&str]) -> Type {
        let verdict = Type::object(texts.iter().map(|text| (*text, Type::String)));
        Type::object([("compliant", Type::Bool), ("verdicts", Type::map(verdict))])
    }

    #[test]
    fn a_state_repeats_nothing_that_a_control_says_of_itself() {
        let expected = compliance(&[("detail", "the deletion window is 7 days"), ("status", "fail")]);
        assert_eq!(value(&[finding()]), expected);
        assert_eq!(attribute().ty(), ty(&["detail", "status"]));
    }

    #[test]
    fn a_single_key_is_told_with_what_each_control_says_of_itself() {
        let expected = compliance(&[
            ("detail", "the deletion window is 7 days"),
            ("remedy", "Set a longer one."),
            ("severity", "high"),
            ("status", "fail"),
            ("title", "Deletion must wait"),
        ]);
        assert_eq!(value_in_full(&[finding()]), expected);
        assert_eq!(attribute_in_full().ty(), ty(&["detail", "remedy", "severity", "status", "title"]));
    }
}
