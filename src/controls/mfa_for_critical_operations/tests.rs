use std::collections::BTreeSet;

use super::MfaForCriticalOperations;
use crate::controls::contract::example::{POLICY, good_key};
use crate::controls::contract::settings::{SettingValue, Settings};
use crate::controls::contract::verdict::Verdict;
use crate::controls::{Control, Rule};
use crate::iam::policy::{Document, Statement};
use crate::model::fact::Fact;

const PIPELINE: &str = "arn:aws:iam::*:role/terraform";

fn rule(exempt: &[&str]) -> Box<dyn Rule> {
    let exempt: BTreeSet<String> = exempt.iter().map(|pattern| (*pattern).to_owned()).collect();
    let settings = Settings::from([("exempt_principal_arns".to_owned(), SettingValue::Texts(exempt))]);
    MfaForCriticalOperations.configure(&settings).unwrap()
}

fn own(rule: &dyn Rule) -> Vec<Statement> {
    rule.key_policy_statements(&good_key()).known().unwrap().clone()
}

fn check(rule: &dyn Rule, policy: &str) -> Verdict {
    let mut key = good_key();
    key.policy = Fact::Known(policy.to_owned());
    rule.check(&key)
}

#[test]
fn a_rule_accepts_its_own_statements() {
    for exempt in [&[][..], &[PIPELINE]] {
        let rule = rule(exempt);
        let policy = Document::new(own(rule.as_ref())).to_json();
        assert_eq!(
            check(rule.as_ref(), &policy),
            Verdict::satisfied("the key policy denies every critical operation without MFA")
        );
    }
}

#[test]
fn fewer_exemptions_and_more_actions_are_accepted() {
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"kms:*",
        "Resource":"*","Condition":{"BoolIfExists":{"aws:multifactorauthpresent":"false"},
        "ArnNotEquals":{"aws:PrincipalArn":"arn:aws:iam::222222222222:role/terraform"}}}}"#;
    assert!(matches!(check(rule(&[PIPELINE]).as_ref(), policy), Verdict::Satisfied { .. }));
    assert!(matches!(check(rule(&[]).as_ref(), policy), Verdict::Violated(_)));
}

#[test]
fn weaker_statements_are_violations() {
    let right = Document::new(own(rule(&[PIPELINE]).as_ref())).to_json();
    assert!(matches!(check(rule(&[PIPELINE]).as_ref(), &right), Verdict::Satisfied { .. }));
    for (from, to) in [
        ("BoolIfExists", "Bool"),
        ("\"Deny\"", "\"Allow\""),
        ("\"Principal\":\"*\"", "\"Principal\":{\"AWS\":\"222222222222\"}"),
        ("role/terraform", "role/*"),
        ("\"false\"", "\"true\""),
        ("\"kms:PutKeyPolicy\"", "\"kms:GetKeyPolicy\""),
        ("\"Resource\":\"*\"", "\"Resource\":\"arn:aws:kms:eu-west-1:222222222222:key/x\""),
    ] {
        assert!(right.contains(from), "{from} in {right}");
        let weaker = right.replace(from, to);
        assert!(matches!(check(rule(&[PIPELINE]).as_ref(), &weaker), Verdict::Violated(_)), "{weaker}");
    }
}

#[test]
fn the_message_names_what_stays_open() {
    let Verdict::Violated(violations) = check(rule(&[PIPELINE]).as_ref(), POLICY) else {
        panic!("a policy that leaves everything to IAM denies nothing");
    };
    assert_eq!(
        violations[0].to_string(),
        "found a key policy that does not deny `kms:DeleteImportedKeyMaterial`, `kms:DisableKey`, \
         `kms:DisableKeyRotation`, `kms:ImportKeyMaterial`, `kms:ReplicateKey`, `kms:ScheduleKeyDeletion`, \
         `kms:UpdatePrimaryRegion`, `kms:PutKeyPolicy` without MFA, required is a Deny of these operations to every \
         principal on every resource when `BoolIfExists` `aws:MultiFactorAuthPresent` is `false`, sparing at most \
         `arn:aws:iam::*:role/terraform` by `ArnNotLike` on `aws:PrincipalArn`"
    );
}

#[test]
fn nobody_exempt_leaves_the_key_policy_changeable() {
    assert!(!Document::new(own(rule(&[]).as_ref())).to_json().contains("PutKeyPolicy"));
    assert!(Document::new(own(rule(&[PIPELINE]).as_ref())).to_json().contains("PutKeyPolicy"));
}

#[test]
fn a_policy_that_is_unknown_or_unreadable_is_undecided() {
    let mut key = good_key();
    key.policy = Fact::Unknown;
    assert_eq!(rule(&[]).check(&key), Verdict::undecided("the key policy is known after apply"));
    key.policy = Fact::Unreadable("AccessDenied".to_owned());
    assert_eq!(rule(&[]).check(&key), Verdict::undecided("the key policy could not be read: AccessDenied"));
    assert!(matches!(check(rule(&[]).as_ref(), "{"), Verdict::Violated(_)));
}

#[test]
fn exempting_everybody_is_refused() {
    let settings = Settings::from([(
        "exempt_principal_arns".to_owned(),
        SettingValue::Texts(BTreeSet::from(["arn:aws:iam::*:role/*".to_owned()])),
    )]);
    let error = MfaForCriticalOperations.configure(&settings).unwrap_err();
    assert_eq!(error.found, "`arn:aws:iam::*:role/*`");
}
