//! Aliases stand where AWS looks for them.

use crate::iam::arn::Arn;
use crate::iam::lint::contract::conditions;
use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::kms::{self, ResourceType};
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::{Comparison, Condition, Statement};

/// The rule.
#[derive(Debug)]
pub(super) struct AliasesInTheirPlace;

impl Rule for AliasesInTheirPlace {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        for statement in subject.statements() {
            resources(statement, findings);
            for condition in conditions::on(statement, &["kms:requestalias", "kms:resourcealiases"]) {
                names(condition, findings);
            }
            let in_vain = matches!(subject.kind, Kind::Key | Kind::ResourceControl | Kind::Endpoint);
            for condition in conditions::on(statement, &["kms:resourcealiases"]).filter(|_| in_vain) {
                findings.add(
                    condition.key.at(),
                    format!(
                        "`kms:ResourceAliases` is documented for identity policies and service control policies, and \
                         not for {}",
                        subject.kind.noun()
                    ),
                    "use it in an identity policy or a service control policy",
                );
            }
        }
    }
}

fn resources(statement: &Statement, findings: &mut Findings) {
    let on_keys = kms::actions(statement).into_iter().find(|action| action.resource == ResourceType::Key);
    let Some(action) = on_keys else { return };
    for resource in kms::resources(statement) {
        let is_alias = Arn::parse(resource.as_str())
            .is_some_and(|arn| arn.service == "kms" && arn.resource.starts_with("alias/"));
        if is_alias {
            findings.add(
                resource.at(),
                format!(
                    "`{resource}` is an alias, and `kms:{}` is asked about the key behind it",
                    action.name
                ),
                "write the key's ARN, or limit `kms:ResourceAliases` in an identity policy",
            );
        }
    }
}

fn names(condition: &Condition, findings: &mut Findings) {
    let values = condition.values.iter().filter(|value| !value.as_str().contains("${"));
    for value in values.filter(|_| condition.operator.comparison != Comparison::Null) {
        let name = value.as_str();
        if name.starts_with("arn:") || !(name.starts_with("alias/") || name.starts_with('*')) {
            findings.add(
                value.at(),
                format!("`{}` holds names of aliases, and `{name}` is none", condition.key),
                "write the name as `alias/payments`",
            );
        }
    }
}

static DOC: Doc = Doc {
    id: "aliases-in-their-place",
    number: "L25",
    title: "Aliases are named where AWS looks for them",
    severity: Severity::Warning,
    kinds: &Kind::ALL,
    requires: "`Resource` holds an alias's ARN for alias actions only; `kms:RequestAlias` and `kms:ResourceAliases` hold \
               names `alias/…`; `kms:ResourceAliases` stands in identity policies and service control policies only.",
    why: "An alias's ARN in `Resource` means the alias and not its key, so an Allow for `kms:Decrypt` on it allows \
          nothing and a Deny denies nothing.",
    remedy: "Name the key, or use a condition on the alias's name.",
    references: &["KMS developer guide, Using aliases to control access to keys"],
};
