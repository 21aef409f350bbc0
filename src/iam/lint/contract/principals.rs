//! Whom statements name.

use std::collections::{BTreeMap, BTreeSet};

use crate::iam::arn::{Arn, is_account};
use crate::iam::lint::contract::{conditions, kms};
use crate::iam::policy::{Condition, Position, PrincipalSet, Principals, Statement, Text};

/// One entry of `Principal`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Principal<'s> {
    pub(crate) at: Position,
    pub(crate) text: &'s str,
    pub(crate) who: Who<'s>,
}

/// Who an entry means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who<'s> {
    /// `*`.
    Everyone,
    /// An account as a whole, by its number or its root user's ARN.
    Account(&'s str),
    /// A user, role, session or federated user.
    Entity {
        /// The account in the ARN.
        account: &'s str,
        /// `user`, `role`, `group`, `assumed-role`, `federated-user`.
        kind: &'s str,
        /// What follows the kind.
        name: &'s str,
    },
    /// An AWS service.
    Service,
    /// The id of an entity, which AWS shows once the entity is deleted.
    Id,
    /// None of these.
    Malformed,
}

/// Whom the statement's `Principal` names; nobody for `NotPrincipal`.
pub(crate) fn named(statement: &Statement) -> Vec<Principal<'_>> {
    match &statement.principals {
        None | Some(Principals::AllBut(_)) => Vec::new(),
        Some(Principals::Only(PrincipalSet::Everyone)) => {
            vec![Principal { at: statement.at, text: "*", who: Who::Everyone }]
        }
        Some(Principals::Only(PrincipalSet::Listed { aws, service, federated, canonical_user })) => {
            let aws = aws.iter().map(|text| principal(text, who(text.as_str())));
            let service = service.iter().map(|text| principal(text, Who::Service));
            let other = federated.iter().chain(canonical_user).map(|text| principal(text, Who::Malformed));
            aws.chain(service).chain(other).collect()
        }
    }
}

/// The entries for principals of accounts, in `Principal` or `NotPrincipal`.
pub(crate) fn mentioned(statement: &Statement) -> &[Text] {
    match &statement.principals {
        Some(
            Principals::Only(PrincipalSet::Listed { aws, .. })
            | Principals::AllBut(PrincipalSet::Listed { aws, .. }),
        ) => aws,
        None
        | Some(Principals::Only(PrincipalSet::Everyone) | Principals::AllBut(PrincipalSet::Everyone)) => &[],
    }
}

/// The accounts that the statement is about: those of its principals, or, where
/// it means everybody, those that its conditions name.
pub(crate) fn accounts(statement: &Statement) -> BTreeSet<&str> {
    let mut found: BTreeSet<&str> = named(statement).iter().filter_map(Principal::account).collect();
    if names_everyone(statement) {
        let by_conditions = statement.conditions.iter().flat_map(|condition| limited(statement, condition));
        found.extend(by_conditions.filter_map(account_of));
    }
    found
}

/// The accounts that a condition limits the statement to, each with the value
/// that names it; `None` if it limits it to no accounts or to any.
pub(crate) fn limited_to<'s>(
    statement: &'s Statement,
    condition: &'s Condition,
) -> Option<BTreeMap<&'s str, &'s Text>> {
    let named = limited(statement, condition).iter().rev().map(|value| Some((account_of(value)?, value)));
    let named: BTreeMap<&str, &Text> = named.collect::<Option<_>>()?;
    (!named.is_empty()).then_some(named)
}

/// The values that say whose principals are meant.
fn limited<'s>(statement: &Statement, condition: &'s Condition) -> &'s [Text] {
    let keys = ["aws:principalaccount", "aws:principalarn", "kms:calleraccount"];
    let limits = conditions::is_on(condition, &keys) && conditions::limits(statement, condition);
    if limits { &condition.values } else { &[] }
}

/// The account that a value is, or that its ARN has.
fn account_of(value: &Text) -> Option<&str> {
    let text = value.as_str();
    let account = if is_account(text) { text } else { Arn::parse(text)?.account };
    is_account(account).then_some(account)
}

/// Whether the statement names an AWS service.
pub(crate) fn names_service(statement: &Statement) -> bool {
    named(statement).iter().any(|principal| principal.who == Who::Service)
}

/// Whether the statement names everybody.
pub(crate) fn names_everyone(statement: &Statement) -> bool {
    named(statement).iter().any(|principal| principal.who == Who::Everyone)
}

fn principal<'s>(text: &'s Text, who: Who<'s>) -> Principal<'s> {
    Principal { at: text.at(), text: text.as_str(), who }
}

impl<'s> Principal<'s> {
    /// Whether it would be an account but for a placeholder in the place of its
    /// number, which another rule tells.
    pub(crate) fn is_unnumbered(&self) -> bool {
        let arn = Arn::parse(self.text).filter(|arn| arn.service == "iam" && arn.resource == "root");
        self.who == Who::Malformed && arn.is_some_and(|arn| !kms::is_pattern(arn.account))
    }

    /// The account, if it is a name within one.
    pub(crate) fn account(&self) -> Option<&'s str> {
        match self.who {
            Who::Account(account) | Who::Entity { account, .. } => Some(account),
            Who::Everyone | Who::Service | Who::Id | Who::Malformed => None,
        }
    }
}

/// Who a text in `Principal` means.
pub(crate) fn who(text: &str) -> Who<'_> {
    if text == "*" {
        return Who::Everyone;
    }
    if is_account(text) {
        return Who::Account(text);
    }
    if is_entity_id(text) {
        return Who::Id;
    }
    let Some(arn) = Arn::parse(text) else { return Who::Malformed };
    if !is_account(arn.account) || !arn.region.is_empty() {
        return Who::Malformed;
    }
    match (arn.service, arn.resource.split_once('/')) {
        ("iam", None) if arn.resource == "root" => Who::Account(arn.account),
        ("iam", Some((kind @ ("user" | "role" | "group"), name)))
        | ("sts", Some((kind @ ("assumed-role" | "federated-user"), name)))
            if !name.is_empty() =>
        {
            Who::Entity { account: arn.account, kind, name }
        }
        _ => Who::Malformed,
    }
}

/// `AROA…`, `AIDA…` and their like (IAM user guide, "Unique identifiers", read
/// 2026-11).
fn is_entity_id(text: &str) -> bool {
    let prefixed = ["AGPA", "AIDA", "AROA", "ANPA"].iter().any(|prefix| text.starts_with(prefix));
    prefixed
        && text.len() >= 16
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}
