use super::{Judge, Refused, key_arn, overlap};
use crate::aws::CallerIdentity;
use crate::iam;
use crate::iam::PolicyKind;

const ACCOUNT: &str = "222222222222";

fn caller(name: &str) -> CallerIdentity {
    let arn = format!("arn:aws:sts::{ACCOUNT}:assumed-role/{name}/session");
    CallerIdentity { account: ACCOUNT.parse().unwrap(), arn: arn.parse().unwrap() }
}

/// Why `terraform` may not put the policy again.
fn reason(policy: &str) -> Option<String> {
    judged(policy, "terraform", None, false)
}

fn judged(policy: &str, role: &str, key: Option<&str>, without_mfa: bool) -> Option<String> {
    let document = iam::parse(policy, PolicyKind::Resource).unwrap();
    let caller = caller(role);
    let key = key_arn(&document, &caller, &"eu-west-1".parse().unwrap(), key)?;
    let judge = Judge { document: &document, caller: &caller, key: &key, without_mfa };
    judge.refuses("kms:PutKeyPolicy").map(|refused| match refused {
        Refused::NotAllowed(to) => format!("not allowed to {to}"),
        Refused::Denied { to, sid } => format!("{} denies it to {to}", sid.unwrap_or_default()),
    })
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
        "not allowed to arn:aws:sts::222222222222:assumed-role/terraform/session"
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
            "Env denies it to arn:aws:sts::222222222222:assumed-role/terraform/session"
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
    let judged = |policy: &str, key: Option<&str>| judged(policy, "terraform", key, false);
    assert_eq!(judged(&about(own), None), None);
    assert_eq!(judged(&about(own), Some(own)), None);
    assert!(judged(&about(&own.replace("1234abcd", "00000000")), Some(own)).is_some());
}

#[test]
fn what_hangs_on_mfa_is_not_reported() {
    let mfa = r#","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#;
    assert_eq!(reason(&allow("arn:aws:iam::222222222222:role/terraform", mfa)), None);
}

/// The account may do everything, and nobody without MFA but those of `exempt`.
fn mfa_except(exempt: &str) -> String {
    let account = r#"{"Effect":"Allow","Principal":{"AWS":"222222222222"},"Action":"kms:*","Resource":"*"}"#;
    let spared = format!(r#""ArnNotLike":{{"aws:PrincipalArn":["{exempt}"]}}"#);
    let condition = format!(r#"{{"BoolIfExists":{{"aws:MultiFactorAuthPresent":["false"]}},{spared}}}"#);
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{account},{{"Sid":"Mfa","Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"*","Condition":{condition}}}]}}"#
    )
}

#[test]
fn a_session_without_mfa_is_locked_out_unless_its_role_is_spared() {
    for (exempt, role, locked) in [
        ("arn:aws:iam::*:role/terraform", "developer", true),
        ("arn:aws:iam::222222222222:role/terraform", "developer", true),
        ("arn:aws:iam::*:role/terraform", "terraform", false),
        ("arn:aws:iam::*:role/platform/*", "developer", false),
        ("arn:aws:iam::*:role/platform/terraform", "developer", true),
        ("arn:aws:iam::222222222222:role/developer", "developer", false),
        ("arn:aws:iam::333333333333:role/*", "developer", true),
    ] {
        let policy = mfa_except(exempt);
        let told =
            locked.then(|| format!("Mfa denies it to arn:aws:sts::222222222222:assumed-role/{role}/session"));
        assert_eq!(judged(&policy, role, None, true), told, "{exempt}");
        assert_eq!(judged(&policy, role, None, false), None, "{exempt}");
    }
}

#[test]
fn patterns_overlap_where_some_text_matches_both() {
    for (one, other, both) in [
        ("a*c", "*c", true),
        ("a*c", "b*", false),
        ("*:role/terraform", "x:role/*developer", false),
        ("*:role/?eveloper", "x:role/*developer", true),
        ("*:role/x/*", "x:role/*developer", true),
        ("", "*", true),
        ("a", "", false),
    ] {
        assert_eq!((overlap(one, other), overlap(other, one)), (both, both), "{one} {other}");
    }
}
