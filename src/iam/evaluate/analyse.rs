//! What each kind of policy says on its own, before anything is combined.

use std::sync::Arc;

use crate::iam::condition::Truth;
use crate::iam::evaluate::compiled::Statement;
use crate::iam::evaluate::list::List;
use crate::iam::evaluate::principal::Naming;
use crate::iam::evaluate::request::{Request, Scope};
use crate::iam::evaluate::{Compiled, Layer, Level, Policies};
use crate::iam::policy::Effect;

/// A statement that matches, or may match.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hit<'p> {
    pub(super) target: Option<&'p Arc<str>>,
    pub(super) statement: &'p Statement,
    pub(super) naming: Naming,
    pub(super) truth: Truth,
}

/// The statements of a layer that match or may match; there are seldom more
/// than a few.
pub(super) type Hits<'p> = List<Hit<'p>, 3>;

/// What one layer says: the statements that match or may match.
#[derive(Debug)]
pub(super) struct Said<'p> {
    pub(super) layer: Layer,
    pub(super) allows: Hits<'p>,
    pub(super) denies: Hits<'p>,
    /// Whether the layer is asked at all.
    pub(super) asked: Truth,
    /// By how closely an Allow names the caller.
    allowed: [Truth; 3],
    denied: Truth,
}

/// What the levels of an organisation say together.
#[derive(Debug)]
pub(super) struct Chain<'p> {
    /// Whether every level allows.
    pub(super) allow: Truth,
    /// Of all levels the Denies, and of the levels that may allow what may.
    pub(super) said: Said<'p>,
}

/// What all layers say. A layer that does not apply to the request is `None`.
#[derive(Debug)]
pub(super) struct Facts<'p> {
    pub(super) identity: Option<Said<'p>>,
    pub(super) resource: Option<Said<'p>>,
    pub(super) boundary: Option<Said<'p>>,
    pub(super) session: Option<Said<'p>>,
    pub(super) endpoint: Option<Said<'p>>,
    pub(super) scp: Option<Chain<'p>>,
    pub(super) rcp: Option<Said<'p>>,
    pub(super) not_modelled: Vec<String>,
}

impl<'p> Said<'p> {
    pub(super) fn nothing(layer: Layer) -> Self {
        let (allows, denies) = (Hits::new(), Hits::new());
        Self { layer, allows, denies, asked: Truth::True, allowed: [Truth::False; 3], denied: Truth::False }
    }

    pub(super) fn add(&mut self, hit: Hit<'p>) {
        match hit.statement.effect {
            Effect::Allow => {
                if let Some(allowed) = self.allowed.get_mut(usize::from(hit.naming.rank())) {
                    *allowed = hit.truth.max(*allowed);
                }
                self.allows.push(hit);
            }
            Effect::Deny => {
                self.denied = hit.truth.max(self.denied);
                self.denies.push(hit);
            }
        }
    }

    pub(super) fn allow(&self) -> Truth {
        Truth::any(self.allowed)
    }

    /// Allowed by a statement that names the caller this closely.
    pub(super) fn allow_by(&self, naming: Naming) -> Truth {
        self.allowed.get(usize::from(naming.rank())).copied().unwrap_or(Truth::False)
    }

    pub(super) fn deny(&self) -> Truth {
        self.denied
    }
}

impl<'p> Facts<'p> {
    pub(super) fn gather(request: &Request, policies: &'p Policies) -> Self {
        let caller_has_policies = request.caller.account().is_some();
        let mut reader = Reader {
            request,
            bounded: caller_has_policies && !policies.permission_boundaries.is_empty(),
            not_modelled: Vec::new(),
        };
        let session = policies.session.as_slice();
        let own = |reader: &mut Reader<'_>, layer, policies: &'p [Compiled]| {
            (caller_has_policies && !policies.is_empty()).then(|| reader.said(layer, None, policies))
        };
        let identity = caller_has_policies.then(|| reader.said(Layer::Identity, None, &policies.identity));
        let boundary = own(&mut reader, Layer::PermissionBoundary, &policies.permission_boundaries);
        let session = own(&mut reader, Layer::Session, session);
        let resource = policies
            .resource
            .as_slice()
            .first()
            .filter(|_| governed_by_resource(request))
            .map(|policy| reader.said(Layer::Resource, None, std::slice::from_ref(policy)));
        let endpoint = (!policies.endpoint.is_empty()).then(|| reader.endpoint(&policies.endpoint)).flatten();
        let scp = policies.scp.as_ref().filter(|_| request.exempt.scp.is_none());
        let scp = scp.map(|levels| reader.service_control(levels));
        let rcp = policies.rcp.as_ref().filter(|_| request.exempt.rcp.is_none());
        let rcp = rcp.map(|levels| reader.resource_control(levels));
        Self { identity, resource, boundary, session, endpoint, scp, rcp, not_modelled: reader.not_modelled }
    }

    /// Every layer that said something, in the order of reporting.
    pub(super) fn layers(&self) -> impl Iterator<Item = &Said<'p>> {
        let scp = self.scp.as_ref().map(|chain| &chain.said);
        let first = self.identity.iter().chain(&self.resource).chain(scp).chain(&self.rcp);
        first.chain(&self.boundary).chain(&self.session).chain(&self.endpoint)
    }

    /// Whether any layer denies.
    pub(super) fn denied(&self) -> Truth {
        Truth::any(self.layers().map(Said::deny))
    }

    /// What must allow beside the path of access: SCPs and the endpoint.
    pub(super) fn fences(&self) -> impl Iterator<Item = (Layer, Truth)> {
        let scp = self.scp.as_ref().map(|chain| (Layer::ServiceControl, chain.allow));
        let endpoint = self.endpoint.as_ref();
        scp.into_iter().chain(endpoint.map(|said| (said.layer, said.allow().max(said.asked.not()))))
    }
}

