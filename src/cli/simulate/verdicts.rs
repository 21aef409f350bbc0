//! The verdicts on the authorizations of one case, put together.
//!
//! All of them must be allowed, so the one that hinders most decides.

use std::collections::BTreeSet;

use crate::cli::simulate::call::Part;
use crate::cli::simulate::case::{Detail, Judged};
use crate::iam::evaluate::{Decision, Explanation, Outcome, Policies, Request, evaluate, explain};

/// One authorization.
pub(super) struct Asked<'a> {
    pub(super) request: &'a Request,
    pub(super) policies: &'a Policies,
    /// The unknown keys that decide whether AWS asks for it at all.
    pub(super) hangs_on: &'a [String],
    /// What had to be guessed to ask.
    pub(super) note: Option<&'a str>,
}

/// The verdicts, gathered.
pub(super) struct Verdicts {
    detail: Detail,
    outcome: Option<Outcome>,
    explained: Vec<Explanation>,
}

impl Verdicts {
    pub(super) fn new(detail: Detail) -> Self {
        Self { detail, outcome: None, explained: Vec::new() }
    }

    pub(super) fn add(&mut self, asked: &Asked<'_>) -> Decision {
        let mut outcome = evaluate(asked.request, asked.policies);
        // A Deny that matches is one whatever else there may be.
        if outcome.decision != Decision::ExplicitlyDenied {
            outcome.not_modelled.extend(asked.note.map(str::to_owned));
        }
        if !asked.hangs_on.is_empty() && outcome.decision != Decision::Allowed {
            outcome.decision = Decision::Undecided;
            outcome.unknown.extend(asked.hangs_on.iter().cloned());
            outcome.perhaps.clear();
        }
        let decision = outcome.decision;
        if self.detail == Detail::Everything {
            self.explained.push(explain(asked.request, asked.policies));
        }
        self.outcome = Some(match self.outcome.take() {
            None => outcome,
            Some(former) => harder(former, outcome),
        });
        decision
    }

    /// `None` when nothing was asked.
    pub(super) fn finish(self, parts: Vec<Part>) -> Option<Judged> {
        Some(Judged { outcome: self.outcome?, parts, explained: self.explained })
    }
}

/// The one that hinders more; of two alike that do not deny, both. What was
/// not modelled counts as long as neither denies.
fn harder(one: Outcome, other: Outcome) -> Outcome {
    let weight = |outcome: &Outcome| match outcome.decision {
        Decision::Allowed => 0,
        Decision::Undecided => 1,
        Decision::ImplicitlyDenied => 2,
        Decision::ExplicitlyDenied => 3,
    };
    let (mut harder, easier) = if weight(&other) > weight(&one) { (other, one) } else { (one, other) };
    if weight(&harder) < 2 {
        harder.not_modelled.extend(easier.not_modelled);
        if harder.decision == easier.decision {
            harder.decided_by.extend(easier.decided_by);
            harder.statements.extend(easier.statements);
            harder.unknown.extend(easier.unknown);
        }
    }
    harder.decided_by.sort_unstable();
    harder.decided_by.dedup();
    harder.not_modelled.sort_unstable();
    harder.not_modelled.dedup();
    let mut seen = BTreeSet::new();
    harder
        .statements
        .retain(|statement| seen.insert((statement.layer, statement.target.clone(), statement.sid.clone())));
    harder
}
