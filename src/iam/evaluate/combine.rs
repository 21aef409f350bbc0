//! The facts of each kind of policy put together.
//!
//! Any Deny that applies wins. Then every SCP level must allow, an endpoint
//! policy must allow, and one path of access must be open: a door (resource
//! policy, identity policy or grant) and what must hold beside it.

use std::collections::BTreeSet;

use crate::iam::condition::{Fact, Truth};
use crate::iam::evaluate::analyse::{Facts, Hit, Said};
use crate::iam::evaluate::caller::Identity;
use crate::iam::evaluate::principal::Naming;
use crate::iam::evaluate::request::{Request, Scope};
use crate::iam::evaluate::{Decision, Grant, Layer, Outcome, Perhaps, Policies, StatementRef, kms};
use crate::iam::policy::Effect;

/// The ways by which a request may be allowed.
#[derive(Debug)]
pub(super) struct Access<'p> {
    pub(super) paths: Vec<Path<'p>>,
    /// The layers to blame when every door is closed.
    pub(super) closed: Vec<Layer>,
}

/// One way: the door, and what must hold beside it.
#[derive(Debug)]
pub(super) struct Path<'p> {
    pub(super) door: Door<'p>,
    pub(super) sides: Vec<(Layer, Truth)>,
    /// The grant that stands for the caller's own permission.
    pub(super) beside: Option<&'p Grant>,
}

/// What lets the caller in.
#[derive(Debug, Clone, Copy)]
pub(super) enum Door<'p> {
    /// The resource's policy, naming the caller this closely.
    Resource(Naming, Truth),
    /// The resource's policy, naming the caller in any way.
    AnyResource(Truth),
    Grant(&'p Grant, Truth),
    /// The caller's own policies.
    Layer(Layer, Truth),
}

impl<'p> Path<'p> {
    pub(super) fn new(door: Door<'p>, sides: Vec<(Layer, Truth)>) -> Self {
        Self { door, sides, beside: None }
    }
}

impl Access<'_> {
    pub(super) fn closed(closed: Vec<Layer>) -> Self {
        Self { paths: Vec::new(), closed }
    }
}

impl Door<'_> {
    fn truth(&self) -> Truth {
        match self {
            Self::Resource(_, truth)
            | Self::AnyResource(truth)
            | Self::Grant(_, truth)
            | Self::Layer(_, truth) => *truth,
        }
    }

    fn layer(&self) -> Layer {
        match self {
            Self::Resource(..) | Self::AnyResource(_) => Layer::Resource,
            Self::Grant(..) => Layer::Grant,
            Self::Layer(layer, _) => *layer,
        }
    }
}

impl Path<'_> {
    fn truth(&self) -> Truth {
        self.sides.iter().fold(self.door.truth(), |truth, (_, side)| truth.min(*side))
    }

    fn missing(&self) -> impl Iterator<Item = Layer> {
        self.sides.iter().filter(|(_, truth)| *truth == Truth::False).map(|(layer, _)| *layer)
    }

    /// The layers that grant; boundaries and session policies only limit.
    fn granting(&self) -> impl Iterator<Item = Layer> {
        let sides = self.sides.iter().map(|(layer, _)| *layer);
        let grants = |layer: &Layer| matches!(layer, Layer::Identity | Layer::Resource | Layer::Grant);
        std::iter::once(self.door.layer()).chain(sides.filter(grants))
    }
}

