//! Principals are named, and not left out.

use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::{Effect, Principals};

/// The rule.
#[derive(Debug)]
pub(super) struct NoNotPrincipal;

impl Rule for NoNotPrincipal {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        for statement in subject.statements() {
            if !matches!(statement.principals, Some(Principals::AllBut(_))) {
                continue;
            }
            match statement.effect {
                Effect::Allow => findings.add(
                    statement.at,
                    "`NotPrincipal` with `Allow` allows everybody else, whoever they are, unsigned requests included",
                    "name who is meant in `Principal`",
                ),
                Effect::Deny => findings.add_as(
                    Severity::Warning,
                    statement.at,
                    "`NotPrincipal` with `Deny` spares a session only if account, role and session are all listed, \
                     and spares nobody who has a permissions boundary",
                    "deny `*` with a condition `ArnNotLike` on `aws:PrincipalArn`",
                ),
            }
        }
    }
}

static DOC: Doc = Doc {
    id: "no-not-principal",
    number: "L14",
    title: "Principals are named, not left out",
    severity: Severity::Error,
    kinds: &[Kind::Key, Kind::Endpoint],
    requires: "No statement has `NotPrincipal`.",
    why: "With Allow it lets the whole world in but for those listed. With Deny it must list the account, the role and \
          the session to spare one session, and with a permissions boundary it denies regardless.",
    remedy: "Use `Principal`, and for exemptions from a Deny a condition on `aws:PrincipalArn`.",
    references: &["IAM user guide, `NotPrincipal`", "Access Analyzer `ALLOW_WITH_NOT_PRINCIPAL`"],
};
