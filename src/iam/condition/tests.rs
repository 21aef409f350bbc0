//! The operators on known, absent and unknown keys.

use crate::iam::condition::{Condition, Fact, Keys, Members, Truth};
use crate::iam::policy::{self, Operator, Text};

fn holds(operator: &str, values: &[&str], fact: impl Into<Option<Fact>>) -> Truth {
    judged("aws:PrincipalOrgPaths", operator, values, fact)
}

fn judged(key: &str, operator: &str, values: &[&str], fact: impl Into<Option<Fact>>) -> Truth {
    let condition = policy::Condition {
        operator: Operator::parse(operator).unwrap(),
        key: Text::from(key),
        values: values.iter().map(|value| Text::from(*value)).collect(),
    };
    let mut keys = Keys::default();
    if let Some(fact) = fact.into() {
        keys.insert(&key.to_lowercase(), key, fact);
    }
    Condition::new(&condition, true).holds(&keys)
}

fn one(value: &str) -> Fact {
    Fact::One(value.into())
}

fn list(values: &[&str]) -> Fact {
    Fact::List(values.iter().map(|value| Box::from(*value)).collect())
}

/// The table of recorded answers for a list key: operator, then the verdict on
/// `[a, b]`, on `[a]` and without the key; the operand is `a`.
/// Operator, operand, and the verdict on an unknown key that may be absent and
/// on one that is there.
#[test]
fn an_unknown_key_leaves_open_what_its_values_and_its_absence_do_not_share() {
    let rows = [
        ("StringLike", "*", Truth::Unknown, Truth::True),
        ("StringLikeIfExists", "*", Truth::True, Truth::True),
        ("StringNotLike", "*", Truth::Unknown, Truth::False),
        ("ForAllValues:StringLike", "*", Truth::True, Truth::True),
        ("ForAnyValue:StringNotLike", "*", Truth::False, Truth::False),
        ("StringLike", "a*", Truth::Unknown, Truth::Unknown),
        ("StringEquals", "*", Truth::Unknown, Truth::Unknown),
        ("Null", "true", Truth::Unknown, Truth::False),
        ("Null", "false", Truth::Unknown, Truth::True),
    ];
    for (operator, operand, perhaps, always) in rows {
        let on = |fact| judged("aws:PrincipalTag/team", operator, &[operand], fact);
        assert_eq!(on(Fact::Unknown), perhaps, "{operator} {operand}");
        assert_eq!(on(Fact::There), always, "{operator} {operand} where the key is there");
    }
}

/// Operator, operands, and the verdict where the key is there with a value that nobody knows.
#[test]
fn operands_that_every_value_or_none_satisfies_decide_without_the_value() {
    let rows = [
        ("Bool", &["true", "false"][..], Truth::True),
        ("Bool", &["true"], Truth::Unknown),
        ("NumericEquals", &["abc"], Truth::False),
        ("NumericNotEquals", &["abc"], Truth::True),
        ("NumericEquals", &["abc", "1"], Truth::Unknown),
        ("DateLessThan", &["soon"], Truth::False),
        ("DateLessThan", &["2026-11-22"], Truth::Unknown),
        ("IpAddress", &["10.1/16"], Truth::False),
        ("NotIpAddress", &["10.1/16"], Truth::False),
        ("NotIpAddress", &["10.0.0.0/8"], Truth::Unknown),
        ("ArnLike", &["nonsense"], Truth::False),
        ("ArnLike", &["arn:*:*:*:*:*"], Truth::Unknown),
        ("ArnNotLike", &["arn:*:*:*:*:*"], Truth::False),
        ("ArnNotLike", &["arn:aws:*:*:*:*"], Truth::Unknown),
        ("StringEquals", &["${missing:key}"], Truth::False),
        ("StringNotEquals", &["${missing:key}"], Truth::True),
        ("StringEquals", &["${missing:key}", "a"], Truth::Unknown),
        ("StringLike", &["a", "*"], Truth::True),
    ];
    for (operator, operands, verdict) in rows {
        assert_eq!(judged("x:y", operator, operands, Fact::There), verdict, "{operator} {operands:?}");
    }
}

/// Operator, operand, and the verdict on a list that perhaps has `b`: beside `a`, and alone.
#[test]
fn a_list_known_in_part_leaves_open_what_its_members_decide() {
    let rows = [
        ("ForAnyValue:StringEquals", "a", Truth::True, Truth::False),
        ("ForAnyValue:StringEquals", "b", Truth::Unknown, Truth::Unknown),
        ("ForAnyValue:StringEquals", "c", Truth::False, Truth::False),
        ("ForAllValues:StringEquals", "a", Truth::Unknown, Truth::Unknown),
        ("ForAllValues:StringEquals", "b", Truth::False, Truth::True),
        ("ForAllValues:StringNotEquals", "c", Truth::True, Truth::True),
        ("ForAnyValue:StringEqualsIfExists", "b", Truth::Unknown, Truth::True),
        ("StringEquals", "a", Truth::False, Truth::False),
        ("StringNotEquals", "c", Truth::False, Truth::Unknown),
        ("Null", "true", Truth::False, Truth::Unknown),
    ];
    for (operator, operand, beside, alone) in rows {
        let on = |sure: &[&str]| {
            let sure = sure.iter().map(|name| Box::from(*name)).collect();
            let members = Members { sure, perhaps: vec!["b".into()] };
            judged("aws:TagKeys", operator, &[operand], Fact::Partly(Box::new(members)))
        };
        assert_eq!(on(&["a"]), beside, "{operator} {operand} beside `a`");
        assert_eq!(on(&[]), alone, "{operator} {operand} alone");
    }
}

