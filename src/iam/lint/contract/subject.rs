//! What a rule is told: the policy, its type, and what surrounds it.

use std::collections::BTreeSet;

use crate::iam::arn::Arn;
use crate::iam::lint::contract::doc::Kind;
use crate::iam::lint::contract::kms;
use crate::iam::lint::contract::principals::{self, Who};
use crate::iam::parse::ParseError;
use crate::iam::policy::{Condition, Document, Effect, Position, Statement, Text};
use crate::model::account::AccountId;
use crate::model::org::OrganizationId;
use crate::model::quota::{KEY_POLICY_BYTES, RCP_CHARACTERS, SCP_CHARACTERS};
use crate::model::region::Region;

/// What is known beside the policy. Everything is optional: a rule that needs
/// what is not given says less.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// The account that the policy, or the key with it, belongs to.
    pub account: Option<AccountId>,
    /// The region of the key.
    pub region: Option<Region>,
    /// The organisation of the account.
    pub organization: Option<OrganizationId>,
    /// Other accounts of the organisation.
    pub members: BTreeSet<AccountId>,
    /// ARNs of roles and users that must be able to go on managing keys, such as the
    /// role that runs Terraform.
    pub keepers: BTreeSet<String>,
    /// Other policies of the same type that are in force with this one, where
    /// the type [acts together](Kind::acts_together).
    pub beside: Vec<Document>,
}

/// One policy to look at.
#[derive(Debug)]
pub struct Subject<'a> {
    pub(crate) kind: Kind,
    pub(crate) text: &'a str,
    pub(crate) document: &'a Document,
    /// Where the document starts.
    pub(crate) start: Position,
    /// Where `Version` is, or the document starts.
    pub(crate) version_at: Position,
    /// What could not be read and was left out of the document.
    pub(crate) faults: &'a [ParseError],
    /// Operands of `Null` that are no booleans; `true` was put in their place.
    pub(crate) operands: &'a [ParseError],
    pub(crate) surroundings: &'a Surroundings,
    /// Whose the policy is.
    pub(crate) ownership: Ownership<'a>,
    /// AWS refuses the policy for its length however it is written: it can never be
    /// in force, and what becomes of calls under it need not be known.
    pub(crate) is_too_long: bool,
}

/// Whether the policy is longer than AWS takes even without whitespace.
pub(crate) fn is_too_long(kind: Kind, text: &str, document: &Document) -> bool {
    let quota = match kind {
        Kind::Key => KEY_POLICY_BYTES,
        Kind::ServiceControl => SCP_CHARACTERS,
        Kind::ResourceControl => RCP_CHARACTERS,
        Kind::Identity | Kind::Endpoint => return false,
    };
    text.len() > quota.value && document.to_json().len() > quota.value
}

/// Whose a policy is, as far as the policy and what surrounds it tell.
#[derive(Debug, Default)]
pub(crate) struct Ownership<'a> {
    account: Option<&'a str>,
    owners: BTreeSet<&'a str>,
}

impl<'a> Ownership<'a> {
    pub(crate) fn new(document: &'a Document, surroundings: &'a Surroundings) -> Self {
        if let Some(account) = &surroundings.account {
            let account = account.as_str();
            return Self { account: Some(account), owners: BTreeSet::from([account]) };
        }
        let allows: Vec<&Statement> =
            document.statements.iter().filter(|statement| statement.effect == Effect::Allow).collect();
        let mut opening = allows.clone();
        opening.retain(|statement| kms::covers(statement, "PutKeyPolicy"));
        let owners: BTreeSet<&str> =
            opening.iter().flat_map(|statement| principals::accounts(statement)).collect();
        let statements = if owners.is_empty() { allows } else { opening };
        let whole = statements.iter().flat_map(|statement| principals::named(statement));
        let whole = whole.filter(|principal| matches!(principal.who, Who::Account(_)));
        let whole: BTreeSet<&str> = whole.filter_map(|principal| principal.account()).collect();
        let any = statements.iter().flat_map(|statement| principals::accounts(statement)).collect();
        let only = |accounts: &&BTreeSet<&'a str>| accounts.len() == 1;
        let account = [&owners, &whole, &any].into_iter().find(only).and_then(|only| only.first().copied());
        Self { account, owners }
    }
}

