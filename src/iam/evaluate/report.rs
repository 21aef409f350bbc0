//! A judgement put into words: which layers and statements decided, what hangs
//! on unknown keys, and what was left out.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::iam::condition::Truth;
use crate::iam::evaluate::access::{Access, Door, Part};
use crate::iam::evaluate::analyse::{Facts, Hit, Said};
use crate::iam::evaluate::combine::Judgement;
use crate::iam::evaluate::endpoint::WAY;
use crate::iam::evaluate::request::{Request, Scope};
use crate::iam::evaluate::unknown::unknown;
use crate::iam::evaluate::{
    Decision, Grant, Layer, Level, Outcome, Perhaps, Policies, StatementRef, unproven,
};
use crate::iam::policy::Effect;

pub(super) fn outcome(request: &Request, policies: &Policies, judgement: &Judgement<'_>) -> Outcome {
    let mut report = Report::new(request);
    let decision = judgement.decision;
    let Some((facts, access)) = &judgement.asked else { return report.close(decision) };
    report.outcome.not_modelled.extend(facts.not_modelled.iter().cloned());
    report.outcome.not_modelled.extend(unproven::tags_of_a_new_key(request, policies));
    let Some(access) = access else {
        facts.layers().for_each(|said| report.statements(said, said.denies.iter(), Truth::True));
        return report.close(decision);
    };
    // A trust policy cannot take back a Deny; short of one, everything hangs on it.
    if request.scope == Scope::Role && policies.resource.is_none() {
        let note = "the trust policy of the role to assume is not judged";
        report.outcome.not_modelled.push(note.to_owned());
    }
    report.outcome.not_modelled.extend(unproven::everyone_and_a_boundary(request, facts, access));
    match decision {
        Decision::Allowed => report.allowed(facts, access),
        Decision::Undecided => report.undecided(facts, access, judgement.allowed),
        Decision::ImplicitlyDenied | Decision::ExplicitlyDenied => {
            report.missing(facts, access);
            report.silent_levels(facts, policies.scp.as_deref().unwrap_or_default());
        }
    }
    report.perhaps(facts);
    report.close(decision)
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
struct Report<'r> {
    request: &'r Request,
    outcome: Outcome,
}

impl<'r> Report<'r> {
    fn new(request: &'r Request) -> Self {
        let outcome = Outcome {
            decision: Decision::ImplicitlyDenied,
            decided_by: Vec::new(),
            statements: Vec::new(),
            at: Vec::new(),
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
    fn statements<'h, 'p: 'h>(
        &mut self,
        said: &Said<'p>,
        hits: impl Iterator<Item = &'h Hit<'p>>,
        truth: Truth,
    ) {
        for hit in hits.filter(|hit| hit.truth == truth) {
            self.outcome.decided_by.push(said.layer);
            self.outcome.statements.push(reference(said.layer, hit));
            if truth == Truth::Unknown {
                self.outcome.unknown.extend(self.unknown_keys(said, hit));
            }
        }
    }

    /// Names the layers whose Allow is missing.
    fn missing(&mut self, facts: &Facts<'_>, access: &Access<'_>) {
        if access.open() == Truth::False {
            self.outcome.decided_by.extend(access.blame());
        }
        let closed = facts.fences().filter(|(_, allow)| *allow == Truth::False);
        self.outcome.decided_by.extend(closed.map(|(layer, _)| layer));
    }

    /// Names the Deny statements that may match.
    fn perhaps(&mut self, facts: &Facts<'_>) {
        for said in facts.layers() {
            for hit in said.denies.iter().filter(|hit| hit.truth == Truth::Unknown) {
                let unknown = self.unknown_keys(said, hit);
                self.outcome.perhaps.push(Perhaps { statement: reference(said.layer, hit), unknown });
            }
        }
    }

    /// Names the levels without an Allow that matches or may match.
    fn silent_levels(&mut self, facts: &Facts<'_>, levels: &[Level]) {
        if facts.scp.as_ref().is_none_or(|chain| chain.allow != Truth::False) {
            return;
        }
        let request = self.request;
        let silent = levels.iter().filter(|level| {
            let mut statements = level.policies.iter().flat_map(|policy| policy.statements.iter());
            !statements.any(|statement| {
                statement.effect == Effect::Allow
                    && statement.names_action(&request.action)
                    && statement.applies(request) != Truth::False
            })
        });
        self.outcome.at.extend(silent.map(|level| Arc::clone(&level.target)));
    }

    fn unknown_keys(&self, said: &Said<'_>, hit: &Hit<'_>) -> BTreeSet<String> {
        let way = WAY.into_iter().filter(|_| said.asked == Truth::Unknown);
        unknown(&self.request.keys, hit.statement.open_keys(self.request).chain(way))
    }

    fn allows_of(&mut self, said: Option<&Said<'_>>) {
        if let Some(said) = said {
            self.statements(said, said.allows.iter(), Truth::True);
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
        if let Door::Grant(grant, _) = &path.door {
            self.grant(grant);
        }
        for layer in path.granting() {
            match (layer, &path.door) {
                (Layer::Identity, _) => self.allows_of(facts.identity.as_ref()),
                (Layer::Resource, Door::Resource(naming, _)) => facts.resource.iter().for_each(|said| {
                    let hits = said.allows.iter().filter(|hit| hit.naming == *naming);
                    self.statements(said, hits, Truth::True);
                }),
                (Layer::Resource, _) => self.allows_of(facts.resource.as_ref()),
                _ => {}
            }
        }
        path.beside.iter().for_each(|grant| self.grant(grant));
    }

    /// Names what hangs on unknown keys.
    fn undecided(&mut self, facts: &Facts<'_>, access: &Access<'_>, allowed: Truth) {
        let open = allowed == Truth::Unknown && access.open() == Truth::Unknown;
        let parts = if open { access.hanging() } else { Vec::new() };
        for said in facts.layers() {
            self.statements(said, said.denies.iter(), Truth::Unknown);
            let by_resource = |hit: &Hit<'_>| {
                let names = [Part::Resource(Some(hit.naming)), Part::Resource(None)];
                said.layer == Layer::Resource && names.iter().any(|name| name.is_in(&parts))
            };
            let open = |hit: &Hit<'_>| Part::Layer(said.layer).is_in(&parts) || by_resource(hit);
            let fences = matches!(said.layer, Layer::ServiceControl | Layer::Endpoint)
                && allowed == Truth::Unknown
                && said.allow() == Truth::Unknown;
            self.statements(said, said.allows.iter().filter(|hit| fences || open(hit)), Truth::Unknown);
        }
        for part in parts {
            if let Part::Grant(grant) = part {
                self.grant(grant);
                self.outcome.unknown.extend(grant.unknown_keys(self.request));
            }
        }
        self.way(facts, allowed);
    }

    /// Names an endpoint that lets nothing through, if the call comes that way.
    fn way(&mut self, facts: &Facts<'_>, allowed: Truth) {
        let Some(said) = &facts.endpoint else { return };
        if allowed == Truth::Unknown && said.asked == Truth::Unknown && said.allow() != Truth::True {
            self.outcome.decided_by.push(Layer::Endpoint);
            self.outcome.unknown.extend(unknown(&self.request.keys, WAY.into_iter()));
        }
    }
}
