//! A statement that allows everybody is limited to somebody.

use crate::iam::lint::contract::conditions;
use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::principals::{self, Who};
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::{Condition, Effect, Statement};

/// The rule.
#[derive(Debug)]
pub(super) struct NoPublicAccess;

impl Rule for NoPublicAccess {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        let what = if subject.kind == Kind::Key { "the key" } else { "the endpoint" };
        let open = subject.with_effect(Effect::Allow).filter(|statement| !is_limited(statement, &TRUSTED));
        let named = open.filter_map(|statement| {
            let mut named = principals::named(statement).into_iter();
            named.find(|principal| principal.who == Who::Everyone).map(|everyone| (statement, everyone))
        });
        for (statement, everyone) in named {
            let (limit, fix) = vain(statement);
            if is_limited(statement, &NETWORK) {
                findings.add_as(
                    Severity::Warning,
                    everyone.at,
                    "the statement allows `*`, and a network is all that limits it: whoever comes that way is let in, with \
                     credentials of whatever account",
                    fix,
                );
                continue;
            }
            findings.add(
                everyone.at,
                format!(
                    "the statement allows `*`, every principal of every AWS account, and {limit}: {what} is public"
                ),
                fix,
            );
        }
    }
}

/// Why nothing limits the statement, though something may be meant to, and what would.
fn vain(statement: &Statement) -> (String, String) {
    let add = "name the account or the roles, or add a condition on `aws:PrincipalOrgID`".to_owned();
    if let Some(condition) = conditions::on(statement, &TRUSTED).next() {
        let Condition { operator, key, values: _ } = condition;
        if conditions::limits(statement, condition) {
            let why =
                format!("`{operator}` on `{key}`, whose values are open to every account, does not limit it");
            return (why, format!("name the accounts in the values of `{key}`, or add `aws:PrincipalOrgID`"));
        }
        let whom = if conditions::holds_without(condition) {
            "holds for whoever comes without the key"
        } else {
            "holds for strangers too"
        };
        let why = format!("`{operator}` on `{key}`, which {whom}, does not limit it");
        return (why, format!("name who is meant with a positive operator on `{key}`, without `IfExists`"));
    }
    match statement.conditions.first() {
        Some(Condition { key, .. }) => (format!("`{key}` does not say of which account the caller is"), add),
        None => ("nothing limits it".to_owned(), add),
    }
}

fn is_limited(statement: &Statement, keys: &[&str]) -> bool {
    conditions::on(statement, keys)
        .any(|condition| conditions::limits(statement, condition) && conditions::is_narrow(condition))
}

/// Keys that a stranger cannot give any value to.
const TRUSTED: [&str; 12] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "kms:calleraccount",
];

/// Keys that say by which network a call comes, and not whose it is.
const NETWORK: [&str; 3] = ["aws:sourcevpc", "aws:sourcevpcarn", "aws:sourcevpce"];

static DOC: Doc = Doc {
    id: "no-public-access",
    number: "L11",
    title: "Nobody is allowed who is not meant",
    severity: Severity::Error,
    kinds: &[Kind::Key, Kind::Endpoint],
    requires: "A statement that allows `*` has a condition that limits it to an organisation, to accounts, to principals \
               or to sources: positive, without `IfExists` unless `Null` asks for the key, and not to every account.",
    why: "`*` is every principal of every AWS account. A negated condition, or one with `IfExists`, is satisfied by \
          whoever comes without the key, and so limits nothing. A VPC or its endpoint says where a call comes from and \
          not whose it is: a warning.",
    remedy: "Name who is meant. Where many are, use `aws:PrincipalOrgID` with `StringEquals`.",
    references: &["Access Analyzer `CheckNoPublicAccess`", "AWS Security Hub KMS.5"],
};
