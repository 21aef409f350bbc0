//! Other accounts are named on purpose.

use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::kms;
use crate::iam::lint::contract::principals::{self, Principal};
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::{Effect, Statement};

/// The rule.
#[derive(Debug)]
pub(super) struct CrossAccountDeliberate;

impl Rule for CrossAccountDeliberate {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        let Some(own) = subject.account() else { return };
        for statement in subject.with_effect(Effect::Allow) {
            let named = principals::named(statement).into_iter();
            let foreign = named.filter_map(|principal| Some((principal.account()?, principal)));
            for (account, principal) in foreign.filter(|(account, _)| *account != own) {
                report(subject, statement, account, &principal, findings);
            }
        }
    }
}

fn report(
    subject: &Subject<'_>,
    statement: &Statement,
    account: &str,
    principal: &Principal<'_>,
    findings: &mut Findings,
) {
    let member = subject.surroundings.members.iter().any(|member| member.as_str() == account);
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
        principal.at,
        format!("`{}` is of `{account}`, {place}{useless}", principal.text),
        "see that it is meant; the other account must allow it in an identity policy too",
    );
}

static DOC: Doc = Doc {
    id: "cross-account-deliberate",
    number: "L19",
    title: "Other accounts are let in on purpose",
    severity: Severity::Warning,
    kinds: &[Kind::Key],
    requires: "Statements allow principals of the key's own account. Others are reported: accounts of the organisation \
               that are given as such for information, all others as a warning.",
    why: "What another account lets its own people do is out of your hands. Only 20 permissions work across accounts at \
          all, and only if both sides allow them.",
    remedy: "Give `--member` for accounts of your own. For partners add `aws:PrincipalOrgID` or `aws:PrincipalArn`, and \
             name the actions.",
    references: &["KMS developer guide, Allowing users in other accounts to use a key"],
};
