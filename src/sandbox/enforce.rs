//! Whether a caller may: every call is judged by [`crate::iam`] with the
//! policies that are in force at that moment, and refused in AWS's words.
//!
//! The words are in [`crate::sandbox::refusal`].

use crate::iam::evaluate::Caller;
use crate::iam::evaluate::Compiled;
use crate::iam::evaluate::Context;
use crate::iam::evaluate::Decision;
use crate::iam::evaluate::Grant;
use crate::iam::evaluate::Policies;
use crate::iam::evaluate::Request;
use crate::iam::evaluate::evaluate;
use crate::model::account::AccountId;
use crate::model::key::KeyManager;
use crate::model::org::PolicyType;
use crate::sandbox::kms::Key;
use crate::sandbox::kms::Place;
use crate::sandbox::principals::Identity;
use crate::sandbox::principals::Kind;
use crate::sandbox::principals::Role;
use crate::sandbox::refusal::implicit;
use crate::sandbox::state::Call;
use crate::sandbox::state::World;
use crate::sandbox::wire::ServiceError;

/// What is asked: an action, on something, with the keys the request carries.
#[derive(Debug, Clone)]
pub(crate) struct Ask<'a> {
    action: String,
    on: On<'a>,
    context: Context,
}

#[derive(Debug, Clone)]
enum On<'a> {
    Nothing,
    Key(&'a Place),
    Alias(String),
    Other(String),
}

impl<'a> Ask<'a> {
    /// A KMS action that has no resource.
    pub(crate) fn on_nothing(action: &str) -> Self {
        Self::new(format!("kms:{action}"), On::Nothing)
    }

    /// A KMS action on a key.
    pub(crate) fn on_key(action: &str, place: &'a Place) -> Self {
        Self::new(format!("kms:{action}"), On::Key(place))
    }

    /// The alias half of an alias operation of the caller's own account.
    pub(crate) fn on_alias(action: &str, call: &Call, name: &str) -> Self {
        let arn = format!("arn:{}:kms:{}:{}:{name}", call.region.partition(), call.region, call.account());
        Self::new(format!("kms:{action}"), On::Alias(arn))
    }

    /// An action of another service, `service:Action`, on an ARN or `*`.
    pub(crate) fn on_other(action: &str, resource: &str) -> Self {
        Self::new(action.to_owned(), On::Other(resource.to_owned()))
    }

    /// The same with condition keys of the request.
    pub(crate) fn with(self, context: Context) -> Self {
        Self { context, ..self }
    }

    fn new(action: String, on: On<'a>) -> Self {
        Self { action, on, context: Context::new() }
    }
}

impl World {
    /// Refuses what the policies in force do not allow.
    pub(crate) fn authorize(&self, call: &Call, ask: &Ask<'_>) -> Result<(), ServiceError> {
        let (key, alias) = match &ask.on {
            On::Key(place) => (self.kms.key(place), place.alias.as_deref()),
            On::Nothing | On::Alias(_) | On::Other(_) => (None, None),
        };
        let mut context = ask.context.clone();
        if let Some(alias) = alias {
            context = context.with("kms:RequestAlias", alias);
        }
        let resource = match (&ask.on, key) {
            (_, Some(key)) => key.arn.as_str(),
            (On::Alias(arn) | On::Other(arn), None) => arn,
            (On::Nothing | On::Key(_), None) => "*",
        };
        self.judge(call, &Case { key, context, ..Case::of(&ask.action, resource) })
    }

    /// The further authorizations of making a key. Identity policies and the
    /// organisation's decide: the key is not there yet, so neither its policy nor
    /// its tags have a say (KMS API reference, `CreateKey`, read 2026-11).
    pub(crate) fn authorize_new(
        &self,
        call: &Call,
        action: &str,
        key: &Key,
        context: Context,
    ) -> Result<(), ServiceError> {
        let action = format!("kms:{action}");
        self.judge(call, &Case { key: Some(key), is_new: true, context, ..Case::of(&action, &key.arn) })
    }

