use super::KeyRotation;
use crate::controls::Control;
use crate::controls::contract::example::good_key;
use crate::controls::contract::facts::{KeyFacts, MultiRegionRole, RotationFacts};
use crate::controls::contract::settings::{SettingValue, Settings};
use crate::controls::contract::verdict::{Property, Verdict, Violation};
use crate::model::fact::Fact;
use crate::model::key::{KeyOrigin, KeySpec, KeyState};

fn settings(pairs: &[(&str, i64)]) -> Settings {
    pairs.iter().map(|(name, days)| ((*name).to_owned(), SettingValue::Integer(*days))).collect()
}

fn check(key: &KeyFacts) -> Verdict {
    KeyRotation.configure(&Settings::new()).unwrap().check(key)
}

fn rotating(enabled: Fact<bool>, period: Fact<Option<u16>>) -> KeyFacts {
    let mut key = good_key();
    key.rotation = Fact::Known(RotationFacts { enabled, period });
    key
}

#[test]
fn a_yearly_rotation_satisfies() {
    assert_eq!(check(&good_key()), Verdict::satisfied("the key rotates every 365 days"));
    let unnamed = rotating(Fact::Known(true), Fact::Known(None));
    assert_eq!(check(&unnamed), Verdict::satisfied("the key rotates every 365 days"));
}

#[test]
fn rotation_off_is_a_violation_whatever_the_period() {
    for period in [Fact::Known(None), Fact::Unknown] {
        assert_eq!(
            check(&rotating(Fact::Known(false), period)),
            Verdict::Violated(vec![Violation {
                property: Property::Rotation,
                found: "automatic rotation off".to_owned(),
                required: "automatic rotation on".to_owned(),
                fix: "set `enable_key_rotation` to true".to_owned(),
            }])
        );
    }
}

#[test]
fn a_period_outside_the_limits_is_a_violation() {
    let rule = KeyRotation
        .configure(&settings(&[("min_period_in_days", 180), ("max_period_in_days", 400)]))
        .unwrap();
    let violation = |days: u16| {
        let verdict = rule.check(&rotating(Fact::Known(true), Fact::Known(Some(days))));
        let Verdict::Violated(violations) = verdict else { panic!("{verdict:?}") };
        violations[0].clone()
    };
    assert_eq!(violation(401).required, "at most 400 days");
    assert_eq!(violation(401).fix, "set `rotation_period_in_days` to 400 or less");
    assert_eq!(violation(179).found, "a rotation period of 179 days");
    assert_eq!(violation(179).required, "at least 180 days");
}

#[test]
fn unknown_and_unreadable_rotation_is_undecided() {
    assert_eq!(
        check(&rotating(Fact::Unknown, Fact::Known(None))),
        Verdict::undecided("whether rotation is on is known after apply")
    );
    let mut key = good_key();
    key.rotation = Fact::Unreadable("AccessDenied".to_owned());
    assert_eq!(check(&key), Verdict::undecided("the rotation could not be read: AccessDenied"));
}

#[test]
fn keys_that_do_not_rotate_by_themselves_are_not_concerned() {
    type Spoil = fn(&mut KeyFacts);
    let cases: [(Spoil, &str); 6] = [
        (|key| key.spec = Fact::Known(KeySpec::Rsa2048), "KMS cannot rotate RSA_2048 keys automatically"),
        (
            |key| key.origin = Fact::Known(KeyOrigin::External),
            "KMS cannot rotate keys with material from EXTERNAL automatically",
        ),
        (
            |key| key.origin = Fact::Known(KeyOrigin::AwsCloudHsm),
            "KMS cannot rotate keys with material from AWS_CLOUDHSM automatically",
        ),
        (
            |key| key.multi_region = Fact::Known(MultiRegionRole::Replica),
            "a replica rotates with its primary key, which is judged there",
        ),
        (
            |key| key.state = Fact::Known(KeyState::Disabled),
            "the key is disabled, and KMS does not rotate a disabled key",
        ),
        (|key| key.state = Fact::Known(KeyState::PendingDeletion), "the key is scheduled for deletion"),
    ];
    for (spoil, reason) in cases {
        let mut key = rotating(Fact::Known(false), Fact::Known(None));
        spoil(&mut key);
        assert_eq!(check(&key), Verdict::not_applicable(reason));
    }
}

#[test]
fn the_limits_must_not_cross() {
    let error = KeyRotation.configure(&settings(&[("min_period_in_days", 366)])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "setting `min_period_in_days` is `366`, required is at most `max_period_in_days`, which is 365"
    );
}

#[test]
fn the_guardrail_says_that_it_cannot_switch_rotation_on() {
    let guardrail = KeyRotation.configure(&settings(&[("max_period_in_days", 180)])).unwrap().guardrail();
    let sids: Vec<&str> = guardrail.clauses().iter().map(|clause| clause.sid.as_str()).collect();
    assert_eq!(sids, ["KmsRotationStaysOn", "KmsRotationOftenEnough"]);
    assert!(guardrail.limits()[0].starts_with("no policy can require rotation when a key is made"));
    assert!(guardrail.limits()[1].contains("with a maximum of 180 days such a call is denied"));
}
