//! What a fix says is done, and then nothing is found: no fix leads to another
//! finding.

use keyrail::iam::lint::{Finding, Kind, Surroundings, lint};
use serde_json::{Value, json};

fn found(kind: Kind, statement: &Value) -> Vec<Finding> {
    let account = json!({
        "Sid": "Account", "Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:*", "Resource": "*",
    });
    let statements =
        if kind == Kind::Key { vec![account, statement.clone()] } else { vec![statement.clone()] };
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    lint(&text, kind, &Surroundings::default())
}

/// The fix of the only finding in a statement, after which nothing is found.
fn fixed(kind: Kind, before: &Value, after: &[Value]) -> String {
    let told = |found: &[Finding]| -> Vec<String> {
        found.iter().map(|finding| format!("{} {}", finding.rule.number, finding.message)).collect()
    };
    let first = found(kind, before);
    assert_eq!(first.len(), 1, "{before}: {:?}", told(&first));
    for statement in after {
        assert_eq!(told(&found(kind, statement)), [""; 0], "{statement}");
    }
    first.into_iter().map(|finding| finding.fix).collect()
}

const ADMIN: &str = "arn:aws:iam::111122223333:role/admin";
const UNIT: &str = "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111";

fn deny(action: &str, condition: &Value) -> Value {
    json!({"Sid": "D", "Effect": "Deny", "Action": action, "Resource": "*", "Condition": condition})
}

fn allow(action: &str, condition: &Value) -> Value {
    let role = json!({"AWS": "arn:aws:iam::111122223333:role/app"});
    json!({
        "Sid": "A", "Effect": "Allow", "Principal": role, "Action": action, "Resource": "*", "Condition": condition,
    })
}