/// A key policy has no say where there is no key, on the alias half of an
/// alias operation, and on `RetireGrant` (KMS developer guide, read 2026-11).
pub(super) fn governed_by_resource(request: &Request) -> bool {
    matches!(request.scope, Scope::Key | Scope::Role | Scope::Other) && !request.action.retires
}

pub(super) struct Reader<'r> {
    pub(super) request: &'r Request,
    pub(super) bounded: bool,
    pub(super) not_modelled: Vec<String>,
}

impl Reader<'_> {
    pub(super) fn said<'p>(
        &mut self,
        layer: Layer,
        target: Option<&'p Arc<str>>,
        policies: &'p [Compiled],
    ) -> Said<'p> {
        let mut said = Said::nothing(layer);
        self.hits(layer, target, policies).for_each(|hit| said.add(hit));
        said
    }

    fn hits<'p>(
        &mut self,
        layer: Layer,
        target: Option<&'p Arc<str>>,
        policies: &'p [Compiled],
    ) -> impl Iterator<Item = Hit<'p>> {
        let statements = policies.iter().flat_map(|policy| policy.statements.iter());
        statements.filter_map(move |statement| {
            let naming = self.named(layer, statement)?;
            let truth = statement.applies(self.request);
            (truth != Truth::False).then_some(Hit { target, statement, naming, truth })
        })
    }

    fn named(&mut self, layer: Layer, statement: &Statement) -> Option<Naming> {
        if !statement.names_action(&self.request.action) {
            return None;
        }
        let naming = statement.naming(self.request, has_principals(layer), self.bounded)?;
        self.not_modelled.extend_from_slice(&statement.doubts);
        if matches!(layer, Layer::Resource | Layer::ResourceControl) && statement.asks_for_aliases() {
            let note = "`kms:ResourceAliases` is documented for identity policies and SCPs only; here it was taken to work";
            self.not_modelled.push(note.to_owned());
        }
        Some(naming)
    }

    fn service_control<'p>(&mut self, levels: &'p [Level]) -> Chain<'p> {
        let mut chain = Chain { allow: Truth::True, said: Said::nothing(Layer::ServiceControl) };
        for level in levels {
            let mut allow = Truth::False;
            for hit in self.hits(Layer::ServiceControl, Some(&level.target), &level.policies) {
                match hit.statement.effect {
                    Effect::Allow => allow = hit.truth.max(allow),
                    Effect::Deny => chain.said.add(hit),
                }
            }
            chain.allow = allow.min(chain.allow);
            if allow == Truth::Unknown {
                let hits = self.hits(Layer::ServiceControl, Some(&level.target), &level.policies);
                let open = hits.filter(|hit| hit.statement.effect == Effect::Allow);
                open.for_each(|hit| chain.said.add(hit));
            }
        }
        chain
    }

    /// RCPs reach actions with a resource of a supported service. Where AWS
    /// does not say whether they do, a Deny does not count, and is named.
    fn resource_control<'p>(&mut self, levels: &'p [Level]) -> Said<'p> {
        let mut fences = Said::nothing(Layer::ResourceControl);
        for level in levels {
            let hits = self.hits(Layer::ResourceControl, Some(&level.target), &level.policies);
            hits.for_each(|hit| fences.add(hit));
        }
        let Some(doubt) = rcp_doubt(self.request) else { return fences };
        for hit in fences.denies.iter() {
            let sid = hit.statement.sid.as_deref().unwrap_or("without Sid");
            self.not_modelled.push(format!("the RCP statement `{sid}` was not counted: {doubt}"));
        }
        Said::nothing(Layer::ResourceControl)
    }
}

/// Why it is not certain that RCPs reach this request.
pub(super) fn rcp_doubt(request: &Request) -> Option<&'static str> {
    let service = request.action.text.split(':').next().unwrap_or_default();
    match request.scope {
        Scope::NoResource => Some("whether an RCP reaches an action without a resource is not documented"),
        Scope::Other if !RCP_SERVICES.contains(&service) => {
            Some("whether RCPs reach this service is not known here")
        }
        Scope::Alias | Scope::Key | Scope::NewKey | Scope::Role | Scope::Other => None,
    }
}

/// Whether statements of this layer name their principals.
pub(super) fn has_principals(layer: Layer) -> bool {
    match layer {
        Layer::Resource | Layer::ResourceControl | Layer::Endpoint => true,
        Layer::Identity
        | Layer::ServiceControl
        | Layer::PermissionBoundary
        | Layer::Session
        | Layer::Grant => false,
    }
}

/// Services known to be under RCPs (Organizations user guide, "Services that
/// support RCPs", read 2026-11; AWS lists about 62).
const RCP_SERVICES: [&str; 13] = [
    "aoss",
    "cognito-identity",
    "cognito-idp",
    "dynamodb",
    "ecr",
    "events",
    "kms",
    "logs",
    "s3",
    "secretsmanager",
    "sqs",
    "sts",
    "xray",
];
