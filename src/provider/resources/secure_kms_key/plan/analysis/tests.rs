//! What the linter says of planned policies, and what it leaves to others.

use std::collections::BTreeMap;

use crate::aws::CallerIdentity;
use crate::controls::catalogue::Catalogue;
use crate::controls::contract::settings::SettingValue;
use crate::iam::lint::{Kind, Severity, Surroundings, lint};
use crate::provider::configured::Enforcement;
use crate::provider::resources::secure_kms_key::model::Model;
use crate::provider::resources::secure_kms_key::plan::tests::{
    applied, configured, home, planned, texts, with,
};
use crate::provider::resources::secure_kms_key::plan::{Planning, check, plan};
use crate::tf::{Diagnostics, Field, Value};

const ACCOUNT: &str = r#"{"Sid":"Account","Effect":"Allow","Principal":{"AWS":"222222222222"},"Action":"kms:*","Resource":"*"}"#;

fn policy(more: &str) -> String {
    format!("{{\"Version\":\"2012-10-17\",\"Statement\":[\n{ACCOUNT},\n{more}]}}")
}

fn given(more: &str) -> Value {
    with(&[("key_policy", policy(more).into())])
}

fn said(config: &Value) -> Vec<String> {
    texts(&planned(config, None, &configured()).1)
}

const PUBLIC: &str =
    r#"{"Sid":"All","Effect":"Allow","Principal":"*","Action":"kms:Decrypt","Resource":"*"}"#;
const TOLD: &str = "key_policy: The key policy lets everybody in: Found: the statement allows `*`, every principal of \
                    every AWS account, and nothing limits it: the key is public (line 3, column 1, statement `All`). Fix: \
                    name the account or the roles, or add a condition on `aws:PrincipalOrgID`. Rule: Nobody is allowed who \
                    is not meant (`no-public-access`).";

#[test]
fn a_public_key_is_refused_and_warned_about_where_the_provider_only_warns() {
    let (plan, diagnostics) = planned(&given(PUBLIC), None, &configured());
    assert_eq!(texts(&diagnostics), [TOLD]);
    assert!(diagnostics.has_errors());
    let mut lenient = configured();
    lenient.enforcement = Enforcement::Warn;
    let (_, diagnostics) = planned(&given(PUBLIC), None, &lenient);
    assert_eq!(texts(&diagnostics), [TOLD]);
    assert!(!diagnostics.has_errors());
    let (_, diagnostics) = planned(&given(PUBLIC), Some(&applied(&plan)), &configured());
    assert!(diagnostics.has_errors(), "a key that is public already is no less public");
}

#[test]
fn what_is_doubtful_is_told_once_and_in_one_warning() {
    let doubtful = r#"{"Sid":"Use","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:role/app"},"Action":["kms:Decrpt","kms:Encrypt"],"Resource":"arn:aws:kms:eu-west-1:222222222222:alias/x"}"#;
    let (plan, diagnostics) = planned(&given(doubtful), None, &configured());
    assert!(!diagnostics.has_errors());
    let told = texts(&diagnostics);
    assert_eq!(told.len(), 1, "{told:?}");
    for part in [
        "key_policy: The key policy likely does not do what is meant: Found: `kms:Decrpt` is none of the KMS actions (line \
         3, column 98, statement `Use`). Fix: write `kms:Decrypt`, if that is what is meant.",
        "(`aliases-in-their-place`).",
    ] {
        assert!(told[0].contains(part), "{}", told[0]);
    }
    assert_eq!(texts(&planned(&given(doubtful), Some(&applied(&plan)), &configured()).1), [""; 0]);
}

