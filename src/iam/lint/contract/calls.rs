//! Calls that rules ask the evaluator about: what is known of one that a
//! principal of an account makes in its own account.
//!
//! Everything is unknown that does not follow from the caller, from KMS, or
//! from where the key is.

use crate::iam::arn::Arn;
use crate::iam::evaluate::{Compiled, Context, Outcome, Policies, Request, evaluate};
use crate::iam::lint::contract::conditions::{self, holds_without, says};
use crate::iam::lint::contract::keys::{self, Standing};
use crate::iam::lint::contract::{kms, organizations};
use crate::iam::policy::{Comparison, Condition, Document, Resources, Statement};

/// What the conditions ask of a call and nothing tells. Keys in `missing`, in
/// lower case, are taken to be absent; `region` is the Region it is made in.
pub(crate) fn context(document: &Document, missing: &[&str], region: Option<&str>) -> Context {
    let keys = document.statements.iter().flat_map(|statement| &statement.conditions);
    let keys = keys.map(|condition| condition.key.as_str().to_ascii_lowercase());
    let open = keys.filter(|key| !DERIVED.iter().any(|name| key == name) && is_some_key(key));
    open.fold(Context::new(), |context, key| {
        let absent = OF_SERVICES.iter().chain(missing).any(|name| key == *name);
        match (key.as_str(), region) {
            ("aws:requestedregion", Some(region)) => context.with(&key, region),
            // Every call says whether a service forwards it.
            ("aws:viaawsservice", _) if absent => context.with(&key, "false"),
            _ if absent => context.without(&key),
            _ => context.with_unknown(&key),
        }
    })
}

/// The ARN of some key of an account.
pub(crate) fn some_key(partition: &str, account: &str, region: Option<&str>) -> String {
    format!("arn:{partition}:kms:{}:{account}:{SOME_KEY}", region.unwrap_or(SOME_REGION))
}

/// The key that a key policy in an account belongs to: the one that its
/// statements name, or some.
pub(crate) fn own_key(document: &Document, partition: &str, account: &str, region: Option<&str>) -> Place {
    let resources = document.statements.iter().filter_map(|statement| match &statement.resources {
        Some(Resources::Only(texts)) => Some(texts),
        Some(Resources::AllBut(_)) | None => None,
    });
    let named = resources.flatten().filter_map(|resource| Arn::parse(resource.as_str())).find(|arn| {
        arn.service == "kms" && arn.resource.starts_with("key/") && [account, "*"].contains(&arn.account)
    });
    let (own, id) = named.map_or(("", SOME_KEY), |arn| (arn.region, arn.resource));
    let region = region.or(Some(own).filter(|own| !own.is_empty() && !kms::is_pattern(own)));
    let id = id.replace(['*', '?'], "0");
    let arn = format!("arn:{partition}:kms:{}:{account}:{id}", region.unwrap_or(SOME_REGION));
    Place { arn, region: region.map(str::to_owned) }
}

/// A key, and where it is.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) arn: String,
    /// `None` where nothing tells.
    pub(crate) region: Option<String>,
}

/// The document made ready to be asked.
pub(crate) fn compiled(document: &Document) -> Compiled {
    #[cfg(test)]
    work::count(document.statements.len());
    Compiled::new(document)
}

/// What the evaluator says.
pub(crate) fn ask(request: &Request, policies: &Policies) -> Outcome {
    #[cfg(test)]
    work::count(1);
    evaluate(request, policies)
}

/// The document for callers of some organisation, or of none, without the
/// conditions that compare its id or path with what is none.
pub(crate) fn settled(document: &Document, member: bool) -> Document {
    let settle = |statement: &Statement| {
        let mut settled = statement.clone();
        settled.conditions.retain(|condition| truth(condition, member) != Some(true));
        let never = settled.conditions.iter().any(|condition| truth(condition, member) == Some(false));
        (!never).then_some(settled)
    };
    let statements = document.statements.iter().filter_map(settle).collect();
    Document { version: document.version, id: None, statements }
}

/// Whether it makes a difference to the document if callers are of an organisation.
pub(crate) fn asks_for_member(document: &Document) -> bool {
    let mut conditions = document.statements.iter().flat_map(|statement| &statement.conditions);
    conditions.any(|condition| truth(condition, true).is_some())
}

