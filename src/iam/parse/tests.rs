//! What is refused, and in which words.

use crate::iam::policy::{Comparison, Document, PolicyKind, PrincipalSet, Statement, Version};
use crate::iam::{MAX_CHARACTERS, MAX_DEPTH, decode, equivalent, parse};

fn error(text: &str, kind: PolicyKind) -> String {
    parse(text, kind).unwrap_err().to_string()
}

fn identity(statement: &str) -> String {
    error(&format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#), PolicyKind::Identity)
}

#[test]
fn json_faults_are_named_with_their_place() {
    let cases = [
        ("", "line 1, column 1: the text is empty, expected a JSON value"),
        (" \n ", "line 2, column 2: the text is empty, expected a JSON value"),
        ("\u{feff}{}", "line 1, column 1: found a byte order mark, expected `{`; save the file without it"),
        ("{\n  \"Version\": 2012,\n}", "line 3, column 1: found `}`, expected a name in double quotes"),
        ("{\"a\":1 \"b\":2}", "line 1, column 8: found `\"`, expected `,` or `}`"),
        ("{\"é\":[1 2]}", "line 1, column 9: found `2`, expected `,` or `]`"),
        ("[\"a\\u0000\"]", "line 1, column 4: found the character NUL, which AWS accepts nowhere"),
        ("[\"\\ud800\"]", "line 1, column 3: found half a surrogate pair, expected a whole character"),
        ("[\"\\ud800\\u0041\"]", "line 1, column 3: found half a surrogate pair, expected a whole character"),
        ("[\"\\udc00\"]", "line 1, column 3: found half a surrogate pair, expected a whole character"),
        ("[\"\\x\"]", "line 1, column 4: found `x`, expected one of `\"\\/bfnrtu` after `\\`"),
        (
            "[\"a\nb\"]",
            "line 1, column 4: found the control character U+000A, expected `\"` closing the string",
        ),
        ("[01]", "line 1, column 3: found `1`, expected `,` or `]`"),
        ("{} x", "line 1, column 4: found `x`, expected the end of the text"),
        ("nul", "line 1, column 1: found `n`, expected a JSON value"),
    ];
    for (text, expected) in cases {
        assert_eq!(error(text, PolicyKind::Resource), expected, "{text}");
    }
    assert_eq!(
        error(&"[".repeat(100), PolicyKind::Resource),
        "line 1, column 66: nested deeper than 64 levels"
    );
    let long = format!("{{\"Id\":\"{}\"}}", "x".repeat(131_072));
    assert_eq!(
        error(&long, PolicyKind::Resource),
        "line 1, column 1: the policy has more than 131072 characters"
    );
}

#[test]
fn bytes_that_are_no_text_are_named_with_their_place() {
    let error = |bytes: &[u8]| decode(bytes).unwrap_err().to_string();
    assert_eq!(error(b"\xff{}"), "line 1, column 1: found the byte 0xff, expected text in UTF-8");
    let bytes = [b"{\n  \"".as_slice(), "é".as_bytes(), b"\xe9\"}"].concat();
    assert_eq!(error(&bytes), "line 2, column 5: found the byte 0xe9, expected text in UTF-8");
    assert_eq!(error(b"[\"\xf0\x9f\""), "line 1, column 3: found the byte 0xf0, expected text in UTF-8");
    assert_eq!(decode("{\"é\":1}".as_bytes()), Ok("{\"é\":1}"));
}

#[test]
fn characters_beyond_latin_are_refused_where_the_api_refuses_them() {
    let about = |sid: &str| {
        format!(
            "{{\"Version\":\"2012-10-17\",\n\"Statement\":{{\"Sid\":\"{sid}\",\"Effect\":\"Deny\",\"Principal\":\"*\",\
             \"Action\":\"kms:*\",\"Resource\":\"*\"}}}}"
        )
    };
    let without = |sid: &str| about(sid).replace("\"Principal\":\"*\",", "");
    let refused =
        "line 2, column 22: found `中`, expected characters up to U+00FF, as AWS takes no others here";
    for (text, kind, expected) in [
        (about("ü中"), PolicyKind::Resource, Some(refused)),
        (without("ü中"), PolicyKind::Identity, Some(refused)),
        (without("ü中"), PolicyKind::PermissionBoundary, Some(refused)),
        (without("ü中"), PolicyKind::Session, Some(refused)),
        (without("ü中"), PolicyKind::ServiceControl, None),
        (about("ü中"), PolicyKind::ResourceControl, None),
        (about("ü中"), PolicyKind::Endpoint, None),
        (about("ü\u{7f}\u{ff}"), PolicyKind::Resource, None),
        (about("ü\\u4e2d"), PolicyKind::Resource, None),
    ] {
        let found = parse(&text, kind).err().map(|error| error.to_string());
        assert_eq!(found.as_deref(), expected, "{kind:?}");
    }
}

#[test]
fn limits_are_what_they_are_documented_to_be() {
    let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let refused = error(&nested(MAX_DEPTH + 2), PolicyKind::Resource);
    assert_eq!(refused, format!("line 1, column {}: nested deeper than 64 levels", MAX_DEPTH + 2));
    let read = error(&nested(MAX_DEPTH), PolicyKind::Resource);
    assert!(read.ends_with("expected a policy: an object with `Version` and `Statement`"), "{read}");
    let padded = |length: usize| {
        let policy = r#"{"Statement":{"Effect":"Deny","Action":"kms:*","Resource":"*"}}"#;
        format!("{policy}{}", " ".repeat(length - policy.len()))
    };
    assert!(parse(&padded(MAX_CHARACTERS), PolicyKind::Identity).is_ok());
    let refused = error(&padded(MAX_CHARACTERS + 1), PolicyKind::Identity);
    assert_eq!(refused, "line 1, column 1: the policy has more than 131072 characters");
}

#[test]
fn numbers_of_conditions_are_those_of_json() {
    let condition = |value: &str| {
        let statement = format!(
            r#"{{"Effect":"Deny","Action":"*","Resource":"*","Condition":{{"NumericEquals":{{"a:b":{value}}}}}}}"#
        );
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
        parse(&text, PolicyKind::Identity).map(|document| {
            let values = &document.statements.first().unwrap().conditions.first().unwrap().values;
            values.iter().map(|value| value.as_str().to_owned()).collect::<Vec<_>>().join(" ")
        })
    };
    for (value, expected) in
        [("7", "7"), ("-0.50", "-0.50"), ("1e999", "1e999"), ("[1,\"2\",true]", "1 2 true"), ("1E+2", "1E+2")]
    {
        assert_eq!(condition(value).as_deref(), Ok(expected), "{value}");
    }
    let refused = |value| condition(value).unwrap_err().message().to_owned();
    for value in ["+1", ".5", "NaN", "Infinity"] {
        let first = value.chars().next().unwrap();
        assert_eq!(refused(value), format!("found `{first}`, expected a JSON value"), "{value}");
    }
    for value in ["0x10", "01"] {
        let second = value.chars().nth(1).unwrap();
        assert_eq!(refused(value), format!("found `{second}`, expected `,` or `}}`"), "{value}");
    }
    assert_eq!(refused("[[1]]"), "found a list, expected a string, a number or a boolean");
}

#[test]
fn elements_that_aws_does_not_know_are_refused() {
    let cases = [
        ("[]", "line 1, column 1: found a list, expected a policy: an object with `Version` and `Statement`"),
        (
            r#""{}""#,
            "line 1, column 1: found a string, expected a policy as an object; if the string holds one, take it out of \
             its quotes",
        ),
        ("{}", "line 1, column 1: the policy has no `Statement`"),
        (
            r#"{"Statement":[]}"#,
            "line 1, column 14: `Statement` is an empty list, expected at least one statement",
        ),
        (
            r#"{"Statement":"x"}"#,
            "line 1, column 14: found `x`, expected a statement or a list of statements",
        ),
        (r#"{"Id":"a","Id":"b"}"#, "line 1, column 11: `Id` appears twice in one object"),
        (r#"{"version":"x"}"#, "line 1, column 2: found `version`, expected `Version`, `Id` or `Statement`"),
        (r#"{"Version":"2012"}"#, "line 1, column 12: found `2012`, expected `2012-10-17` or `2008-10-17`"),
    ];
    for (text, expected) in cases {
        assert_eq!(error(text, PolicyKind::Resource), expected, "{text}");
    }
}

#[test]
fn statements_are_refused_where_aws_refuses_them() {
    let cases = [
        (r#"{"Action":"kms:*","Resource":"*"}"#, "column 38: the statement has no `Effect`"),
        (r#"{"Effect":"allow"}"#, "column 48: found `allow`, expected `Allow` or `Deny`"),
        (
            r#"{"Effect":"Deny","Resource":"*"}"#,
            "column 38: the statement has no action; give `Action` or `NotAction`",
        ),
        (
            r#"{"Effect":"Deny","Action":"*"}"#,
            "column 38: the statement has no resource; give `Resource` or `NotResource`",
        ),
        (
            r#"{"Effect":"Deny","Action":[],"Resource":"*"}"#,
            "column 38: the statement has no action; give `Action` or `NotAction`",
        ),
        (
            r#"{"Action":"*","NotAction":"*"}"#,
            "column 52: found `NotAction` beside `Action`, expected one of them",
        ),
        (
            r#"{"Action":"Decrypt"}"#,
            "column 48: found the action `Decrypt`, expected `*` or `service:Action`",
        ),
        (r#"{"Action":7}"#, "column 48: found the number `7`, expected a string"),
        (r#"{"Principal":"me"}"#, "column 51: found `me`, expected `*` or an object of principals by type"),
        (
            r#"{"Effect":"Deny","Action":"*","Resource":"*","Principal":"*"}"#,
            "column 38: found `Principal`, which an identity policy must not have",
        ),
        (
            r#"{"Condition":{"StringEqual":{"a:b":"c"}}}"#,
            "column 52: found `StringEqual`, which is no condition operator; `StringEquals` is",
        ),
        (
            r#"{"Condition":{"NullIfExists":{"a:b":true}}}"#,
            "column 52: found `NullIfExists`, which is no condition operator; `Null` takes neither prefix nor suffix",
        ),
        (
            r#"{"Condition":{"Null":{"a:b":[]}}}"#,
            "column 66: found a list, expected `true` or `false` for `Null`",
        ),
        (
            r#"{"Condition":{"Bool":{"a:b":null}}}"#,
            "column 66: found null, expected a string, a number or a boolean",
        ),
        (
            r#"{"Condition":{"Bool":{"a:b":true,"A:B":true}}}"#,
            "column 71: `A:B` appears twice under `Bool`; letter case does not count",
        ),
    ];
    for (statement, expected) in cases {
        assert_eq!(identity(statement), format!("line 1, {expected}"), "{statement}");
    }
}

#[test]
fn resource_control_policies_are_narrow() {
    let rcp = |statement: &str| {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
        parse(&text, PolicyKind::ResourceControl).map_err(|error| error.message().to_owned())
    };
    let cases = [
        (
            r#"{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}"#,
            "found `Allow`, a resource control policy can only `Deny`; AWS's own RCPFullAWSAccess allows",
        ),
        (
            r#"{"Effect":"Deny","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"}"#,
            "a resource control policy requires `\"Principal\": \"*\"`",
        ),
        (
            r#"{"Effect":"Deny","Principal":"*","NotAction":"kms:*","Resource":"*"}"#,
            "a resource control policy requires `Action`; `NotAction` is refused",
        ),
        (
            r#"{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}"#,
            "found the action `*`, a resource control policy needs one of a service it supports",
        ),
        (
            r#"{"Effect":"Deny","Principal":"*","Action":"iam:*","Resource":"*"}"#,
            "found the action `iam:*`, a resource control policy needs one of a service it supports",
        ),
    ];
    for (statement, expected) in cases {
        assert_eq!(rcp(statement).unwrap_err(), expected, "{statement}");
    }
    assert!(rcp(r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}"#).is_ok());
    assert!(rcp(r#"{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"kms:*","Resource":"*"}"#).is_ok());
}

#[test]
fn positions_survive_reading() {
    let text = "{\n  \"Statement\": {\"Effect\": \"Deny\",\n    \"Action\": [\"kms:A\", \"kms:B\"]}\n}";
    let document = parse(text, PolicyKind::Resource).unwrap();
    let statement = document.statements.first().unwrap();
    assert_eq!(statement.at.to_string(), "line 2, column 16");
    let Some(crate::iam::policy::Actions::Only(actions)) = &statement.actions else { panic!("no actions") };
    assert_eq!(actions.last().unwrap().at().to_string(), "line 3, column 25");
}

#[test]
fn builders_print_what_is_read_back() {
    let statement = Statement::deny("KmsMfa")
        .actions(["kms:DisableKey", "kms:ScheduleKeyDeletion"])
        .when(Comparison::Bool.if_exists(), "aws:MultiFactorAuthPresent", ["false"])
        .when(Comparison::ArnNotLike, "aws:PrincipalArn", ["arn:aws:iam::*:role/ci"]);
    let document = Document::new([statement]);
    let expected = r#"{"Version":"2012-10-17","Statement":[{"Sid":"KmsMfa","Effect":"Deny","Action":["kms:DisableKey","kms:ScheduleKeyDeletion"],"Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"},"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/ci"}}}]}"#;
    assert_eq!(document.to_json(), expected);
    let read = parse(&document.to_json_pretty(), PolicyKind::ServiceControl).unwrap();
    assert_eq!(read, document);
    assert!(equivalent(&read, &document));
    assert_eq!(read.version, Some(Version::V2012));
}

#[test]
fn a_pretty_policy_reads_like_a_hand_written_one() {
    let statement = Statement::allow("Svc")
        .principals(PrincipalSet::service(["logs.amazonaws.com"]))
        .actions(["kms:Decrypt", "kms:Encrypt"]);
    let expected = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Svc",
      "Effect": "Allow",
      "Principal": {
        "Service": "logs.amazonaws.com"
      },
      "Action": [
        "kms:Decrypt",
        "kms:Encrypt"
      ],
      "Resource": "*"
    }
  ]
}
"#;
    assert_eq!(Document::new([statement]).to_json_pretty(), expected);
}
