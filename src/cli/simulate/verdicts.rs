//! The verdicts on the authorizations of one case, put together.
//!
//! All of them must be allowed, so the one that hinders most decides.

use std::collections::BTreeSet;

use crate::cli::simulate::call::Part;
use crate::cli::simulate::case::{Detail, Judged};
use crate::iam::evaluate::{Decision, Explanation, Outcome, Perhaps, Policies, Request, evaluate, explain};

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
            perhaps_asked(&mut outcome, asked.hangs_on);
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
        let mut outcome = self.outcome?;
        if outcome.decision != Decision::ImplicitlyDenied {
            outcome.perhaps.clear();
        }
        Some(Judged { outcome, parts, explained: self.explained })
    }
}

/// An authorization that AWS asks for or not, by unknown keys: whatever denies,
/// denies perhaps.
fn perhaps_asked(outcome: &mut Outcome, hangs_on: &[String]) {
    if outcome.decision == Decision::ExplicitlyDenied {
        let denies = outcome.statements.iter().cloned();
        outcome.perhaps = denies.map(|statement| Perhaps { statement, unknown: BTreeSet::new() }).collect();
    }
    outcome.decision = Decision::Undecided;
    outcome.unknown.extend(hangs_on.iter().cloned());
    outcome.perhaps.iter_mut().for_each(|perhaps| perhaps.unknown.extend(hangs_on.iter().cloned()));
}

/// The one that hinders more; of two alike that do not deny, both. What was
/// not modelled counts as long as neither denies, and what may deny in either
/// counts beside the whole.
fn harder(one: Outcome, other: Outcome) -> Outcome {
    let weight = |outcome: &Outcome| match outcome.decision {
        Decision::Allowed => 0,
        Decision::Undecided => 1,
        Decision::ImplicitlyDenied => 2,
        Decision::ExplicitlyDenied => 3,
    };
    let perhaps = either_perhaps(&one, &other);
    let (mut harder, easier) = if weight(&other) > weight(&one) { (other, one) } else { (one, other) };
    harder.perhaps = perhaps;
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

/// The Deny statements that may match in one of two, each once.
fn either_perhaps(one: &Outcome, other: &Outcome) -> Vec<Perhaps> {
    let mut all: Vec<Perhaps> = one.perhaps.clone();
    for perhaps in &other.perhaps {
        match all.iter_mut().find(|known| known.statement == perhaps.statement) {
            Some(known) => known.unknown.extend(perhaps.unknown.iter().cloned()),
            None => all.push(perhaps.clone()),
        }
    }
    all
}
