//! The whole policy, and the kinds of policy AWS tells apart.

use crate::iam::policy::{Statement, Text};
use crate::iam::print;

/// Where a policy is used; AWS accepts different elements in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyKind {
    /// Attached to a user, group or role.
    Identity,
    /// A key policy, or the policy of another resource.
    Resource,
    /// A service control policy (SCP) of AWS Organizations.
    ServiceControl,
    /// A resource control policy (RCP) of AWS Organizations.
    ResourceControl,
    /// A permissions boundary of a user or role.
    PermissionBoundary,
    /// A session policy given to `AssumeRole` or `GetFederationToken`.
    Session,
    /// The policy of a VPC endpoint.
    Endpoint,
}

/// The version of the policy language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// `2008-10-17`: policy variables are plain text.
    V2008,
    /// `2012-10-17`: policy variables are expanded.
    V2012,
}

impl Version {
    /// As written in the policy.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V2008 => "2008-10-17",
            Self::V2012 => "2012-10-17",
        }
    }
}

/// A policy document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The language version; AWS takes a missing one as `2008-10-17`.
    pub version: Option<Version>,
    /// The `Id` element.
    pub id: Option<Text>,
    /// The statements in their written order.
    pub statements: Vec<Statement>,
}

impl Document {
    /// A policy in the current language (`2012-10-17`).
    pub fn new(statements: impl IntoIterator<Item = Statement>) -> Self {
        Self { version: Some(Version::V2012), id: None, statements: statements.into_iter().collect() }
    }

    /// Whether policy variables such as `${aws:PrincipalAccount}` are
    /// expanded (IAM user guide, "Policy variables", read 2026-11).
    pub fn expands_variables(&self) -> bool {
        self.version == Some(Version::V2012)
    }

    /// The policy as minified JSON: no whitespace, lists of one as scalars,
    /// ASCII only. Its length in characters is what AWS counts.
    pub fn to_json(&self) -> String {
        print::minified(self)
    }

    /// The policy as JSON indented by two spaces, with a line feed at the end.
    pub fn to_json_pretty(&self) -> String {
        print::pretty(self)
    }
}