pub(super) fn decide(request: &Request, policies: &Policies) -> Outcome {
    let mut judgement = Judgement::new(request);
    if &*request.action.text == "sts:getcalleridentity" {
        return judgement.close(Decision::Allowed);
    }
    let facts = Facts::gather(request, policies);
    judgement.outcome.not_modelled.extend(facts.not_modelled.iter().cloned());
    let denied = Truth::any(facts.layers().map(Said::deny));
    if denied == Truth::True {
        facts.layers().for_each(|said| judgement.statements(said.layer, &said.denies, Truth::True));
        return judgement.close(Decision::ExplicitlyDenied);
    }
    // A trust policy cannot take back a Deny; short of one, everything hangs on it.
    if request.scope == Scope::Role && policies.resource.is_none() {
        judgement
            .outcome
            .not_modelled
            .push("the trust policy of the role to assume is not judged".to_owned());
    }
    let access = match request.scope {
        // Like a key policy, a trust policy must let the caller in: no identity policy alone does.
        Scope::Role if policies.resource.is_some() && is_at_home(request) => {
            kms::same_account(request, &facts, &[])
        }
        Scope::Role | Scope::Other => general(request, &facts),
        Scope::NoResource | Scope::Alias | Scope::Key | Scope::NewKey => {
            kms::access(request, &facts, &policies.grants)
        }
    };
    let accessible = Truth::any(access.paths.iter().map(Path::truth));
    let fences = || facts.scp.iter().chain(&facts.endpoint);
    let allowed = Truth::all(fences().map(Said::allow)).min(accessible);
    if allowed == Truth::False {
        if accessible == Truth::False {
            judgement.outcome.decided_by.extend(blame(&access));
        }
        let closed = fences().filter(|said| said.allow() == Truth::False).map(|said| said.layer);
        judgement.outcome.decided_by.extend(closed);
        judgement.perhaps(&facts);
        return judgement.close(Decision::ImplicitlyDenied);
    }
    if allowed.min(denied.not()) == Truth::True {
        judgement.allowed(&facts, &access);
        return judgement.close(Decision::Allowed);
    }
    judgement.undecided(&facts, &access, allowed);
    judgement.close(Decision::Undecided)
}

/// The layers whose Allow is missing on the path that came nearest.
fn blame(access: &Access<'_>) -> Vec<Layer> {
    let open = access.paths.iter().filter(|path| path.door.truth() != Truth::False);
    let nearest = open.min_by_key(|path| path.missing().count());
    nearest.map_or_else(|| access.closed.clone(), |path| path.missing().collect())
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
        let path = Path::new(Door::AnyResource(truth), Vec::new());
        return Access { paths: vec![path], closed: vec![Layer::Resource] };
    }
    if request.is_cross_account() {
        let own = own_side(request, facts);
        let mut closed = vec![Layer::Resource];
        closed.extend(own.iter().filter(|(_, truth)| *truth == Truth::False).map(|(layer, _)| *layer));
        let truth = facts.resource.as_ref().map_or(Truth::False, Said::allow);
        return Access { paths: vec![Path::new(Door::AnyResource(truth), own)], closed };
    }
    let identity = Door::Layer(Layer::Identity, identity_allow(request, facts));
    let exact = Door::Resource(Naming::Exact, admitted(Naming::Exact));
    let broad = Door::Resource(Naming::Broad, admitted(Naming::Broad));
    let paths = vec![
        Path::new(exact, Vec::new()),
        Path::new(identity, limits(facts)),
        Path::new(broad, limits(facts)),
    ];
    Access { paths, closed: vec![Layer::Identity] }
}

/// The identity policies; an account's root user needs none.
pub(super) fn identity_allow(request: &Request, facts: &Facts<'_>) -> Truth {
    if matches!(request.caller.identity, Identity::Root) {
        return Truth::True;
    }
    facts.identity.as_ref().map_or(Truth::False, Said::allow)
}

/// What boundary and session policy leave of the identity policies.
pub(super) fn limits(facts: &Facts<'_>) -> Vec<(Layer, Truth)> {
    facts.boundary.iter().chain(&facts.session).map(|said| (said.layer, said.allow())).collect()
}

/// Everything the caller's own account must allow.
pub(super) fn own_side(request: &Request, facts: &Facts<'_>) -> Vec<(Layer, Truth)> {
    let mut sides = vec![(Layer::Identity, identity_allow(request, facts))];
    sides.extend(limits(facts));
    sides
}

fn reference(layer: Layer, hit: &Hit<'_>) -> StatementRef {
    StatementRef {
        layer,
        target: hit.target.cloned(),
        sid: hit.statement.sid.clone(),
        effect: hit.statement.effect,
    }
}

/// An outcome in the making.
struct Judgement<'r> {
    request: &'r Request,
    outcome: Outcome,
}