#[test]
fn an_arn_with_a_wildcard_is_compared_as_an_arn() {
    let of = |operator: &str| {
        deny(
            "kms:DisableKeyRotation",
            &json!({operator: {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/adm*"}}),
        )
    };
    assert_eq!(fixed(Kind::ServiceControl, &of("StringNotEquals"), &[of("ArnNotLike")]), "use `ArnNotLike`");
    assert_eq!(
        fixed(Kind::ServiceControl, &of("StringNotLike"), &[of("ArnNotLike")]),
        "use `ArnLike` or `ArnNotLike`"
    );
}

#[test]
fn a_path_is_written_as_its_operator_takes_it() {
    let of =
        |operator: &str, path: &str| deny("kms:Decrypt", &json!({operator: {"aws:PrincipalOrgPaths": path}}));
    let ids = "write the ids from the organisation down, each with a `/` behind it: ";
    for (operator, end) in [("ForAllValues:StringNotEquals", ""), ("ForAllValues:StringNotLike", "*")] {
        assert_eq!(
            fixed(Kind::ServiceControl, &of(operator, UNIT), &[of(operator, &format!("{UNIT}/{end}"))]),
            format!("{ids}`{UNIT}/{end}`")
        );
    }
}

#[test]
fn a_list_gets_the_operator_that_means_what_was_meant() {
    let paths = format!("{UNIT}/*");
    let all = deny("kms:Decrypt", &json!({"ForAllValues:StringNotLike": {"aws:PrincipalOrgPaths": paths}}));
    let mistyped = deny("kms:Decrypt", &json!({"StringNotLike": {"aws:PrincipalOrgPath": paths}}));
    let plain = deny("kms:Decrypt", &json!({"StringNotLike": {"aws:PrincipalOrgPaths": paths}}));
    let from = [all];
    assert_eq!(
        fixed(Kind::ServiceControl, &mistyped, &from),
        "write `aws:PrincipalOrgPaths` under `ForAllValues:StringNotLike`, if that is what is meant"
    );
    assert_eq!(fixed(Kind::ServiceControl, &plain, &from), "write `ForAllValues:StringNotLike`");
    let of = |operator: &str| {
        let exempt = json!({"aws:PrincipalArn": ADMIN});
        deny("kms:TagResource", &json!({operator: {"aws:TagKeys": ["owner", "cost"]}, "ArnNotLike": exempt}))
    };
    assert_eq!(
        fixed(Kind::ServiceControl, &of("StringNotEquals"), &[of("ForAnyValue:StringNotEquals")]),
        "write `ForAnyValue:StringNotEquals`"
    );
    assert_eq!(
        fixed(Kind::ServiceControl, &of("StringEquals"), &[of("ForAnyValue:StringEquals")]),
        "write `ForAnyValue:StringEquals`"
    );
    let of =
        |operator: &str| allow("kms:CreateGrant", &json!({operator: {"kms:GrantOperations": ["Encrypt"]}}));
    assert_eq!(
        fixed(Kind::Key, &of("StringEquals"), &[of("ForAllValues:StringEquals")]),
        "write `ForAllValues:StringEquals`"
    );
    let of = |operator: &str| allow("kms:Decrypt", &json!({operator: {"aws:PrincipalOrgPaths": paths}}));
    assert_eq!(
        fixed(Kind::Key, &of("StringLike"), &[of("ForAnyValue:StringLike")]),
        "write `ForAnyValue:StringLike`"
    );
    let presence = json!({
        "ForAllValues:StringNotLike": {"aws:PrincipalOrgPaths": paths}, "Null": {"aws:PrincipalOrgPaths": "false"},
    });
    assert_eq!(
        fixed(Kind::Key, &of("StringNotLike"), &[allow("kms:Decrypt", &presence)]),
        "write `ForAllValues:StringNotLike` with `\"Null\": {\"aws:PrincipalOrgPaths\": \"false\"}`"
    );
}

#[test]
fn grants_of_services_are_left_out_of_a_wildcard_that_denies() {
    let of = |actions: Value, condition: Value| {
        let mut conditions = json!({"ArnNotLike": {"aws:PrincipalArn": ADMIN}});
        conditions.as_object_mut().unwrap().extend(condition.as_object().unwrap().clone());
        json!({"Sid": "D", "Effect": "Deny", "Action": actions, "Resource": "*", "Condition": conditions})
    };
    let others = json!(["kms:CreateAlias", "kms:CreateCustomKeyStore", "kms:CreateKey"]);
    assert_eq!(
        fixed(
            Kind::ServiceControl,
            &of(json!("kms:Create*"), json!({})),
            &[
                of(others, json!({})),
                of(json!("kms:CreateGrant"), json!({"BoolIfExists": {"kms:GrantIsForAWSResource": "false"}})),
            ]
        ),
        "name the actions that are meant: `kms:CreateAlias`, `kms:CreateCustomKeyStore` and `kms:CreateKey`; deny \
         `kms:CreateGrant` in a statement of its own, with `\"BoolIfExists\": {\"kms:GrantIsForAWSResource\": \"false\"}`"
    );
}

#[test]
fn a_service_that_acts_as_its_user_needs_no_statement() {
    let of = |service: &str| {
        let principal = json!({"Service": service});
        json!({"Sid": "A", "Effect": "Allow", "Principal": principal, "Action": "kms:Decrypt", "Resource": "*"})
    };
    let message = |service: &str| {
        found(Kind::Key, &of(service)).iter().map(|finding| finding.message.clone()).collect::<Vec<_>>()
    };
    let add = "add a condition on `aws:SourceArn` or `aws:SourceAccount`";
    let everywhere = "may use the key for anybody's resources, in whatever account they are";
    assert_eq!(fixed(Kind::Key, &of("logs.amazonaws.com"), &[]), add);
    assert_eq!(message("logs.amazonaws.com"), [format!("`logs.amazonaws.com` {everywhere}")]);
    assert_eq!(
        fixed(Kind::Key, &of("s3.amazonaws.com"), &[]),
        format!("remove it, unless it is for inventories or event notifications: then {add}")
    );
    assert_eq!(
        message("s3.amazonaws.com"),
        [format!(
            "`s3.amazonaws.com` {everywhere}, though it uses the keys of its users with their identity"
        )]
    );
}

#[test]
fn the_length_that_is_promised_is_that_of_what_is_to_be_sent() {
    let sized = |length: usize, list: bool| {
        let action = if list { json!(["kms:Decrypt"]) } else { json!("kms:Decrypt") };
        let value = |letters: usize| {
            let arn = format!("{ADMIN}{}", "a".repeat(letters));
            let statement = json!({
                "Sid": "D", "Effect": "Deny", "Action": action, "Resource": "*",
                "Condition": {"ArnNotLike": {"aws:PrincipalArn": arn}},
            });
            json!({"Version": "2012-10-17", "Statement": [statement]})
        };
        value(length.checked_sub(value(0).to_string().len()).unwrap())
    };
    let told = |text: &str| -> Vec<String> {
        let found = lint(text, Kind::ServiceControl, &Surroundings::default()).into_iter();
        found.filter(|finding| finding.rule.number == "L04").map(|finding| finding.fix).collect()
    };
    let indented = serde_json::to_string_pretty(&sized(10_240, false)).unwrap();
    assert_eq!(told(&indented), ["send it without whitespace: then it has 10240"]);
    let bare = sized(10_242, true).to_string();
    assert_eq!(
        told(&bare),
        ["send it without whitespace, each list of one as its element: then it has 10240"]
    );
    let long = sized(10_300, false).to_string();
    assert_eq!(told(&long), ["split it or shorten its lists; even without whitespace it has 10300"]);
    assert_eq!(told(&sized(10_240, false).to_string()), [""; 0]);
}
