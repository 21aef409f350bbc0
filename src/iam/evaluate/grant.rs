//! A KMS grant: whom it admits to which operations, under which constraints.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::iam::arn::{Arn, is_account};
use crate::iam::catalogue::{action, bit};
use crate::iam::condition::{Fact, Truth};
use crate::iam::evaluate::RequestError;
use crate::iam::evaluate::encryption;
use crate::iam::evaluate::principal::{Name, Naming};
use crate::iam::evaluate::request::Request;
use crate::iam::evaluate::unknown::unknown;
use crate::iam::template::ArnTemplate;

/// A grant on the key of the request (KMS API reference, `CreateGrant`, read
/// 2026-11). Build it with [`Grant::new`] and the methods.
#[derive(Debug, Clone)]
pub struct Grant {
    pub(super) id: Arc<str>,
    pub(super) grantee: Name,
    pub(super) retiring: Option<Name>,
    /// One bit per row of the action table.
    pub(super) operations: u64,
    pub(super) context: ContextConstraint,
    pub(super) source_arn: Option<SourceArn>,
    issuing_account: Option<Box<str>>,
}

/// What the encryption context must be; only operations with a symmetric key
/// have one.
#[derive(Debug, Clone)]
pub(super) enum ContextConstraint {
    None,
    Equals(BTreeMap<String, String>),
    Subset(BTreeMap<String, String>),
}

/// The source constraint; it is compared as `aws:SourceArn` is.
#[derive(Debug, Clone)]
pub(super) struct SourceArn {
    pub(super) text: Box<str>,
    pattern: Option<ArnTemplate>,
}

