//! A service control policy denies, and spares those who must go on.

use crate::iam::lint::contract::conditions::{self, holds_without};
use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::kms::{self, Action, Duty, duty};
use crate::iam::lint::contract::{keepers, organizations};
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::{Actions, Comparison, Condition, Effect, Resources, Statement, Text};

/// The rule.
#[derive(Debug)]
pub(super) struct ScpDeniesAndSpares;

impl Rule for ScpDeniesAndSpares {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        for statement in subject.statements() {
            if statement.principals.is_some() {
                findings.add(
                    statement.at,
                    "a service control policy means the principals it is attached above, and AWS refuses `Principal`",
                    "remove it, and limit the statement by a condition on `aws:PrincipalArn`",
                );
            }
            match statement.effect {
                Effect::Allow => allows(statement, findings),
                Effect::Deny => denies(subject, statement, findings),
            }
        }
    }
}

fn allows(statement: &Statement, findings: &mut Findings) {
    let star = |list: &[Text]| list.iter().any(|text| text.as_str() == "*");
    let everything = statement.conditions.is_empty()
        && matches!(&statement.actions, Some(Actions::Only(list)) if star(list))
        && matches!(&statement.resources, Some(Resources::Only(list)) if star(list));
    if !everything {
        findings.add_as(
            Severity::Warning,
            statement.at,
            "a service control policy grants nothing: beside `FullAWSAccess` this Allow has no effect, and without it \
             everything else is blocked",
            "turn it round into a Deny that exempts who is meant, with `ArnNotLike` on `aws:PrincipalArn`",
        );
    }
}

fn denies(subject: &Subject<'_>, statement: &Statement, findings: &mut Findings) {
    let managed: Vec<&Action> =
        kms::actions(statement).into_iter().filter(|action| duty(action) == Duty::Administration).collect();
    if managed.is_empty() {
        return;
    }
    keepers::report(subject, statement, findings);
    let told = !subject.surroundings.keepers.is_empty();
    let spares = |condition| spares(condition, &managed);
    if !told && !statement.conditions.iter().any(spares) && !is_fail_closed(statement) {
        findings.add_as(
            Severity::Warning,
            statement.at,
            format!(
                "nobody is exempt from this Deny of {}, neither a pipeline nor break-glass",
                kms::list(&kms::names(&managed))
            ),
            "add `ArnNotLike` on `aws:PrincipalArn` with the roles that manage keys",
        );
    }
}

/// Whether somebody, or some way to call, is spared by the condition: it is
/// neither about MFA, which pipelines lack, nor about which keys are meant.
fn spares(condition: &Condition, managed: &[&Action]) -> bool {
    let on_keys = managed.iter().any(|action| keepers::is_of_the_key(condition.key.as_str(), action));
    let nobody = organizations::is_about(condition)
        && condition.operator.comparison != Comparison::Null
        && !organizations::is_plausible(condition);
    !(on_keys || nobody || conditions::is_on(condition, &keepers::MFA) && holds_without(condition))
}

/// A Deny of everything is meant to be total.
fn is_fail_closed(statement: &Statement) -> bool {
    matches!(&statement.actions, Some(Actions::Only(list)) if list.iter().any(|text| text.as_str() == "*"))
}

static DOC: Doc = Doc {
    id: "scp-denies-and-spares",
    number: "L27",
    title: "A service control policy denies, and spares who must go on",
    severity: Severity::Error,
    kinds: &[Kind::ServiceControl],
    requires: "Statements have no principals; they deny rather than allow a part; and a Deny of key administration \
               exempts somebody, above all the roles and users given with `--keeper`. Which keys it means exempts nobody.",
    why: "An Allow grants nothing here: beside `FullAWSAccess` it changes nothing, without it everything else is blocked. \
          A Deny without exemption also hits the pipeline that would take it back.",
    remedy: "Write a Deny with `ArnNotLike` on `aws:PrincipalArn` for the pipeline and for break-glass.",
    references: &["AWS Organizations user guide, SCP syntax", "Access Analyzer `SCP_SYNTAX_ERROR_PRINCIPAL`"],
};
