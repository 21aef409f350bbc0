//! Who may do what: one request judged against every policy that applies.
//!
//! `analyse` finds what each kind of policy says on its own; `combine`
//! puts these facts together by AWS's general rules and `kms` by those of
//! keys. A [`Request`] is complete and checked when it exists, a [`Compiled`]
//! policy is reused between requests, and judging is a pure function of both.
//!
//! INVARIANT: a condition key is known, known absent or unknown. Where the
//! answer hangs on an unknown key the decision is [`Decision::Undecided`].

mod access;
mod analyse;
mod builder;
mod caller;
mod combine;
mod compiled;
mod context;
mod contradiction;
mod derive;
mod encryption;
mod endpoint;
mod explain;
mod grant;
mod kms;
mod list;
mod outcome;
mod policies;
mod presence;
mod principal;
mod report;
mod request;
mod unknown;
mod unproven;

pub use builder::RequestBuilder;
pub use caller::Caller;
pub use compiled::Compiled;
pub use context::Context;
pub use explain::{Explanation, GrantExplanation, Matching, StatementExplanation, explain};
pub use grant::Grant;
pub use outcome::{Decision, Layer, Outcome, Perhaps, StatementRef};
pub use policies::{Level, Policies};
pub use request::{Organisation, Request, RequestError};

/// Judges one request. Never fails: what is not modelled is said in the
/// outcome.
pub fn evaluate(request: &Request, policies: &Policies) -> Outcome {
    report::outcome(request, policies, &combine::judge(request, policies))
}

/// The decision of [`evaluate`] alone: no reasons, and nothing allocated
/// unless something is not modelled or a policy variable is filled in.
pub fn decide(request: &Request, policies: &Policies) -> Decision {
    combine::judge(request, policies).decision
}
