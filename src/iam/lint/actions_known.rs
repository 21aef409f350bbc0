//! Every action exists, and no wildcard hides another duty.

use crate::iam::lint::contract::conditions;
use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::kms::{self, ACTIONS, Action, Duty, ResourceType, duty};
use crate::iam::lint::contract::nearest::nearest;
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::{Actions, Effect, Statement, Text};

/// The rule.
#[derive(Debug)]
pub(super) struct ActionsKnown;

impl Rule for ActionsKnown {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        for (statement, pattern) in subject.patterns() {
            let (service, name) = pattern.as_str().split_once(':').unwrap_or((pattern.as_str(), "*"));
            let everything = subject.kind == Kind::Key && pattern.as_str() == "*";
            if service.eq_ignore_ascii_case("kms") || everything {
                known(subject, statement, pattern, name, findings);
            } else if subject.kind == Kind::Key && service != "*" {
                findings.add(
                    pattern.at(),
                    format!("a key policy is asked about KMS alone, so `{pattern}` means nothing in it"),
                    "remove it, or put it into an identity policy",
                );
            }
        }
    }
}

fn known(subject: &Subject<'_>, statement: &Statement, pattern: &Text, name: &str, findings: &mut Findings) {
    let expansion: Vec<&Action> = kms::expansion(pattern.as_str()).collect();
    if expansion.is_empty() {
        let longer = format!("{pattern}*");
        let (severity, fix) = match nearest(name.trim_matches('*'), ACTIONS.iter().map(|action| action.name))
        {
            _ if kms::expansion(&longer).next().is_some() => {
                (Severity::Error, format!("write `{longer}`, or the actions that begin so"))
            }
            Some(meant) => (Severity::Error, format!("write `kms:{meant}`, if that is what is meant")),
            // AWS adds actions; one that resembles none need not be a slip.
            None => (
                Severity::Warning,
                "take the name from AWS's list of KMS actions, if it is not new".to_owned(),
            ),
        };
        findings.add_as(severity, pattern.at(), format!("`{pattern}` is none of the KMS actions"), fix);
        return;
    }
    if kms::is_pattern(name) {
        hidden(subject, statement, pattern, &expansion, findings);
    } else if subject.kind == Kind::Key
        && statement.effect == Effect::Allow
        && expansion.iter().all(|action| action.resource == ResourceType::None)
    {
        findings.add_as(
            Severity::Warning,
            pattern.at(),
            format!("`{pattern}` has no key to be asked about, so a key policy cannot allow it"),
            "allow it in an identity policy",
        );
    }
}

/// What a wildcard takes in beside what it seems to.
fn hidden(
    subject: &Subject<'_>,
    statement: &Statement,
    pattern: &Text,
    expansion: &[&Action],
    findings: &mut Findings,
) {
    let only = matches!(&statement.actions, Some(Actions::Only(_)));
    let named = |name: &str| expansion.iter().any(|action| action.name == name);
    let whole = expansion.len() == ACTIONS.len();
    let message = match statement.effect {
        Effect::Allow if !only || subject.delegates(statement) => return,
        Effect::Allow if !matches!(subject.kind, Kind::Key | Kind::Identity) => return,
        Effect::Allow => {
            let mixed = expansion.iter().any(|action| duty(action) == Duty::Use)
                && expansion.iter().any(|action| duty(action) == Duty::Administration);
            match (mixed, named("CreateGrant"), named("PutKeyPolicy")) {
                (true, _, _) => "takes in both the use and the administration of keys",
                (_, true, _) => "takes in `kms:CreateGrant`, by which anybody can be let in",
                (_, _, true) => "takes in `kms:PutKeyPolicy`, by which anybody can be let in",
                (false, false, false) => return,
            }
        }
        Effect::Deny if whole || !only || !named("CreateGrant") || spares_services(statement) => return,
        Effect::Deny => "takes in `kms:CreateGrant`, without which EBS, RDS and other services stop working",
    };
    let fix = meant(subject, statement, expansion);
    findings.add_as(Severity::Warning, pattern.at(), format!("`{pattern}` {message}"), fix);
}

/// What to write in the place of a wildcard. The grants of services stay out of a Deny.
fn meant(subject: &Subject<'_>, statement: &Statement, expansion: &[&Action]) -> String {
    let is_meant = |action: &&Action| {
        // Without a resource an action is none of a key policy's.
        let of_key = subject.kind != Kind::Key || action.resource != ResourceType::None;
        of_key && (statement.effect == Effect::Allow || action.name != "CreateGrant")
    };
    let others: Vec<&Action> = expansion.iter().copied().filter(is_meant).collect();
    let others = match kms::names(&others).as_slice() {
        [] => String::new(),
        names => format!("name the actions that are meant: {}", kms::list(names)),
    };
    let and = if others.is_empty() { "" } else { "; " };
    match statement.effect {
        Effect::Allow => others,
        Effect::Deny => {
            format!("{others}{and}deny `kms:CreateGrant` in a statement of its own, with {BY_NO_SERVICE}")
        }
    }
}

fn spares_services(statement: &Statement) -> bool {
    conditions::mentions(statement, &["kms:grantisforawsresource", "aws:viaawsservice", "kms:viaservice"])
}

/// Of a grant that a service makes for its user the key is `true`.
const BY_NO_SERVICE: &str = "`\"BoolIfExists\": {\"kms:GrantIsForAWSResource\": \"false\"}`";

static DOC: Doc = Doc {
    id: "actions-known",
    number: "L05",
    title: "Every action exists and says what it takes in",
    severity: Severity::Error,
    kinds: &Kind::ALL,
    requires: "Each KMS action, its wildcards expanded, is one of the 56; a key policy names no other service's \
               actions. No wildcard mixes the use with the administration of keys or hides `CreateGrant` and \
               `PutKeyPolicy`.",
    why: "AWS stores a mistyped action and never matches it. `kms:Create*` reads like making keys; in a key policy it \
          is `CreateGrant`, by which an administrator lets himself decrypt. In a Deny the same wildcard stops the \
          services that make grants for their users.",
    remedy: "Write the actions out, or use a wildcard whose every action is meant.",
    references: &[
        "Service authorization reference, AWS KMS",
        "Access Analyzer `INVALID_ACTION`",
        "parliament `UNKNOWN_ACTION`, `UNKNOWN_PREFIX`",
    ],
};
