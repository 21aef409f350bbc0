//! A request: what is asked, by whom, on what, under which circumstances.

use crate::iam::catalogue::Action;
use crate::iam::condition::Keys;
use crate::iam::evaluate::context::Context;
use crate::iam::evaluate::{Caller, RequestBuilder};
use crate::model::org::OrgPath;

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
    pub(super) fn new(text: Box<str>) -> Self {
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

/// The action.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// In lower case, to compare by.
    pub(super) text: Box<str>,
    /// To tell of: in AWS's spelling where it is a KMS action, or as stated.
    pub(super) name: Box<str>,
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

/// Which policies of the organisation do not reach this request, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Exemptions {
    pub(super) scp: Option<Exemption>,
    pub(super) rcp: Option<Exemption>,
}

/// Whom and what policies of an organisation never reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exemption {
    ServiceLinkedRole,
    /// The caller is a service or nobody known.
    NoAccount,
    /// The caller's account to SCPs, the resource's to RCPs.
    ManagementAccount,
    AwsManagedKey,
    /// `RetireGrant` is out of every RCP's reach.
    RetiresGrant,
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

impl Organisation {
    /// Whether id and path are of AWS's form and belong together.
    pub(super) fn check(&self) -> Result<(), RequestError> {
        match self.path.parse::<OrgPath>() {
            Ok(path) if path.organization().as_str() == self.id => Ok(()),
            Ok(_) | Err(_) => {
                Err(RequestError::Organisation { id: self.id.clone(), path: self.path.clone() })
            }
        }
    }
}

/// Why a request could not be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Not `service:Action`.
    #[error("found the action `{0}`, expected `service:Action` without wildcards")]
    Action(String),
    /// Neither the ARN of one thing nor `*`.
    #[error("found the resource `{0}`, expected an ARN without wildcards, or `*` alone")]
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
    /// A key stated against what follows from the rest of the request.
    #[error("the condition key `{key}` is stated as {stated}, but {because}")]
    Contradiction {
        /// The key as stated.
        key: String,
        /// What is stated of it.
        stated: String,
        /// What rules it out.
        because: String,
    },
    /// Not a place in an organisation.
    #[error(
        "found the organization `{id}` with the path `{path}`, expected an id such as `o-a1b2c3d4e5` and the path of the account's parent by ids, such as `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`"
    )]
    Organisation {
        /// The organisation's id.
        id: String,
        /// The path of the account's parent.
        path: String,
    },
    /// One account in two places.
    #[error("caller and resource are of the account `{0}`, but their organizations differ")]
    TwoOrganisations(String),
    /// Caller and resource in different partitions.
    #[error(
        "the caller is of the partition `{caller}` and the resource of `{resource}`; calls do not cross partitions"
    )]
    Partitions {
        /// The caller's.
        caller: String,
        /// The resource's.
        resource: String,
    },
    /// Several values for a key that has one.
    #[error("the condition key `{0}` has a single value, found several")]
    ManyValues(String),
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
            through_endpoint: false,
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
