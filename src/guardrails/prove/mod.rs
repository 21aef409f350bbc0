//! The packed bytes, parsed again, judged by the evaluator: what must be
//! denied is, under the Sid that must deny it and on the target where it
//! hangs; what must be spared is; ordinary use stays possible; and whoever
//! applies this can undo it.
//!
//! INVARIANT: a [`Proven`] is made here and nowhere else, and only of a plan
//! without a single failure. What the evaluator does not model is a failure.

mod blame;
mod creation;
mod obligations;
mod stage;

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

pub use crate::guardrails::plan::Plan;
use crate::iam::evaluate::RequestError;
use stage::Stage;

/// Something that passed its proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven<T> {
    subject: T,
    proof: Proof,
}

impl<T> Proven<T> {
    /// What was proven.
    pub fn subject(&self) -> &T {
        &self.subject
    }

    /// How much was asked.
    pub fn proof(&self) -> &Proof {
        &self.proof
    }
}

/// How many requests were judged, by the control whose statements they concern.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proof {
    /// Requests by control id; `exempt-roles` for the companion statement.
    pub by_control: BTreeMap<String, usize>,
    /// Requests of ordinary use that stay possible.
    pub availability: usize,
    /// Requests by which whoever applies this can undo it.
    pub undo: usize,
}

/// Why a plan is not proven.
#[derive(Debug, Error)]
pub enum ProveError {
    /// A packed document is not what AWS accepts.
    #[error("the policy `{name}` cannot be read back: {reason}")]
    Unreadable {
        /// The document.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The evaluator decided otherwise than it must.
    #[error("{}", list(.0))]
    Failed(Vec<Failure>),
    /// A request of the proof could not be made.
    #[error("a request of the proof could not be made; please report this")]
    Request(#[from] RequestError),
}

/// One request that came out otherwise than it must.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The Sid, or what was to stay possible.
    pub subject: String,
    /// The request in words, with its place.
    pub story: String,
    /// What had to come out.
    pub expected: &'static str,
    /// What came out.
    pub found: String,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { subject, story, expected, found } = self;
        write!(formatter, "{subject}: {story} must be {expected}, and is {found}")
    }
}

/// Proves a plan. `own_role` is the ARN of whoever applies it.
pub fn prove(plan: Plan, own_role: Option<&str>) -> Result<Proven<Plan>, ProveError> {
    let stage = Stage::set(&plan)?;
    let mut court = Court { stage: &stage, plan: &plan, failures: Vec::new(), proof: Proof::default() };
    obligations::statements(&mut court, &plan)?;
    obligations::ordinary_use(&mut court, &plan)?;
    creation::keys_can_be_made(&mut court, &plan)?;
    if let Some(own_role) = own_role {
        obligations::undo(&mut court, own_role)?;
    }
    let Court { failures, proof, stage: _, plan: _ } = court;
    if failures.is_empty() { Ok(Proven { subject: plan, proof }) } else { Err(ProveError::Failed(failures)) }
}

/// Where requests are judged and what came out is kept.
struct Court<'a> {
    stage: &'a Stage<'a>,
    plan: &'a Plan,
    failures: Vec<Failure>,
    proof: Proof,
}

fn list(failures: &[Failure]) -> String {
    const SHOWN: usize = 5;
    // One request tells enough of a statement that denies many.
    let mut told = BTreeSet::new();
    let telling = failures.iter().filter(|failure| told.insert((&failure.subject, &failure.found)));
    let mut lines: Vec<String> = telling.take(SHOWN).map(Failure::to_string).collect();
    if let Some(more) = failures.len().checked_sub(lines.len()).filter(|more| *more > 0) {
        lines.push(format!("and {more} more"));
    }
    lines.join("; ")
}

#[cfg(test)]
mod tests;
