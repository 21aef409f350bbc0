//! Why a statement did or did not match.

use crate::iam::evaluate::{Policies, Request, StatementRef};

/// One statement and why it does or does not apply to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The statement.
    pub statement: StatementRef,
    /// What kept it from matching, in words; `None` when it matched.
    pub mismatch: Option<String>,
}

/// Explains every statement of every policy.
pub fn explain(_request: &Request, _policies: &Policies) -> Vec<Explanation> {
    Vec::new()
}