    /// Whether the caller may have the role's credentials: its trust policy and
    /// the caller's own policies.
    pub(crate) fn authorize_assume(
        &self,
        call: &Call,
        action: &str,
        role: &Role,
        context: Context,
    ) -> Result<(), ServiceError> {
        let trust = Some(role.trust.compiled());
        self.judge(call, &Case { context, trust, ..Case::of(action, &role.arn) })
    }

    /// Whether the caller could set the key's policy again, by that policy and
    /// its own. Policies of the organisation play no part.
    pub(crate) fn may_put_policy(&self, call: &Call, key: &Key) -> bool {
        let case = Case { key: Some(key), ..Case::of("kms:PutKeyPolicy", &key.arn) };
        let Ok(request) = self.request(call, &case) else { return false };
        let mut policies = self.own_policies(&call.identity);
        policies.resource = Some(key.policy.compiled());
        evaluate(&request, &policies).decision == Decision::Allowed
    }

    fn judge(&self, call: &Call, case: &Case<'_>) -> Result<(), ServiceError> {
        let refuse = |reason: &str| Err(Self::refusal(call, case.action, case.resource, reason));
        let request = match self.request(call, case) {
            Ok(request) => request,
            Err(problem) => return refuse(&format!("because the request cannot be judged: {problem}")),
        };
        let owner = &owner(call, case);
        let mut policies = self.own_policies(&call.identity);
        policies.scp = self.organizations.chain(call.account(), PolicyType::ServiceControl);
        policies.rcp = self.organizations.chain(owner, PolicyType::ResourceControl);
        if !case.is_new {
            policies.resource = case.key.map(|key| key.policy.compiled()).or_else(|| case.trust.clone());
        }
        policies.grants = case.key.map(|key| self.grants(key)).unwrap_or_default();
        let outcome = evaluate(&request, &policies);
        match outcome.decision {
            Decision::Allowed => Ok(()),
            Decision::ExplicitlyDenied => refuse(&self.explicit(&outcome)),
            Decision::ImplicitlyDenied | Decision::Undecided => refuse(&implicit(&outcome, case.action)),
        }
    }

    fn request(&self, call: &Call, case: &Case<'_>) -> Result<Request, String> {
        let caller = caller(&call.identity)?;
        let owner = &owner(call, case);
        let context = self.context(call, case);
        let mut builder = Request::builder(case.action, case.resource, caller).context(context);
        // A resource with an ARN says itself whose it is.
        if !case.resource.starts_with("arn:") {
            builder = builder.resource_account(owner.as_str());
        }
        if let Some(place) = self.organizations.place(call.account()) {
            builder = builder.caller_organisation(place);
        }
        if let Some(place) = self.organizations.place(owner) {
            builder = builder.resource_organisation(place);
        }
        if case.key.is_some_and(|key| key.manager == KeyManager::Aws) {
            builder = builder.aws_managed_key();
        }
        if case.is_new {
            builder = builder.new_key();
        }
        builder.build().map_err(|error| error.to_string())
    }

    /// What AWS knows of every request and of the key it is about.
    fn context(&self, call: &Call, case: &Case<'_>) -> Context {
        let mut context = case
            .context
            .clone()
            .with("aws:RequestedRegion", call.region.as_str())
            .with("aws:SourceIp", call.source_ip.as_str())
            .with("aws:SecureTransport", "true")
            .with("aws:EpochTime", call.now.unix_timestamp().to_string())
            .with("aws:CurrentTime", call.now.unix_timestamp().to_string())
            .with("aws:userid", call.identity.user_id.as_str());
        if let Some(mfa) = call.identity.mfa {
            context = context.with("aws:MultiFactorAuthPresent", mfa.to_string());
        }
        if let Some(issued) = call.identity.issued {
            context = context.with("aws:TokenIssueTime", issued.unix_timestamp().to_string());
        }
        for (key, value) in self.principal_tags(&call.identity) {
            context = context.with(&format!("aws:PrincipalTag/{key}"), value.as_str());
        }
        let Some(key) = case.key else { return context };
        for (name, value) in key.tags.iter().filter(|_| !case.is_new) {
            context = context.with(&format!("aws:ResourceTag/{name}"), value.as_str());
        }
        context = context
            .with("kms:KeySpec", key.spec.as_str())
            .with("kms:KeyUsage", key.usage.as_str())
            .with("kms:KeyOrigin", key.origin.as_str())
            .with("kms:MultiRegion", key.multi_region.to_string())
            .with_list("kms:ResourceAliases", self.kms.aliases_of(key));
        if key.multi_region {
            context = context.with("kms:MultiRegionKeyType", "PRIMARY");
        }
        context
    }

