//! The account itself keeps access, so that a deleted role is no catastrophe.

use crate::iam::lint::contract::conditions;
use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::kms;
use crate::iam::lint::contract::principals::{self, Who};
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::{Effect, Statement};

/// The rule.
#[derive(Debug)]
pub(super) struct AccountKeepsAccess;

impl Rule for AccountKeepsAccess {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        let mut statements =
            subject.with_effect(Effect::Allow).filter(|statement| lets_account(subject, statement));
        let Some(statement) = statements.next() else {
            if subject.is_unclear() {
                return;
            }
            findings.add(
                subject.start,
                "no statement allows the account to change the policy: once the roles it names are deleted, only AWS \
                 Support can get the key back",
                "allow `kms:*` to the account; its identity policies then decide who may",
            );
            return;
        };
        let limit = conditions::on(statement, &["aws:principaltype"]).next();
        if let Some(limit) = limit.filter(|_| statements.next().is_none()) {
            findings.add(
                limit.key.at(),
                "identity policies do not count: beside the roles named here only the account's root user can recover \
                 the key",
                "see that the root user's credentials can be got at, or allow the account without `aws:PrincipalType`",
            );
        }
    }
}

fn lets_account(subject: &Subject<'_>, statement: &Statement) -> bool {
    let own = |who: &Who<'_>| match who {
        Who::Account(account) => subject.account().is_none_or(|own| own == *account),
        Who::Everyone | Who::Entity { .. } | Who::Service | Who::Id | Who::Malformed => false,
    };
    principals::named(statement).iter().any(|principal| own(&principal.who))
        && kms::covers(statement, "PutKeyPolicy")
}

static DOC: Doc = Doc {
    id: "account-keeps-access",
    number: "L16",
    title: "The account keeps access to its key",
    severity: Severity::Warning,
    kinds: &[Kind::Key],
    requires: "A statement allows the key's own account `kms:PutKeyPolicy`, and not to its root user alone.",
    why: "A key policy stores roles by their unique ids. A role that is deleted and made again is another one, and a key \
          that only it could manage is lost to everybody.",
    remedy: "Allow `kms:*` to the account, as AWS's default key policy does, and limit who may by identity policies and \
             guardrails.",
    references: &["KMS developer guide, Default key policy"],
};
