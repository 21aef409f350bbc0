//! A request: what is asked, by whom, on what, under which circumstances.

use crate::iam::arn::{Arn, is_account};
use crate::iam::catalogue::{Action, ResourceType, action, bit};
use crate::iam::condition::Keys;
use crate::iam::evaluate::context::Context;
use crate::iam::evaluate::{Caller, derive};

/// A complete, checked request: one authorization. An API call that needs
/// several ([`crate::iam::catalogue::authorizations`]) is several requests.
#[derive(Debug, Clone)]
pub struct Request {
    pub(super) action: Asked,
    pub(super) resource: Resource,
    pub(super) scope: Scope,
    pub(super) resource_account: Option<Box<str>>,
    pub(super) caller: Caller,
    pub(super) keys: Keys,
    pub(super) exempt: Exemptions,
    pub(super) not_modelled: Vec<String>,
}

/// The resource to match patterns with: an ARN, or `*`.
#[derive(Debug, Clone)]
pub(super) struct Resource {
    text: Box<str>,
    /// Where the fields of an ARN end.
    ends: Option<[usize; 5]>,
}

impl Resource {
    fn new(text: Box<str>) -> Self {
        let mut colons = text.match_indices(':').map(|(at, _)| at);
        let mut next = || colons.next();
        let mut ends = || Some([next()?, next()?, next()?, next()?, next()?]);
        Self { ends: ends(), text }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The six fields; `None` for `*`.
    pub(super) fn fields(&self) -> Option<[&str; 6]> {
        let [first, second, third, fourth, fifth] = self.ends?;
        let between = |from: usize, to: usize| self.text.get(from.checked_add(1)?..to);
        Some([
            self.text.get(..first)?,
            between(first, second)?,
            between(second, third)?,
            between(third, fourth)?,
            between(fourth, fifth)?,
            self.text.get(fifth.checked_add(1)?..)?,
        ])
    }
}

/// The action, in lower case.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) text: Box<str>,
    /// Its row, when it is one of the KMS actions.
    pub(super) kms: Option<&'static Action>,
    /// The row's bit; 0 without a row.
    pub(super) bit: u64,
    /// It is `RetireGrant`, which hardly any policy governs.
    pub(super) retires: bool,
}

/// What the request acts on, as far as the rules differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// A KMS action without a resource, such as `CreateKey`.
    NoResource,
    /// The alias half of an alias operation.
    Alias,
    /// A KMS key.
    Key,
    /// A key that this very call makes: no policy of its own governs it yet.
    NewKey,
    /// A role to assume; its trust policy is the resource policy.
    Role,
    /// Something of another service.
    Other,
}

/// Which policies of the organisation do not reach this request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Exemptions {
    pub(super) scp: bool,
    pub(super) rcp: bool,
}

/// An account's place in its organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// The organisation's id, `o-…`.
    pub id: String,
    /// The path of the account's parent: `o-…/r-…/ou-…/`.
    pub path: String,
    /// Whether the account is the management account.
    pub management_account: bool,
}

/// Why a request could not be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Not `service:Action`.
    #[error("found the action `{0}`, expected `service:Action` without wildcards")]
    Action(String),
    /// Neither an ARN nor `*`.
    #[error("found the resource `{0}`, expected an ARN or `*`")]
    Resource(String),
    /// The ARN and the stated account differ.
    #[error("the resource belongs to account `{in_arn}` by its ARN and to `{stated}` by `resource_account`")]
    Accounts {
        /// In the ARN.
        in_arn: String,
        /// Stated beside it.
        stated: String,
    },
    /// Not an account number.
    #[error("found the account `{0}`, expected twelve digits")]
    Account(String),
    /// Not an ARN of a caller.
    #[error(
        "found the principal `{0}`, expected the ARN of a root user, user, role, assumed-role session or federated user"
    )]
    Caller(String),
    /// Not a service principal.
    #[error("found the service `{0}`, expected a service principal such as `logs.amazonaws.com`")]
    Service(String),
    /// Not a grantee.
    #[error("found the grantee `{0}`, expected an ARN, an account or a service principal")]
    Grantee(String),
    /// Not an operation that a grant can hold.
    #[error("found the grant operation `{0}`, expected one a grant may list, such as `Decrypt`")]
    GrantOperation(String),
    /// One condition key in two spellings.
    #[error(
        "the condition key `{0}` is stated twice in different letter case; AWS does not define which one counts"
    )]
    KeyTwice(String),
    /// Several values for a key that has one.
    #[error("the condition key `{0}` has a single value, found several")]
    ManyValues(String),
}

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
}

impl Request {
    /// Starts a request: `service:Action` on an ARN or `*`.
    pub fn builder(action: &str, resource: &str, caller: Caller) -> RequestBuilder {
        RequestBuilder {
            action: action.to_owned(),
            resource: resource.to_owned(),
            resource_account: None,
            caller,
            context: Context::new(),
            caller_organisation: None,
            resource_organisation: None,
            aws_managed_key: false,
            new_key: false,
        }
    }

    /// Whether caller and resource are in different accounts. Services and
    /// unsigned callers have no account.
    pub(super) fn is_cross_account(&self) -> bool {
        match (self.caller.account(), self.resource_account.as_deref()) {
            (Some(caller), Some(owner)) => caller != owner,
            (None, _) | (_, None) => false,
        }
    }

    /// Whether it is `sts:GetCallerIdentity`, which nobody can be denied.
    pub(super) fn is_always_allowed(&self) -> bool {
        self.scope == Scope::Other && &*self.action.text == "sts:getcalleridentity"
    }
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

    /// Asks on another resource.
    #[must_use]
    pub fn resource(mut self, resource: &str) -> Self {
        resource.clone_into(&mut self.resource);
        self
    }

    /// Checks everything and derives the condition keys AWS derives.
    pub fn build(self) -> Result<Request, RequestError> {
        let action = asked(&self.action)?;
        let arn = Arn::parse(&self.resource);
        if arn.is_none() && self.resource != "*" {
            return Err(RequestError::Resource(self.resource));
        }
        let owner = self.owner(arn.as_ref())?;
        let mut not_modelled = Vec::new();
        let (scope, resource, alias) = scope(&action, &self.resource, arn, &mut not_modelled);
        let scope = if self.new_key && scope == Scope::Key { Scope::NewKey } else { scope };
        let place = derive::Place { action: &action, scope, owner: owner.as_deref(), alias };
        let keys = derive::keys(&self, &place)?;
        let exempt = self.exemptions(&action, &keys);
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

    fn exemptions(&self, action: &Asked, keys: &Keys) -> Exemptions {
        let linked = self.caller.is_service_linked_role()
            || keys.one("aws:principalarn").is_some_and(|arn| arn.contains(":role/aws-service-role/"));
        let manages = |organisation: &Option<Organisation>| {
            organisation.as_ref().is_some_and(|organisation| organisation.management_account)
        };
        let managed_key = self.aws_managed_key || keys.names_aws_managed_alias();
        Exemptions {
            scp: linked || self.caller.account().is_none() || manages(&self.caller_organisation),
            rcp: linked || managed_key || action.retires || manages(&self.resource_organisation),
        }
    }
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
    Ok(Asked { text: text.to_ascii_lowercase().into(), kms, bit: kms.map_or(0, bit), retires })
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
        not_modelled.push(format!("`{}` is none of the 56 known KMS actions", action.text));
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
