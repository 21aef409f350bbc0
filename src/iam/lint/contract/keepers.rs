//! Whom a policy of the organisation keeps from managing keys, though they must.

use std::collections::{BTreeMap, BTreeSet};

use crate::iam::arn::Arn;
use crate::iam::catalogue::Source;
use crate::iam::evaluate::{Caller, Compiled, Decision, Level, Outcome, Policies, Request};
use crate::iam::lint::Subject;
use crate::iam::lint::contract::calls;
use crate::iam::lint::contract::doc::{Kind, Severity};
use crate::iam::lint::contract::finding::Findings;
use crate::iam::lint::contract::kms::{self, Action, Duty, ResourceType, condition_key, duty};
use crate::iam::policy::{Document, PrincipalSet, Statement};
use crate::model::region::Region;

/// Reports each keeper whom a Deny statement of a service or resource control
/// policy stops: an error where it always does, a warning where it does on some keys.
pub(crate) fn report(subject: &Subject<'_>, statement: &Statement, findings: &mut Findings) {
    let managed: Vec<&Action> =
        kms::actions(statement).into_iter().filter(|action| duty(action) == Duty::Administration).collect();
    if managed.is_empty() || subject.surroundings.keepers.is_empty() || subject.is_too_long {
        return;
    }
    let alone = Alone::new(subject, statement);
    for keeper in &subject.surroundings.keepers {
        let mut denied = Vec::new();
        // Actions by the keys that single out what they are denied on.
        let mut on_some: BTreeMap<BTreeSet<String>, Vec<String>> = BTreeMap::new();
        for action in &managed {
            let Some(outcome) = alone.asked(action, keeper) else { continue };
            let keys = outcome.unknown.iter().map(|key| calls::spelt(&alone.document, key).to_owned());
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

/// A statement as the only one that restricts anything.
struct Alone<'a> {
    document: Document,
    region: Option<&'a str>,
    policies: Policies,
}

impl<'a> Alone<'a> {
    /// For members of the organisation.
    fn new(subject: &Subject<'a>, statement: &Statement) -> Self {
        let version = subject.document.version;
        let document = Document { version, id: None, statements: vec![statement.clone()] };
        let document = calls::settled(&document, true);
        let full = calls::compiled(&Document::new([Statement::allow("All").actions(["*"])]));
        let open = Statement::allow("All").actions(["*"]).principals(PrincipalSet::Everyone);
        let open = calls::compiled(&Document::new([open]));
        let level = |everything: &Compiled| {
            vec![Level::new("r-root", [everything.clone(), calls::compiled(&document)])]
        };
        let of_resource = subject.kind == Kind::ResourceControl;
        let policies = Policies {
            rcp: of_resource.then(|| level(&open)),
            scp: (!of_resource).then(|| level(&full)),
            identity: vec![full],
            resource: Some(open),
            ..Policies::default()
        };
        Self { document, region: subject.surroundings.region.as_ref().map(Region::as_str), policies }
    }

    /// What becomes of a call of a user, or of a role's session, in its own account.
    fn asked(&self, action: &Action, keeper: &str) -> Option<Outcome> {
        let arn = Arn::parse(keeper)?;
        let caller = Caller::session(keeper, "keyrail").or_else(|_| Caller::parse(keeper)).ok()?;
        let resource = match action.resource {
            ResourceType::None => "*".to_owned(),
            ResourceType::Key | ResourceType::KeyAndAlias => {
                calls::some_key(arn.partition, arn.account, self.region)
            }
        };
        let context = calls::context(&self.document, &MISSING, self.region);
        let name = format!("kms:{}", action.name);
        let request = Request::builder(&name, &resource, caller).context(context).build().ok()?;
        Some(calls::ask(&request, &self.policies))
    }
}

/// What a pipeline's calls do not have.
const MISSING: [&str; 3] = ["aws:multifactorauthage", "aws:multifactorauthpresent", calls::BYPASS];

/// Keys that a pipeline's session does not have.
pub(crate) const MFA: [&str; 2] = ["aws:multifactorauthage", "aws:multifactorauthpresent"];