    fn principal_tags<'a>(
        &'a self,
        identity: &'a Identity,
    ) -> impl Iterator<Item = (&'a String, &'a String)> + use<'a> {
        let own = match &identity.kind {
            Kind::User { .. } => self.principals.user(&identity.arn).map(|user| &user.tags),
            Kind::Session { role_arn, .. } => self.principals.role(role_arn).map(|role| &role.tags),
        };
        // A session's tags replace the role's of the same key.
        let own = own.into_iter().flatten().filter(|(key, _)| !identity.session_tags.contains_key(*key));
        own.chain(&identity.session_tags)
    }

    fn own_policies(&self, identity: &Identity) -> Policies {
        let found = match &identity.kind {
            Kind::User { .. } => {
                self.principals.user(&identity.arn).map(|user| (&user.policies, &user.boundary))
            }
            Kind::Session { role_arn, .. } => {
                self.principals.role(role_arn).map(|role| (&role.policies, &role.boundary))
            }
        };
        let Some((policies, boundary)) = found else { return Policies::default() };
        Policies {
            identity: policies.iter().map(crate::sandbox::policy::Policy::compiled).collect(),
            permission_boundaries: boundary.iter().map(crate::sandbox::policy::Policy::compiled).collect(),
            session: identity.session_policy.as_ref().map(crate::sandbox::policy::Policy::compiled),
            ..Policies::default()
        }
    }

    /// The grants that are in force: those of deleted grantees are not.
    fn grants(&self, key: &Key) -> Vec<Grant> {
        let alive = key.grants.iter().filter(|grant| {
            let terms = &grant.terms;
            terms.grantee_id.is_none()
                || !terms.grantee.contains(":iam:")
                || self.principals.unique_id_of(&terms.grantee) == terms.grantee_id.as_deref()
        });
        alive
            .filter_map(|grant| {
                let terms = &grant.terms;
                let mut judged = Grant::new(&grant.id, &terms.grantee, &terms.operations).ok()?;
                if let Some(retiring) = &terms.retiring {
                    judged = judged.retiring(retiring).ok()?;
                }
                if !terms.context_equals.is_empty() {
                    judged = judged.encryption_context_equals(terms.context_equals.clone());
                } else if !terms.context_subset.is_empty() {
                    judged = judged.encryption_context_subset(terms.context_subset.clone());
                }
                judged.issued_by(terms.issuer.as_str()).ok()
            })
            .collect()
    }
}

/// One authorization.
struct Case<'a> {
    action: &'a str,
    resource: &'a str,
    key: Option<&'a Key>,
    /// Whether the call makes the key.
    is_new: bool,
    context: Context,
    trust: Option<Compiled>,
}

impl<'a> Case<'a> {
    fn of(action: &'a str, resource: &'a str) -> Self {
        Self { action, resource, key: None, is_new: false, context: Context::new(), trust: None }
    }
}

/// Whose the resource is: the key's account, the account in its ARN, or the caller's.
fn owner(call: &Call, case: &Case<'_>) -> AccountId {
    let keys = case.key.map(|key| key.account.clone());
    keys.or_else(|| account_in(case.resource)).unwrap_or_else(|| call.account().clone())
}

fn caller(identity: &Identity) -> Result<Caller, String> {
    let caller = match &identity.kind {
        Kind::User { .. } => Caller::parse(&identity.arn),
        Kind::Session { role_arn, session, .. } => Caller::session(role_arn, session),
    };
    caller.map_err(|error| error.to_string())
}

/// The account that an ARN of a role or user names.
pub(crate) fn account_in(arn: &str) -> Option<AccountId> {
    arn.split(':').nth(4)?.parse().ok()
}
