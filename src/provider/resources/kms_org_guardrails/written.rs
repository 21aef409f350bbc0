//! The policies written by hand: what an import gives back of them, which
//! spelling stays, and what in them is likely a mistake.

use crate::guardrails::change::{InForce, same_meaning};
use crate::iam::lint::{Finding, Kind, Surroundings, lint};
use crate::model::org::PolicyType;
use crate::provider::linted::{self, Consequence, Named};
use crate::provider::resources::kms_org_guardrails::names::control_of;
use crate::provider::resources::kms_org_guardrails::wanted::read_document;
use crate::tf::{Diagnostics, Field, Path, Value};

/// The documents of the names in `ou_map` that are no controls, as they are in force.
pub(super) fn recall(ou_map: Option<&Value>, owner: &str, current: &[InForce]) -> Option<Value> {
    let lists = ou_map?.entries().ok()?.known()?;
    let names = lists.values().filter_map(|list| list.elements().ok()?.known());
    let names = names.flatten().filter_map(text).filter(|name| control_of(name).is_none());
    let document = |name: &str| {
        let policy = current.iter().find(|policy| policy.name.strip_prefix(owner) == Some(name))?;
        Some((name.to_owned(), Value::string(&policy.content)))
    };
    let documents: std::collections::BTreeMap<String, Value> = names.filter_map(document).collect();
    (!documents.is_empty()).then_some(Value::Map(documents))
}

/// Keeps `policies` as they are in the state, where the configuration means
/// the same in another spelling.
pub(super) fn keep_spelling(planned: &mut Value, prior: &Value) {
    let (Some(wanted), Some(before)) = (policies(planned), policies(prior)) else { return };
    let alike = |name: &String, one: &Value| {
        let other = before.get(name).and_then(text);
        matches!((text(one), other), (Some(one), Some(other)) if means(one, other))
    };
    if wanted.len() == before.len() && wanted.iter().all(|(name, one)| alike(name, one)) {
        // The schema has this attribute, and a planned object is one.
        drop(planned.set_attr("policies", Value::Map(before.clone())));
    }
}

/// What the linter finds in each policy that is new or changes: an error where AWS
/// would refuse it, a warning where it likely does not do what is meant. A text
/// that is no policy is refused before.
pub(super) fn findings(config: &Value, prior: &Value) -> Diagnostics {
    let mut told = Diagnostics::new();
    for (name, document) in policies(config).into_iter().flatten() {
        let Some(written) = text(document) else { continue };
        let before = policies(prior).and_then(|before| before.get(name)).and_then(text);
        if before.is_some_and(|before| means(written, before)) {
            continue;
        }
        let Ok((policy_type, _)) = read_document(written) else { continue };
        let kind = match policy_type {
            PolicyType::ServiceControl => Kind::ServiceControl,
            PolicyType::ResourceControl => Kind::ResourceControl,
        };
        let mut found = lint(written, kind, &Surroundings::default());
        found.retain(|finding| !is_checked_elsewhere(finding));
        told.extend(linted::diagnostics(
            Named("policy"),
            &found,
            &Path::attribute("policies").key(name),
            |consequence| consequence == Consequence::Refused,
        ));
    }
    told
}

/// The packer counts what is sent, which is shorter than what is written here.
fn is_checked_elsewhere(finding: &Finding) -> bool {
    finding.rule.id == "size-within-quota"
}

fn means(one: &str, other: &str) -> bool {
    read_document(one).is_ok_and(|(policy_type, _)| same_meaning(policy_type, one, other))
}

fn policies(value: &Value) -> Option<&std::collections::BTreeMap<String, Value>> {
    value.attr("policies").ok()?.entries().ok()?.known()
}

fn text(value: &Value) -> Option<&str> {
    match value.as_str() {
        Ok(Field::Known(text)) => Some(text),
        Ok(Field::Null | Field::Unknown) | Err(_) => None,
    }
}
