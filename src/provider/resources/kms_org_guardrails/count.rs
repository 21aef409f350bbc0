//! `quota`: what hangs on each place, counted, against what the place takes.
//!
//! INVARIANT: a plan says of it what was last read, or nothing. Others may
//! attach and detach between a plan and its apply, so both apply and every read
//! count anew.

use std::collections::BTreeSet;

use crate::aws::{AwsError, Fault, Organizations};
use crate::guardrails::change::InForce;
use crate::guardrails::plan::{Packed, Plan};
use crate::model::org::{PolicyId, PolicyType, TargetId};
use crate::provider::resources::kms_org_guardrails::state::number;
use crate::provider::resources::kms_org_guardrails::survey::{Attachments, Survey, others, with_aws_own};
use crate::provider::resources::kms_org_guardrails::wanted::Wanted;
use crate::tf::{Field, Value};

/// As it would be if nobody else attached or detached anything.
pub(super) fn drawn(wanted: &Wanted, survey: &Survey, plan: &Plan) -> Value {
    table(wanted, &survey.taken, plan)
}

/// What a plan says: what was read, as long as nothing changes that counts.
pub(super) fn planned(wanted: &Wanted, survey: &Survey, plan: &Plan, before: &Value, changes: bool) -> Value {
    let switches = plan.documents.iter().any(|packed| survey.off.contains(&packed.policy_type));
    let same = limits(before).is_some_and(|limits_before| {
        limits(&drawn(wanted, survey, plan)).is_some_and(|limits| limits == limits_before)
    });
    if changes || switches || !same { Value::UNKNOWN } else { before.clone() }
}

/// What hangs there once ours are in force; what was counted before if AWS does not answer.
pub(super) async fn applied(
    api: &dyn Organizations,
    wanted: &Wanted,
    survey: &Survey,
    plan: &Plan,
    in_force: &[InForce],
) -> Value {
    // A list may still show what was just taken away.
    let ours = survey.current.iter().chain(in_force).map(|policy| policy.id.clone()).collect();
    let switched: BTreeSet<PolicyType> = plan
        .documents
        .iter()
        .map(|packed| packed.policy_type)
        .filter(|kind| survey.off.contains(kind))
        .collect();
    let found = others(api, &wanted.policy_types, &survey.layout, &ours).await;
    match found {
        Ok(found) => table(wanted, &with_aws_own(found, &switched), plan),
        Err(_) => drawn(wanted, survey, plan),
    }
}

/// The same places as before, counted again; a place that is gone is left out.
pub(super) async fn refreshed(
    api: &dyn Organizations,
    before: &Value,
    current: &[InForce],
) -> Result<Value, AwsError> {
    let Ok(Field::Known(rows)) = before.entries() else { return Ok(before.clone()) };
    let ours: BTreeSet<PolicyId> = current.iter().map(|policy| policy.id.clone()).collect();
    let mut counted = Vec::new();
    for (key, before) in rows {
        let Some((target, policy_type)) = place(key) else { continue };
        let attached = match api.attached_to(&target, policy_type).await {
            Ok(attached) => attached,
            Err(error) if error.fault() == Fault::NotFound => continue,
            Err(error) => return Err(error),
        };
        let others = attached.iter().filter(|summary| !ours.contains(&summary.id)).count();
        let here = |policy: &&InForce| policy.policy_type == policy_type && policy.targets.contains(&target);
        let own = current.iter().filter(here).count();
        let limit = before.attr("limit").cloned().unwrap_or_default();
        counted.push((key.clone(), row(own, others, limit)));
    }
    Ok(Value::map(counted))
}

fn table(wanted: &Wanted, others: &Attachments, plan: &Plan) -> Value {
    let limits = wanted.limits();
    Value::map(others.iter().map(|((policy_type, target), others)| {
        let here = |packed: &&Packed| packed.policy_type == *policy_type && packed.targets.contains(target);
        let ours = plan.documents.iter().filter(here).count();
        let limit = limits.get(policy_type).map_or(0, |limits| limits.per_target);
        (format!("{target} {policy_type}"), row(ours, *others, number(limit)))
    }))
}

fn row(ours: usize, others: usize, limit: Value) -> Value {
    let used = number(ours.saturating_add(others));
    Value::object([("used", used), ("others", number(others)), ("limit", limit)])
}

fn place(key: &str) -> Option<(TargetId, PolicyType)> {
    let (target, policy_type) = key.split_once(' ')?;
    Some((target.parse().ok()?, policy_type.parse().ok()?))
}

/// The places with what they take.
fn limits(table: &Value) -> Option<Vec<(String, Value)>> {
    let rows = table.entries().ok()?.known()?;
    let limit = |(key, row): (&String, &Value)| Some((key.clone(), row.attr("limit").ok()?.clone()));
    rows.iter().map(limit).collect()
}
