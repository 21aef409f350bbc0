//! What numbers KMS takes, and what a bound outside of them means.

use crate::iam::condition::{self, Fact, Keys, Truth};
use crate::iam::lint::contract::conditions::consequence;
use crate::iam::lint::contract::doc::Severity;
use crate::iam::policy::{Condition, Effect, Statement};

/// A parameter with the numbers that KMS takes.
struct Range {
    key: &'static str,
    least: &'static str,
    most: &'static str,
    /// What a call without the parameter means.
    default: &'static str,
}

/// KMS API reference, `EnableKeyRotation` and `ScheduleKeyDeletion`, read 2026-11.
const RANGES: [Range; 2] = [
    Range { key: "kms:RotationPeriodInDays", least: "90", most: "2560", default: "365" },
    Range { key: "kms:ScheduleKeyDeletionPendingWindowInDays", least: "7", most: "30", default: "30" },
];

/// What a condition with a number does that its author may not have meant.
pub(crate) fn surprise(statement: &Statement, condition: &Condition) -> Option<(Severity, String)> {
    let key = condition.key.as_str();
    let Range { least, most, default, .. } =
        RANGES.iter().find(|range| range.key.eq_ignore_ascii_case(key))?;
    let numeric = condition.operator.comparison.as_str().starts_with("Numeric");
    let [bound] = condition.values.as_slice() else { return None };
    if !numeric || condition.operator.quantifier.is_some() || bound.as_str().parse::<f64>().is_err() {
        return None;
    }
    let takes = format!("KMS takes {least} to {most} for `{key}`");
    match (holds(condition, least), holds(condition, most)) {
        (true, true) if !is_equality(condition) => {
            Some((Severity::Warning, format!("{takes}: {}", consequence(statement, true))))
        }
        (false, false) if !is_equality(condition) => {
            Some((Severity::Warning, format!("{takes}: {}", consequence(statement, false))))
        }
        _ if statement.effect == Effect::Deny && holds(condition, default) => Some((
            Severity::Info,
            format!("a call that leaves `{key}` out means {default}, so this Deny stops it too"),
        )),
        _ => None,
    }
}

/// `NumericEquals` and `NumericNotEquals` are about what lies between.
fn is_equality(condition: &Condition) -> bool {
    condition.operator.comparison.as_str().ends_with("Equals")
        && !condition.operator.comparison.as_str().contains("Than")
}

fn holds(condition: &Condition, number: &'static str) -> bool {
    // A key without a definition is a single value.
    let condition = Condition { key: "x:y".into(), ..condition.clone() };
    let mut keys = Keys::default();
    keys.insert("x:y", "x:y", Fact::One(number.into()));
    condition::Condition::new(&condition, false).holds(&keys) == Truth::True
}
