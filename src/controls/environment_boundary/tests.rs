use std::collections::BTreeMap;

use super::EnvironmentBoundary;
use crate::controls::contract::example::good_key;
use crate::controls::contract::guardrail::Scope;
use crate::controls::contract::settings::{SettingValue, Settings};
use crate::controls::contract::verdict::{Property, Verdict};
use crate::controls::{Control, Rule};
use crate::iam::policy::Document;
use crate::model::fact::Fact;

const PROD: &str = "o-a1b2c3d4e5/r-ab12/ou-ab12-22222222/";

fn settings(prod: &str) -> Settings {
    let places = [("dev", "ou-ab12-11111111"), ("prod", prod)];
    let places: BTreeMap<String, String> =
        places.into_iter().map(|(name, place)| (name.to_owned(), place.to_owned())).collect();
    Settings::from([("environments".to_owned(), SettingValue::TextByName(places))])
}

fn rule(prod: &str) -> Box<dyn Rule> {
    EnvironmentBoundary.configure(&settings(prod)).unwrap()
}

fn check(rule: &dyn Rule, policy: &str) -> Verdict {
    let mut key = good_key();
    key.policy = Fact::Known(policy.to_owned());
    rule.check(&key)
}

fn own_policy(rule: &dyn Rule) -> String {
    Document::new(rule.key_policy_statements(&good_key()).known().unwrap().clone()).to_json()
}

#[test]
fn a_rule_accepts_its_own_statements() {
    let policy = own_policy(rule(PROD).as_ref());
    assert!(policy.contains(
        r#""ForAllValues:StringNotLike":{"aws:PrincipalOrgPaths":"o-a1b2c3d4e5/r-ab12/ou-ab12-22222222/*"}"#
    ));
    assert_eq!(
        check(rule(PROD).as_ref(), &policy),
        Verdict::satisfied("the key policy admits only principals of `prod`")
    );
}

#[test]
fn a_boundary_of_another_environment_or_operator_is_a_violation() {
    let right = own_policy(rule(PROD).as_ref());
    for (from, to) in [
        ("ou-ab12-22222222", "ou-ab12-11111111"),
        ("ForAllValues:", "ForAnyValue:"),
        ("ForAllValues:StringNotLike", "StringNotLike"),
        ("aws:PrincipalOrgPaths", "aws:PrincipalOrgPath"),
        ("\"kms:Decrypt\",", ""),
        ("ou-ab12-22222222/*", "*"),
    ] {
        let weaker = right.replace(from, to);
        assert_ne!(weaker, right);
        assert!(matches!(check(rule(PROD).as_ref(), &weaker), Verdict::Violated(_)), "{weaker}");
    }
}

#[test]
fn a_unit_means_the_same_with_and_without_its_path() {
    let by_id = EnvironmentBoundary.configure(&{
        let mut settings = settings("ou-ab12-22222222");
        settings.insert("organization_id".to_owned(), SettingValue::Text("o-a1b2c3d4e5".to_owned()));
        settings
    });
    let by_id = by_id.unwrap();
    let policy = own_policy(by_id.as_ref());
    assert!(policy.contains("o-a1b2c3d4e5/r-ab12/*ou-ab12-22222222/*"));
    assert!(matches!(check(rule(PROD).as_ref(), &policy), Verdict::Satisfied { .. }));
    assert!(matches!(check(by_id.as_ref(), &own_policy(rule(PROD).as_ref())), Verdict::Satisfied { .. }));
}

#[test]
fn a_key_without_an_environment_is_a_violation() {
    let mut key = good_key();
    key.tags = Fact::Known(BTreeMap::from([("Environment".to_owned(), Fact::Known("Prod".to_owned()))]));
    let Verdict::Violated(violations) = rule(PROD).check(&key) else { panic!("`Prod` is no environment") };
    assert_eq!(violations[0].property, Property::Tag("Environment".to_owned()));
    assert_eq!(
        violations[0].to_string(),
        "found tag `Environment` = `Prod`, required is a tag `Environment` with one of the values `dev`, `prod`"
    );
    key.tags = Fact::Known(BTreeMap::new());
    assert!(matches!(rule(PROD).check(&key), Verdict::Violated(_)));
}

#[test]
fn what_is_not_known_is_undecided() {
    let mut key = good_key();
    key.policy = Fact::Unknown;
    assert_eq!(rule(PROD).check(&key), Verdict::undecided("the key policy is known after apply"));
    key.tags = Fact::Known(BTreeMap::from([("Environment".to_owned(), Fact::Unknown)]));
    assert_eq!(
        rule(PROD).check(&key),
        Verdict::undecided("the value of tag `Environment` is known after apply")
    );
    assert_eq!(rule(PROD).key_policy_statements(&key), Fact::Unknown);
    key.tags = Fact::Unreadable("AccessDenied".to_owned());
    assert_eq!(
        rule(PROD).check(&key),
        Verdict::undecided("the set of tag keys could not be read: AccessDenied")
    );
}

#[test]
fn without_environments_there_is_no_boundary() {
    let rule = EnvironmentBoundary.configure(&Settings::new()).unwrap();
    assert_eq!(rule.check(&good_key()), Verdict::not_applicable("no environments are configured"));
    assert_eq!(
        rule.guardrail().limits(),
        ["no environments are configured, so there is no boundary to draw"]
    );
    assert_eq!(rule.key_policy_statements(&good_key()), Fact::Known(Vec::new()));
}

#[test]
fn an_unknown_organisation_is_undecided_and_said() {
    let rule = rule("ou-ab12-22222222");
    assert!(matches!(rule.check(&good_key()), Verdict::Undecided { .. }));
    assert!(rule.guardrail().limits()[0].starts_with("the id of the organisation is not known"));
}

#[test]
fn each_environment_gets_its_resource_control_policy_and_its_tag() {
    let guardrail = rule(PROD).guardrail();
    let sids: Vec<&str> = guardrail.clauses().iter().map(|clause| clause.sid.as_str()).collect();
    assert_eq!(
        sids,
        [
            "KmsBoundaryDev",
            "KmsBoundaryByTagDev",
            "KmsEnvironmentTagDev",
            "KmsEnvironmentTagCaseDev",
            "KmsEnvironmentTagSetOnceDev",
            "KmsEnvironmentTagStaysDev",
            "KmsBoundaryProd",
            "KmsBoundaryByTagProd",
            "KmsEnvironmentTagProd",
            "KmsEnvironmentTagCaseProd",
            "KmsEnvironmentTagSetOnceProd",
            "KmsEnvironmentTagStaysProd",
        ]
    );
    assert!(
        matches!(&guardrail.clauses()[6].scope, Scope::UnitOf(environment) if environment.name == "prod")
    );
}

#[test]
fn exemptions_and_places_are_checked() {
    let mut wrong = settings(PROD);
    let wildcard = SettingValue::Texts(["arn:aws:iam::*:role/break-glass".to_owned()].into());
    wrong.insert("exempt_principal_arns".to_owned(), wildcard);
    let error = EnvironmentBoundary.configure(&wrong).unwrap_err();
    assert!(error.required.contains("with its account written out"));
    let error = EnvironmentBoundary.configure(&settings("/root/prod/*")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "setting `environments` is `/root/prod/*`, required is the id of an organizational unit such as \
         `ou-ab12-11111111`, or its path such as `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`"
    );
}
