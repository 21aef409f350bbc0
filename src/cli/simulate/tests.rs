//! What a file of cases is answered with.

use super::{Layout, simulate};

const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1";
const ROLE: &str = "arn:aws:iam::111122223333:role/app";

fn one(fields: &str) -> String {
    let case = format!(r#"{{"action":"kms:Decrypt","resource":"{KEY}","principal":"{ROLE}"{fields}}}"#);
    simulate(&format!(r#"{{"cases":[{case}]}}"#), Layout::Compact).unwrap()
}

fn error(case: &str) -> String {
    let answer = simulate(&format!(r#"{{"cases":[{case}]}}"#), Layout::Compact).unwrap();
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
    answer["results"][0]["error"].as_str().unwrap_or(&answer.to_string()).to_owned()
}

#[test]
fn a_decision_names_layers_and_statements() {
    let policy = r#","resource_policy":{"Version":"2012-10-17","Statement":[{"Sid":"App","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:role/app"},"Action":"kms:Decrypt","Resource":"*"}]}"#;
    let expected = r#"{"results":[{"name":"0","decision":"allowed","decided_by":["resource"],"statements":[{"layer":"resource","target":null,"sid":"App","effect":"Allow"}],"not_modelled":[]}]}"#;
    assert_eq!(one(policy), expected);
}

#[test]
fn an_undecided_case_names_the_unknown_keys() {
    let fields = r#","unknown":["aws:SourceVpce"],"resource_policy":{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*","Condition":{"StringEquals":{"aws:SourceVpce":"v"}}}}"#;
    let expected = r#"{"results":[{"name":"0","decision":"undecided","decided_by":["resource"],"statements":[{"layer":"resource","target":null,"sid":null,"effect":"Allow"}],"not_modelled":[],"unknown":["aws:SourceVpce"]}]}"#;
    assert_eq!(one(fields), expected);
}

#[test]
fn a_malformed_case_leaves_the_others_alone() {
    let good = format!(r#"{{"action":"kms:Decrypt","resource":"{KEY}","principal":"{ROLE}"}}"#);
    let text = format!("{{\"cases\":[{{\"name\":\"bad\"}},\n{good}]}}");
    let expected = r#"{"results":[{"name":"bad","error":"line 1, column 11: the case has no `action`"},{"name":"1","decision":"implicitly_denied","decided_by":["resource"],"statements":[],"not_modelled":[]}]}"#;
    assert_eq!(simulate(&text, Layout::Compact).unwrap(), expected);
}

#[test]
fn faults_of_a_case_are_named_with_their_place() {
    let with = |fields: &str| {
        format!(r#"{{"action":"kms:Decrypt","resource":"{KEY}","principal":"{ROLE}",{fields}}}"#)
    };
    let cases = [
        (with(r#""resouce":1"#), "`resouce` is no known field; `resource` is"),
        (with(r#""context":[]"#), "found a list, expected an object of condition keys as `context`"),
        (with(r#""context":{"a:b":{}}"#), "found an object, expected a string or a list of strings"),
        (
            with(r#""context":{"aws:ResourceTag/a":"1","aws:ResourceTag/A":"2"}"#),
            "the condition key `aws:ResourceTag/A` is stated twice in different letter case; AWS does not define which one counts",
        ),
        (
            with(r#""context":{"aws:SourceVpc":["a","b"]}"#),
            "the condition key `aws:SourceVpc` has a single value, found several",
        ),
        (
            with(r#""resource_account":"444455556666""#),
            "the resource belongs to account `111122223333` by its ARN and to `444455556666` by `resource_account`",
        ),
        (with(r#""scp":[{"target":"r-1","policies":[],"x":1}]"#), "`x` is no known field"),
        (with(r#""scp":[{"policies":[]}]"#), "the level has no `target`"),
        (
            with(r#""identity_policies":[{"Statement":[{"Effect":"Allow","Action":"kms:*"}]}]"#),
            "the statement has no resource; give `Resource` or `NotResource`",
        ),
        (
            with(r#""grants":[{"grantee_principal":"x","operations":[]}]"#),
            "found the grantee `x`, expected an ARN, an account or a service principal",
        ),
        (
            with(r#""unknown":["a:b"],"context":{"A:b":"1"}"#),
            "`a:b` is stated in `context` and called unknown",
        ),
        (
            r#"{"action":"Decrypt","resource":"*","principal":"111122223333"}"#.to_owned(),
            "found the action `Decrypt`, expected `service:Action` without wildcards",
        ),
        (
            r#"{"action":"kms:Decrypt","resource":"key/1","principal":"111122223333"}"#.to_owned(),
            "found the resource `key/1`, expected an ARN without wildcards, or `*` alone",
        ),
        (
            r#"{"action":"kms:Decrypt","resource":"*","principal":{"anonymous":false}}"#.to_owned(),
            "found an object, expected an ARN, `{\"role\": ARN, \"session\": name}`, `{\"service\": name}` or `{\"anonymous\": true}` as `principal`",
        ),
        (with(r#""scp":[{"target":"r-1","policy":[]}]"#), "`policy` is no known field; `policies` is"),
        (with(r#""scps":[]"#), "`scps` is no known field; `scp` is"),
        (
            with(r#""resource_policy":"{}""#),
            "found a string, expected a policy as an object; if the string holds one, take it out of its quotes",
        ),
        (
            "7".to_owned(),
            "found the number `7`, expected a case: an object with `action`, `resource` and `principal`",
        ),
    ];
    for (case, expected) in cases {
        let error = error(&case);
        assert_eq!(error.split_once(": ").map_or("", |(_, message)| message), expected, "{case}");
    }
}

#[test]
fn two_names_of_one_thing_are_refused_together() {
    let grant = r#"{"grantee_principal":"111122223333","GranteeServicePrincipal":"s3.amazonaws.com","operations":["Decrypt"]}"#;
    let case =
        format!(r#"{{"action":"kms:Decrypt","resource":"{KEY}","principal":"{ROLE}","grants":[{grant}]}}"#);
    let expected = "line 1, column 184: `GranteeServicePrincipal` stands beside `grantee_principal`; give one of the two";
    assert_eq!(error(&case), expected);
}

#[test]
fn an_input_without_cases_is_refused() {
    assert_eq!(
        simulate("{}", Layout::Compact).unwrap_err().to_string(),
        "line 1, column 1: the input has no `cases`"
    );
    assert_eq!(
        simulate(r#"{"cases":[],"x":1}"#, Layout::Compact).unwrap_err().to_string(),
        "line 1, column 13: `x` is no known field"
    );
    assert_eq!(simulate(r#"{"cases":[]}"#, Layout::Pretty).unwrap(), "{\n  \"results\": []\n}");
}

#[test]
fn a_key_that_is_called_unknown_twice_is_unknown() {
    let mfa = r#"{"Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}]}"#;
    let case = format!(
        r#"{{"action":"kms:EnableKey","resource":"{KEY}","principal":"{ROLE}","unknown":["aws:MultiFactorAuthPresent","aws:multifactorauthpresent"],"identity_policies":[{mfa}]}}"#
    );
    let answer = simulate(&format!(r#"{{"cases":[{case}]}}"#), Layout::Compact).unwrap();
    assert!(!answer.contains("error"), "{answer}");
}

#[test]
fn cases_of_the_same_name_are_answered_in_their_order() {
    let case = |action: &str| {
        format!(r#"{{"name":"a","action":"{action}","resource":"{KEY}","principal":"{ROLE}"}}"#)
    };
    let text = format!(r#"{{"cases":[{},{},[]]}}"#, case("kms:EnableKey"), case("EnableKey"));
    assert_eq!(
        simulate(&text, Layout::Compact).unwrap(),
        r#"{"results":[{"name":"a","decision":"implicitly_denied","decided_by":["resource"],"statements":[],"not_modelled":[]},{"name":"a","error":"line 1, column 152: found the action `EnableKey`, expected `service:Action` without wildcards"},{"name":"2","error":"line 1, column 289: found a list, expected a case: an object with `action`, `resource` and `principal`"}]}"#
    );
}

#[test]
fn nothing_of_a_case_reaches_the_terminal_as_a_control_character() {
    let case = format!(
        r#"{{"name":"a\u001b[31m","action":"kms:EnableKey","resource":"{KEY}","principal":"{ROLE}","resource_policy":{{"Statement":[{{"Sid":"\u001b[1m\u202e","Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}}]}}}}"#
    );
    let told = super::explain(&format!(r#"{{"cases":[{case},{{"name":"b\u001b[31m"}}]}}"#)).unwrap();
    let plain = anstream::adapter::strip_str(&told).to_string();
    for part in ["a\u{fffd}[31m: allowed", "Allow `\u{fffd}[1m\u{fffd}`", "b\u{fffd}[31m: line"] {
        assert!(plain.contains(part), "{told:?}");
    }
}

#[test]
fn an_operation_is_answered_with_each_of_its_authorizations() {
    let alias = "arn:aws:kms:eu-west-1:111122223333:alias/app";
    let case = |fields: &str| format!(r#"{{"resource":"{KEY}","principal":"{ROLE}",{fields}}}"#);
    let text = case(&format!(r#""operation":"CreateAlias","alias":"{alias}""#));
    let expected = r#"{"results":[{"name":"0","decision":"implicitly_denied","decided_by":["identity"],"statements":[],"not_modelled":[],"authorizations":[{"action":"kms:CreateAlias","on":"alias","decision":"implicitly_denied"},{"action":"kms:CreateAlias","on":"key","decision":"implicitly_denied"}]}]}"#;
    assert_eq!(simulate(&format!(r#"{{"cases":[{text}]}}"#), Layout::Compact).unwrap(), expected);
    for (fields, expected) in [
        (
            r#""operation":"Frobnicate""#,
            "found `Frobnicate`, expected an API operation of KMS such as `CreateAlias`",
        ),
        (r#""operation":"CreateAlias""#, "`CreateAlias` needs an `alias`"),
        (r#""operation":"ReEncrypt""#, "`ReEncrypt` needs an `other_key`"),
        (r#""operation":"ReEncrypt","other_key":{}"#, "the other key has no `resource`"),
        (
            r#""operation":"EnableKey","action":"kms:EnableKey""#,
            "`action` stands beside `operation`; give one of the two",
        ),
        (
            r#""action":"kms:CreateAlias","alias":"arn:aws:kms:eu-west-1:111122223333:alias/app""#,
            "`alias` belongs to an `operation`, and the case has none",
        ),
        (
            r#""operation":"Decrypt","other_key":{"resource":"arn:aws:kms:eu-west-1:111122223333:key/2"}"#,
            "`Decrypt` has no `other_key`",
        ),
        (
            r#""action":"kms:EnableKey","aws_managed_key":1"#,
            "found the number `1`, expected true or false as `aws_managed_key`",
        ),
        (
            r#""action":"kms:EnableKey","caller_organization":{"path":"o-1/r-1/"}"#,
            "the organisation has no `id`",
        ),
    ] {
        let error = error(&case(fields));
        assert_eq!(error.split_once(": ").map_or("", |(_, message)| message), expected, "{fields}");
    }
}

#[test]
fn a_person_is_told_why_each_statement_near_the_decision_matches_or_not() {
    let fields = r#","name":"nightly","context":{"aws:SourceVpce":"vpce-2"},"unknown":["aws:MultiFactorAuthPresent"],
        "identity_policies":[{"Version":"2012-10-17","Statement":[
            {"Sid":"Elsewhere","Effect":"Allow","Action":"kms:*","Resource":"arn:aws:kms:*:*:key/2"},
            {"Sid":"Endpoint","Effect":"Allow","Action":"kms:De*","Resource":"*","Condition":{"StringEquals":{"aws:SourceVpce":["vpce-1","vpce-3"]}}},
            {"Effect":"Allow","Action":"s3:*","Resource":"*"}]}],
        "resource_policy":{"Version":"2012-10-17","Statement":[
            {"Sid":"Root","Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"},
            {"Sid":"Ann","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/ann"},"Action":"kms:*","Resource":"*"},
            {"Sid":"Inert","Effect":"Allow","Principal":"*","Action":"kms:*"}]},
        "scp":[{"target":"r-ab12","policies":[{"Version":"2012-10-17","Statement":[
            {"Sid":"Mfa","Effect":"Deny","Action":"*","Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}},
            {"Sid":"All","Effect":"Allow","Action":"*","Resource":"*"}]}]}]"#;
    let case = format!(r#"{{"action":"kms:Decrypt","resource":"{KEY}","principal":"{ROLE}"{fields}}}"#);
    let told = super::explain(&format!(r#"{{"cases":[{case}]}}"#)).unwrap();
    let plain = anstream::adapter::strip_str(&told).to_string();
    let expected = "\
nightly: implicitly denied
  no Allow that counts in: identity
  perhaps denied by scp r-ab12 Deny `Mfa`, by the unknown aws:MultiFactorAuthPresent
  kms:Decrypt on `arn:aws:kms:eu-west-1:111122223333:key/1` by `arn:aws:iam::111122223333:role/app`
    identity Allow `Elsewhere` (policy 1, statement 1) does not match: `Resource` wants `arn:aws:kms:*:*:key/2`, the request is on `arn:aws:kms:eu-west-1:111122223333:key/1`
    identity Allow `Endpoint` (policy 1, statement 2) does not match: `StringEquals` on `aws:SourceVpce` with `vpce-1`, `vpce-3` does not hold: the request has `vpce-2`
    resource Allow `Root` (policy 1, statement 1) matches, and leaves the decision to the account: the identity policies must allow too
    resource Allow `Ann` (policy 1, statement 2) does not match: `Principal` wants `arn:aws:iam::111122223333:user/ann`, the caller is `arn:aws:iam::111122223333:role/app`
    resource Allow `Inert` (policy 1, statement 3) does not match: the statement has no `Resource`, so it does nothing
    scp r-ab12 Deny `Mfa` (policy 1, statement 1) perhaps matches, by the unknown aws:MultiFactorAuthPresent
    scp r-ab12 Allow `All` (policy 1, statement 2) matches
    1 statement does not name the action
";
    assert_eq!(plain, expected);
}
