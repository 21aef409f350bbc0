//! A Deny of everything by a negated condition is read twice.

use crate::iam::lint::contract::conditions::{self, holds_without};
use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::kms::{self, ACTIONS};
use crate::iam::lint::contract::principals;
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::{Comparison, Effect};

/// The rule.
#[derive(Debug)]
pub(super) struct DenyAllSparesSomebody;

impl Rule for DenyAllSparesSomebody {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        for statement in subject.with_effect(Effect::Deny).filter(|deny| principals::names_everyone(deny)) {
            let of_services = conditions::on(statement, &["aws:principalisawsservice"])
                .any(|condition| conditions::confines(condition) && conditions::says(condition, "true"));
            let everything = kms::actions(statement).len() == ACTIONS.len() && !of_services;
            let negated = statement.conditions.iter().find(|condition| {
                condition.operator.comparison != Comparison::Null
                    && condition.operator.comparison.is_negated()
                    && holds_without(condition)
            });
            if let Some(condition) = negated.filter(|_| everything) {
                findings.add(
                    condition.key.at(),
                    format!(
                        "everybody is denied `kms:*`, `kms:PutKeyPolicy` included, whose `{}` is another or missing: one \
                         wrong value, and the key is locked for good",
                        condition.key
                    ),
                    "leave `kms:PutKeyPolicy` out of it, and simulate the policy before it is put in force",
                );
            }
        }
    }
}

static DOC: Doc = Doc {
    id: "deny-all-spares-somebody",
    number: "L35",
    title: "A Deny of everything leaves a way back",
    severity: Severity::Warning,
    kinds: &[Kind::Key],
    requires: "A key policy does not deny everybody `kms:*` by a negated condition.",
    why: "A misspelt key or a wrong value makes such a condition hold for everybody, the root user included, and nothing \
          inside AWS takes it back.",
    remedy: "Deny the use of the key and leave its administration out, or put the Deny into a resource control policy, \
             which can be taken back from outside.",
    references: &["KMS developer guide, Default key policy"],
};