/// Whether a condition holds that compares with no organisation's id or path;
/// `None` for all others.
fn truth(condition: &Condition, member: bool) -> Option<bool> {
    if !organizations::is_about(condition) || conditions::is_on(condition, &OF_SERVICES) {
        return None;
    }
    if condition.operator.comparison == Comparison::Null {
        return Some(says(condition, if member { "false" } else { "true" }));
    }
    if organizations::is_plausible(condition) {
        return None;
    }
    // A plain operator never matches a list.
    let compared = !organizations::is_path(condition) || condition.operator.quantifier.is_some();
    let present = compared && condition.operator.comparison.is_negated();
    Some(if member { present } else { holds_without(condition) })
}

/// The key as the policy spells it, or as AWS does.
pub(crate) fn spelt<'d>(document: &'d Document, key: &'d str) -> &'d str {
    let mut conditions = document.statements.iter().flat_map(|statement| &statement.conditions);
    let written = conditions.find(|condition| condition.key.as_str().eq_ignore_ascii_case(key));
    let known = kms::condition_key(key).filter(|known| known.name.eq_ignore_ascii_case(key));
    match (known, written) {
        (Some(known), _) => known.name,
        (None, Some(written)) => written.key.as_str(),
        (None, None) => key,
    }
}

/// A key that nobody ever sends is missing, and not unknown.
fn is_some_key(key: &str) -> bool {
    !matches!(keys::standing(key, true), Standing::Mistaken(_))
}

/// Keys that only a service carries that calls for itself (IAM user guide,
/// "Global condition context keys", read 2026-11).
pub(crate) const OF_SERVICES: [&str; 6] = [
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
];

/// The condition that no service satisfies which calls for itself.
pub(crate) fn excludes_services(statement: &Statement) -> Option<&Condition> {
    conditions::needed(statement, &OF_CALLERS).or_else(|| flag(statement, "false"))
}

/// The condition that nobody satisfies but a service that calls for itself.
pub(crate) fn excludes_callers(statement: &Statement) -> Option<&Condition> {
    conditions::needed(statement, &OF_SERVICES).or_else(|| flag(statement, "true"))
}

/// Whether the condition is on what tells the two apart.
pub(crate) fn is_flag(condition: &Condition) -> bool {
    conditions::is_on(condition, &["aws:principalisawsservice"])
}

fn flag<'s>(statement: &'s Statement, word: &str) -> Option<&'s Condition> {
    let wants = |condition: &&Condition| {
        condition.operator.comparison == Comparison::Bool
            && condition.values.iter().all(|value| value.as_str().eq_ignore_ascii_case(word))
    };
    statement.conditions.iter().filter(|condition| is_flag(condition)).find(wants)
}

/// Keys of calls that a principal of an account makes.
pub(crate) const OF_CALLERS: [&str; 9] = [
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

/// Keys that a call carries only if it comes by way of a service or an endpoint,
/// from a session of a special kind, or with what people leave out (IAM user
/// guide, "Global condition context keys"; KMS developer guide, "Condition
/// keys"; read 2026-11).
pub(crate) const NOT_OF_PLAIN_CALLS: [&str; 20] = [
    "aws:assumedroot",
    "aws:calledvia",
    "aws:calledviaawsmcp",
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:chatbotsourcearn",
    "aws:ec2instancesourceprivateipv4",
    "aws:ec2instancesourcevpc",
    "aws:referer",
    "aws:sourcevpc",
    "aws:sourcevpcarn",
    "aws:sourcevpce",
    "aws:viaawsmcpservice",
    "aws:viaawsservice",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "aws:vpcsourceip",
    BYPASS,
    "kms:viaservice",
];

/// The parameter that switches KMS's own check off.
pub(crate) const BYPASS: &str = "kms:bypasspolicylockoutsafetycheck";

/// Keys that follow from a caller in its own account, and one from KMS, which
/// takes calls by TLS alone (KMS developer guide, "Infrastructure security",
/// read 2026-11).
const DERIVED: [&str; 8] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:principaltype",
    "aws:resourceaccount",
    "aws:securetransport",
    "aws:userid",
    "kms:calleraccount",
];

const SOME_KEY: &str = "key/00000000-0000-0000-0000-000000000000";
const SOME_REGION: &str = "eu-west-1";

/// How much the evaluator was asked to do, for tests: time tells less.
#[cfg(test)]
pub(crate) mod work {
    use std::cell::Cell;

    thread_local! {
        static DONE: Cell<usize> = const { Cell::new(0) };
    }

    pub(super) fn count(amount: usize) {
        DONE.set(DONE.get().saturating_add(amount));
    }

    /// The statements compiled and the questions asked while `job` ran on this thread.
    pub(crate) fn of(job: impl FnOnce()) -> usize {
        DONE.set(0);
        job();
        DONE.get()
    }
}
