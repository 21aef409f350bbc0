//! Nobody both administers and uses the key.

use std::collections::BTreeMap;

use crate::iam::arn::Arn;
use crate::iam::evaluate::{Caller, Context, Decision, Policies, Request};
use crate::iam::lint::contract::calls::{self, Place};
use crate::iam::lint::contract::conditions;
use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::kms::{self, Action, Duty, duty};
use crate::iam::lint::contract::principals::{self, Principal, Who};
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::{Document, Effect, Position, PrincipalSet, Statement};
use crate::model::region::Region;

/// The rule.
#[derive(Debug)]
pub(super) struct DutiesSeparated;

impl Rule for DutiesSeparated {
    fn doc(&self) -> &'static Doc {
        &DOC
    }

    fn check(&self, subject: &Subject<'_>, findings: &mut Findings) {
        let mut duties: BTreeMap<String, Duties> = BTreeMap::new();
        let statements = subject.with_effect(Effect::Allow);
        for statement in statements.filter(|statement| !subject.delegates(statement)) {
            let actions = kms::actions(statement);
            for (name, at) in names(subject, statement) {
                let held =
                    duties.entry(name).or_insert(Duties { at, used: Vec::new(), administered: Vec::new() });
                held.at = at;
                held.add(&actions);
            }
        }
        let denies = Denies::new(subject);
        duties.retain(|_, held| !held.used.is_empty() && !held.administered.is_empty());
        for (name, held) in duties {
            // The first that is not for certain denied.
            let left = |actions: &[&'static Action]| {
                let taken = |action| denies.as_ref().is_some_and(|denies| denies.take(&name, action));
                actions.iter().copied().find(|action| !taken(action))
            };
            if let (Some(used), Some(administered)) = (left(&held.used), left(&held.administered)) {
                findings.add(
                    held.at,
                    format!(
                        "`{name}` may both use the key (`kms:{}`) and administer it (`kms:{}`)",
                        used.name, administered.name
                    ),
                    "give use and administration to different roles",
                );
            }
        }
    }
}

/// What somebody may do in the sum of statements.
struct Duties {
    /// Where the name stands last.
    at: Position,
    used: Vec<&'static Action>,
    administered: Vec<&'static Action>,
}

impl Duties {
    fn add(&mut self, actions: &[&'static Action]) {
        for action in actions {
            match duty(action) {
                Duty::Use => self.used.push(action),
                Duty::Administration => self.administered.push(action),
                Duty::Grants | Duty::Reading => {}
            }
        }
    }
}

/// What Deny statements take away again.
struct Denies<'a> {
    statements: Vec<&'a Statement>,
    key: Place,
    context: Context,
    policies: Policies,
}

impl<'a> Denies<'a> {
    /// `None` where nothing is taken.
    fn new(subject: &Subject<'a>) -> Option<Self> {
        let statements: Vec<&Statement> = subject.with_effect(Effect::Deny).collect();
        if statements.is_empty() || subject.is_too_long {
            return None;
        }
        let everything = Statement::allow("All").actions(["*"]).principals(PrincipalSet::Everyone);
        let document = Document {
            version: subject.document.version,
            id: None,
            statements: statements.iter().copied().cloned().chain([everything]).collect(),
        };
        let region = subject.surroundings.region.as_ref().map(Region::as_str);
        let account = subject.account().unwrap_or_default();
        let key = calls::own_key(&document, subject.partition(), account, region);
        let context = calls::context(&document, &[], key.region.as_deref());
        let policies = Policies { resource: Some(calls::compiled(&document)), ..Policies::default() };
        Some(Self { statements, key, context, policies })
    }

    /// Whether the action is for certain denied to this user or role.
    fn take(&self, name: &str, action: &Action) -> bool {
        self.statements.iter().any(|statement| kms::covers(statement, action.name))
            && self.decision(name, action) == Some(Decision::ExplicitlyDenied)
    }

    fn decision(&self, name: &str, action: &Action) -> Option<Decision> {
        let request =
            Request::builder(&format!("kms:{}", action.name), &self.key.arn, Caller::parse(name).ok()?);
        let request = request.context(self.context.clone()).build().ok()?;
        Some(calls::ask(&request, &self.policies).decision)
    }
}

/// Whom a statement means: the patterns of `aws:PrincipalArn`, or else its principals.
fn names(subject: &Subject<'_>, statement: &Statement) -> Vec<(String, Position)> {
    let patterns = conditions::on(statement, &["aws:principalarn"])
        .filter(|condition| conditions::limits(statement, condition));
    let patterns: Vec<(String, Position)> = patterns
        .flat_map(|condition| &condition.values)
        .map(|value| (value.as_str().to_owned(), value.at()))
        .collect();
    if !patterns.is_empty() {
        return patterns;
    }
    let is_left_out = |who: Who<'_>| match who {
        Who::Account(account) => subject.may_own(account),
        Who::Service => true,
        Who::Everyone | Who::Entity { .. } | Who::Id | Who::Malformed => false,
    };
    let named = principals::named(statement).into_iter().filter(|principal| !is_left_out(principal.who));
    named.map(|principal| (role(&principal), principal.at)).collect()
}

/// What a session may do its role may: the name of the role.
fn role(principal: &Principal<'_>) -> String {
    match (principal.who, Arn::parse(principal.text)) {
        (Who::Entity { account, kind: "assumed-role", name }, Some(arn)) => {
            let role = name.split('/').next().unwrap_or(name);
            format!("arn:{}:iam::{account}:role/{role}", arn.partition)
        }
        _ => principal.text.to_owned(),
    }
}

static DOC: Doc = Doc {
    id: "duties-separated",
    number: "L18",
    title: "Use and administration are separate duties",
    severity: Severity::Warning,
    kinds: &[Kind::Key],
    requires: "In the sum of all statements no principal may both encrypt, decrypt or sign with the key and change it, \
               wildcards expanded and without what is denied to it whatever a call carries. The account as a whole, by which identity policies decide, is left out.",
    why: "Whoever can both read the data and change who may read it needs nobody's consent for anything.",
    remedy: "Split the role, or the statement.",
    references: &["NIST SP 800-53 Rev. 5 AC-5", "PCI DSS 4.0.1 3.7.6"],
};
