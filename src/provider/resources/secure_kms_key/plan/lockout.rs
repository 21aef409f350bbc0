//! Whether a planned policy takes the caller's own control away: AWS refuses
//! such a policy unless its check is bypassed, and it can never be mended by the
//! caller.
//!
//! The evaluator is asked with everything unknown that only AWS knows, so only
//! what is certain is reported, or certain unless the session was made with MFA.
//! What there is to say of it is in `told`.

mod told;

use std::collections::BTreeSet;

use crate::aws::CallerIdentity;
use crate::iam;
use crate::iam::Document;
use crate::iam::evaluate::Caller;
use crate::iam::evaluate::Compiled;
use crate::iam::evaluate::Context;
use crate::iam::evaluate::Decision;
use crate::iam::evaluate::Outcome;
use crate::iam::evaluate::Policies;
use crate::iam::evaluate::Request;
use crate::iam::evaluate::evaluate;
use crate::iam::policy::Condition;
use crate::iam::policy::PrincipalSet;
use crate::iam::policy::Principals;
use crate::iam::policy::Quantifier;
use crate::iam::policy::Resources;
use crate::iam::policy::Statement;
use crate::model::account::AccountId;
use crate::model::region::Partition;
use crate::model::region::Region;

pub(super) use told::told;

/// A policy, and who asks under it.
struct Judge<'a> {
    document: &'a Document,
    caller: &'a CallerIdentity,
    /// The key's ARN.
    key: &'a str,
    /// Whether the caller is known to have no MFA, or taken to have none.
    without_mfa: bool,
}

/// Why the caller certainly may not.
#[derive(Debug, PartialEq, Eq)]
enum Refused {
    /// Nothing allows it to this ARN.
    NotAllowed(String),
    /// A statement denies it.
    Denied {
        /// The ARN that is denied.
        to: String,
        /// The statement, if it has a name.
        sid: Option<String>,
    },
}

/// A key that does not exist yet has no ARN that a resource could be compared
/// with: `None` for a policy about other resources than all.
fn key_arn(
    document: &Document,
    caller: &CallerIdentity,
    region: &Region,
    key: Option<&str>,
) -> Option<String> {
    match key {
        Some(key) => Some(key.to_owned()),
        None if !document.statements.iter().all(is_about_every_resource) => None,
        None => Some(placeholder(&region.partition(), region, &caller.account)),
    }
}

fn is_about_every_resource(statement: &Statement) -> bool {
    matches!(&statement.resources, Some(Resources::Only(patterns)) if patterns.iter().any(|text| text.as_str() == "*"))
}

impl Judge<'_> {
    /// Why the caller certainly may not do this to the key; `None` where it may,
    /// or where that cannot be told.
    fn refuses(&self, action: &str) -> Option<Refused> {
        let mut reason = None;
        for arn in identities(self.document, self.caller) {
            let outcome = self.ask(action, &arn)?;
            if !outcome.not_modelled.is_empty() {
                return None;
            }
            match outcome.decision {
                Decision::Allowed | Decision::Undecided => return None,
                Decision::ImplicitlyDenied => {
                    reason.get_or_insert(Refused::NotAllowed(arn));
                }
                Decision::ExplicitlyDenied => {
                    let sid = outcome.statements.iter().find_map(|statement| statement.sid.clone());
                    reason = Some(Refused::Denied { to: arn, sid: sid.map(|sid| sid.to_string()) });
                }
            }
        }
        reason
    }

    fn ask(&self, action: &str, arn: &str) -> Option<Outcome> {
        let caller = Caller::parse(arn).ok()?;
        let request = Request::builder(action, self.key, caller).context(self.context(arn)).build().ok()?;
        let everything = Document::new([Statement::allow("All").actions(["*"])]);
        let policies = Policies {
            identity: vec![Compiled::from(everything)],
            resource: Some(Compiled::from(self.document.clone())),
            ..Policies::default()
        };
        Some(evaluate(&request, &policies))
    }

    /// Every condition key that does not follow from the caller is unknown. So is
    /// the ARN of a session's role where a pattern may hang on its path, which a
    /// session does not tell.
    fn context(&self, arn: &str) -> Context {
        let role = self.any_role(arn);
        let conditions = self.document.statements.iter().flat_map(|statement| &statement.conditions);
        conditions.fold(Context::new(), |context, condition| {
            let key = condition.key.as_str();
            let hangs_on_path = |pattern: &str| {
                pattern.contains(['*', '?']) && role.as_deref().is_some_and(|role| overlap(pattern, role))
            };
            let own_arn = key.eq_ignore_ascii_case("aws:PrincipalArn");
            let open = own_arn && condition.values.iter().any(|value| hangs_on_path(value.as_str()));
            let derived = DERIVED.iter().any(|derived| key.eq_ignore_ascii_case(derived));
            let absent = self.without_mfa && hits_without_mfa(condition);
            if (derived && !open) || absent || hits_everybody(self.document, key) {
                context
            } else {
                context.with_unknown(&key.to_ascii_lowercase())
            }
        })
    }

    /// A pattern of every ARN that the role of a session may have.
    fn any_role(&self, arn: &str) -> Option<String> {
        let role = role_of(arn)?;
        Some(format!("arn:{}:iam::{}:role/*{role}", self.caller.arn.partition(), self.caller.account))
    }
}

