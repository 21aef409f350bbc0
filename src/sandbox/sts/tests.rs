use serde_json::Value;
use serde_json::json;

use crate::sandbox::principals::Kind;
use crate::sandbox::state::Call;
use crate::sandbox::state::World;
use crate::sandbox::sts::perform;
use crate::sandbox::sts::perform_unsigned;
use crate::sandbox::testing::DEV;
use crate::sandbox::testing::MANAGEMENT;
use crate::sandbox::testing::refused;
use crate::sandbox::testing::role;
use crate::sandbox::testing::world;
use crate::sandbox::wire::Reply;
use crate::sandbox::wire::query::Form;

fn operator(world: &World) -> Call {
    let mut call = role(world, MANAGEMENT, "terraform");
    let mut identity = (*call.identity).clone();
    identity.arn = format!("arn:aws:iam::{MANAGEMENT}:user/operator");
    identity.user_id = "AIDAOPERATOR".to_owned();
    identity.kind = Kind::User { name: "operator".to_owned() };
    call.identity = identity.into();
    call
}

fn ask(world: &mut World, call: &Call, parameters: &[(&str, &str)]) -> Reply {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    let form = Form::decode(body.as_bytes());
    let operation = form.text("Action").unwrap().to_owned();
    perform(world, call, &operation, &form)
}

fn assume(world: &mut World, call: &Call, account: &str, name: &str, more: &[(&str, &str)]) -> Reply {
    let arn = format!("arn:aws:iam::{account}:role/{name}");
    let mut parameters = vec![("Action", "AssumeRole"), ("RoleArn", &arn), ("RoleSessionName", "work")];
    parameters.extend(more);
    ask(world, call, &parameters)
}

#[test]
fn a_trusted_caller_becomes_the_role_and_others_do_not() {
    let mut world = world();
    let operator = operator(&world);
    let answer = assume(&mut world, &operator, DEV, "terraform", &[]).unwrap();
    let arn = answer.pointer("/AssumedRoleUser/Arn").and_then(Value::as_str);
    assert_eq!(arn, Some("arn:aws:sts::222222222222:assumed-role/terraform/work"));
    let developer = role(&world, DEV, "developer");
    assert_eq!(refused(assume(&mut world, &developer, DEV, "terraform", &[])).0, "AccessDenied");
    assert_eq!(
        refused(assume(&mut world, &operator, DEV, "nobody", &[])),
        (
            "AccessDenied",
            format!(
                "User: arn:aws:iam::{MANAGEMENT}:user/operator is not authorized to perform: sts:AssumeRole on \
                 resource: arn:aws:iam::{DEV}:role/nobody"
            )
        )
    );
}

#[test]
fn sessions_are_named_last_a_bounded_time_and_may_be_narrowed() {
    let mut world = world();
    let operator = operator(&world);
    for (more, code) in [
        (vec![("RoleSessionName", "x")], "ValidationError"),
        (vec![("DurationSeconds", "60")], "ValidationError"),
        (vec![("DurationSeconds", "7200")], "ValidationError"),
        (vec![("Policy", "{")], "MalformedPolicyDocument"),
        (vec![("SerialNumber", "x")], "ValidationError"),
    ] {
        assert_eq!(refused(assume(&mut world, &operator, DEV, "developer", &more)).0, code, "{more:?}");
    }
    let chained = role(&world, MANAGEMENT, "terraform");
    assert_eq!(
        refused(assume(&mut world, &chained, DEV, "terraform", &[("DurationSeconds", "7200")])).1,
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
    );
}

#[test]
fn the_right_code_makes_a_session_with_mfa() {
    let mut world = world();
    let operator = operator(&world);
    let serial = format!("arn:aws:iam::{MANAGEMENT}:mfa/operator");
    let wrong = [("SerialNumber", serial.as_str()), ("TokenCode", "000000")];
    assert_eq!(refused(assume(&mut world, &operator, DEV, "developer", &wrong)).0, "AccessDenied");
    let right = [("SerialNumber", serial.as_str()), ("TokenCode", "123456")];
    assert!(assume(&mut world, &operator, DEV, "developer", &right).is_ok());
    let session = [("Action", "GetSessionToken"), ("SerialNumber", &serial), ("TokenCode", "123456")];
    assert!(ask(&mut world, &operator, &session).is_ok());
    let chained = role(&world, DEV, "developer");
    assert_eq!(
        refused(ask(&mut world, &chained, &[("Action", "GetSessionToken")])).1,
        "Cannot call GetSessionToken with session credentials"
    );
}

#[test]
fn a_token_of_a_trusted_provider_is_enough() {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    let mut world = world();
    let description = json!({"name": "ci", "trust": {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": format!("arn:aws:iam::{DEV}:oidc-provider/token.example.com")},
        "Condition": {"StringEquals": {"token.example.com:aud": "sts.amazonaws.com"},
                      "StringLike": {"token.example.com:sub": "repo:keyrail/*"}}}]}});
    world.principals.add_role(&DEV.parse().unwrap(), &serde_json::from_value(description).unwrap()).unwrap();
    let now = world.clock.now();
    let mut ask = |subject: &str, expires: i64| {
        let claims = json!({"iss": "https://token.example.com", "sub": subject, "aud": "sts.amazonaws.com", "exp": expires});
        let token = format!("e30.{}.x", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let arn = format!("arn:aws:iam::{DEV}:role/ci");
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("RoleArn", arn.as_str()),
                ("RoleSessionName", "ci"),
                ("WebIdentityToken", &token),
            ])
            .finish();
        perform_unsigned(&mut world, "AssumeRoleWithWebIdentity", &Form::decode(body.as_bytes()))
    };
    let later = now.unix_timestamp() + 60;
    assert!(ask("repo:keyrail/x", later).is_ok());
    assert_eq!(refused(ask("repo:other/x", later)).0, "AccessDenied");
    assert_eq!(refused(ask("repo:keyrail/x", 0)).0, "ExpiredTokenException");
}
