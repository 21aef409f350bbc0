//! A KMS grant as the evaluator sees it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::iam::actions::{bit, find};
use crate::iam::arn::{Arn, is_account};
use crate::iam::evaluate::RequestError;

/// A grant on the key of the request (KMS API reference, `CreateGrant`, read
/// 2026-11). Build it with [`Grant::new`] and the methods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub(super) id: Arc<str>,
    pub(super) grantee: Grantee,
    pub(super) retiring: Option<Grantee>,
    /// One bit per row of the action table.
    pub(super) operations: u64,
    pub(super) context: ContextConstraint,
    pub(super) source_arn: Option<Box<str>>,
    pub(super) issuing_account: Option<Box<str>>,
}

/// Whom a grant names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Grantee {
    /// A user, role, session, federated user or account.
    Aws(Box<str>),
    Service(Box<str>),
}

/// What the encryption context must be; only operations with a symmetric key
/// have one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ContextConstraint {
    None,
    Equals(BTreeMap<String, String>),
    Subset(BTreeMap<String, String>),
}

impl Grant {
    /// A grant without constraints. `grantee` is an ARN, an account number or
    /// a service principal; `operations` are names such as `Decrypt`.
    pub fn new<T: AsRef<str>>(
        id: &str,
        grantee: &str,
        operations: impl IntoIterator<Item = T>,
    ) -> Result<Self, RequestError> {
        let mut mask = 0_u64;
        for operation in operations {
            mask |= operation_bit(operation.as_ref())?;
        }
        Ok(Self {
            id: id.into(),
            grantee: Grantee::parse(grantee)?,
            retiring: None,
            operations: mask,
            context: ContextConstraint::None,
            source_arn: None,
            issuing_account: None,
        })
    }

    /// Names who may retire the grant.
    pub fn retiring(mut self, principal: &str) -> Result<Self, RequestError> {
        self.retiring = Some(Grantee::parse(principal)?);
        Ok(self)
    }

    /// Requires exactly this encryption context.
    #[must_use]
    pub fn encryption_context_equals(mut self, pairs: BTreeMap<String, String>) -> Self {
        self.context = ContextConstraint::Equals(pairs);
        self
    }

    /// Requires an encryption context that holds these pairs.
    #[must_use]
    pub fn encryption_context_subset(mut self, pairs: BTreeMap<String, String>) -> Self {
        self.context = ContextConstraint::Subset(pairs);
        self
    }

    /// Requires `aws:SourceArn` to match.
    #[must_use]
    pub fn source_arn(mut self, pattern: &str) -> Self {
        self.source_arn = Some(pattern.into());
        self
    }

    /// Names the account whose principal made the grant; otherwise the key's.
    pub fn issued_by(mut self, account: &str) -> Result<Self, RequestError> {
        if !is_account(account) {
            return Err(RequestError::Account(account.to_owned()));
        }
        self.issuing_account = Some(account.into());
        Ok(self)
    }
}

impl Grantee {
    fn parse(text: &str) -> Result<Self, RequestError> {
        if is_account(text) || Arn::parse(text).is_some() {
            Ok(Self::Aws(text.into()))
        } else if text.contains('.') && !text.contains([':', '/', ' ']) {
            Ok(Self::Service(text.into()))
        } else {
            Err(RequestError::Grantee(text.to_owned()))
        }
    }
}

fn operation_bit(operation: &str) -> Result<u64, RequestError> {
    let name = operation.strip_prefix("kms:").unwrap_or(operation);
    let action = find(name).filter(|action| action.grantable);
    action.map(bit).ok_or_else(|| RequestError::GrantOperation(operation.to_owned()))
}
