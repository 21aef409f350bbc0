//! Identities may decrypt with named keys, and not with all of them.

use crate::iam::arn::Arn;
use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::{conditions, kms};
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::{Effect, Resources, Statement, Text};

/// The rule.
#[derive(Debug)]
pub(super) struct DecryptConfinedToKeys;

impl Rule for DecryptConfinedToKeys {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        for statement in subject.with_effect(Effect::Allow) {
            let actions = ["Decrypt", "ReEncryptFrom"].map(|name| (name, kms::covers(statement, name)));
            let Some((name, _)) = actions.iter().find(|(_, covered)| *covered) else { continue };
            if let Some(resource) = wide(statement)
                && !conditions::confined_by(statement, &["aws:resourcetag/", "kms:resourcealiases"])
            {
                findings.add(
                    resource.at(),
                    format!("`kms:{name}` on `{resource}`: every key whose policy hands the decision to identity policies"),
                    "name the keys, or limit them by `kms:ResourceAliases`",
                );
            }
        }
    }
}

fn wide(statement: &Statement) -> Option<&Text> {
    let Some(Resources::Only(resources)) = &statement.resources else { return None };
    resources.iter().find(|resource| {
        resource.as_str() == "*"
            || Arn::parse(resource.as_str())
                .is_some_and(|arn| arn.service == "kms" && ["*", "key/*"].contains(&arn.resource))
    })
}

static DOC: Doc = Doc {
    id: "decrypt-confined-to-keys",
    number: "L33",
    title: "Decryption is allowed with named keys",
    severity: Severity::Warning,
    kinds: &[Kind::Identity],
    requires: "An identity policy that allows `kms:Decrypt` or `kms:ReEncryptFrom` names keys, or limits them by alias or \
               tag.",
    why: "With `*` the identity can read under every key of the account that has the default key policy, those of \
          tomorrow included.",
    remedy: "Name the keys.",
    references: &["AWS Security Hub KMS.1, KMS.2", "AWS Config `iam-customer-policy-blocked-kms-actions`"],
};
