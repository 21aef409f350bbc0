//! Other accounts are named on purpose.

use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::{kms, principals};
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::{Effect, Position, Statement, Text};

/// The rule.
#[derive(Debug)]
pub(super) struct CrossAccountDeliberate;

impl Rule for CrossAccountDeliberate {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        let Some(own) = subject.account() else {
            owners(subject, findings);
            return;
        };
        for statement in subject.with_effect(Effect::Allow) {
            let foreign = let_in(statement).into_iter().filter(|entry| entry.account != own);
            foreign.for_each(|entry| report(subject, statement, &entry, findings));
        }
    }
}

/// An account that a statement lets in, whole or in part.
struct Entry<'s> {
    account: &'s str,
    at: Position,
    /// What lets it in, for a person.
    told: String,
}

fn let_in(statement: &Statement) -> Vec<Entry<'_>> {
    let by_name = principals::named(statement).into_iter().filter_map(|principal| {
        let account = principal.account()?;
        Some(Entry { account, at: principal.at, told: format!("`{}` is of `{account}`", principal.text) })
    });
    by_name.chain(let_in_by_conditions(statement)).collect()
}

/// Those that the conditions of a statement for everybody agree on.
fn let_in_by_conditions(statement: &Statement) -> Vec<Entry<'_>> {
    if !principals::names_everyone(statement) {
        return Vec::new();
    }
    let limits = statement.conditions.iter();
    let limits = limits.filter_map(|one| Some((one, principals::limited_to(statement, one)?)));
    let limits: Vec<_> = limits.collect();
    let Some((condition, accounts)) = limits.first() else { return Vec::new() };
    let in_all = |account: &str| limits.iter().all(|(_, accounts)| accounts.contains_key(account));
    let agreed = accounts.iter().map(|(account, value)| (*account, *value));
    let agreed = agreed.filter(|(account, _)| in_all(account));
    let key = &condition.key;
    let entry = |(account, value): (_, &Text)| {
        let told = if value.as_str() == account {
            format!("`{key}` lets in whoever is of `{account}`")
        } else {
            format!("`{key}` lets in `{value}` of `{account}`")
        };
        Entry { account, at: value.at(), told }
    };
    agreed.map(entry).collect()
}

/// At most one of the accounts that may change the policy is its own.
fn owners(subject: &Subject<'_>, findings: &mut Findings) {
    let opening = subject.with_effect(Effect::Allow).filter(|allow| kms::covers(allow, "PutKeyPolicy"));
    let entries: Vec<Entry<'_>> = opening.flat_map(let_in).collect();
    let other =
        entries.iter().find(|entry| entries.first().is_some_and(|first| first.account != entry.account));
    let Some(other) = other else { return };
    let owners: Vec<&str> = subject.owners().iter().copied().collect();
    findings.add(
        other.at,
        format!(
            "{} are allowed to change the policy, and only the account that the key is of can: whoever else is named is \
             of another account",
            kms::list(&owners)
        ),
        "say which one the key is of with `--account`, and see that the others are meant",
    );
}

fn report(subject: &Subject<'_>, statement: &Statement, entry: &Entry<'_>, findings: &mut Findings) {
    let member = subject.surroundings.members.iter().any(|member| member.as_str() == entry.account);
    let (severity, place) = if member {
        (Severity::Info, "another account of the organisation")
    } else {
        (Severity::Warning, "an account outside of what is known of the organisation")
    };
    let useless: Vec<_> =
        kms::actions(statement).into_iter().filter(|action| !action.cross_account).collect();
    let useless = if useless.is_empty() {
        String::new()
    } else {
        format!("; from there {} cannot be called at all", kms::list(&kms::names(&useless)))
    };
    findings.add_as(
        severity,
        entry.at,
        format!("{}, {place}{useless}", entry.told),
        "see that it is meant; the other account must allow it in an identity policy too",
    );
}

static DOC: Doc = Doc {
    id: "cross-account-deliberate",
    number: "L19",
    title: "Other accounts are let in on purpose",
    severity: Severity::Warning,
    kinds: &[Kind::Key],
    requires: "Statements allow principals of the key's own account. Others are reported, whether `Principal` names them \
               or a condition on a statement for everybody does: accounts of the organisation that are given as such for \
               information, all others as a warning. Where more than one account may change the policy, and nothing tells \
               which one the key is of, they are reported together.",
    why: "What another account lets its own people do is out of your hands. Only 20 permissions work across accounts at \
          all, and only if both sides allow them.",
    remedy: "Give `--account` for the key's own account and `--member` for others of yours. Of partners name the roles, \
             not the account, and the actions; the warning stays, for somebody must know of each.",
    references: &["KMS developer guide, Allowing users in other accounts to use a key"],
};
