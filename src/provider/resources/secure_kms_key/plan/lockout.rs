//! Whether a planned policy takes the caller's own control away: AWS refuses
//! such a policy unless its check is bypassed, and it can never be mended by the
//! caller.
//!
//! The evaluator is asked with everything unknown that only AWS knows, so only a
//! certain lock-out is reported.

use crate::aws::CallerIdentity;
use crate::iam;
use crate::iam::Document;
use crate::iam::PolicyKind;
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

/// Why the caller certainly could not change this policy again; `None` where it
/// could, or where that cannot be told. A key that does not exist yet has no ARN
/// that a resource could be compared with.
pub(super) fn locks_out(
    policy: &str,
    caller: &CallerIdentity,
    region: &Region,
    key: Option<&str>,
) -> Option<String> {
    let document = iam::parse(policy, PolicyKind::Resource).ok()?;
    if key.is_none() && !document.statements.iter().all(is_about_every_resource) {
        return None;
    }
    let placeholder = placeholder(&region.partition(), region, &caller.account);
    let key = key.unwrap_or(&placeholder);
    let mut reason = None;
    for arn in identities(&document, caller) {
        let outcome = may_put(&document, &arn, key)?;
        if !outcome.not_modelled.is_empty() {
            return None;
        }
        match outcome.decision {
            Decision::Allowed | Decision::Undecided => return None,
            Decision::ImplicitlyDenied => {
                reason.get_or_insert_with(|| format!("no statement allows `kms:PutKeyPolicy` to `{arn}`"));
            }
            Decision::ExplicitlyDenied => {
                let sid = outcome.statements.iter().find_map(|statement| statement.sid.clone());
                let sid = sid.map_or_else(String::new, |sid| format!(" `{sid}`"));
                reason = Some(format!("the statement{sid} denies `kms:PutKeyPolicy` to `{arn}`"));
            }
        }
    }
    reason
}

fn is_about_every_resource(statement: &Statement) -> bool {
    matches!(&statement.resources, Some(Resources::Only(patterns)) if patterns.iter().any(|text| text.as_str() == "*"))
}

fn may_put(document: &Document, arn: &str, key: &str) -> Option<Outcome> {
    let caller = Caller::parse(arn).ok()?;
    let context = context(document, arn.contains(SESSION));
    let request = Request::builder("kms:PutKeyPolicy", key, caller).context(context).build().ok()?;
    let everything = Document::new([Statement::allow("All").actions(["*"])]);
    let policies = Policies {
        identity: vec![Compiled::from(everything)],
        resource: Some(Compiled::from(document.clone())),
        ..Policies::default()
    };
    Some(evaluate(&request, &policies))
}

