//! What each kind of policy says on its own, before anything is combined.

use std::sync::Arc;

use crate::iam::condition::Truth;
use crate::iam::evaluate::compiled::Statement;
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

/// What one layer says: the statements that match or may match.
#[derive(Debug)]
pub(super) struct Said<'p> {
    pub(super) layer: Layer,
    pub(super) allows: Vec<Hit<'p>>,
    pub(super) denies: Vec<Hit<'p>>,
}

/// What all layers say. A layer that does not apply to the request is `None`.
#[derive(Debug)]
pub(super) struct Facts<'p> {
    pub(super) identity: Option<Said<'p>>,
    pub(super) resource: Option<Said<'p>>,
    pub(super) boundary: Option<Said<'p>>,
    pub(super) session: Option<Said<'p>>,
    pub(super) endpoint: Option<Said<'p>>,
    /// One entry per level.
    pub(super) scp: Vec<Said<'p>>,
    pub(super) rcp: Vec<Said<'p>>,
    pub(super) not_modelled: Vec<String>,
}

impl Said<'_> {
    pub(super) fn allow(&self) -> Truth {
        Truth::any(self.allows.iter().map(|hit| hit.truth))
    }

    /// Allowed by a statement that names the caller this closely.
    pub(super) fn allow_by(&self, naming: Naming) -> Truth {
        Truth::any(self.allows.iter().filter(|hit| hit.naming == naming).map(|hit| hit.truth))
    }

    pub(super) fn deny(&self) -> Truth {
        Truth::any(self.denies.iter().map(|hit| hit.truth))
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
        let scp = match &policies.scp {
            Some(levels) if !request.exempt.scp => reader.levels(Layer::ServiceControl, levels),
            Some(_) | None => Vec::new(),
        };
        let rcp = match &policies.rcp {
            Some(levels) if !request.exempt.rcp => reader.resource_control(levels),
            Some(_) | None => Vec::new(),
        };
        Self { identity, resource, boundary, session, endpoint, scp, rcp, not_modelled: reader.not_modelled }
    }

    /// Every layer that said something, in the order of reporting.
    pub(super) fn layers(&self) -> impl Iterator<Item = &Said<'p>> {
        let first = self.identity.iter().chain(&self.resource).chain(&self.scp).chain(&self.rcp);
        first.chain(&self.boundary).chain(&self.session).chain(&self.endpoint)
    }
}

/// A key policy has no say where there is no key, on the alias half of an
/// alias operation, and on `RetireGrant` (KMS developer guide, read 2026-11).
fn governed_by_resource(request: &Request) -> bool {
    let retires = request.action.kms.is_some_and(|action| action.name == "RetireGrant");
    matches!(request.scope, Scope::Key | Scope::Role | Scope::Other) && !retires
}

/// What a service does for itself or for its caller does not pass through the
/// caller's endpoint, unless the request says that it came through one.
fn goes_through_endpoint(request: &Request) -> bool {
    let by_service = ["aws:viaawsservice", "aws:principalisawsservice"]
        .iter()
        .any(|key| request.keys.one(key).is_some_and(|value| value.eq_ignore_ascii_case("true")));
    !by_service || request.keys.find("aws:sourcevpce").is_some()
}

struct Reader<'r> {
    request: &'r Request,
    bounded: bool,
    not_modelled: Vec<String>,
}

impl Reader<'_> {
    fn said<'p>(&mut self, layer: Layer, target: Option<&'p Arc<str>>, policies: &'p [Compiled]) -> Said<'p> {
        let mut said = Said { layer, allows: Vec::new(), denies: Vec::new() };
        for statement in policies.iter().flat_map(|policy| policy.statements.iter()) {
            let Some(naming) = self.named(layer, statement) else { continue };
            let truth = statement.applies(self.request);
            if truth == Truth::False {
                continue;
            }
            let hit = Hit { target, statement, naming, truth };
            match statement.effect {
                Effect::Allow => said.allows.push(hit),
                Effect::Deny => said.denies.push(hit),
            }
        }
        said
    }

    fn named(&mut self, layer: Layer, statement: &Statement) -> Option<Naming> {
        if !statement.names_action(&self.request.action) {
            return None;
        }
        let naming = statement.naming(self.request, has_principals(layer), self.bounded)?;
        for pattern in statement.partial_resources() {
            self.not_modelled.push(format!(
                "the resource pattern `{pattern}` is no whole ARN; it was taken to match nothing"
            ));
        }
        let aliases =
            |condition: &&crate::iam::condition::Condition| condition.key() == "kms:resourcealiases";
        if matches!(layer, Layer::Resource | Layer::ResourceControl)
            && statement.conditions.iter().any(|c| aliases(&c))
        {
            let note = "`kms:ResourceAliases` is documented for identity policies and SCPs only; here it was taken to work";
            self.not_modelled.push(note.to_owned());
        }
        Some(naming)
    }

    fn levels<'p>(&mut self, layer: Layer, levels: &'p [Level]) -> Vec<Said<'p>> {
        levels.iter().map(|level| self.said(layer, Some(&level.target), &level.policies)).collect()
    }

    /// The endpoint's say, where the call goes through one. Where it does not,
    /// a Deny is not counted, and named.
    fn endpoint<'p>(&mut self, policies: &'p [Compiled]) -> Option<Said<'p>> {
        if goes_through_endpoint(self.request) {
            return Some(self.said(Layer::Endpoint, None, policies));
        }
        let mut aside = Reader { request: self.request, bounded: self.bounded, not_modelled: Vec::new() };
        if aside.said(Layer::Endpoint, None, policies).deny() != Truth::False {
            let note = "the endpoint policy was not asked, since a service makes the call; \
                        on the way of the caller it would deny";
            self.not_modelled.push(note.to_owned());
        }
        None
    }

    /// RCPs reach actions with a resource of a supported service. Where AWS
    /// does not say whether they do, a Deny does not count, and is named.
    fn resource_control<'p>(&mut self, levels: &'p [Level]) -> Vec<Said<'p>> {
        let mut fences = self.levels(Layer::ResourceControl, levels);
        let service = self.request.action.text.split(':').next().unwrap_or_default();
        let doubt = match self.request.scope {
            Scope::NoResource => "whether an RCP reaches an action without a resource is not documented",
            Scope::Other if !RCP_SERVICES.contains(&service) => {
                "whether RCPs reach this service is not known here"
            }
            Scope::Alias | Scope::Key | Scope::NewKey | Scope::Role | Scope::Other => return fences,
        };
        for hit in fences.iter_mut().flat_map(|level| level.denies.drain(..)) {
            let sid = hit.statement.sid.as_deref().unwrap_or("without Sid");
            self.not_modelled.push(format!("the RCP statement `{sid}` was not counted: {doubt}"));
        }
        fences
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
