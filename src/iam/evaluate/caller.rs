//! Who makes the request.

use crate::iam::arn::{Arn, is_account};
use crate::iam::evaluate::RequestError;

/// A caller: an account's root user, a user, a role's session, a federated
/// user, an AWS service, or nobody known.
///
/// A call that a service makes with its caller's forwarded identity (FAS) is a
/// call of that caller; `kms:ViaService` in the context tells it apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub(super) identity: Identity,
    pub(super) partition: Box<str>,
    /// Empty for services and for nobody.
    pub(super) account: Box<str>,
}

/// The kinds of caller, each with what policies can name it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Identity {
    Root,
    User { arn: Box<str>, name: Box<str> },
    Role { arn: RoleArn, name: Box<str>, session: Option<Box<str>> },
    FederatedUser { arn: Box<str> },
    Service { name: Box<str> },
    Anonymous,
}

/// A session's ARN does not tell its role's path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RoleArn {
    Known(Box<str>),
    /// Without a path; right for most roles.
    Assumed(Box<str>),
}

impl RoleArn {
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Known(arn) | Self::Assumed(arn) => arn,
        }
    }
}

impl Caller {
    /// Reads the ARN of a root user, user, role, role session
    /// (`arn:aws:sts::…:assumed-role/Name/session`) or federated user. A bare
    /// account number is its root user.
    pub fn parse(text: &str) -> Result<Self, RequestError> {
        if is_account(text) {
            return Ok(Self { identity: Identity::Root, partition: "aws".into(), account: text.into() });
        }
        let refused = || RequestError::Caller(text.to_owned());
        let arn = Arn::parse(text)
            .filter(|arn| is_account(arn.account) && arn.region.is_empty() && !text.contains(['*', '?']))
            .ok_or_else(refused)?;
        let (kind, name) = arn.resource.split_once('/').unwrap_or((arn.resource, ""));
        let last = || name.rsplit('/').next().filter(|last| !last.is_empty()).ok_or_else(refused);
        let identity = match (arn.service, kind) {
            ("iam", "root") if name.is_empty() => Identity::Root,
            ("iam", "user") => Identity::User { arn: text.into(), name: last()?.into() },
            ("iam", "role") => {
                Identity::Role { arn: RoleArn::Known(text.into()), name: last()?.into(), session: None }
            }
            ("sts", "federated-user") if !name.is_empty() => Identity::FederatedUser { arn: text.into() },
            ("sts", "assumed-role") => {
                let (role, session) = name.split_once('/').ok_or_else(refused)?;
                if role.is_empty() || session.is_empty() {
                    return Err(refused());
                }
                let role_arn = format!("arn:{}:iam::{}:role/{role}", arn.partition, arn.account);
                Identity::Role {
                    arn: RoleArn::Assumed(role_arn.into()),
                    name: role.into(),
                    session: Some(text.into()),
                }
            }
            _ => return Err(refused()),
        };
        Ok(Self { identity, partition: arn.partition.into(), account: arn.account.into() })
    }

    /// A session of the role with this ARN, path included.
    pub fn session(role_arn: &str, session_name: &str) -> Result<Self, RequestError> {
        let mut caller = Self::parse(role_arn)?;
        let Identity::Role { name, session, .. } = &mut caller.identity else {
            return Err(RequestError::Caller(role_arn.to_owned()));
        };
        if session_name.is_empty() || session.is_some() {
            return Err(RequestError::Caller(format!("{role_arn} as {session_name}")));
        }
        let arn =
            format!("arn:{}:sts::{}:assumed-role/{name}/{session_name}", caller.partition, caller.account);
        *session = Some(arn.into());
        Ok(caller)
    }

    /// An AWS service calling for itself, such as `logs.amazonaws.com`.
    pub fn service(name: &str) -> Result<Self, RequestError> {
        if !name.contains('.') || name.contains([':', '/', '*', ' ']) {
            return Err(RequestError::Service(name.to_owned()));
        }
        Ok(Self {
            identity: Identity::Service { name: name.into() },
            partition: "aws".into(),
            account: "".into(),
        })
    }

    /// An unsigned request.
    pub fn anonymous() -> Self {
        Self { identity: Identity::Anonymous, partition: "aws".into(), account: "".into() }
    }

    /// The account of a user, role, federated user or root user.
    pub fn account(&self) -> Option<&str> {
        (!self.account.is_empty()).then_some(&*self.account)
    }

    /// Whether the partition is told; an account number alone, a service and
    /// nobody known are of any.
    pub(super) fn tells_partition(&self) -> bool {
        !matches!(self.identity, Identity::Root | Identity::Service { .. } | Identity::Anonymous)
    }

    /// The caller for a person: its most exact ARN, its service, or nobody.
    pub(super) fn name(&self) -> String {
        match &self.identity {
            Identity::Role { session: Some(arn), .. } => format!("`{arn}`"),
            Identity::Service { name } => format!("the service `{name}`"),
            Identity::Anonymous => "nobody known".to_owned(),
            Identity::Root
            | Identity::User { .. }
            | Identity::Role { session: None, .. }
            | Identity::FederatedUser { .. } => format!("`{}`", self.principal_arn().unwrap_or_default()),
        }
    }

    /// The value of `aws:PrincipalArn`: for a session the ARN of its role.
    pub fn principal_arn(&self) -> Option<String> {
        match &self.identity {
            Identity::Root => Some(format!("arn:{}:iam::{}:root", self.partition, self.account)),
            Identity::User { arn, .. } | Identity::FederatedUser { arn } => Some(arn.to_string()),
            Identity::Role { arn, .. } => Some(arn.as_str().to_owned()),
            Identity::Service { .. } | Identity::Anonymous => None,
        }
    }

    /// The value of `aws:PrincipalType`; a service has none.
    pub(super) fn kind(&self) -> Option<&'static str> {
        match &self.identity {
            Identity::Root => Some("Account"),
            Identity::User { .. } => Some("User"),
            Identity::Role { .. } => Some("AssumedRole"),
            Identity::FederatedUser { .. } => Some("FederatedUser"),
            Identity::Anonymous => Some("Anonymous"),
            Identity::Service { .. } => None,
        }
    }

    /// Whether this is a session of a service-linked role. AWS reserves the
    /// path, which a session's ARN does not have, and not the name: anybody
    /// may call a role `AWSServiceRoleForSomething` (IAM user guide,
    /// "Service-linked roles", read 2026-11).
    pub fn is_service_linked_role(&self) -> bool {
        match &self.identity {
            Identity::Role { arn: RoleArn::Known(arn), .. } => arn.contains(":role/aws-service-role/"),
            Identity::Role { arn: RoleArn::Assumed(_), .. }
            | Identity::Root
            | Identity::User { .. }
            | Identity::FederatedUser { .. }
            | Identity::Service { .. }
            | Identity::Anonymous => false,
        }
    }

    /// Whether it may be a session of a service-linked role for all that its
    /// ARN tells.
    pub(super) fn may_be_service_linked_role(&self) -> bool {
        let Identity::Role { arn: RoleArn::Assumed(_), name, .. } = &self.identity else { return false };
        name.starts_with("AWSServiceRoleFor")
    }
}
