//! Which layers a request asks, and what a match in one of them is worth.

use crate::iam::condition::Truth;
use crate::iam::evaluate::analyse::{governed_by_resource, rcp_doubt};
use crate::iam::evaluate::caller::Identity;
use crate::iam::evaluate::combine::{identity_allow, judge};
use crate::iam::evaluate::endpoint::goes_through_endpoint;
use crate::iam::evaluate::principal::Naming;
use crate::iam::evaluate::request::{Exemption, Request, Scope};
use crate::iam::evaluate::{Decision, Layer, Policies, StatementRef};
use crate::iam::policy::Effect;

/// What the request acts on, for a person.
pub(super) fn subject(request: &Request) -> String {
    match request.scope {
        Scope::NewKey => "the new key".to_owned(),
        Scope::NoResource | Scope::Alias | Scope::Key | Scope::Role | Scope::Other => {
            format!("`{}`", request.resource.text())
        }
    }
}

/// Why a layer is not asked, whatever it says.
pub(super) fn aside(request: &Request, layer: Layer) -> Option<String> {
    let action = &request.action.name;
    if request.is_always_allowed() {
        return Some(format!("no policy has a say in `{action}`"));
    }
    match layer {
        Layer::Identity | Layer::PermissionBoundary | Layer::Session => {
            let policies = "identity policies, boundary and session policy belong to users and roles";
            let strange = request.caller.account().is_none();
            strange.then(|| format!("{policies}, and the caller is {}", request.caller.name()))
        }
        Layer::Resource if request.action.retires => Some(format!("no key policy has a say in `{action}`")),
        Layer::Resource if !governed_by_resource(request) => Some(without_key_policy(request)),
        Layer::Resource => None,
        Layer::ServiceControl => request.exempt.scp.map(|exemption| beyond_scp(request, exemption)),
        Layer::ResourceControl => {
            let doubt = || rcp_doubt(request).map(str::to_owned);
            request.exempt.rcp.map(beyond_rcp).map(str::to_owned).or_else(doubt)
        }
        Layer::Endpoint => (goes_through_endpoint(request) == Truth::False)
            .then(|| "a service makes the call, and not through the caller's endpoint".to_owned()),
        Layer::Grant => (request.scope != Scope::Key)
            .then(|| format!("no grant has a say in `{action}` on {}", subject(request))),
    }
}

fn without_key_policy(request: &Request) -> String {
    let action = &request.action.name;
    match request.scope {
        Scope::Alias => format!("`{action}` on the alias is the identity policies' business"),
        Scope::NewKey => "no key policy has a say before the key is there".to_owned(),
        Scope::NoResource | Scope::Key | Scope::Role | Scope::Other => {
            format!("`{action}` acts on no key, so no key policy has a say")
        }
    }
}

fn beyond_scp(request: &Request, exemption: Exemption) -> String {
    match exemption {
        Exemption::ServiceLinkedRole => "SCPs do not reach service-linked roles".to_owned(),
        Exemption::ManagementAccount => {
            "SCPs do not reach the management account, and the caller is of it".to_owned()
        }
        Exemption::NoAccount | Exemption::AwsManagedKey | Exemption::RetiresGrant => {
            format!(
                "SCPs reach users and roles of the organisation, and the caller is {}",
                request.caller.name()
            )
        }
    }
}

fn beyond_rcp(exemption: Exemption) -> &'static str {
    match exemption {
        Exemption::ServiceLinkedRole => "RCPs do not reach calls of service-linked roles",
        Exemption::ManagementAccount => "RCPs do not reach resources of the management account",
        Exemption::AwsManagedKey => "RCPs do not reach AWS managed keys",
        Exemption::RetiresGrant => "RCPs do not reach `kms:RetireGrant`",
        Exemption::NoAccount => "the caller has no account",
    }
}

/// What decides beside the policies.
pub(super) fn notes(request: &Request, policies: &Policies) -> Vec<String> {
    let mut notes: Vec<String> = refusal(request).into_iter().collect();
    if request.is_always_allowed() {
        notes.push(format!("`{}` is always allowed", request.action.name));
    } else if notes.is_empty() {
        notes.extend(two_accounts(request));
        notes.extend(shut_key(request, policies));
    }
    if matches!(request.caller.identity, Identity::Root) {
        notes.push("the root user of an account needs no identity policy".to_owned());
    }
    notes
}

