//! No statement asks for what excludes each other.

use crate::iam::lint::contract::calls::OF_SERVICES;
use crate::iam::lint::contract::conditions::{self, holds_without};
use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::principals::{self, Who};
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::{Comparison, Condition, Effect, Statement};

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

/// Whom a statement means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Means {
    Services,
    People,
    Anybody,
}

fn means(subject: &Subject<'_>, statement: &Statement) -> Means {
    let named = principals::named(statement);
    if !subject.kind.has_principals() {
        Means::People
    } else if named.is_empty() {
        Means::Anybody
    } else if named.iter().all(|principal| principal.who == Who::Service) {
        Means::Services
    } else if named.iter().all(|principal| principal.account().is_some()) {
        Means::People
    } else {
        Means::Anybody
    }
}

/// Conditions of one statement that its principals, or each other, exclude.
fn within(subject: &Subject<'_>, statement: &Statement, findings: &mut Findings) {
    let of_caller = needed(statement, &CALLER).or_else(|| flag(statement, "false"));
    let of_service = needed(statement, &OF_SERVICES).or_else(|| flag(statement, "true"));
    let effect = match statement.effect {
        Effect::Allow => "so the statement allows nothing",
        Effect::Deny => "so the statement denies nobody",
    };
    let (condition, message) = match (of_caller, of_service, means(subject, statement)) {
        (Some(caller), _, Means::Services) => (caller, format!("{}, {effect}", not_of_services(caller))),
        (_, Some(source), Means::People) => {
            (source, format!("{}, and the statement means others, {effect}", of_services_alone(source)))
        }
        (Some(caller), Some(source), _) => {
            (source, format!("no request carries both `{}` and `{}`, {effect}", caller.key, source.key))
        }
        (Some(_) | None, Some(_) | None, means) => {
            if statement.effect == Effect::Deny {
                always(statement, means, findings);
            }
            return;
        }
    };
    let fix = if means(subject, statement) == Means::Services {
        "for calls that a service makes with its user's identity name the account or its roles as principal; for \
         calls of its own use `aws:SourceArn`"
    } else {
        "give services and callers a statement each"
    };
    findings.add(condition.key.at(), message, fix);
}

fn not_of_services(condition: &Condition) -> String {
    if is_flag(condition) {
        return format!("`{}` is `true` for a service that calls for itself", condition.key);
    }
    format!("a service that calls for itself never carries `{}`", condition.key)
}

fn of_services_alone(condition: &Condition) -> String {
    if is_flag(condition) {
        return format!("`{}` is `true` only for a service that calls for itself", condition.key);
    }
    format!("only a service that calls for itself carries `{}`", condition.key)
}

/// Conditions of a Deny that hold for everybody whom the statement means,
/// because none of them carries the key.
fn always(statement: &Statement, means: Means, findings: &mut Findings) {
    let keys: &[&str] = if means == Means::Services { &CALLER } else { &OF_SERVICES };
    let is_vacuous = |condition: &&Condition| conditions::is_on(condition, keys) && holds_without(condition);
    let Some(condition) = statement.conditions.iter().find(is_vacuous) else { return };
    let at = condition.key.at();
    match means {
        Means::Services => findings.add(
            at,
            format!("{}, so the condition always holds and limits nothing", not_of_services(condition)),
            "remove the condition, or use `aws:SourceArn` or `aws:SourceAccount`",
        ),
        Means::People => findings.add(
            at,
            format!(
                "{}, and the statement means others, so the condition always holds and limits nothing",
                of_services_alone(condition)
            ),
            "remove the condition, or judge services in a statement of their own",
        ),
        Means::Anybody => {
            let mut others = statement.conditions.iter().filter(|other| !is_vacuous(other));
            let about_callers = |other: &Condition| {
                let key = other.key.as_str().to_ascii_lowercase();
                ABOUT_CALLERS.iter().any(|prefix| key.starts_with(prefix))
            };
            if principals::names_everyone(statement) && !others.any(about_callers) {
                findings.add_as(
                    Severity::Warning,
                    at,
                    format!(
                        "{}, so this Deny hits every user and role, those of the account included",
                        of_services_alone(condition)
                    ),
                    "add `\"Bool\": {\"aws:PrincipalIsAWSService\": \"true\"}`, unless services alone are to use the key",
                );
            }
        }
    }
}

/// The condition that wants `aws:PrincipalIsAWSService` to be this.
fn flag<'s>(statement: &'s Statement, word: &str) -> Option<&'s Condition> {
    let wants = |condition: &&Condition| {
        condition.operator.comparison == Comparison::Bool
            && condition.values.iter().all(|value| value.as_str().eq_ignore_ascii_case(word))
    };
    statement.conditions.iter().filter(|condition| is_flag(condition)).find(wants)
}

fn is_flag(condition: &Condition) -> bool {
    conditions::is_on(condition, &["aws:principalisawsservice"])
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
                && holds_without(condition)
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

/// Conditions on these say of whom, or of which of their calls, a statement speaks.
const ABOUT_CALLERS: [&str; 10] = [
    "aws:calledvia",
    "aws:multifactorauth",
    "aws:principal",
    "aws:source",
    "aws:user",
    "aws:viaawsservice",
    "aws:vpc",
    "kms:calleraccount",
    "kms:grant",
    "kms:viaservice",
];

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
    requires: "Principals and conditions of a statement can be met by one request, no condition of a Deny holds for \
               everybody because nobody carries the key, and no Deny hits a service that another statement of the \
               policy lets in.",
    why: "A service either calls with its user's identity and carries `kms:ViaService`, or for itself and carries \
          `aws:SourceAccount`. No request has both, and a service principal with `kms:ViaService` never matches. In a Deny \
          the negated forms hold for everybody: no user and no role ever carries `aws:SourceAccount`.",
    remedy: "Decide which of the two calls is meant. For most services it is their users' identity: name the account or \
             its roles, and add `kms:ViaService`.",
    references: &["KMS developer guide, `kms:ViaService`", "IAM user guide, Forward access sessions"],
};
