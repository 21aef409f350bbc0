//! Whom a principal element means.
//!
//! Principals are names, not patterns: only the lone `*` is a wildcard, and
//! types do not mix (IAM user guide, "Principal" and `NotPrincipal`, read
//! 2026-11).

use crate::iam::arn::{Arn, is_account};
use crate::iam::evaluate::caller::{Caller, Identity, RoleArn};
use crate::iam::policy::{Effect, PrincipalSet, Principals};

/// How closely a statement or grant names the caller. The order is by how
/// much it does on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Naming {
    /// The caller's account: the account decides by its own policies.
    Account,
    /// The caller's role, or everyone: still limited by what the permissions
    /// boundary and the session policy leave out.
    Broad,
    /// The session, the user, the service or the root user itself.
    Exact,
}

impl Naming {
    /// Its place in the order, from 0.
    pub(super) fn rank(self) -> u8 {
        match self {
            Self::Account => 0,
            Self::Broad => 1,
            Self::Exact => 2,
        }
    }
}

/// A compiled principal element.
#[derive(Debug)]
pub(super) struct PrincipalMatcher {
    negated: bool,
    names: Box<[Name]>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Name {
    Everyone,
    /// By its number alone, an account is of any partition.
    Account {
        id: Box<str>,
        partition: Option<Box<str>>,
    },
    Aws(Box<str>),
    /// A role by its ARN; a session's ARN has no path, so that partition,
    /// account and name may have to do.
    Role {
        arn: Box<str>,
        partition: Box<str>,
        account: Box<str>,
        name: Box<str>,
    },
    Service(Box<str>),
}

impl PrincipalMatcher {
    pub(super) fn new(principals: &Principals) -> Self {
        let (negated, set) = match principals {
            Principals::Only(set) => (false, set),
            Principals::AllBut(set) => (true, set),
        };
        let names = match set {
            PrincipalSet::Everyone => Box::from([Name::Everyone]),
            // Identity providers and canonical users never call KMS.
            PrincipalSet::Listed { aws, service, federated: _, canonical_user: _ } => {
                let services = service.iter().map(|name| Name::Service(name.as_str().into()));
                aws.iter().map(|name| Name::aws(name.as_str())).chain(services).collect()
            }
        };
        Self { negated, names }
    }

    /// How the element means the caller, or `None`. `bounded`: the caller has
    /// a permissions boundary.
    pub(super) fn naming(&self, caller: &Caller, effect: Effect, bounded: bool) -> Option<Naming> {
        if !self.negated {
            return self.names.iter().filter_map(|name| name.naming(caller)).max();
        }
        let spared = match effect {
            Effect::Allow => self.names.iter().any(|name| name.naming(caller).is_some()),
            Effect::Deny => self.spares(caller, bounded),
        };
        (!spared).then_some(Naming::Broad)
    }

    /// Whether this is a `NotPrincipal` that lists the caller itself.
    pub(super) fn leaves_out(&self, caller: &Caller) -> bool {
        let lists = |name: &Name| name.naming(caller).is_some_and(|naming| naming > Naming::Account);
        self.negated && self.names.iter().any(lists)
    }

    /// Whether nothing but the lone `*` means the caller.
    pub(super) fn names_nobody_but_everyone(&self, caller: &Caller) -> bool {
        let mut meant = self.names.iter().filter(|name| name.naming(caller).is_some());
        !self.negated && meant.all(|name| matches!(name, Name::Everyone))
    }

    /// Whether a Deny with `NotPrincipal` spares the caller. Its account must
    /// be listed too, for a session also the role; under a permissions
    /// boundary nobody is spared.
    fn spares(&self, caller: &Caller, bounded: bool) -> bool {
        let lists = |wanted: Naming| self.names.iter().any(|name| name.naming(caller) == Some(wanted));
        if self.names.iter().any(|name| matches!(name, Name::Everyone)) {
            return true;
        }
        let account = self.names.iter().any(|name| name.is_account_of(caller));
        match &caller.identity {
            Identity::Root | Identity::Service { .. } => lists(Naming::Exact),
            Identity::User { .. } => !bounded && lists(Naming::Exact) && account,
            Identity::Role { .. } => !bounded && lists(Naming::Exact) && lists(Naming::Broad) && account,
            Identity::FederatedUser { .. } => lists(Naming::Exact) && account,
            Identity::Anonymous => false,
        }
    }
}

impl Name {
    /// An `AWS` principal: `*`, an account, or an ARN.
    pub(super) fn aws(text: &str) -> Self {
        if text == "*" {
            return Self::Everyone;
        }
        if is_account(text) {
            return Self::Account { id: text.into(), partition: None };
        }
        match Arn::parse(text) {
            Some(arn) if arn.service == "iam" && arn.resource == "root" => {
                Self::Account { id: arn.account.into(), partition: Some(arn.partition.into()) }
            }
            Some(arn) if arn.service == "iam" => match arn.resource.strip_prefix("role/") {
                Some(path) => Self::Role {
                    arn: text.into(),
                    partition: arn.partition.into(),
                    account: arn.account.into(),
                    name: path.rsplit('/').next().unwrap_or(path).into(),
                },
                None => Self::Aws(text.into()),
            },
            Some(_) | None => Self::Aws(text.into()),
        }
    }

    /// Whether this is the caller's account. Partitions share no accounts.
    fn is_account_of(&self, caller: &Caller) -> bool {
        let Self::Account { id, partition } = self else { return false };
        let of_partition = |partition| partition == &caller.partition || !caller.tells_partition();
        *id == caller.account && partition.as_ref().is_none_or(of_partition)
    }

    /// As in policies and grants.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Everyone => "*",
            Self::Account { id: text, .. }
            | Self::Aws(text)
            | Self::Role { arn: text, .. }
            | Self::Service(text) => text,
        }
    }

    pub(super) fn naming(&self, caller: &Caller) -> Option<Naming> {
        match (self, &caller.identity) {
            (Self::Everyone, _) => Some(Naming::Broad),
            (Self::Account { .. }, Identity::Root) => self.is_account_of(caller).then_some(Naming::Exact),
            (Self::Account { .. }, _) => self.is_account_of(caller).then_some(Naming::Account),
            (Self::Aws(name), Identity::User { arn, .. } | Identity::FederatedUser { arn }) => {
                (name == arn).then_some(Naming::Exact)
            }
            (Self::Aws(named), Identity::Role { session, .. }) => {
                session.as_ref().filter(|session| *session == named).map(|_| Naming::Exact)
            }
            (
                Self::Role { arn: named, partition, account, name: role },
                Identity::Role { arn, name, session: _ },
            ) => {
                let is_it = match arn {
                    RoleArn::Known(arn) => arn == named,
                    RoleArn::Assumed(_) => {
                        role == name && *account == caller.account && *partition == caller.partition
                    }
                };
                is_it.then_some(Naming::Broad)
            }
            (Self::Service(name), Identity::Service { name: caller }) => {
                (name == caller).then_some(Naming::Exact)
            }
            (Self::Aws(_), Identity::Root | Identity::Service { .. } | Identity::Anonymous)
            | (
                Self::Role { .. },
                Identity::Root
                | Identity::User { .. }
                | Identity::FederatedUser { .. }
                | Identity::Service { .. }
                | Identity::Anonymous,
            )
            | (
                Self::Service(_),
                Identity::Root
                | Identity::User { .. }
                | Identity::Role { .. }
                | Identity::FederatedUser { .. }
                | Identity::Anonymous,
            ) => None,
        }
    }
}