/// Why KMS lets the caller in under no policy at all.
fn refusal(request: &Request) -> Option<String> {
    if matches!(request.scope, Scope::Role | Scope::Other) {
        return None;
    }
    if matches!(request.caller.identity, Identity::Anonymous) {
        return Some("KMS refuses unsigned calls, whatever the policies say".to_owned());
    }
    let offered = request.action.kms.is_some_and(|action| action.cross_account);
    let [owner, caller] = accounts(request)?;
    (!offered).then(|| {
        format!(
            "`{}` is not for other accounts, whatever the policies say: the key is of `{owner}`, the caller of \
             `{caller}`",
            request.action.name
        )
    })
}

fn two_accounts(request: &Request) -> Option<String> {
    let [owner, caller] = accounts(request)?;
    Some(format!("the owner's account `{owner}` and the caller's account `{caller}` must both allow"))
}

/// The owner's and the caller's, where they differ.
fn accounts(request: &Request) -> Option<[&str; 2]> {
    let both = [request.resource_account.as_deref()?, request.caller.account()?];
    request.is_cross_account().then_some(both)
}

/// What is missing where the identity policies would allow.
fn shut_key(request: &Request, policies: &Policies) -> Option<String> {
    if request.scope != Scope::Key || request.action.retires || request.caller.account().is_none() {
        return None;
    }
    let judgement = judge(request, policies);
    let (facts, access) = judgement.asked.as_ref()?;
    let shut = judgement.decision == Decision::ImplicitlyDenied
        && access.as_ref().is_some_and(|access| access.blame().contains(&Layer::Resource));
    (shut && identity_allow(request, facts) == Truth::True).then(|| {
        "identity policies alone never open a key: its key policy must name the caller or the caller's account, or a \
         grant must admit the caller"
            .to_owned()
    })
}

/// What a match of an Allow or of a grant is worth in this request.
pub(super) struct Standing {
    ground: Ground,
    /// What else limits the caller, in words.
    limits: Option<&'static str>,
    bounded: bool,
    /// By AWS's general rules, and not by those of keys.
    general: bool,
}

/// On which ground the caller stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ground {
    /// No policy lets it in.
    Refused,
    AnotherAccount,
    OwnAccount,
    /// It has no account.
    None,
}

impl Standing {
    pub(super) fn new(request: &Request, policies: &Policies) -> Self {
        let own = request.caller.account().is_some();
        let bounded = own && !policies.permission_boundaries.is_empty();
        let limits = match (bounded, own && policies.session.is_some()) {
            (true, true) => Some("permissions boundary and session policy"),
            (true, false) => Some("the permissions boundary"),
            (false, true) => Some("the session policy"),
            (false, false) => None,
        };
        let ground = match (request.is_cross_account(), own) {
            _ if refusal(request).is_some() => Ground::Refused,
            (true, _) => Ground::AnotherAccount,
            (false, true) => Ground::OwnAccount,
            (false, false) => Ground::None,
        };
        Self { ground, limits, bounded, general: request.scope == Scope::Other }
    }

    /// Whether the caller has a permissions boundary.
    pub(super) fn bounded(&self) -> bool {
        self.bounded
    }

    /// What else an Allow that names the caller this closely needs.
    pub(super) fn of_statement(&self, statement: &StatementRef, naming: Naming) -> Option<String> {
        if statement.effect == Effect::Deny || statement.layer != Layer::Resource {
            return None;
        }
        match self.ground {
            Ground::Refused => Some("but does not count".to_owned()),
            Ground::OwnAccount => self.at_home(naming),
            Ground::AnotherAccount | Ground::None => None,
        }
    }

    /// What else a grant needs that admits the caller under this name;
    /// `supplied`: the caller's account made it.
    pub(super) fn of_grant(&self, naming: Naming, supplied: bool) -> Option<String> {
        match self.ground {
            Ground::Refused => Some("but does not count".to_owned()),
            Ground::AnotherAccount if supplied => Some(
                "and stands for the caller's identity policies, since the caller's account made it; the key policy or a \
                 grant of the owner's must admit the caller"
                    .to_owned(),
            ),
            Ground::AnotherAccount => Some("and the caller's identity policies must allow too".to_owned()),
            Ground::OwnAccount | Ground::None => self.at_home(naming),
        }
    }

    fn at_home(&self, naming: Naming) -> Option<String> {
        match naming {
            Naming::Account if self.general => None,
            Naming::Account => Some(
                "and leaves the decision to the account: the identity policies must allow too".to_owned(),
            ),
            Naming::Broad => self
                .limits
                .map(|limits| format!("and does not name the caller itself: {limits} must allow too")),
            Naming::Exact => {
                self.limits.map(|limits| format!("and names the caller itself: {limits} need not allow"))
            }
        }
    }
}
