//! Everything that was given to judge a request by, one after the other.

use std::sync::Arc;

use super::layer::{self, Standing};
use super::{Explanation, StatementExplanation, grant, statement};
use crate::iam::evaluate::analyse::has_principals;
use crate::iam::evaluate::compiled::Statement;
use crate::iam::evaluate::{Compiled, Layer, Policies, Request, StatementRef};

/// Explains every statement of every policy and every grant.
pub fn explain(request: &Request, policies: &Policies) -> Explanation {
    let standing = Standing::new(request, policies);
    let statements = statements(request, policies, &standing);
    let grants: Vec<_> =
        policies.grants.iter().map(|grant| grant::explained(request, grant, &standing)).collect();
    let given = statements.iter().map(|one| one.statement.layer);
    let given = given.chain(grants.iter().map(|_| Layer::Grant));
    let aside = given.filter_map(|layer| Some((layer, layer::aside(request, layer)?))).collect();
    let on = layer::subject(request);
    let asked = format!("{} on {on} by {}", request.action.name, request.caller.name());
    Explanation { asked, notes: layer::notes(request, policies), aside, statements, grants }
}

fn statements(request: &Request, policies: &Policies, standing: &Standing) -> Vec<StatementExplanation> {
    let mut explained = Vec::new();
    let mut add = |layer: Layer, target: Option<&Arc<str>>, policies: &[Compiled]| {
        for (policy, compiled) in (1_usize..).zip(policies) {
            for (number, statement) in (1_usize..).zip(compiled.statements.iter()) {
                let reference = reference(layer, target, statement);
                explained.push(one(request, statement, reference, (policy, number), standing));
            }
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

fn one(
    request: &Request,
    statement: &Statement,
    reference: StatementRef,
    (policy, number): (usize, usize),
    standing: &Standing,
) -> StatementExplanation {
    let of_resource = has_principals(reference.layer);
    let matching = statement::matching(request, statement, of_resource, standing.bounded());
    let matches = matching.mismatch().is_none();
    let naming = statement.naming(request, of_resource, standing.bounded());
    let bearing = naming.filter(|_| matches).and_then(|naming| standing.of_statement(&reference, naming));
    let evidence =
        if matches { statement::evidence(request, statement, standing.bounded()) } else { Vec::new() };
    StatementExplanation { statement: reference, policy, number, matching, evidence, bearing }
}

fn reference(layer: Layer, target: Option<&Arc<str>>, statement: &Statement) -> StatementRef {
    StatementRef { layer, target: target.cloned(), sid: statement.sid.clone(), effect: statement.effect }
}
