//! A request gathered piece by piece, checked and completed.

use crate::iam::arn::{Arn, is_account};
use crate::iam::catalogue::{ResourceType, action, bit};
use crate::iam::condition::Keys;
use crate::iam::evaluate::Caller;
use crate::iam::evaluate::context::Context;
use crate::iam::evaluate::derive::{self, Organisations};
use crate::iam::evaluate::request::{
    Asked, Exemption, Exemptions, Organisation, Request, RequestError, Resource, Scope,
};

/// Gathers a [`Request`].
#[derive(Debug, Clone)]
pub struct RequestBuilder {
    pub(super) action: String,
    pub(super) resource: String,
    pub(super) resource_account: Option<String>,
    pub(super) caller: Caller,
    pub(super) context: Context,
    pub(super) caller_organisation: Option<Organisation>,
    pub(super) resource_organisation: Option<Organisation>,
    pub(super) aws_managed_key: bool,
    pub(super) new_key: bool,
    pub(super) through_endpoint: bool,
}

impl RequestBuilder {
    /// Asks for another action.
    #[must_use]
    pub fn action(mut self, action: &str) -> Self {
        action.clone_into(&mut self.action);
        self
    }

    /// The account that owns the resource, where the ARN does not tell.
    #[must_use]
    pub fn resource_account(mut self, account: &str) -> Self {
        self.resource_account = Some(account.to_owned());
        self
    }

    /// The condition keys.
    #[must_use]
    pub fn context(mut self, context: Context) -> Self {
        self.context = context;
        self
    }

    /// Where the caller's account is; unset for callers outside any.
    #[must_use]
    pub fn caller_organisation(mut self, organisation: Organisation) -> Self {
        self.caller_organisation = Some(organisation);
        self
    }

    /// Where the resource's account is.
    #[must_use]
    pub fn resource_organisation(mut self, organisation: Organisation) -> Self {
        self.resource_organisation = Some(organisation);
        self
    }

    /// Marks an AWS managed key (`alias/aws/…`); RCPs do not reach those.
    #[must_use]
    pub fn aws_managed_key(mut self) -> Self {
        self.aws_managed_key = true;
        self
    }

    /// Says that the call makes the key: `CreateKey` asks for `kms:TagResource`
    /// and `kms:PutKeyPolicy` too, and identity policies alone answer.
    #[must_use]
    pub fn new_key(mut self) -> Self {
        self.new_key = true;
        self
    }

    /// Says that the call goes through a VPC endpoint, unless a service makes
    /// it.
    #[must_use]
    pub fn through_endpoint(mut self) -> Self {
        self.through_endpoint = true;
        self
    }

    /// Asks on another resource.
    #[must_use]
    pub fn resource(mut self, resource: &str) -> Self {
        resource.clone_into(&mut self.resource);
        self
    }

    /// Asks on another key, of which nothing is told yet: neither its account,
    /// its organisation, its keeper nor its condition keys.
    #[must_use]
    pub fn another_key(self, resource: &str) -> Self {
        Self {
            resource: resource.to_owned(),
            resource_account: None,
            resource_organisation: None,
            aws_managed_key: false,
            context: self.context.without_key(),
            ..self
        }
    }

    /// Checks that caller and resource are of one partition. AWS never sees
    /// anything else; who asks about patterns and not about calls may not care.
    pub fn check_partition(&self) -> Result<(), RequestError> {
        let resource = Arn::parse(&self.resource).map(|arn| arn.partition);
        match resource.filter(|resource| *resource != &*self.caller.partition) {
            Some(resource) if self.caller.tells_partition() => Err(RequestError::Partitions {
                caller: self.caller.partition.to_string(),
                resource: resource.to_owned(),
            }),
            _ => Ok(()),
        }
    }

    /// Checks everything else and derives the condition keys AWS derives.
    pub fn build(self) -> Result<Request, RequestError> {
        let action = asked(&self.action)?;
        let arn = Arn::parse(&self.resource);
        let pattern = arn.is_some_and(|arn| arn.service == "kms" && self.resource.contains(['*', '?']));
        if pattern || arn.is_none() && self.resource != "*" {
            return Err(RequestError::Resource(self.resource));
        }
        let owner = self.owner(arn.as_ref())?;
        let organisations = self.organisations(owner.as_deref())?;
        let mut not_modelled = Vec::new();
        let (scope, resource, alias) = scope(&action, &self.resource, arn, &mut not_modelled);
        let scope = if self.new_key && scope == Scope::Key { Scope::NewKey } else { scope };
        let place = derive::Place { action: &action, scope, owner: owner.as_deref(), alias, organisations };
        let keys = derive::keys(&self, &place)?;
        let exempt = self.exemptions(&action, &keys, organisations);
        if !(exempt.scp.is_some() && exempt.rcp.is_some()) && self.caller.may_be_service_linked_role() {
            not_modelled.push(format!(
                "{} was judged as an ordinary role's session: its ARN does not tell whether the role is service-linked; name it as `{{\"role\": ARN, \"session\": name}}`",
                self.caller.name()
            ));
        }
        Ok(Request {
            action,
            resource: Resource::new(resource),
            scope,
            resource_account: owner,
            caller: self.caller,
            keys,
            exempt,
            not_modelled,
        })
    }

