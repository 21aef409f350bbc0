//! A service control policy denies, and spares those who must go on.

use crate::iam::arn::Arn;
use crate::iam::evaluate::{Caller, Compiled, Context, Decision, Level, Policies, Request, evaluate};
use crate::iam::lint::contract::conditions::{self, holds_without};
use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::kms::{self, Action, Duty, ResourceType, duty};
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::{Actions, Document, Effect, Resources, Statement, Text};

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
    for keeper in &subject.surroundings.keepers {
        let denied: Vec<String> = managed
            .iter()
            .filter(|action| is_denied(statement, action, keeper).unwrap_or(false))
            .map(|action| format!("kms:{}", action.name))
            .collect();
        if !denied.is_empty() {
            findings.add(
                statement.at,
                format!("the statement denies `{keeper}` {}", kms::list(&denied)),
                format!("exempt it: add `\"ArnNotLike\": {{\"aws:PrincipalArn\": \"{keeper}\"}}`"),
            );
        }
    }
    let told = !subject.surroundings.keepers.is_empty();
    let depends = |condition| !conditions::is_on(condition, &PRESENCE) || !holds_without(condition);
    if !told && !statement.conditions.iter().any(depends) && !is_fail_closed(statement) {
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

/// A Deny of everything is meant to be total.
fn is_fail_closed(statement: &Statement) -> bool {
    matches!(&statement.actions, Some(Actions::Only(list)) if list.iter().any(|text| text.as_str() == "*"))
}

/// Whether a role session without MFA is denied, whatever else is unknown.
fn is_denied(statement: &Statement, action: &Action, keeper: &str) -> Option<bool> {
    let arn = Arn::parse(keeper)?;
    let caller = Caller::session(keeper, "keyrail").ok()?;
    let resource = match action.resource {
        ResourceType::None => "*".to_owned(),
        ResourceType::Key | ResourceType::KeyAndAlias => {
            format!(
                "arn:{}:kms:eu-west-1:{}:key/00000000-0000-0000-0000-000000000000",
                arn.partition, arn.account
            )
        }
    };
    let keys = statement.conditions.iter().map(|condition| condition.key.as_str().to_ascii_lowercase());
    let context = keys
        .filter(|key| {
            !key.starts_with("aws:principal") || key.starts_with("aws:principaltag/") || key.contains("org")
        })
        .fold(Context::new(), |context, key| {
            if PRESENCE.contains(&key.as_str()) { context.without(&key) } else { context.with_unknown(&key) }
        });
    let name = format!("kms:{}", action.name);
    let request = Request::builder(&name, &resource, caller).context(context).build().ok()?;
    let full = Document::new([Statement::allow("All").actions(["*"])]);
    let alone = Document::new([statement.clone()]);
    let level = Level::new("r-root", [Compiled::new(&full), Compiled::new(&alone)]);
    let policies =
        Policies { identity: vec![Compiled::new(&full)], scp: Some(vec![level]), ..Policies::default() };
    Some(evaluate(&request, &policies).decision == Decision::ExplicitlyDenied)
}

/// Keys that a role session never has.
const PRESENCE: [&str; 2] = ["aws:multifactorauthage", "aws:multifactorauthpresent"];

static DOC: Doc = Doc {
    id: "scp-denies-and-spares",
    number: "L27",
    title: "A service control policy denies, and spares who must go on",
    severity: Severity::Error,
    kinds: &[Kind::ServiceControl],
    requires: "Statements have no principals; they deny rather than allow a part; and a Deny of key administration \
               exempts somebody, above all the roles given with `--keeper`.",
    why: "An Allow grants nothing here: beside `FullAWSAccess` it changes nothing, without it everything else is blocked. \
          A Deny without exemption also hits the pipeline that would take it back.",
    remedy: "Write a Deny with `ArnNotLike` on `aws:PrincipalArn` for the pipeline and for break-glass.",
    references: &["AWS Organizations user guide, SCP syntax", "Access Analyzer `SCP_SYNTAX_ERROR_PRINCIPAL`"],
};
