//! Every refusal, in its whole words.

use super::validate;
use crate::provider::resources::secure_kms_key::model::Model;
use crate::provider::resources::secure_kms_key::plan::config;
use crate::tf::Value;

/// What is said of a configuration with these arguments: path, summary, detail.
fn said(arguments: &[(&str, Value)]) -> Vec<String> {
    let config = Model::read(&config(arguments)).unwrap();
    let line = |diagnostic: &crate::tf::Diagnostic| {
        let path = diagnostic.path.as_ref().map_or_else(String::new, ToString::to_string);
        format!("{path}: {}. {}", diagnostic.summary, diagnostic.detail.replace('\n', " "))
    };
    validate(&config).iter().map(line).collect()
}

#[track_caller]
fn refuses(attribute: &str, value: impl Into<Value>, expected: &str) {
    assert_eq!(said(&[(attribute, value.into())]), [expected]);
}

#[test]
fn nothing_and_unknown_values_pass() {
    assert_eq!(said(&[]), [""; 0]);
    let names = ["key_policy", "alias_name", "tags", "deletion_window_in_days", "key_users", "description"];
    assert_eq!(said(&names.map(|name| (name, Value::UNKNOWN))), [""; 0]);
}

#[test]
fn numbers_outside_of_what_aws_accepts_are_refused() {
    refuses(
        "deletion_window_in_days",
        6,
        "deletion_window_in_days: The deletion window is not one that AWS accepts. Found: 6 days. Required: 7 to 30 days.",
    );
    refuses(
        "rotation_period_in_days",
        2561,
        "rotation_period_in_days: The rotation period is not one that AWS accepts. Found: 2561 days. Required: 90 to \
         2560 days.",
    );
    assert_eq!(
        said(&[("enable_key_rotation", false.into()), ("rotation_period_in_days", 365.into())]),
        [
            "rotation_period_in_days: A rotation period without rotation. Found: `rotation_period_in_days = 365` beside \
          `enable_key_rotation = false`. Required: `enable_key_rotation = true`, or no period."
        ]
    );
}

#[test]
fn names_that_no_alias_can_have_are_refused() {
    refuses(
        "key_team",
        "Pay ments",
        "key_team: The name has a character that an alias cannot have. Found: `Pay ments`. Required: 1 to 64 lower-case \
         letters, digits and hyphens.",
    );
    refuses(
        "alias_name",
        "a:b",
        "alias_name: The alias is not one that AWS accepts. Found: `a:b`. Required: 1 to 250 letters, digits, `/`, `_` \
         and `-`, with or without `alias/` in front.",
    );
    refuses(
        "alias_name",
        "",
        "alias_name: The alias is not one that AWS accepts. Found: an empty text. Required: 1 to 250 letters, digits, \
         `/`, `_` and `-`, with or without `alias/` in front.",
    );
    let told = said(&[("alias_name", "a".repeat(300).into())]);
    assert!(told[0].contains("Found: 300 characters: `aaa"), "{told:?}");
    refuses(
        "alias_name",
        "aws/s3",
        "alias_name: The alias is not one that AWS accepts. Found: `aws/s3`. Required: a name outside `alias/aws/`, \
         which is AWS's own.",
    );
}

