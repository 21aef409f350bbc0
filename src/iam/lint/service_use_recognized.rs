//! The way AWS's own keys let services in is known to be safe.

use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::{conditions, principals};
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::Effect;

/// The rule.
#[derive(Debug)]
pub(super) struct ServiceUseRecognized;

impl Rule for ServiceUseRecognized {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        for statement in subject.with_effect(Effect::Allow).filter(|allow| principals::names_everyone(allow))
        {
            let [account, service] =
                ["kms:calleraccount", "kms:viaservice"].map(|key| conditions::confined_by(statement, &[key]));
            let accounts = principals::accounts(statement);
            // Other accounts are the business of another rule.
            let own = !accounts.is_empty() && accounts.iter().all(|account| subject.may_own(account));
            if account && service && own {
                findings.add(
                    statement.at,
                    "the statement lets everybody of the account in who comes through the service, as AWS managed keys \
                     do; it is not public",
                    "nothing, if everybody who may use the service shall use the key; else name the roles",
                );
            }
        }
    }
}

static DOC: Doc = Doc {
    id: "service-use-recognized",
    number: "L34",
    title: "Use through a service is recognised",
    severity: Severity::Info,
    kinds: &[Kind::Key],
    requires: "Nothing. A statement for `*` with `kms:CallerAccount`, the key's own, and `kms:ViaService` is pointed out as safe.",
    why: "It looks public and is not: both keys are set by KMS. But it skips identity policies, so whoever may use the \
          service may use the key.",
    remedy: "None is needed.",
    references: &["KMS developer guide, AWS managed keys"],
};