/// Whether some text matches both patterns of `*` and `?`.
fn overlap(one: &str, other: &str) -> bool {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut seen = BTreeSet::new();
    let mut open = vec![(0_usize, 0_usize)];
    while let Some((i, j)) = open.pop() {
        if !seen.insert((i, j)) {
            continue;
        }
        let next = (i.saturating_add(1), j.saturating_add(1));
        match (one.get(i), other.get(j)) {
            (None, None) => return true,
            (Some('*'), Some(_)) | (Some(_), Some('*')) => open.extend([(next.0, j), (i, next.1)]),
            (Some('*'), None) => open.push((next.0, j)),
            (None, Some('*')) => open.push((i, next.1)),
            (Some(a), Some(b)) if a == b || *a == '?' || *b == '?' => open.push(next),
            (Some(_), _) | (None, Some(_)) => {}
        }
    }
    false
}

/// Whether the condition comes out the same for a session that says nothing of
/// MFA and for one that says there was none.
fn hits_without_mfa(condition: &Condition) -> bool {
    let without = condition.values.iter().all(|value| value.as_str() == "false");
    condition.key.as_str().eq_ignore_ascii_case(MFA) && condition.operator.if_exists && without
}

/// Whether comparing this key comes out for every caller as if it were absent:
/// nobody has the misspelt key, and nobody has a path of names, because AWS
/// makes paths of ids.
fn hits_everybody(document: &Document, key: &str) -> bool {
    let same = |condition: &&Condition| condition.key.as_str().eq_ignore_ascii_case(key);
    let conditions = || document.statements.iter().flat_map(|statement| &statement.conditions).filter(same);
    let of_names = |condition: &Condition| {
        let names = condition.values.iter().all(|value| value.as_str().starts_with('/'));
        let operator = condition.operator;
        names && operator.comparison.is_negated() && operator.quantifier == Some(Quantifier::ForAllValues)
    };
    key.eq_ignore_ascii_case("aws:PrincipalOrgPath")
        || (key.eq_ignore_ascii_case("aws:PrincipalOrgPaths") && conditions().all(of_names))
}

/// The caller, and each role of the policy that its session may belong to.
fn identities(document: &Document, caller: &CallerIdentity) -> Vec<String> {
    let own = caller.arn.to_string();
    let mut identities = vec![own.clone()];
    let Some(role) = role_of(&own) else { return identities };
    let prefix = format!("arn:{}:iam::{}:role/", caller.arn.partition(), caller.account);
    let is_it = |arn: &&str| arn.starts_with(&prefix) && arn.rsplit('/').next() == Some(role);
    for statement in &document.statements {
        let named = match &statement.principals {
            Some(
                Principals::Only(PrincipalSet::Listed { aws, .. })
                | Principals::AllBut(PrincipalSet::Listed { aws, .. }),
            ) => aws.as_slice(),
            _ => &[],
        };
        let values = statement.conditions.iter().flat_map(|condition| &condition.values);
        let arns = named.iter().chain(values).map(iam::policy::Text::as_str);
        identities.extend(arns.filter(is_it).map(str::to_owned));
    }
    identities
}

/// The name of the role that a session is of.
fn role_of(arn: &str) -> Option<&str> {
    arn.split_once(SESSION).and_then(|(_, rest)| rest.split('/').next())
}

fn placeholder(partition: &Partition, region: &Region, account: &AccountId) -> String {
    format!("arn:{partition}:kms:{region}:{account}:key/00000000-0000-0000-0000-000000000000")
}

/// Known to be absent or `false` where a session was made without.
const MFA: &str = "aws:MultiFactorAuthPresent";
const SESSION: &str = ":assumed-role/";

/// The condition keys that follow from the caller and the key's account.
const DERIVED: &[&str] = &[
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalType",
    "kms:CallerAccount",
];

#[cfg(test)]
mod tests;
