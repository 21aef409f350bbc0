//! The facts of each kind of policy put together.

use std::collections::BTreeSet;

use crate::iam::evaluate::{Decision, Outcome, Policies, Request};

pub(super) fn decide(request: &Request, _policies: &Policies) -> Outcome {
    let mut not_modelled = request.not_modelled.clone();
    not_modelled.push("nothing is judged yet".to_owned());
    Outcome {
        decision: Decision::ImplicitlyDenied,
        decided_by: Vec::new(),
        statements: Vec::new(),
        not_modelled,
        unknown: BTreeSet::new(),
    }
}
