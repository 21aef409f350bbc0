//! No statement asks for what excludes each other.

use std::collections::BTreeSet;

use crate::iam::lint::contract::calls::{
    OF_CALLERS, OF_SERVICES, excludes_callers, excludes_services, is_flag,
};
use crate::iam::lint::contract::conditions::{self, holds_without};
use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::kms::{self, Duty, duty};
use crate::iam::lint::contract::principals::{self, Principal, Who};
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
    /// Some of each, all by name.
    Both,
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
    } else if named.iter().all(|principal| principal.account().is_some() || principal.who == Who::Service) {
        Means::Both
    } else {
        Means::Anybody
    }
}

/// Conditions of one statement that its principals, or each other, exclude.
fn within(subject: &Subject<'_>, statement: &Statement, findings: &mut Findings) {
    let means = means(subject, statement);
    let (caller, source) = (excludes_services(statement), excludes_callers(statement));
    let effect = match statement.effect {
        Effect::Allow => "so the statement allows nothing",
        Effect::Deny => "so the statement denies nobody",
    };
    let (condition, message, fix) = match (caller, source, means) {
        (Some(caller), _, Means::Services) => {
            (caller, format!("{}, {effect}", not_of_services(caller)), FOR_SERVICES)
        }
        (_, Some(source), Means::People) => {
            let fix = if subject.kind.has_principals() { FOR_PEOPLE } else { "remove the condition" };
            (source, format!("{}, and the statement means others, {effect}", of_services_alone(source)), fix)
        }
        (Some(caller), Some(source), _) => (
            source,
            format!("no request carries both `{}` and `{}`, {effect}", caller.key, source.key),
            FOR_BOTH,
        ),
        (Some(caller), None, Means::Both) => {
            (caller, format!("{}, {}", not_of_services(caller), in_vain(statement, true)), FOR_BOTH)
        }
        // AWS's own guides name the account beside a service: needless, and harmless.
        (None, Some(source), Means::Both) => {
            let message = format!("{}, {}", of_services_alone(source), in_vain(statement, false));
            findings.add_as(Severity::Warning, source.key.at(), message, FOR_BOTH);
            return;
        }
        (Some(_) | None, Some(_) | None, means) => {
            accounts(statement, effect, findings);
            if statement.effect == Effect::Deny {
                always(statement, means, findings);
            }
            return;
        }
    };
    findings.add(condition.key.at(), message, fix);
}

/// What becomes of the services of a statement, or of its other principals.
fn in_vain(statement: &Statement, services: bool) -> String {
    let named = principals::named(statement).into_iter();
    let named = named.filter(|principal| (principal.who == Who::Service) == services);
    let named = kms::list(&named.map(|principal| principal.text).collect::<Vec<_>>());
    match statement.effect {
        Effect::Allow => format!("so the statement allows {named} nothing"),
        Effect::Deny => format!("so the statement does not deny {named}"),
    }
}

/// Callers of one account that must be of another.
fn accounts(statement: &Statement, effect: &str, findings: &mut Findings) {
    let named = principals::named(statement);
    let named: Option<BTreeSet<&str>> = named.iter().map(Principal::account).collect();
    let mut meant = named.filter(|accounts| !accounts.is_empty());
    for condition in &statement.conditions {
        let Some(asked) = principals::limited_to(statement, condition) else { continue };
        let asked: BTreeSet<&str> = asked.into_keys().collect();
        let both = meant.as_ref().map_or_else(|| asked.clone(), |meant| meant & &asked);
        if let Some(meant) = meant.filter(|_| both.is_empty()) {
            let [meant, asked] =
                [meant, asked].map(|accounts| kms::list(&accounts.into_iter().collect::<Vec<_>>()));
            let message = format!(
                "`{}` asks for {asked}, and the rest of the statement means callers of {meant}, {effect}",
                condition.key
            );
            findings.add(condition.key.at(), message, "name the same account in both places");
            return;
        }
        meant = Some(both);
    }
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
    let keys: &[&str] = if means == Means::Services { &OF_CALLERS } else { &OF_SERVICES };
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
                every_caller(statement, condition, findings);
            }
        }
        Means::Both => {}
    }
}

/// A Deny by what services alone carry. They may be meant to use the key alone,
/// but they never administer it.
fn every_caller(statement: &Statement, condition: &Condition, findings: &mut Findings) {
    let administers = kms::actions(statement).into_iter().any(|action| duty(action) == Duty::Administration);
    let severity = if administers { Severity::Error } else { Severity::Warning };
    let flag = "add `\"Bool\": {\"aws:PrincipalIsAWSService\": \"true\"}`";
    // Some services do not tell for whom they call.
    let told = if conditions::is_on(condition, &SOURCES) && condition.operator.comparison != Comparison::Null
    {
        " and `\"Null\": {\"aws:SourceAccount\": \"false\"}`"
    } else {
        ""
    };
    let unless = if administers { "" } else { ", unless services alone are to use the key" };
    findings.add_as(
        severity,
        condition.key.at(),
        format!(
            "{}, so this Deny hits every user and role, those of the account included",
            of_services_alone(condition)
        ),
        format!("{flag}{told}{unless}"),
    );
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

const FOR_SERVICES: &str = "for calls that a service makes with its user's identity name the account or its roles as \
                            principal; for calls of its own use `aws:SourceArn`";
const FOR_PEOPLE: &str = "remove the condition, or name the service as principal if its own calls are meant";
const FOR_BOTH: &str = "give services and callers a statement each";

/// What services tell of those for whom they call.
const SOURCES: [&str; 4] = ["aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths"];

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
    requires: "Principals and conditions of a statement can be met by one request, and by each of the principals in some; \
               no condition of a Deny holds for everybody because nobody carries the key, and no Deny hits a service that \
               another statement of the policy lets in.",
    why: "A service either calls with its user's identity and carries `kms:ViaService`, or for itself and carries \
          `aws:SourceAccount`. No request has both, and a service principal with `kms:ViaService` never matches. In a Deny \
          the negated forms hold for everybody: no user and no role ever carries `aws:SourceAccount`.",
    remedy: "Decide which of the two calls is meant. For most services it is their users' identity: name the account or \
             its roles, and add `kms:ViaService`.",
    references: &["KMS developer guide, `kms:ViaService`", "IAM user guide, Forward access sessions"],
};
