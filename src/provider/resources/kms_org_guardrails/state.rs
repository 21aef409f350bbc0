//! What was drawn and what is in force, as values of the state.

use std::collections::{BTreeMap, BTreeSet};

use crate::guardrails::change::{InForce, same_meaning};
use crate::guardrails::plan::Plan;
use crate::guardrails::prove::Proven;
use crate::model::org::{PolicyType, TargetId};
use crate::provider::resources::kms_org_guardrails::count;
use crate::provider::resources::kms_org_guardrails::survey::Survey;
use crate::provider::resources::kms_org_guardrails::wanted::Wanted;
use crate::tf::{Error, Path, Value};

/// The documents of a plan; ids of those that are not there yet come with
/// apply. A spelling that `before` has and that means the same stays.
pub(crate) fn documents(plan: &Plan, current: &[InForce], absent: &Value, before: &Value) -> Value {
    Value::map(plan.documents.iter().map(|packed| {
        let same = |policy: &&InForce| policy.name == packed.name && policy.policy_type == packed.policy_type;
        let policy = current.iter().find(same);
        let (id, arn) = match policy {
            Some(policy) => (Value::string(policy.id.as_str()), Value::string(&policy.arn)),
            None => (absent.clone(), absent.clone()),
        };
        let spelled = spelling(before, &packed.name);
        let content = spelled.filter(|text| same_meaning(packed.policy_type, text, &packed.content));
        let content = content.unwrap_or(&packed.content);
        (packed.name.clone(), document(id, arn, packed.policy_type, content, &packed.targets))
    }))
}

/// The documents as they are in force. Where AWS spells a policy in another
/// way than `before`, and means the same, that spelling stays.
pub(crate) fn in_force(current: &[InForce], before: &Value) -> Value {
    Value::map(current.iter().map(|policy| {
        let spelled = spelling(before, &policy.name);
        let content = spelled.filter(|text| same_meaning(policy.policy_type, text, &policy.content));
        let content = content.unwrap_or(&policy.content);
        let (id, arn) = (Value::string(policy.id.as_str()), Value::string(&policy.arn));
        (policy.name.clone(), document(id, arn, policy.policy_type, content, &policy.targets))
    }))
}

fn spelling<'a>(state: &'a Value, name: &str) -> Option<&'a str> {
    state.at(&Path::attribute("documents").key(name).attr("content"))?.as_str().ok()?.known()
}

fn document(
    id: Value,
    arn: Value,
    policy_type: PolicyType,
    content: &str,
    targets: &BTreeSet<TargetId>,
) -> Value {
    Value::object([
        ("id", id),
        ("arn", arn),
        ("type", Value::string(policy_type.as_str())),
        ("content", Value::string(content)),
        ("characters", number(content.chars().count())),
        ("targets", Value::set(targets.iter().map(|target| Value::string(target.to_string())))),
    ])
}

/// Fills in everything but the documents.
pub(crate) fn fill(
    value: &mut Value,
    wanted: &Wanted,
    survey: &Survey,
    proven: &Proven<Plan>,
) -> Result<(), Error> {
    value.set_attr("id", wanted.name_prefix.as_str())?;
    value.set_attr("organization_id", survey.layout.organization().as_str())?;
    value.set_attr("root_id", survey.layout.root().to_string())?;
    value.set_attr("quota", count::drawn(wanted, survey, proven.subject()))?;
    reasons(value, survey, proven)
}

/// What was found out while drawing; the data source shows the same.
pub(crate) fn reasons(value: &mut Value, survey: &Survey, proven: &Proven<Plan>) -> Result<(), Error> {
    let plan = proven.subject();
    let paths = survey.environments.iter().filter_map(|(name, place)| {
        Some((name.clone(), Value::string(survey.layout.path(place)?.to_string())))
    });
    value.set_attr("ou_paths", Value::map(paths))?;
    let proof = proven.proof();
    let mut requests: BTreeMap<String, Value> =
        proof.by_control.iter().map(|(control, requests)| (control.clone(), number(*requests))).collect();
    requests.insert("availability".to_owned(), number(proof.availability));
    requests.insert("undo".to_owned(), number(proof.undo));
    value.set_attr("proof", Value::Map(requests))?;
    let limits = plan
        .limits
        .iter()
        .map(|(control, reasons)| (control.to_string(), Value::list(reasons.iter().map(Value::string))));
    value.set_attr("not_expressible", Value::map(limits))?;
    value.set_attr("notices", Value::list(plan.notices.iter().map(Value::string)))
}

/// Whether a plan's value is one that this may turn out to be: what was not known then may be anything.
pub(crate) fn keeps_word(planned: &Value, found: &Value) -> bool {
    match (planned, found) {
        (planned, _) if planned.is_unknown() => true,
        (Value::Map(planned) | Value::Object(planned), Value::Map(found) | Value::Object(found)) => {
            let kept = |(name, planned): (&String, &Value)| {
                found.get(name).is_some_and(|found| keeps_word(planned, found))
            };
            planned.len() == found.len() && planned.iter().all(kept)
        }
        (planned, found) => planned == found,
    }
}

pub(super) fn number(count: usize) -> Value {
    i64::try_from(count).map_or(Value::Null, Value::from)
}