/// Every condition key that does not follow from the caller is unknown. So is
/// the ARN of a session's role where it is matched by pattern: a session does
/// not tell the path of its role.
fn context(document: &Document, session: bool) -> Context {
    let conditions = document.statements.iter().flat_map(|statement| &statement.conditions);
    conditions.fold(Context::new(), |context, condition| {
        let key = condition.key.as_str();
        let patterns = condition.values.iter().any(|value| value.as_str().contains(['*', '?']));
        let own_arn = key.eq_ignore_ascii_case("aws:PrincipalArn");
        let derived = DERIVED.iter().any(|derived| key.eq_ignore_ascii_case(derived));
        if (derived && !(own_arn && session && patterns)) || hits_everybody(document, key) {
            context
        } else {
            context.with_unknown(&key.to_ascii_lowercase())
        }
    })
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
    let Some(role) = own.split_once(SESSION).and_then(|(_, rest)| rest.split('/').next()) else {
        return identities;
    };
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

fn placeholder(partition: &Partition, region: &Region, account: &AccountId) -> String {
    format!("arn:{partition}:kms:{region}:{account}:key/00000000-0000-0000-0000-000000000000")
}

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
mod tests {
    use super::locks_out;
    use crate::aws::CallerIdentity;

    const ACCOUNT: &str = "222222222222";

    fn caller(name: &str) -> CallerIdentity {
        let arn = format!("arn:aws:sts::{ACCOUNT}:assumed-role/{name}/session");
        CallerIdentity { account: ACCOUNT.parse().unwrap(), arn: arn.parse().unwrap() }
    }

    fn reason(policy: &str) -> Option<String> {
        locks_out(policy, &caller("terraform"), &"eu-west-1".parse().unwrap(), None)
    }

    fn allow(principal: &str, condition: &str) -> String {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"A","Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"kms:*","Resource":"*"{condition}}}]}}"#
        )
    }

    #[test]
    fn the_account_and_the_callers_role_keep_control() {
        for principal in [
            "arn:aws:iam::222222222222:root",
            "arn:aws:iam::222222222222:role/terraform",
            "arn:aws:iam::222222222222:role/platform/terraform",
        ] {
            assert_eq!(reason(&allow(principal, "")), None, "{principal}");
        }
    }

    #[test]
    fn somebody_elses_policy_locks_out() {
        assert_eq!(
            reason(&allow("arn:aws:iam::222222222222:role/other", "")).unwrap(),
            "no statement allows `kms:PutKeyPolicy` to `arn:aws:sts::222222222222:assumed-role/terraform/session`"
        );
    }

    #[test]
    fn the_root_user_alone_locks_a_role_out() {
        let only_root = r#","Condition":{"StringEquals":{"aws:PrincipalType":"Account"}}"#;
        assert!(reason(&allow("arn:aws:iam::222222222222:root", only_root)).is_some());
    }

    #[test]
    fn a_deny_by_a_path_of_names_or_a_misspelt_key_locks_everybody_out() {
        let deny = |operator: &str, key: &str, path: &str| {
            let account = "arn:aws:iam::222222222222:root";
            format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{account}"}},"Action":"kms:*","Resource":"*"}},{{"Sid":"Env","Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"*","Condition":{{"{operator}":{{"{key}":"{path}"}}}}}}]}}"#
            )
        };
        let real = "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*";
        for (operator, key, path) in [
            ("StringNotLike", "aws:PrincipalOrgPath", real),
            ("ForAllValues:StringNotLike", "aws:PrincipalOrgPaths", "/root/dev/*"),
        ] {
            assert_eq!(
                reason(&deny(operator, key, path)).unwrap(),
                "the statement `Env` denies `kms:PutKeyPolicy` to \
                 `arn:aws:sts::222222222222:assumed-role/terraform/session`"
            );
        }
        assert_eq!(reason(&deny("ForAllValues:StringNotLike", "aws:PrincipalOrgPaths", real)), None);
        assert_eq!(reason(&deny("ForAnyValue:StringNotLike", "aws:PrincipalOrgPaths", "/root/dev/*")), None);
    }

    #[test]
    fn a_policy_about_the_keys_own_arn_is_judged_once_the_key_has_one() {
        let own = "arn:aws:kms:eu-west-1:222222222222:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        let about = |key: &str| {
            allow("arn:aws:iam::222222222222:role/terraform", "")
                .replace(r#""Resource":"*""#, &format!(r#""Resource":"{key}""#))
        };
        let judged = |policy: &str, key: Option<&str>| {
            locks_out(policy, &caller("terraform"), &"eu-west-1".parse().unwrap(), key)
        };
        assert_eq!(judged(&about(own), None), None);
        assert_eq!(judged(&about(own), Some(own)), None);
        assert!(judged(&about(&own.replace("1234abcd", "00000000")), Some(own)).is_some());
    }

    #[test]
    fn what_hangs_on_mfa_is_not_reported() {
        let mfa = r#","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#;
        assert_eq!(reason(&allow("arn:aws:iam::222222222222:role/terraform", mfa)), None);
    }
}
