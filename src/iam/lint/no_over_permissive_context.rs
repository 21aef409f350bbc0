//! No condition that KMS itself refuses as too permissive.

use crate::iam::lint::contract::conditions;
use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::Quantifier;

/// The rule.
#[derive(Debug)]
pub(super) struct NoOverPermissiveContext;

impl Rule for NoOverPermissiveContext {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        for statement in subject.statements() {
            let refused = conditions::on(statement, &["kms:encryptioncontext:", "aws:requesttag/"])
                .filter(|condition| condition.operator.quantifier == Some(Quantifier::ForAllValues));
            for condition in refused {
                findings.add(
                    condition.key.at(),
                    format!("KMS refuses a key policy with `ForAllValues` on `{}`", condition.key),
                    "use the plain operator; the key has one value",
                );
            }
        }
    }
}

static DOC: Doc = Doc {
    id: "no-over-permissive-context",
    number: "L22",
    title: "No condition that KMS refuses as too permissive",
    severity: Severity::Error,
    kinds: &[Kind::Key],
    requires: "`kms:EncryptionContext:…` and `aws:RequestTag/…` are not compared with `ForAllValues` in a key policy.",
    why: "`PutKeyPolicy` fails: the condition would also hold for a request without the key.",
    remedy: "Use the plain operator.",
    references: &["KMS developer guide, `kms:EncryptionContext:context-key`"],
};
