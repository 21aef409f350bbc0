//! Nobody both administers and uses the key.

use std::collections::BTreeMap;

use crate::iam::arn::Arn;
use crate::iam::lint::contract::conditions;
use crate::iam::lint::contract::doc::{Doc, Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::kms::{self, Action, Duty, duty};
use crate::iam::lint::contract::principals::{self, Principal, Who};
use crate::iam::lint::{Rule, Subject};
use crate::iam::policy::{Effect, Position, Statement};

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
            for (name, at) in names(statement) {
                let held = duties.entry(name).or_insert(Duties { at, used: None, administered: None });
                held.at = at;
                held.add(&actions);
            }
        }
        for (name, held) in duties {
            if let (Some(used), Some(administered)) = (held.used, held.administered) {
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
    used: Option<&'static Action>,
    administered: Option<&'static Action>,
}

impl Duties {
    fn add(&mut self, actions: &[&'static Action]) {
        let first = |wanted| actions.iter().copied().find(|action| duty(action) == wanted);
        self.used = self.used.or(first(Duty::Use));
        self.administered = self.administered.or(first(Duty::Administration));
    }
}

/// Whom a statement means: the patterns of `aws:PrincipalArn`, or else its principals.
fn names(statement: &Statement) -> Vec<(String, Position)> {
    let patterns =
        conditions::on(statement, &["aws:principalarn"]).filter(|condition| conditions::confines(condition));
    let patterns: Vec<(String, Position)> = patterns
        .flat_map(|condition| &condition.values)
        .map(|value| (value.as_str().to_owned(), value.at()))
        .collect();
    if !patterns.is_empty() {
        return patterns;
    }
    let named = principals::named(statement).into_iter().filter(|principal| principal.who != Who::Service);
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
               wildcards expanded. The account as a whole, by which identity policies decide, is left out.",
    why: "Whoever can both read the data and change who may read it needs nobody's consent for anything.",
    remedy: "Split the role, or the statement.",
    references: &["NIST SP 800-53 Rev. 5 AC-5", "PCI DSS 4.0.1 3.7.6"],
};
