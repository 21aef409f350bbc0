//! The facts of each kind of policy put together.
//!
//! Any Deny that applies wins. Then every SCP level must allow, an endpoint
//! policy must allow, and one path of access must be open: a door (resource
//! policy, identity policy or grant) and what must hold beside it.

use crate::iam::condition::Truth;
use crate::iam::evaluate::access::{Access, Door, Path, Sides};
use crate::iam::evaluate::analyse::{Facts, Said};
use crate::iam::evaluate::caller::Identity;
use crate::iam::evaluate::list::List;
use crate::iam::evaluate::principal::Naming;
use crate::iam::evaluate::request::{Request, Scope};
use crate::iam::evaluate::{Decision, Layer, Policies, kms};

/// A decision with everything that it came from.
#[derive(Debug)]
pub(super) struct Judgement<'p> {
    pub(super) decision: Decision,
    /// Whether every layer and a path of access allow; a Deny may still deny.
    pub(super) allowed: Truth,
    /// Nothing was asked: the request is always allowed.
    pub(super) asked: Option<(Facts<'p>, Option<Access<'p>>)>,
}

pub(super) fn judge<'p>(request: &Request, policies: &'p Policies) -> Judgement<'p> {
    if request.is_always_allowed() {
        return Judgement { decision: Decision::Allowed, allowed: Truth::True, asked: None };
    }
    let facts = Facts::gather(request, policies);
    let denied = facts.denied();
    if denied == Truth::True {
        let decision = Decision::ExplicitlyDenied;
        return Judgement { decision, allowed: Truth::False, asked: Some((facts, None)) };
    }
    let access = access(request, &facts, policies);
    let allowed = Truth::all(facts.fences().map(|(_, allow)| allow)).min(access.open());
    let decision = match allowed.min(denied.not()) {
        _ if allowed == Truth::False => Decision::ImplicitlyDenied,
        Truth::True => Decision::Allowed,
        Truth::False | Truth::Unknown => Decision::Undecided,
    };
    Judgement { decision, allowed, asked: Some((facts, Some(access))) }
}

fn access<'p>(request: &Request, facts: &Facts<'p>, policies: &'p Policies) -> Access<'p> {
    match request.scope {
        // Like a key policy, a trust policy must let the caller in: no identity policy alone does.
        Scope::Role if policies.resource.is_some() && is_at_home(request) => {
            kms::same_account(request, facts, &[])
        }
        Scope::Role | Scope::Other => general(request, facts),
        Scope::NoResource | Scope::Alias | Scope::Key | Scope::NewKey => {
            kms::access(request, facts, &policies.grants)
        }
    }
}

/// Whether the caller is one of the resource's own account.
fn is_at_home(request: &Request) -> bool {
    request.caller.account().is_some() && !request.is_cross_account()
}

/// AWS's general rules, for the services other than KMS.
fn general<'p>(request: &Request, facts: &Facts<'p>) -> Access<'p> {
    let admitted = |naming| facts.resource.as_ref().map_or(Truth::False, |said| said.allow_by(naming));
    if request.caller.account().is_none() {
        let truth = facts.resource.as_ref().map_or(Truth::False, Said::allow);
        return Access::by(Path::new(Door::AnyResource(truth), Sides::NONE), Layer::Resource);
    }
    if request.is_cross_account() {
        let own = own_side(request, facts);
        let truth = facts.resource.as_ref().map_or(Truth::False, Said::allow);
        let paths = std::iter::once(Path::new(Door::AnyResource(truth), own)).collect();
        let closed = std::iter::once(Layer::Resource).chain(own.missing()).collect();
        return Access { paths, closed };
    }
    let identity = Door::Layer(Layer::Identity, identity_allow(request, facts));
    let exact = Door::Resource(Naming::Exact, admitted(Naming::Exact));
    let broad = Door::Resource(Naming::Broad, admitted(Naming::Broad));
    let mut paths = List::new();
    paths.push(Path::new(exact, Sides::NONE));
    paths.push(Path::new(identity, limits(facts)));
    paths.push(Path::new(broad, limits(facts)));
    Access { paths, closed: std::iter::once(Layer::Identity).collect() }
}

/// The identity policies; an account's root user needs none.
pub(super) fn identity_allow(request: &Request, facts: &Facts<'_>) -> Truth {
    if matches!(request.caller.identity, Identity::Root) {
        return Truth::True;
    }
    facts.identity.as_ref().map_or(Truth::False, Said::allow)
}

/// What boundary and session policy leave of the identity policies.
pub(super) fn limits(facts: &Facts<'_>) -> Sides {
    limited(Sides::NONE, facts)
}

/// Everything the caller's own account must allow.
pub(super) fn own_side(request: &Request, facts: &Facts<'_>) -> Sides {
    limited(Sides::NONE.and(Layer::Identity, identity_allow(request, facts)), facts)
}

fn limited(sides: Sides, facts: &Facts<'_>) -> Sides {
    let limits = facts.boundary.iter().chain(&facts.session);
    limits.fold(sides, |sides, said| sides.and(said.layer, said.allow()))
}
