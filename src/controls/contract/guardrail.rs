//! What a control hangs into the organisation: statements, each with the place
//! it belongs to, the witnesses that prove it, and the reasons for what no
//! policy can express.
//!
//! INVARIANT: a guardrail is never empty: where there is no clause there is a
//! reason.

use std::collections::BTreeSet;

use crate::iam::policy::{Comparison, Statement, Text};
use crate::model::org::{OrgPath, PolicyType};

/// The preventive side of a control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guardrail {
    clauses: Vec<Clause>,
    limits: Vec<String>,
}

impl Guardrail {
    /// A guardrail that expresses the whole requirement.
    pub(crate) fn of(clauses: Vec<Clause>) -> Self {
        Self { clauses, limits: Vec::new() }
    }

    /// No policy of an organisation can express the requirement, for this reason.
    pub(crate) fn not_expressible(reason: impl Into<String>) -> Self {
        Self { clauses: Vec::new(), limits: vec![reason.into()] }
    }

    /// The same guardrail, with a part of the requirement that it cannot express.
    #[must_use]
    pub(crate) fn but_not(mut self, reason: impl Into<String>) -> Self {
        self.limits.push(reason.into());
        self
    }

    /// The statements, each with its place and its witnesses.
    pub fn clauses(&self) -> &[Clause] {
        &self.clauses
    }

    /// What no policy can express, and why.
    pub fn limits(&self) -> &[String] {
        &self.limits
    }
}

/// One Deny statement of a guardrail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// The kind of policy that carries it.
    pub vehicle: PolicyType,
    /// Where it hangs.
    pub scope: Scope,
    /// Its stable Sid, which AWS names when it denies a call.
    pub sid: String,
    /// The statement without its exemptions.
    pub statement: Statement,
    /// Patterns of principal ARNs that the control's own settings exempt.
    pub exempt: BTreeSet<String>,
    /// Requests that show what it denies and what it leaves alone.
    pub witnesses: Vec<Witness>,
}

impl Clause {
    /// A clause whose statement and witnesses carry the same Sid.
    pub(crate) fn new(vehicle: PolicyType, scope: Scope, sid: impl Into<String>) -> Self {
        let sid = sid.into();
        let statement = match vehicle {
            PolicyType::ServiceControl => Statement::deny(&sid),
            PolicyType::ResourceControl => {
                Statement::deny(&sid).principals(crate::iam::policy::PrincipalSet::Everyone)
            }
        };
        Self { vehicle, scope, sid, statement, exempt: BTreeSet::new(), witnesses: Vec::new() }
    }

    /// Gives the statement its actions and conditions.
    #[must_use]
    pub(crate) fn stating(mut self, state: impl FnOnce(Statement) -> Statement) -> Self {
        self.statement = state(self.statement);
        self
    }

    /// Exempts the principals that the settings name.
    #[must_use]
    pub(crate) fn exempting(mut self, patterns: &BTreeSet<String>) -> Self {
        self.exempt.clone_from(patterns);
        self
    }

    /// Adds a witness.
    #[must_use]
    pub(crate) fn witnessed(mut self, witness: Witness) -> Self {
        self.witnesses.push(witness);
        self
    }

    /// The statement as it stands in a policy: its own exemptions and these
    /// further ones become one condition.
    pub fn statement_exempting(&self, further: &BTreeSet<String>) -> Statement {
        exempting(self.statement.clone(), self.exempt.union(further))
    }
}

/// The statement, sparing principals whose ARN is like one of the patterns.
///
/// A caller without a principal ARN is not spared: a missing key satisfies a
/// negated operator.
pub(crate) fn exempting<T: Into<Text>>(
    statement: Statement,
    patterns: impl IntoIterator<Item = T>,
) -> Statement {
    let patterns: Vec<Text> = patterns.into_iter().map(Into::into).collect();
    if patterns.is_empty() {
        return statement;
    }
    statement.when(Comparison::ArnNotLike, "aws:PrincipalArn", patterns)
}

/// Where a clause hangs, given where its control was placed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Where the control was placed.
    WherePlaced,
    /// On the root, once the control is placed there or on this environment: it
    /// speaks of callers outside the environment, whom a policy on the
    /// environment's own organizational unit does not reach.
    RootFor(Environment),
    /// On the environment's organizational unit, once the control is placed
    /// there or on the root.
    UnitOf(Environment),
}

/// An environment: accounts below one place of the organisation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Environment {
    /// Its name, which is also the value of the environment tag.
    pub name: String,
    /// The key of the environment tag.
    pub tag_key: String,
    /// The pattern of `aws:PrincipalOrgPaths` that matches it and everything below.
    pub pattern: String,
    /// Its path, if it is known in full.
    pub path: Option<OrgPath>,
    /// The id of its organizational unit or root.
    pub place: crate::model::org::TargetId,
}

/// A request and what the clause must make of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// The request in words: `an access key, which says nothing of MFA`.
    pub story: &'static str,
    /// Who asks.
    pub caller: WitnessCaller,
    /// The action, with its service prefix.
    pub action: &'static str,
    /// What is acted on where that is no key: an ARN, which may hold wildcards; with `*` for the
    /// account it is in the caller's.
    pub resource: Option<String>,
    /// The condition keys that are present; all others that only a request can fill are absent.
    pub context: Vec<(String, Vec<String>)>,
    /// What must come out.
    pub expected: Expected,
}

impl Witness {
    /// A request that the clause denies.
    pub(crate) fn denied(story: &'static str, caller: WitnessCaller, action: &'static str) -> Self {
        Self { story, caller, action, resource: None, context: Vec::new(), expected: Expected::Denied }
    }

    /// A request that the clause leaves alone.
    pub(crate) fn spared(story: &'static str, caller: WitnessCaller, action: &'static str) -> Self {
        Self { story, caller, action, resource: None, context: Vec::new(), expected: Expected::Spared }
    }

    /// The same request on something that is no key.
    #[must_use]
    pub(crate) fn on(mut self, resource: impl Into<String>) -> Self {
        self.resource = Some(resource.into());
        self
    }

    /// The same request with one more condition key.
    #[must_use]
    pub(crate) fn with(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.context.push((key.into(), vec![value.into()]));
        self
    }

    /// The same request with one more condition key that holds a list.
    #[must_use]
    pub(crate) fn with_list(mut self, key: impl Into<String>, values: &[&str]) -> Self {
        self.context.push((key.into(), values.iter().map(|value| (*value).to_owned()).collect()));
        self
    }
}

/// Who asks in a witness. The prover adds what follows for everybody: the
/// exempt, service-linked roles, the management account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WitnessCaller {
    /// A role without exemption in an account below the place where the clause hangs.
    Inside,
    /// A role without exemption in an account of the organisation outside the clause's environment.
    Elsewhere,
    /// A role of an account outside the organisation.
    Outsider,
    /// An AWS service that calls in its own name.
    Service,
}

/// What a clause must make of a witness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// An explicit deny by the clause's Sid.
    Denied,
    /// No deny by the clause's Sid.
    Spared,
}