impl<'r> Judgement<'r> {
    fn new(request: &'r Request) -> Self {
        let outcome = Outcome {
            decision: Decision::ImplicitlyDenied,
            decided_by: Vec::new(),
            statements: Vec::new(),
            not_modelled: request.not_modelled.clone(),
            unknown: BTreeSet::new(),
            perhaps: Vec::new(),
        };
        Self { request, outcome }
    }

    fn close(mut self, decision: Decision) -> Outcome {
        self.outcome.decision = decision;
        self.outcome.decided_by.sort_unstable();
        self.outcome.decided_by.dedup();
        self.outcome.not_modelled.sort_unstable();
        self.outcome.not_modelled.dedup();
        self.outcome
    }

    /// Names the statements of a layer that match for certain or perhaps.
    fn statements(&mut self, layer: Layer, hits: &[Hit<'_>], truth: Truth) {
        for hit in hits.iter().filter(|hit| hit.truth == truth) {
            self.outcome.decided_by.push(layer);
            self.outcome.statements.push(reference(layer, hit));
            if truth == Truth::Unknown {
                self.outcome.unknown.extend(self.unknown_keys(hit));
            }
        }
    }

    /// Names the Deny statements that may match beside a missing Allow.
    fn perhaps(&mut self, facts: &Facts<'_>) {
        for said in facts.layers() {
            for hit in said.denies.iter().filter(|hit| hit.truth == Truth::Unknown) {
                let unknown = self.unknown_keys(hit).collect();
                self.outcome.perhaps.push(Perhaps { statement: reference(said.layer, hit), unknown });
            }
        }
    }

    fn unknown_keys<'h>(&self, hit: &Hit<'h>) -> impl Iterator<Item = String> + use<'h, 'r> {
        let keys = &self.request.keys;
        hit.statement.keys().filter(|key| keys.find(key) == Some(&Fact::Unknown)).map(str::to_owned)
    }

    fn allows_of(&mut self, said: Option<&Said<'_>>) {
        if let Some(said) = said {
            self.statements(said.layer, &said.allows, Truth::True);
        }
    }

    fn grant(&mut self, grant: &Grant) {
        self.outcome.decided_by.push(Layer::Grant);
        self.outcome.statements.push(StatementRef {
            layer: Layer::Grant,
            target: None,
            sid: Some(grant.id.clone()),
            effect: Effect::Allow,
        });
    }

    /// Names what granted: the statements of the first open path.
    fn allowed(&mut self, facts: &Facts<'_>, access: &Access<'_>) {
        let Some(path) = access.paths.iter().find(|path| path.truth() == Truth::True) else { return };
        self.outcome.decided_by.extend(path.granting());
        for layer in path.granting() {
            match (layer, &path.door) {
                (Layer::Identity, _) => self.allows_of(facts.identity.as_ref()),
                (Layer::Resource, Door::Resource(naming, _)) => {
                    let hits = facts.resource.iter().flat_map(|said| &said.allows);
                    let hits: Vec<Hit<'_>> = hits.filter(|hit| hit.naming == *naming).copied().collect();
                    self.statements(layer, &hits, Truth::True);
                }
                (Layer::Resource, _) => self.allows_of(facts.resource.as_ref()),
                (Layer::Grant, Door::Grant(grant, _)) => self.grant(grant),
                (Layer::Grant, _) => path.beside.iter().for_each(|grant| self.grant(grant)),
                _ => {}
            }
        }
    }

    /// Names what hangs on unknown keys.
    fn undecided(&mut self, facts: &Facts<'_>, access: &Access<'_>, allowed: Truth) {
        for said in facts.layers() {
            self.statements(said.layer, &said.denies, Truth::Unknown);
            if allowed == Truth::Unknown && said.allow() == Truth::Unknown {
                self.statements(said.layer, &said.allows, Truth::Unknown);
            }
        }
        for path in access.paths.iter().filter(|_| allowed == Truth::Unknown) {
            let door = if let Door::Grant(grant, Truth::Unknown) = path.door { Some(grant) } else { None };
            if let Some(grant) = door.or(path.beside) {
                self.grant(grant);
                self.outcome.unknown.extend(grant.unknown_keys(self.request));
            }
        }
    }
}
