//! How access to keys differs from AWS's general rules.
//!
//! A key policy, or a grant, must let the caller in; identity policies alone
//! never do. A statement that names the caller's account hands the decision to
//! that account. Actions without a key and the alias half of alias operations
//! are the identity policies' alone. Other accounts have 20 permissions (KMS
//! developer guide, "Key policies" and "Permissions reference"; recorded
//! answers for boundaries, sessions and grants; read 2026-11).

use crate::iam::condition::Truth;
use crate::iam::evaluate::access::{Access, Door, Path, Sides};
use crate::iam::evaluate::analyse::{Facts, Said};
use crate::iam::evaluate::combine::{identity_allow, limits, own_side};
use crate::iam::evaluate::grant::{Admission, Grant};
use crate::iam::evaluate::list::List;
use crate::iam::evaluate::principal::Naming;
use crate::iam::evaluate::request::{Request, Scope};
use crate::iam::evaluate::{Layer, caller::Identity};

/// The ways by which a KMS request may be allowed.
pub(super) fn access<'p>(request: &Request, facts: &Facts<'p>, grants: &'p [Grant]) -> Access<'p> {
    if matches!(request.caller.identity, Identity::Anonymous) {
        return Access::closed(Layer::Resource);
    }
    let foreign = request.is_cross_account();
    match request.scope {
        _ if foreign && !request.action.kms.is_some_and(|action| action.cross_account) => {
            Access::closed(Layer::Resource)
        }
        _ if request.action.retires => retire(request, facts, grants, foreign),
        Scope::NoResource | Scope::Alias | Scope::NewKey | Scope::Role | Scope::Other => {
            identity_alone(request, facts)
        }
        Scope::Key if foreign => cross_account(request, facts, grants),
        Scope::Key => same_account(request, facts, grants),
    }
}

fn identity_alone<'p>(request: &Request, facts: &Facts<'p>) -> Access<'p> {
    let door = Door::Layer(Layer::Identity, identity_allow(request, facts));
    Access::by(Path::new(door, limits(facts)), Layer::Identity)
}

pub(super) fn same_account<'p>(request: &Request, facts: &Facts<'p>, grants: &'p [Grant]) -> Access<'p> {
    let admitted = |naming| facts.resource.as_ref().map_or(Truth::False, |said| said.allow_by(naming));
    let mut paths = List::new();
    for naming in [Naming::Exact, Naming::Broad, Naming::Account] {
        let door = Door::Resource(naming, admitted(naming));
        paths.push(Path::new(door, sides(naming, request, facts)));
    }
    for Admission { grant, naming, truth } in admissions(request, grants) {
        paths.push(Path::new(Door::Grant(grant, truth), sides(naming, request, facts)));
    }
    Access { paths, closed: std::iter::once(Layer::Resource).collect() }
}

/// What must hold on the caller's side, by how closely it was named.
fn sides(naming: Naming, request: &Request, facts: &Facts<'_>) -> Sides {
    match naming {
        Naming::Exact => Sides::NONE,
        Naming::Broad => limits(facts),
        Naming::Account => own_side(request, facts),
    }
}

fn cross_account<'p>(request: &Request, facts: &Facts<'p>, grants: &'p [Grant]) -> Access<'p> {
    let key_policy = facts.resource.as_ref().map_or(Truth::False, Said::allow);
    let own = own_side(request, facts);
    let mut paths = List::new();
    paths.push(Path::new(Door::AnyResource(key_policy), own));
    for Admission { grant, naming, truth } in admissions(request, grants) {
        if grant.issued_in(request.caller.account()) {
            // Issued by the caller's account: it stands for the caller's own
            // permission, and the owner must still let that account in.
            let sides = sides(naming.min(Naming::Broad), request, facts).and(Layer::Grant, truth);
            let by_owner =
                admissions(request, grants).filter(|one| !one.grant.issued_in(request.caller.account()));
            let by_owner = by_owner.map(|one| Door::Grant(one.grant, one.truth));
            for door in std::iter::once(Door::AnyResource(key_policy)).chain(by_owner) {
                paths.push(Path { door, sides, beside: Some(grant) });
            }
        } else {
            paths.push(Path::new(Door::Grant(grant, truth), own));
        }
    }
    // With the caller's side supplied by a grant, only the owner's is missing.
    let supplied = paths.iter().any(|path| path.beside.is_some());
    let missing = own.missing().filter(|_| !supplied);
    let closed = std::iter::once(Layer::Resource).chain(missing).collect();
    Access { paths, closed }
}

/// `RetireGrant` is decided by the grant, or by an identity policy in the
/// account of the key.
fn retire<'p>(request: &Request, facts: &Facts<'p>, grants: &'p [Grant], foreign: bool) -> Access<'p> {
    let retirable = grants.iter().filter_map(|grant| grant.retires(request));
    let mut paths: List<Path<'p>, 4> = retirable
        .map(|Admission { grant, naming, truth }| {
            let sides = if foreign { own_side(request, facts) } else { sides(naming, request, facts) };
            Path::new(Door::Grant(grant, truth), sides)
        })
        .collect();
    if !foreign {
        let door = Door::Layer(Layer::Identity, identity_allow(request, facts));
        paths.push(Path::new(door, limits(facts)));
    }
    let closed = if foreign { Layer::Grant } else { Layer::Identity };
    Access { paths, closed: std::iter::once(closed).collect() }
}

fn admissions<'p>(request: &Request, grants: &'p [Grant]) -> impl Iterator<Item = Admission<'p>> {
    grants.iter().filter_map(|grant| grant.admits(request))
}
