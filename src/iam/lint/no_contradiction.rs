//! No statement asks for what excludes each other.

use crate::iam::lint::contract::conditions;
use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::principals::{self, Who};
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::{Condition, Effect, Statement};

/// The rule.
#[derive(Debug)]
pub(super) struct NoContradiction;

impl Rule for NoContradiction {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        for statement in subject.statements() {
            within(subject, statement, findings);
        }
        if subject.kind == Kind::Key {
            between(subject, findings);
        }
    }
}

/// Conditions of one statement that its principals, or each other, exclude.
fn within(subject: &Subject<'_>, statement: &Statement, findings: &mut Findings) {
    let of_caller = needed(statement, &CALLER);
    let of_service = needed(statement, &SOURCE);
    let named = principals::named(statement);
    let services = !named.is_empty() && named.iter().all(|principal| principal.who == Who::Service);
    let people = !subject.kind.has_principals()
        || !named.is_empty() && named.iter().all(|principal| principal.account().is_some());
    let effect = match statement.effect {
        Effect::Allow => "so the statement allows nothing",
        Effect::Deny => "so the statement denies nobody",
    };
    let (condition, message) = match (of_caller, of_service) {
        (Some(caller), _) if services => {
            (caller, format!("a service that calls for itself never carries `{}`, {effect}", caller.key))
        }
        (_, Some(source)) if people => (
            source,
            format!(
                "only a service that calls for itself carries `{}`, and the statement means others, {effect}",
                source.key
            ),
        ),
        (Some(caller), Some(source)) => {
            (source, format!("no request carries both `{}` and `{}`, {effect}", caller.key, source.key))
        }
        (Some(_) | None, Some(_) | None) => return,
    };
    let fix = if services {
        "for calls that a service makes with its user's identity name the account or its roles as principal; for \
         calls of its own use `aws:SourceArn`"
    } else {
        "give services and callers a statement each"
    };
    findings.add(condition.key.at(), message, fix);
}

/// A Deny that hits the services which another statement lets in.
fn between(subject: &Subject<'_>, findings: &mut Findings) {
    if !subject.with_effect(Effect::Allow).any(principals::names_service) {
        return;
    }
    let for_everyone = subject.with_effect(Effect::Deny).filter(|deny| principals::names_everyone(deny));
    for statement in for_everyone.filter(|deny| !conditions::mentions(deny, &SPARES_SERVICES)) {
        let unmet = |condition: &&Condition| {
            condition.operator.comparison.is_negated()
                && conditions::holds_without(condition)
                && !conditions::requires_presence(statement, &condition.key.as_str().to_ascii_lowercase())
        };
        if let Some(condition) = conditions::on(statement, &ORIGIN).find(unmet) {
            findings.add(
                condition.key.at(),
                format!(
                    "services never carry `{}`, so this Deny hits the service that another statement allows",
                    condition.key
                ),
                "add `\"BoolIfExists\": {\"aws:PrincipalIsAWSService\": \"false\"}`",
            );
        }
    }
}

/// A condition that no request without the key satisfies.
fn needed<'s>(statement: &'s Statement, keys: &'s [&'s str]) -> Option<&'s Condition> {
    conditions::on(statement, keys).find(|condition| {
        let presence =
            || conditions::requires_presence(statement, &condition.key.as_str().to_ascii_lowercase());
        conditions::confines(condition) || presence()
    })
}

/// Keys of calls that a principal of an account makes.
const CALLER: [&str; 9] = [
    "aws:multifactorauthpresent",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principaltag/",
    "aws:userid",
    "aws:username",
    "kms:viaservice",
];

/// Keys of calls that a service makes for itself.
const SOURCE: [&str; 4] = ["aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths"];

/// Keys that say where a caller belongs.
const ORIGIN: [&str; 4] =
    ["aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths", "kms:calleraccount"];

const SPARES_SERVICES: [&str; 3] =
    ["aws:principalisawsservice", "aws:principalservicename", "aws:principalservicenameslist"];

static DOC: Doc = Doc {
    id: "no-contradiction",
    number: "L13",
    title: "No statement contradicts itself",
    severity: Severity::Error,
    kinds: &Kind::ALL,
    requires: "Principals and conditions of a statement can be met by one request, and no Deny hits a service that \
               another statement of the policy lets in.",
    why: "A service either calls with its user's identity and carries `kms:ViaService`, or for itself and carries \
          `aws:SourceAccount`. No request has both, and a service principal with `kms:ViaService` never matches.",
    remedy: "Decide which of the two calls is meant. For most services it is their users' identity: name the account or \
             its roles, and add `kms:ViaService`.",
    references: &["KMS developer guide, `kms:ViaService`", "IAM user guide, Forward access sessions"],
};
