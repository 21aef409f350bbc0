//! Why each statement did or did not match a request, in words.

use std::sync::Arc;

use crate::iam::condition::{Condition, Fact};
use crate::iam::evaluate::analyse::has_principals;
use crate::iam::evaluate::compiled::{Mismatch, Statement};
use crate::iam::evaluate::{Compiled, Layer, Policies, Request, StatementRef};

/// One statement and why it does or does not apply to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The statement.
    pub statement: StatementRef,
    /// What kept it from matching, in words; `None` when it matches or may.
    pub mismatch: Option<String>,
}

/// Explains every statement of every policy, layer by layer. Whether a layer
/// applies to the request at all is the decision's business.
pub fn explain(request: &Request, policies: &Policies) -> Vec<Explanation> {
    let bounded = request.caller.account().is_some() && !policies.permission_boundaries.is_empty();
    let mut explained = Vec::new();
    let mut add = |layer: Layer, target: Option<&Arc<str>>, policies: &[Compiled]| {
        for statement in policies.iter().flat_map(|policy| policy.statements.iter()) {
            let mismatch = statement.mismatch(request, has_principals(layer), bounded);
            explained.push(Explanation {
                statement: reference(layer, target, statement),
                mismatch: mismatch.map(|mismatch| describe(request, mismatch)),
            });
        }
    };
    add(Layer::Identity, None, &policies.identity);
    add(Layer::Resource, None, policies.resource.as_slice());
    for (layer, levels) in [(Layer::ServiceControl, &policies.scp), (Layer::ResourceControl, &policies.rcp)] {
        for level in levels.iter().flatten() {
            add(layer, Some(&level.target), &level.policies);
        }
    }
    add(Layer::PermissionBoundary, None, &policies.permission_boundaries);
    add(Layer::Session, None, policies.session.as_slice());
    add(Layer::Endpoint, None, &policies.endpoint);
    explained
}

fn reference(layer: Layer, target: Option<&Arc<str>>, statement: &Statement) -> StatementRef {
    StatementRef { layer, target: target.cloned(), sid: statement.sid.clone(), effect: statement.effect }
}

fn describe(request: &Request, mismatch: Mismatch<'_>) -> String {
    match mismatch {
        Mismatch::Inert(element) => format!("the statement has no {element}, so it does nothing"),
        Mismatch::Action => format!("it does not name the action `{}`", request.action.text),
        Mismatch::Principal => "it does not name the caller".to_owned(),
        Mismatch::Resource => format!("it does not name the resource `{}`", request.resource.text()),
        Mismatch::Condition(condition) => describe_condition(request, condition),
    }
}

fn describe_condition(request: &Request, condition: &Condition) -> String {
    let found = match request.keys.find(condition.key()) {
        None => "the request does not have it".to_owned(),
        Some(Fact::One(value)) => format!("the request has `{value}`"),
        Some(Fact::List(values)) => format!("the request has the list `{}`", values.join("`, `")),
        Some(Fact::Unknown) => "it is unknown".to_owned(),
    };
    format!("`{}` on `{}` does not hold: {found}", condition.operator(), condition.key())
}