impl<'a> Subject<'a> {
    pub(crate) fn statements(&self) -> &'a [Statement] {
        &self.document.statements
    }

    pub(crate) fn with_effect(&self, effect: Effect) -> impl Iterator<Item = &'a Statement> + use<'a> {
        self.document.statements.iter().filter(move |statement| statement.effect == effect)
    }

    /// Every condition, with its statement.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = (&'a Statement, &'a Condition)> + use<'a> {
        let of = |statement: &'a Statement| statement.conditions.iter().map(move |one| (statement, one));
        self.document.statements.iter().flat_map(of)
    }

    /// Every entry of `Action` and `NotAction`, with its statement.
    pub(crate) fn patterns(&self) -> impl Iterator<Item = (&'a Statement, &'a Text)> + use<'a> {
        let of = |statement: &'a Statement| kms::patterns(statement).iter().map(move |one| (statement, one));
        self.document.statements.iter().flat_map(of)
    }

    /// The statements of this policy and of those in force beside it.
    pub(crate) fn in_force(&self) -> impl Iterator<Item = &'a Statement> + use<'a> {
        let kind = self.kind;
        let beside = self.surroundings.beside.iter().filter(move |_| kind.acts_together());
        self.document.statements.iter().chain(beside.flat_map(|document| &document.statements))
    }

    /// Whether something within the statement could not be read.
    pub(crate) fn is_faulty(&self, statement: &Statement) -> bool {
        if self.faults.is_empty() {
            return false;
        }
        let next =
            self.statements().iter().map(|other| order(other.at)).filter(|at| *at > order(statement.at));
        let end = next.min().unwrap_or((u32::MAX, u32::MAX));
        let within = |fault: &ParseError| order(statement.at) <= order(fault.at()) && order(fault.at()) < end;
        self.faults.iter().any(within)
    }

    /// The account of the policy: the one that is given, or else the one that
    /// may change the policy, for no other account can, or else the only one
    /// that it allows anything.
    pub(crate) fn account(&self) -> Option<&'a str> {
        self.ownership.account
    }

    /// The accounts that the key can be of: the one that is given, or else
    /// those that the policy lets change it. `PutKeyPolicy` does not work across
    /// accounts (KMS developer guide, "Permissions reference", read 2026-11).
    pub(crate) fn owners(&self) -> &BTreeSet<&'a str> {
        &self.ownership.owners
    }

    /// The partition that the policy speaks of.
    pub(crate) fn partition(&self) -> &'a str {
        let named = self.document.statements.iter().flat_map(principals::named);
        named
            .filter_map(|principal| Arn::parse(principal.text))
            .map(|arn| arn.partition)
            .next()
            .unwrap_or("aws")
    }

    /// Whether the account can be the policy's own.
    pub(crate) fn may_own(&self, account: &str) -> bool {
        self.account().map_or_else(|| self.owners().contains(account), |own| own == account)
    }

    /// Whether the statement allows the policy's own account as a whole, and
    /// nobody else: it hands the decision to identity policies. Where more than
    /// one account can be the policy's, any of them.
    pub(crate) fn delegates(&self, statement: &Statement) -> bool {
        let named = principals::named(statement);
        let is_own = |who: &Who<'_>| matches!(who, Who::Account(account) if self.may_own(account));
        !named.is_empty() && named.iter().all(|principal| is_own(&principal.who) || principal.is_unnumbered())
    }

    /// Whether something that could not be read may be what lets the account in.
    pub(crate) fn is_unclear(&self) -> bool {
        let unnumbered = |statement: &Statement| {
            principals::named(statement).iter().any(principals::Principal::is_unnumbered)
        };
        let mut opening = self.with_effect(Effect::Allow).filter(|one| kms::covers(one, "PutKeyPolicy"));
        !self.faults.is_empty() || opening.any(unnumbered)
    }

    /// Whether the text is one of a list as written, even if the only one.
    pub(crate) fn is_listed(&self, text: &Text) -> bool {
        let (mut line, mut column) = (1_u32, 1_u32);
        let at = text.at();
        let before = self.text.chars().take_while(|letter| {
            let reached = (line, column) == (at.line, at.column);
            if *letter == '\n' {
                (line, column) = (line.saturating_add(1), 1);
            } else {
                column = column.saturating_add(1);
            }
            !reached
        });
        before.filter(|letter| !letter.is_whitespace()).last() == Some('[')
    }
}

/// Positions in the order of the text.
pub(crate) fn order(at: Position) -> (u32, u32) {
    (at.line, at.column)
}