#[test]
fn tags_that_aws_refuses_are_refused_at_their_key() {
    refuses(
        "tags",
        Value::map([("aws:x", "1")]),
        "tags[\"aws:x\"]: The tag key is reserved. Found: `aws:x`. Required: a key that begins neither with `aws:` nor \
         with `keyrail:`.",
    );
    let characters = "Required: letters, digits, spaces and `_ . : / = + - @`.";
    refuses(
        "tags",
        Value::map([("x#", "1")]),
        &format!(
            "tags[\"x#\"]: The tag key has a character that AWS does not take. Found: `x#`. {characters}"
        ),
    );
    refuses(
        "tags",
        Value::map([("Größe 1", "a, b")]),
        &format!(
            "tags[\"Größe 1\"]: The tag value has a character that AWS does not take. Found: `a, b`. {characters}"
        ),
    );
    refuses(
        "tags",
        Value::map([("AWS:x", "1")]),
        "tags[\"AWS:x\"]: The tag key is reserved. Found: `AWS:x`. Required: a key that begins neither with `aws:` nor \
         with `keyrail:`.",
    );
    refuses(
        "tags",
        Value::map([("k", "v".repeat(257))]),
        "tags[\"k\"]: The tag value is too long. Found: 257 characters. Required: at most 256 characters.",
    );
    refuses(
        "tags",
        Value::map([("Owner", Value::Null)]),
        "tags[\"Owner\"]: The tag has no value. Found: `Owner = null`. Required: a text, which may be empty, or no such tag.",
    );
    refuses(
        "tags",
        Value::map((0..50).map(|number| (number.to_string(), "v"))),
        "tags: Too many tags. Found: 50 tags. Required: at most 49: AWS allows 50, and one is the creation tag.",
    );
}

#[test]
fn a_policy_says_where_it_is_wrong() {
    refuses(
        "key_policy",
        "{\n  \"Version\": 1,\n}",
        "key_policy: The key policy is not valid JSON. Found: a text that is no JSON at line 3, column 1. Required: a \
         policy document as JSON. Fix: correct it there; or write the policy with `jsonencode`, or read it from its file \
         with `file`.",
    );
    for (text, found) in [
        ("", "an empty text"),
        ("{\"Statement\": [", "a text that ends at line 1, column 15, before the policy does"),
    ] {
        let told = said(&[("key_policy", text.into())]);
        assert!(told[0].contains(&format!("Found: {found}. Required:")), "{told:?}");
    }
    refuses(
        "key_policy",
        "{\"Version\": \"2012-10-17\",\n \"Statement\": [{\"Sid\": \"A\", \"Effect\": \"Allow\", \"Principal\": \"*\", \
         \"Action\": \"kms:*\"}]}",
        "key_policy: A statement of the key policy has no effect. Found: statement `A` at line 2, column 16 has no \
         `Resource`. Required: `Action` and `Resource` in each statement; AWS accepts one without and ignores it. Fix: \
         add `Resource`; for a key the resource is `*`.",
    );
}

#[test]
fn arguments_that_contradict_each_other_are_refused() {
    assert_eq!(
        said(&[("description", "a".into()), ("key_description", "b".into())]),
        [
            "description: Two arguments contradict each other. Found: `description` and `key_description`. Required: one of \
          them, because they are two names of the same thing. Fix: remove one."
        ]
    );
    assert_eq!(said(&[("description", "a".into()), ("key_description", "a".into())]), [""; 0]);
    assert_eq!(
        said(&[
            ("custom_policy", "a.json".into()),
            ("key_users", Value::set(["arn:aws:iam::111111111111:role/a"]))
        ]),
        [
            "key_users: Two arguments contradict each other. Found: `key_users` and `custom_policy`. Required: one of \
          them, because roles make the generated policy, and this key has a given one. Fix: remove one."
        ]
    );
}

#[test]
fn kinds_principals_and_timeouts_are_checked() {
    refuses(
        "key_spec",
        "RSA_2048",
        "key_spec: This kind of key is not supported. Found: `RSA_2048`. Required: `SYMMETRIC_DEFAULT`; this version \
         manages symmetric encryption keys.",
    );
    refuses(
        "key_users",
        Value::set(["arn:aws:iam::111111111111:group/devs"]),
        "key_users: The principal is not one that a key policy can name. Found: \
         `arn:aws:iam::111111111111:group/devs`. Required: the ARN of a role or a user, such as \
         `arn:aws:iam::123456789012:role/app`; groups cannot be named.",
    );
    let timeouts =
        Value::object([("create", Value::from("5")), ("update", Value::Null), ("delete", Value::Null)]);
    refuses(
        "timeouts",
        timeouts,
        "timeouts.create: The timeout is not a duration. Found: `5`. Required: a number with a unit, such as `90s` or \
         `5m`, up to 24h.",
    );
}