#[test]
fn list_keys_follow_the_recorded_table() {
    let rows = [
        ("StringEquals", false, false, false),
        ("StringLike", false, false, false),
        ("StringNotEquals", false, false, true),
        ("StringNotLike", false, false, true),
        ("StringEqualsIfExists", false, false, true),
        ("StringNotEqualsIfExists", false, false, true),
        ("ForAnyValue:StringEquals", true, true, false),
        ("ForAnyValue:StringNotEquals", true, false, false),
        ("ForAllValues:StringEquals", false, true, true),
        ("ForAllValues:StringNotEquals", false, false, true),
        ("ForAnyValue:StringEqualsIfExists", true, true, true),
        ("ForAllValues:StringEqualsIfExists", false, true, true),
    ];
    for (operator, both, first, missing) in rows {
        assert_eq!(holds(operator, &["a"], list(&["a", "b"])), both.into(), "{operator} on both");
        assert_eq!(holds(operator, &["a"], list(&["a"])), first.into(), "{operator} on the first");
        assert_eq!(holds(operator, &["a"], None), missing.into(), "{operator} without the key");
        let never = ["StringEquals", "StringLike"].contains(&operator);
        let unknown = if never { Truth::False } else { Truth::Unknown };
        assert_eq!(holds(operator, &["a"], Fact::Unknown), unknown, "{operator} on unknown");
    }
    assert_eq!(holds("Null", &["true"], None), Truth::True);
    assert_eq!(holds("Null", &["false"], list(&["a"])), Truth::True);
    assert_eq!(holds("Null", &["true", "false"], Fact::Unknown), Truth::True);
}

#[test]
fn single_values_satisfy_as_the_recorded_answers_say() {
    let rows = [
        ("StringEquals", "A", "a", false),
        ("StringEqualsIgnoreCase", "ÄB", "äb", true),
        ("StringEqualsIgnoreCase", "straße", "STRASSE", false),
        ("StringLike", "o-1/r-1/*", "o-1/r-1/", true),
        ("StringLike", "a${*}", "a*", true),
        ("StringLike", "a${*}", "ab", false),
        ("StringEquals", "${$}{x}", "${x}", true),
        ("StringEquals", "${missing:key}", "", false),
        ("StringNotEquals", "${missing:key}", "a", true),
        ("StringEquals", "${missing:key, 'a'}", "a", true),
        ("NumericNotEquals", "1", "NaN", true),
        ("NumericEquals", "1", "NaN", false),
        ("NumericLessThan", "30", "7", true),
        ("NumericEquals", "1e0", "01", true),
        ("DateLessThan", "2026-11-22", "2026-11-21T23:59:59.999Z", true),
        ("Bool", "false", "no", true),
        ("Bool", "TRUE", "True", true),
        ("IpAddress", "10.1.2.3/8", "10.9.9.9", true),
        ("IpAddress", "2001:db8::1/32", "2001:db8::1", false),
        ("IpAddress", "2001:db8::/32", "2001:db8::1", true),
        ("NotIpAddress", "10.0.0.0/8", "nonsense", false),
        ("NotIpAddress", "nonsense", "10.0.0.1", false),
        ("NotIpAddress", "10.0.0.0/8", "2001:db8::1", true),
        ("ArnLike", "arn:aws:iam::*:role/a*", "arn:aws:iam::111122223333:role/a/b", true),
        ("ArnEquals", "arn:aws:iam::*:role/a*", "arn:aws:iam::111122223333:role/a/b", true),
        ("ArnLike", "arn:aws:*:role/a", "arn:aws:iam::111122223333:role/a", false),
        ("ArnNotLike", "arn:aws:iam::*:role/a", "nonsense", false),
        ("ArnNotLike", "nonsense", "arn:aws:iam::111122223333:role/a", true),
        ("BinaryEquals", "QmluYXJ5", "qmluYXJ5", false),
    ];
    for (operator, operand, value, expected) in rows {
        assert_eq!(
            judged("x:y", operator, &[operand], one(value)),
            expected.into(),
            "{operator} {operand} on {value}"
        );
    }
}

#[test]
fn an_empty_string_is_present() {
    assert_eq!(judged("x:y", "Null", &["false"], one("")), Truth::True);
    assert_eq!(judged("x:y", "StringEquals", &[""], one("")), Truth::True);
}
