//! What every rule says about itself; messages, docs and reports are made from
//! it.

use std::fmt;

use crate::iam::PolicyKind;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing; nothing has to change.
    Info,
    /// The policy works, but likely not as meant.
    Warning,
    /// AWS refuses the policy, or it cannot do what it says.
    Error,
}

impl Severity {
    /// The severity as one lower-case word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The types of policy that are linted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The policy of a KMS key.
    Key,
    /// A service control policy.
    ServiceControl,
    /// A resource control policy.
    ResourceControl,
    /// A policy of a user, group or role.
    Identity,
    /// The policy of a VPC endpoint.
    Endpoint,
}

impl Kind {
    /// Every type.
    pub const ALL: [Self; 5] =
        [Self::Key, Self::ServiceControl, Self::ResourceControl, Self::Identity, Self::Endpoint];

    /// As `keyrail lint --type` takes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::ServiceControl => "scp",
            Self::ResourceControl => "rcp",
            Self::Identity => "identity",
            Self::Endpoint => "endpoint",
        }
    }

    /// In a sentence, with its article.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Key => "a key policy",
            Self::ServiceControl => "a service control policy",
            Self::ResourceControl => "a resource control policy",
            Self::Identity => "an identity policy",
            Self::Endpoint => "an endpoint policy",
        }
    }

    /// The kind that the parser and the evaluator know.
    pub const fn policy_kind(self) -> PolicyKind {
        match self {
            Self::Key => PolicyKind::Resource,
            Self::ServiceControl => PolicyKind::ServiceControl,
            Self::ResourceControl => PolicyKind::ResourceControl,
            Self::Identity => PolicyKind::Identity,
            Self::Endpoint => PolicyKind::Endpoint,
        }
    }

    /// Whether policies of this type are in force as one set. A key policy is
    /// that of one key, and an identity policy that of one user or role.
    pub const fn acts_together(self) -> bool {
        matches!(self, Self::ServiceControl | Self::ResourceControl)
    }

    /// Whether statements of this type name principals.
    pub const fn has_principals(self) -> bool {
        matches!(self, Self::Key | Self::ResourceControl | Self::Endpoint)
    }
}

/// The fixed headings of a rule's page.
#[derive(Debug, Clone, Copy)]
pub struct Doc {
    /// The id in words, such as `version-current`; the file is named after it.
    pub id: &'static str,
    /// The number in the list of rules: `L03`. It never changes.
    pub number: &'static str,
    /// The requirement in a few words.
    pub title: &'static str,
    /// The worst severity of the rule's findings.
    pub severity: Severity,
    /// The types of policy it looks at.
    pub kinds: &'static [Kind],
    /// What a policy without findings looks like.
    pub requires: &'static str,
    /// What goes wrong otherwise.
    pub why: &'static str,
    /// How to mend it.
    pub remedy: &'static str,
    /// Who else asks for it, or where AWS says so.
    pub references: &'static [&'static str],
}
