//! Which statement of which policy denied what must work, and the likely reason.

use crate::guardrails::mistakes::reasons;
use crate::guardrails::plan::{Packed, Plan};
use crate::iam::evaluate::{Layer, Outcome, StatementRef};
use crate::iam::parse;
use crate::iam::policy::{Effect, PolicyKind, Statement, Text};
use crate::model::org::PolicyType;

/// What came out, with the statements that denied it, in words.
pub(super) fn found(plan: &Plan, outcome: &Outcome) -> String {
    if !outcome.not_modelled.is_empty() {
        return format!("not decided, because {}", outcome.not_modelled.join(", "));
    }
    let decision = outcome.decision.as_str().replace('_', " ");
    let denies = outcome.statements.iter().filter(|statement| statement.effect == Effect::Deny);
    let mut blamed: Vec<String> = denies.flat_map(|denying| blame(plan, denying)).collect();
    blamed.dedup();
    if blamed.is_empty() { decision } else { format!("{decision} by {}", blamed.join(" and by ")) }
}

fn blame(plan: &Plan, denying: &StatementRef) -> Vec<String> {
    let policy_type = match denying.layer {
        Layer::ServiceControl => PolicyType::ServiceControl,
        Layer::ResourceControl => PolicyType::ResourceControl,
        Layer::Identity
        | Layer::Resource
        | Layer::PermissionBoundary
        | Layer::Session
        | Layer::Endpoint
        | Layer::Grant => return Vec::new(),
    };
    let target = denying.target.as_deref().unwrap_or_default();
    let here = |packed: &&Packed| {
        packed.policy_type == policy_type && packed.targets.iter().any(|hung| hung.to_string() == target)
    };
    let named = |packed: &Packed| {
        let statements = statements(packed).into_iter();
        let sid = |statement: &Statement| {
            let sid = statement.sid.as_ref().map(Text::as_str).filter(|sid| !sid.is_empty());
            sid == denying.sid.as_deref().filter(|sid| !sid.is_empty())
        };
        let denying = statements.filter(|statement| statement.effect == Effect::Deny && sid(statement));
        denying.map(|statement| words(packed, &statement, target)).collect::<Vec<_>>()
    };
    plan.documents.iter().filter(here).flat_map(named).collect()
}

/// The statement, its policy and where it hangs; of what was written by hand
/// the likely reason too.
fn words(packed: &Packed, statement: &Statement, target: &str) -> String {
    let sid = statement.sid.as_ref().map(Text::as_str).filter(|sid| !sid.is_empty());
    let which = sid.map_or("a statement without Sid".to_owned(), |sid| format!("the statement `{sid}`"));
    let Some(name) = &packed.written else {
        return format!("{which} of `{}` on `{target}`", packed.name);
    };
    let reasons = reasons(statement);
    let likely = if reasons.is_empty() {
        String::new()
    } else {
        format!(" (likely because {})", reasons.join(", and "))
    };
    format!("{which} of `policies[\"{name}\"]` on `{target}`{likely}")
}

fn statements(packed: &Packed) -> Vec<Statement> {
    let kind = match packed.policy_type {
        PolicyType::ServiceControl => PolicyKind::ServiceControl,
        PolicyType::ResourceControl => PolicyKind::ResourceControl,
    };
    parse(&packed.content, kind).map(|document| document.statements).unwrap_or_default()
}
