//! Whom a policy of the organisation keeps from managing keys, though they must.

use std::collections::{BTreeMap, BTreeSet};

use crate::iam::arn::Arn;
use crate::iam::catalogue::Source;
use crate::iam::evaluate::{Caller, Compiled, Decision, Level, Outcome, Policies, Request, evaluate};
use crate::iam::lint::Subject;
use crate::iam::lint::contract::calls;
use crate::iam::lint::contract::doc::{Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::kms::{self, Action, Duty, ResourceType, condition_key, duty};
use crate::iam::policy::{Document, PrincipalSet, Statement};

/// Reports each keeper whom a Deny statement of a service or resource control
/// policy stops: an error where it always does, a warning where it does on some keys.
pub(crate) fn report(subject: &Subject<'_>, statement: &Statement, findings: &mut Findings) {
    let managed: Vec<&Action> =
        kms::actions(statement).into_iter().filter(|action| duty(action) == Duty::Administration).collect();
    let alone = Document::new([statement.clone()]);
    for keeper in &subject.surroundings.keepers {
        let mut denied = Vec::new();
        // Actions by the keys that single out what they are denied on.
        let mut on_some: BTreeMap<BTreeSet<String>, Vec<String>> = BTreeMap::new();
        for action in &managed {
            let Some(outcome) = asked(&alone, subject.kind, action, keeper) else { continue };
            let keys = outcome.unknown.iter().map(|key| calls::spelt(&alone, key).to_owned());
            let keys: BTreeSet<String> = keys.collect();
            match outcome.decision {
                Decision::ExplicitlyDenied => denied.push(format!("kms:{}", action.name)),
                Decision::Undecided if keys.iter().all(|key| is_of_the_key(key, action)) => {
                    on_some.entry(keys).or_default().push(format!("kms:{}", action.name));
                }
                Decision::Undecided | Decision::Allowed | Decision::ImplicitlyDenied => {}
            }
        }
        let fix = || format!("exempt it: add `\"ArnNotLike\": {{\"aws:PrincipalArn\": \"{keeper}\"}}`");
        if !denied.is_empty() {
            let message = format!("the statement denies `{keeper}` {}", kms::list(&denied));
            findings.add(statement.at, message, fix());
        }
        for (keys, actions) in on_some {
            let keys: Vec<String> = keys.into_iter().collect();
            let (actions, keys) = (kms::list(&actions), kms::list(&keys));
            let message =
                format!("the statement denies `{keeper}` {actions} on every key that it means by {keys}");
            findings.add_as(Severity::Warning, statement.at, message, fix());
        }
    }
}

/// Whether the condition key tells keys apart, so that whoever calls cannot
/// choose its value.
pub(crate) fn is_of_the_key(key: &str, action: &Action) -> bool {
    let lower = key.to_ascii_lowercase();
    let made = action.resource == ResourceType::None;
    let own = || condition_key(key).is_some_and(|definition| definition.source == Source::Key);
    ["aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths"].contains(&lower.as_str())
        || !made && own()
}

/// What becomes of a role's session without MFA, a member of the organisation
/// in its own account.
fn asked(alone: &Document, kind: Kind, action: &Action, keeper: &str) -> Option<Outcome> {
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
    let document = calls::settled(alone, true);
    let context = calls::context(&document, &MFA, &[]);
    let name = format!("kms:{}", action.name);
    let request = Request::builder(&name, &resource, caller).context(context).build().ok()?;
    let full = Document::new([Statement::allow("All").actions(["*"])]);
    let open = Document::new([Statement::allow("All").actions(["*"]).principals(PrincipalSet::Everyone)]);
    let of_key = action.resource != ResourceType::None;
    let mut policies = Policies {
        identity: vec![Compiled::new(&full)],
        resource: of_key.then(|| Compiled::new(&open)),
        ..Policies::default()
    };
    if kind == Kind::ResourceControl {
        policies.rcp = Some(vec![Level::new("r-root", [Compiled::new(&open), Compiled::new(&document)])]);
    } else {
        policies.scp = Some(vec![Level::new("r-root", [Compiled::new(&full), Compiled::new(&document)])]);
    }
    Some(evaluate(&request, &policies))
}

/// Keys that a pipeline's session does not have.
pub(crate) const MFA: [&str; 2] = ["aws:multifactorauthage", "aws:multifactorauthpresent"];
