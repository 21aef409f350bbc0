//! `Principal` and `NotPrincipal`.

use crate::iam::policy::Text;

/// The principal element of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principals {
    /// `Principal`: these.
    Only(PrincipalSet),
    /// `NotPrincipal`: everybody but these.
    AllBut(PrincipalSet),
}

/// Whom a principal element names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrincipalSet {
    /// The bare `"*"`.
    Everyone,
    /// Names by type.
    Listed {
        /// Accounts, users, roles, sessions, or `*`.
        aws: Vec<Text>,
        /// Service principals such as `logs.amazonaws.com`.
        service: Vec<Text>,
        /// Identity providers; they appear in trust policies only.
        federated: Vec<Text>,
        /// Canonical user ids; they appear in S3 only.
        canonical_user: Vec<Text>,
    },
}

impl PrincipalSet {
    /// Accounts, users, roles and sessions.
    pub fn aws<T: Into<Text>>(names: impl IntoIterator<Item = T>) -> Self {
        Self::Listed {
            aws: names.into_iter().map(Into::into).collect(),
            service: Vec::new(),
            federated: Vec::new(),
            canonical_user: Vec::new(),
        }
    }

    /// Service principals.
    pub fn service<T: Into<Text>>(names: impl IntoIterator<Item = T>) -> Self {
        Self::Listed {
            aws: Vec::new(),
            service: names.into_iter().map(Into::into).collect(),
            federated: Vec::new(),
            canonical_user: Vec::new(),
        }
    }

    /// Whether this is a set without a name: KMS refuses it (API reference,
    /// `PutKeyPolicy`), elsewhere the statement has no effect (IAM user guide,
    /// "Access Analyzer policy checks", read 2026-11).
    pub fn is_nobody(&self) -> bool {
        match self {
            Self::Everyone => false,
            Self::Listed { aws, service, federated, canonical_user } => {
                [aws, service, federated, canonical_user].iter().all(|names| names.is_empty())
            }
        }
    }

    /// Whether this is `"*"` or a set with an AWS principal `*`; AWS treats
    /// both alike.
    pub fn is_everyone(&self) -> bool {
        match self {
            Self::Everyone => true,
            Self::Listed { aws, service: _, federated: _, canonical_user: _ } => {
                aws.iter().any(|name| name.as_str() == "*")
            }
        }
    }
}