#[test]
fn what_aws_refuses_is_refused() {
    let wildcard = r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::222222222222:role/*"},"Action":"kms:Decrypt","Resource":"*"}"#;
    assert_eq!(
        said(&given(wildcard)),
        [
            "key_policy: The key policy is not one that AWS accepts: Found: `arn:aws:iam::222222222222:role/*` has a \
          wildcard, and AWS takes none within a principal (line 3, column 38, statement `2`). Fix: name the account as \
          principal and add `ArnLike` on `aws:PrincipalArn`. Rule: Principals are there (`principals-exist`)."
        ]
    );
    let nameless = r#"{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*"}"#;
    assert_eq!(
        said(&given(nameless)),
        [
            "key_policy: The key policy is not one that AWS accepts: Found: the statement has no `Principal`, so AWS refuses \
          the policy (line 3, column 1, statement `2`). Fix: add `Principal`. Rule: Every statement is complete \
          (`statements-complete`)."
        ]
    );
}

const LOST: &str =
    r#"{"Sid":"Shut","Effect":"Deny","Principal":"*","Action":"kms:PutKeyPolicy","Resource":"*"}"#;

#[test]
fn a_key_that_would_be_lost_is_refused_unless_that_is_asked_for() {
    let told = "key_policy: The key policy could never be changed again: Found: no principal of the account may call \
                `kms:PutKeyPolicy`, its root user included: the policy could never be changed again, and only AWS Support \
                could help (line 3, column 1, statement `Shut`). Fix: allow `kms:*` to the account, and exempt the roles \
                that manage the key from every Deny. Rule: Somebody can always change the policy (`no-lock-out`).";
    let (_, diagnostics) = planned(&given(LOST), None, &configured());
    assert_eq!(texts(&diagnostics), [told]);
    assert!(diagnostics.has_errors());
    let asked =
        with(&[("key_policy", policy(LOST).into()), ("bypass_policy_lockout_safety_check", true.into())]);
    let (_, diagnostics) = planned(&asked, None, &configured());
    assert_eq!(texts(&diagnostics), [told]);
    assert!(!diagnostics.has_errors());
}

#[test]
fn what_the_lock_out_check_says_is_not_said_again() {
    let config = Model::read(&given(LOST)).unwrap();
    let (home, configured) = (home(), configured());
    let arn = "arn:aws:iam::222222222222:user/operator".parse().unwrap();
    let caller = CallerIdentity { account: "222222222222".parse().unwrap(), arn };
    let region = "eu-west-1".parse().unwrap();
    let planning = Planning {
        config: &config,
        prior: None,
        configured: &configured,
        home: Ok(&home),
        caller: Some((&caller, &region)),
    };
    let mut diagnostics = Diagnostics::new();
    let planned = plan(&planning, &mut diagnostics);
    check(&planning, &planned, &mut diagnostics);
    let told = texts(&diagnostics);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("key_policy: The key policy would lock the caller out: "), "{told:?}");
}

#[test]
fn mfa_is_the_business_of_its_control() {
    let mfa = r#"{"Sid":"Mfa","Effect":"Deny","Principal":"*","Action":"kms:PutKeyPolicy","Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}"#;
    assert!(said(&given(mfa)).iter().all(|told| !told.contains("no-lock-out")));
}

#[test]
fn of_a_policy_that_is_not_known_nothing_is_said() {
    let config = with(&[("key_policy", Value::UNKNOWN)]);
    let (plan, diagnostics) = planned(&config, None, &configured());
    assert!(plan.effective_policy.is_unknown());
    assert_eq!(texts(&diagnostics), [""; 0]);
}

#[test]
fn what_the_text_is_refused_for_is_not_said_again() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.json");
    std::fs::write(&file, r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"kms:*"}]}"#).unwrap();
    let told = said(&with(&[("custom_policy", file.to_str().unwrap().into())]));
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("custom_policy: A statement of the key policy has no effect: "), "{told:?}");
}

#[test]
fn a_role_that_administers_and_uses_is_told_of_in_a_generated_policy() {
    let roles = |user: &str| {
        with(&[
            ("key_administrators", Value::set(["arn:aws:iam::222222222222:role/admin"])),
            ("key_users", Value::set([user])),
        ])
    };
    assert_eq!(said(&roles("arn:aws:iam::222222222222:role/app")), [""; 0]);
    let told = said(&roles("arn:aws:iam::222222222222:role/admin"));
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].contains(
            "Found: `arn:aws:iam::222222222222:role/admin` may both use the key (`kms:Decrypt`) and administer it"
        ),
        "{told:?}"
    );
}

/// The settings of controls that examples, environments and tests use.
fn catalogues() -> Vec<Catalogue> {
    let text = |text: &str| SettingValue::TextByName([("dev".to_owned(), text.to_owned())].into());
    let exempt = SettingValue::Texts(
        ["arn:aws:iam::*:role/terraform", "arn:aws:iam::222222222222:user/operator"]
            .map(str::to_owned)
            .into(),
    );
    let mfa: BTreeMap<_, _> = [("exempt_principal_arns".to_owned(), exempt)].into();
    let boundary: BTreeMap<_, _> =
        [("environments".to_owned(), text("o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/"))].into();
    let settings = [
        BTreeMap::new(),
        [("mfa".to_owned(), mfa.clone())].into(),
        [("environment_boundary".to_owned(), boundary.clone())].into(),
        [("mfa".to_owned(), mfa), ("environment_boundary".to_owned(), boundary)].into(),
    ];
    settings.iter().map(|settings| Catalogue::configure(settings, Vec::new()).unwrap()).collect()
}

#[test]
fn generated_policies_have_no_error() {
    let names = ["arn:aws:iam::222222222222:role/a", "arn:aws:iam::222222222222:role/team-*"];
    let attributes = ["key_owners", "key_administrators", "key_users", "key_service_users"];
    let mut seen = 0_usize;
    for catalogue in catalogues() {
        let mut configured = configured();
        configured.catalogue = catalogue;
        for chosen in 0..64_usize {
            let roles = attributes.iter().enumerate().filter(|(bit, _)| chosen >> bit & 1 == 1);
            let patterns = if chosen & 32 == 0 { 1 } else { 2 };
            let value = || Value::set(names.iter().take(patterns).copied());
            let mut arguments: Vec<(&str, Value)> = roles.map(|(_, name)| (*name, value())).collect();
            arguments.push(("allow_iam_policies", (chosen & 16 == 0).into()));
            let (plan, _) = planned(&with(&arguments), None, &configured);
            let Field::Known(text) = plan.effective_policy else { panic!("{arguments:?}") };
            let account = Some("222222222222".parse().unwrap());
            let found = lint(&text, Kind::Key, &Surroundings { account, ..Surroundings::default() });
            let errors: Vec<_> = found.iter().filter(|finding| finding.severity == Severity::Error).collect();
            assert!(errors.is_empty(), "{errors:?} in {text}");
            seen += 1;
        }
    }
    assert_eq!(seen, 256);
}