/// A grant that admits the caller of a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Admission<'p> {
    pub(super) grant: &'p Grant,
    pub(super) naming: Naming,
    pub(super) truth: Truth,
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
            grantee: grantee_name(grantee)?,
            retiring: None,
            operations: mask,
            context: ContextConstraint::None,
            source_arn: None,
            issuing_account: None,
        })
    }

    /// Names who may retire the grant.
    pub fn retiring(mut self, principal: &str) -> Result<Self, RequestError> {
        self.retiring = Some(grantee_name(principal)?);
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
        self.source_arn = Some(SourceArn { text: pattern.into(), pattern: ArnTemplate::new(pattern, false) });
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

    /// Whether the grantee is an AWS service.
    pub fn is_to_service(&self) -> bool {
        matches!(self.grantee, Name::Service(_))
    }

    /// Whether it has a source constraint.
    pub fn is_bound_to_source(&self) -> bool {
        self.source_arn.is_some()
    }

    /// How the grant admits the request, if it does or may.
    pub(super) fn admits(&self, request: &Request) -> Option<Admission<'_>> {
        if self.operations & request.action.bit == 0 {
            return None;
        }
        let naming = self.grantee.naming(&request.caller)?;
        let context = match request.action.kms?.name {
            "CreateGrant" => self.covers_child(request),
            name if ENCRYPTION_CONTEXT.contains(&name) => self.context_holds(request),
            _ => Truth::True,
        };
        let truth = context.min(self.source_holds(request));
        (truth != Truth::False).then_some(Admission { grant: self, naming, truth })
    }

    /// How the grant lets the caller retire it: as retiring principal, or as
    /// grantee of the operation `RetireGrant`.
    pub(super) fn retires(&self, request: &Request) -> Option<Admission<'_>> {
        let retiring = self.retiring.as_ref().and_then(|name| name.naming(&request.caller));
        let grantee =
            || self.grantee.naming(&request.caller).filter(|_| self.operations & request.action.bit != 0);
        let naming = retiring.or_else(grantee)?;
        Some(Admission { grant: self, naming, truth: Truth::True })
    }

    pub(super) fn issued_in(&self, account: Option<&str>) -> bool {
        self.issuing_account.is_some() && self.issuing_account.as_deref() == account
    }

    /// The unknown keys on which it hangs whether it admits.
    pub(super) fn unknown_keys(&self, request: &Request) -> BTreeSet<String> {
        let mut keys = vec!["kms:grantoperations".to_owned()];
        if self.source_arn.is_some() {
            keys.extend(["aws:SourceArn", "kms:GrantConstraintSourceArn"].map(str::to_ascii_lowercase));
        }
        let (wanted, exactly) = match &self.context {
            ContextConstraint::None => (None, false),
            ContextConstraint::Equals(pairs) => (Some(pairs), true),
            ContextConstraint::Subset(pairs) => (Some(pairs), false),
        };
        if let Some(wanted) = wanted {
            keys.push("kms:grantconstrainttype".to_owned());
            keys.extend(encryption::open_keys(request, wanted, exactly));
        }
        unknown(&request.keys, keys.iter().map(String::as_str))
    }

    pub(super) fn context_holds(&self, request: &Request) -> Truth {
        match &self.context {
            ContextConstraint::None => Truth::True,
            ContextConstraint::Equals(pairs) => {
                encryption::has(request, pairs).min(encryption::has_no_more(request, pairs))
            }
            ContextConstraint::Subset(pairs) => encryption::has(request, pairs),
        }
    }

    /// A grant made under this one may not do more: each of its operations
    /// must be in this grant and its constraints at least as tight.
    fn covers_child(&self, request: &Request) -> Truth {
        self.covers_operations(request).min(self.covers_context(request)).min(self.covers_source(request))
    }

    pub(super) fn covers_operations(&self, request: &Request) -> Truth {
        match request.keys.find("kms:grantoperations") {
            Some(Fact::List(operations)) => operations.iter().all(|operation| self.lists(operation)).into(),
            Some(Fact::One(operation)) => self.lists(operation).into(),
            Some(Fact::Partly(_) | Fact::There | Fact::Unknown) => Truth::Unknown,
            None => Truth::False,
        }
    }

    /// Whether an operation such as `Decrypt` is among its own.
    pub(super) fn lists(&self, operation: &str) -> bool {
        operation_bit(operation).is_ok_and(|bit| self.operations & bit != 0)
    }

    pub(super) fn covers_context(&self, request: &Request) -> Truth {
        let of_type = |accepted: &[&str]| match request.keys.find("kms:grantconstrainttype") {
            Some(Fact::One(kind)) => accepted.contains(&&**kind).into(),
            Some(Fact::Partly(_) | Fact::There | Fact::Unknown) => Truth::Unknown,
            Some(Fact::List(_)) | None => Truth::False,
        };
        match &self.context {
            ContextConstraint::None => Truth::True,
            ContextConstraint::Equals(_) => {
                of_type(&["EncryptionContextEquals"]).min(self.context_holds(request))
            }
            ContextConstraint::Subset(_) => of_type(&["EncryptionContextEquals", "EncryptionContextSubset"])
                .min(self.context_holds(request)),
        }
    }

    fn covers_source(&self, request: &Request) -> Truth {
        match (&self.source_arn, request.keys.find("kms:grantconstraintsourcearn")) {
            (None, _) => Truth::True,
            (Some(source), Some(Fact::One(child))) => (source.text == *child).into(),
            (Some(_), Some(Fact::Partly(_) | Fact::There | Fact::Unknown)) => Truth::Unknown,
            (Some(_), Some(Fact::List(_)) | None) => Truth::False,
        }
    }

    pub(super) fn source_holds(&self, request: &Request) -> Truth {
        let Some(source) = &self.source_arn else { return Truth::True };
        match (&source.pattern, request.keys.find("aws:sourcearn")) {
            (Some(pattern), Some(Fact::One(arn))) => {
                pattern.matches(arn, &request.keys).unwrap_or(Truth::False)
            }
            (Some(_), Some(fact)) if fact.is_unknown() => Truth::Unknown,
            _ => Truth::False,
        }
    }
}

fn grantee_name(text: &str) -> Result<Name, RequestError> {
    if is_account(text) || Arn::parse(text).is_some() {
        Ok(Name::aws(text))
    } else if text.contains('.') && !text.contains([':', '/', ' ']) {
        Ok(Name::Service(text.into()))
    } else {
        Err(RequestError::Grantee(text.to_owned()))
    }
}

fn operation_bit(operation: &str) -> Result<u64, RequestError> {
    // `CreateGrant` takes the names as they are written, without `kms:`.
    let action = action(operation).filter(|action| action.grantable && action.name == operation);
    action.map(bit).ok_or_else(|| RequestError::GrantOperation(operation.to_owned()))
}

/// The family of encryption context keys, in lower case.
pub(super) const CONTEXT: &str = "kms:encryptioncontext:";

/// The operations that take an encryption context.
pub(super) const ENCRYPTION_CONTEXT: [&str; 8] = [
    "Decrypt",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
];