    fn owner(&self, arn: Option<&Arn<'_>>) -> Result<Option<Box<str>>, RequestError> {
        let in_arn = arn.map(|arn| arn.account).filter(|account| is_account(account));
        match (self.resource_account.as_deref(), in_arn) {
            (Some(stated), _) if !is_account(stated) => Err(RequestError::Account(stated.to_owned())),
            (Some(stated), Some(in_arn)) if stated != in_arn => {
                Err(RequestError::Accounts { in_arn: in_arn.to_owned(), stated: stated.to_owned() })
            }
            (Some(stated), _) => Ok(Some(stated.into())),
            (None, Some(in_arn)) => Ok(Some(in_arn.into())),
            (None, None) => Ok(self.caller.account().map(Into::into)),
        }
    }

    /// Where caller and owner are: one account is in one place.
    fn organisations(&self, owner: Option<&str>) -> Result<Organisations<'_>, RequestError> {
        let told = (self.caller_organisation.as_ref(), self.resource_organisation.as_ref());
        [told.0, told.1].into_iter().flatten().try_for_each(Organisation::check)?;
        let account = self.caller.account().filter(|account| owner == Some(*account));
        let (caller, owner) = match (account, told) {
            (Some(account), (Some(caller), Some(owner))) if caller != owner => {
                return Err(RequestError::TwoOrganisations(account.to_owned()));
            }
            (Some(_), (Some(both), None) | (None, Some(both))) => (Some(both), Some(both)),
            (_, told) => told,
        };
        Ok(Organisations { caller, owner })
    }

    fn exemptions(&self, action: &Asked, keys: &Keys, organisations: Organisations<'_>) -> Exemptions {
        let linked = self.caller.is_service_linked_role()
            || keys.one("aws:principalarn").is_some_and(|arn| arn.contains(":role/aws-service-role/"));
        let manages = |organisation: Option<&Organisation>| {
            organisation.is_some_and(|organisation| organisation.management_account)
        };
        let managed_key = self.aws_managed_key || keys.names_aws_managed_alias();
        Exemptions {
            scp: first_of([
                (linked, Exemption::ServiceLinkedRole),
                (self.caller.account().is_none(), Exemption::NoAccount),
                (manages(organisations.caller), Exemption::ManagementAccount),
            ]),
            rcp: first_of([
                (linked, Exemption::ServiceLinkedRole),
                (managed_key, Exemption::AwsManagedKey),
                (action.retires, Exemption::RetiresGrant),
                (manages(organisations.owner), Exemption::ManagementAccount),
            ]),
        }
    }
}

fn first_of<const N: usize>(reasons: [(bool, Exemption); N]) -> Option<Exemption> {
    reasons.into_iter().find_map(|(holds, reason)| holds.then_some(reason))
}

fn asked(text: &str) -> Result<Asked, RequestError> {
    let refused = || RequestError::Action(text.to_owned());
    let (service, name) = text.split_once(':').ok_or_else(refused)?;
    let plain = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    if !plain(service) || !plain(name) {
        return Err(refused());
    }
    let kms = if service.eq_ignore_ascii_case("kms") { action(name) } else { None };
    let retires = kms.is_some_and(|action| action.name == "RetireGrant");
    let name = kms.map_or_else(|| text.into(), |action| format!("kms:{}", action.name).into());
    Ok(Asked { text: text.to_ascii_lowercase().into(), name, kms, bit: kms.map_or(0, bit), retires })
}

/// What the request acts on, the resource to match patterns with, and the
/// alias it names a key by.
fn scope<'a>(
    action: &Asked,
    resource: &str,
    arn: Option<Arn<'a>>,
    not_modelled: &mut Vec<String>,
) -> (Scope, Box<str>, Option<&'a str>) {
    if action.text.starts_with("sts:assumerole") {
        return (Scope::Role, resource.into(), None);
    }
    if !action.text.starts_with("kms:") {
        return (Scope::Other, resource.into(), None);
    }
    let Some(kms) = action.kms else {
        not_modelled.push(format!("`{}` is none of the 56 known KMS actions", action.name));
        return (if resource == "*" { Scope::NoResource } else { Scope::Key }, resource.into(), None);
    };
    let alias = arn.filter(|arn| arn.service == "kms" && arn.resource.starts_with("alias/"));
    match (kms.resource, alias) {
        (ResourceType::None, _) => (Scope::NoResource, "*".into(), None),
        (ResourceType::KeyAndAlias, Some(_)) => (Scope::Alias, resource.into(), None),
        (ResourceType::Key, Some(arn)) => {
            not_modelled.push(format!("`{resource}` names its key by an alias; give the ARN of the key"));
            let key = format!("arn:{}:kms:{}:{}:key/behind-alias", arn.partition, arn.region, arn.account);
            (Scope::Key, key.into(), Some(arn.resource))
        }
        (ResourceType::Key | ResourceType::KeyAndAlias, None) => {
            if !arn.is_some_and(|arn| arn.service == "kms" && arn.resource.starts_with("key/")) {
                not_modelled.push(format!("`kms:{}` acts on a key and `{resource}` is none", kms.name));
            }
            (Scope::Key, resource.into(), None)
        }
    }
}
