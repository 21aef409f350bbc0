use std::collections::BTreeMap;

use super::{aws_failure, key_failure};
use crate::aws::{AwsError, CallerIdentity, Fault};
use crate::controls::catalogue::Catalogue;
use crate::controls::contract::settings::{SettingValue, Settings};

fn error(fault: Fault, operation: &'static str, code: &str, message: &str) -> AwsError {
    AwsError {
        fault,
        service: "KMS",
        operation,
        code: Some(code.to_owned()),
        message: message.to_owned(),
        resource: None,
        account: Some("222222222222".to_owned()),
        region: Some("eu-west-1".to_owned()),
        request_id: Some("id-1".to_owned()),
    }
}

fn caller() -> CallerIdentity {
    CallerIdentity {
        account: "222222222222".parse().unwrap(),
        arn: "arn:aws:sts::222222222222:assumed-role/developer/jo".parse().unwrap(),
    }
}

fn denied(operation: &'static str, message: &str) -> String {
    let error = error(Fault::AccessDenied, operation, "AccessDeniedException", message);
    denied_under(&[].into(), &error)
}

fn denied_under(settings: &BTreeMap<String, Settings>, error: &AwsError) -> String {
    let catalogue = Catalogue::configure(settings, Vec::new()).unwrap();
    key_failure("do it", error, None, &catalogue).detail.split_once("\n\n").unwrap().1.to_owned()
}

#[test]
fn keys_that_are_wrong_or_missing_are_not_blamed_on_the_role() {
    let told = |code: Option<&str>| {
        let error =
            AwsError { code: code.map(str::to_owned), ..error(Fault::Credentials, "AssumeRole", "", "no") };
        aws_failure("assume the role", &error, None).detail.split_once("\n\n").unwrap().1.to_owned()
    };
    for code in [None, Some("InvalidClientTokenId"), Some("SignatureDoesNotMatch")] {
        assert_eq!(
            told(code),
            "Check the keys, the profile or the role in the provider block and the environment. Temporary credentials \
             expire: sign in again."
        );
    }
    assert_eq!(
        told(Some("AccessDenied")),
        "Check the role's ARN. Its trust policy must name the caller, and the caller's identity policy must allow \
         `sts:AssumeRole` on it."
    );
}

#[test]
fn a_guardrails_denial_names_caller_policy_and_statement() {
    let message = "User: arn:aws:sts::222222222222:assumed-role/developer/jo is not authorized to perform: \
                   kms:DisableKeyRotation on resource: * with an explicit deny in a service control policy: \
                   arn:aws:organizations::111111111111:policy/o-a1b2c3d4e5/service_control_policy/p-0a1b2c3d4e \
                   (Sid: KmsKeepRotation)";
    let error = error(Fault::AccessDenied, "DisableKeyRotation", "AccessDeniedException", message);
    let diagnostic = aws_failure("switch rotation off", &error, Some(&caller()));
    assert_eq!(diagnostic.summary, "Cannot switch rotation off: access denied");
    assert_eq!(
        diagnostic.detail,
        format!(
            "KMS DisableKeyRotation in account 222222222222, region eu-west-1: AccessDeniedException: {message} \
             (request id id-1).\n\nThe caller was `arn:aws:sts::222222222222:assumed-role/developer/jo` of account \
             222222222222.\n\nA guardrail of the organisation forbids this: a service control policy denies it \
             (policy `p-0a1b2c3d4e`, statement `KmsKeepRotation`), whatever the caller's own policies allow. The data \
             source `kms_org_guardrails` shows what is in force and why. Do what the guardrail asks for, or have the \
             caller's role added to its `exempt_principal_arns`."
        )
    );
}

#[test]
fn a_denial_without_a_name_still_says_which_kind_of_policy() {
    assert_eq!(
        denied("PutKeyPolicy", "not authorized, with an explicit deny in a resource-based policy"),
        "A Deny in the key policy forbids this; no other policy can allow it. Change that statement, or call as \
         somebody it does not concern."
    );
    assert!(
        denied("Decrypt", "x with an explicit deny in a resource control policy").starts_with(
            "A guardrail of the organisation forbids this: a resource control policy denies it, "
        )
    );
}

#[test]
fn making_a_key_with_tags_needs_two_permissions() {
    assert_eq!(
        denied(
            "CreateKey",
            "User: x is not authorized to perform: kms:TagResource because no identity-based policy allows the kms:TagResource action"
        ),
        "No policy allows this to the caller. Allow the action in the caller's identity policy, and let the key \
         policy allow it or delegate to the account.\n\nA key that is made with tags needs `kms:TagResource` besides \
         `kms:CreateKey`. A condition on `aws:ResourceTag` cannot give it, because the key has no tags yet: use \
         `aws:RequestTag`."
    );
}

#[test]
fn a_denial_that_says_nothing_points_everywhere() {
    assert_eq!(
        denied("DescribeKey", "The ciphertext refers to a customer master key that does not exist"),
        "AWS does not say which policy decided. Look at the caller's identity policy, at the key policy, and at the \
         guardrails in force (data source `kms_org_guardrails`)."
    );
}

#[test]
fn a_lost_answer_says_that_nothing_is_done_twice() {
    let error = AwsError { code: None, ..error(Fault::Ambiguous, "CreateKey", "", "no answer came in time") };
    let diagnostic = aws_failure("create the key", &error, None);
    assert_eq!(diagnostic.summary, "Cannot create the key: the answer was lost");
    assert_eq!(
        diagnostic.detail,
        "KMS CreateKey in account 222222222222, region eu-west-1: no answer came in time (request id id-1).\n\n\
         Whether AWS did it is not known. Apply again: what was done is found and not done twice."
    );
}

#[test]
fn the_control_behind_a_guardrail_is_named_by_its_statement() {
    let told = denied(
        "DisableKeyRotation",
        "x with an explicit deny in a service control policy (Sid KmsRotationStaysOn)",
    );
    let likely = told.split("\n\n").nth(1).unwrap();
    assert_eq!(
        likely,
        "Most likely it is the guardrail of `key-rotation` (Key material must rotate automatically)."
    );
}

#[test]
fn without_a_statement_the_action_tells_which_controls_it_may_be() {
    let told = denied("ScheduleKeyDeletion", "x with an explicit deny in a service control policy");
    let likely = told.split("\n\n").nth(1).unwrap();
    assert!(likely.starts_with("Most likely it is the guardrail of `deletion-window` ("), "{likely}");
    assert!(likely.contains(" or `mfa-for-critical-operations` ("), "{likely}");
}

#[test]
fn the_controls_are_asked_with_the_settings_of_the_provider() {
    let message = "x with an explicit deny in a resource control policy";
    let error = error(Fault::AccessDenied, "Decrypt", "AccessDeniedException", message);
    let likely = |settings: &BTreeMap<String, Settings>| {
        denied_under(settings, &error).split("\n\n").nth(1).map(str::to_owned)
    };
    assert_eq!(likely(&[].into()), None);
    let place = [("prod".to_owned(), "o-a1b2c3d4e5/r-ab12/ou-ab12-22222222/".to_owned())].into();
    let boundary = [("environments".to_owned(), SettingValue::TextByName(place))].into();
    assert_eq!(
        likely(&[("environment_boundary".to_owned(), boundary)].into()).unwrap(),
        "Most likely it is the guardrail of `environment-boundary` (Keys must be used from their own environment)."
    );
}

#[test]
fn a_missing_allow_is_sought_where_aws_says_it_is_missing() {
    let told =
        |layer: &str| denied("CreateKey", &format!("x because no {layer} allows the kms:CreateKey action"));
    assert_eq!(
        told("service control policy"),
        "No service control policy allows this, so nothing of the account's own can. On the root, on every \
         organizational unit above the account, and on the account itself a service control policy must hang that \
         allows it: attach `FullAWSAccess` again where it is missing."
    );
    assert!(
        told("permissions boundary").starts_with(
            "No statement of the caller's permissions boundary allows this, and it limits what other policies allow: \
             let it allow the action."
        )
    );
}

#[test]
fn a_title_says_what_happened_to_the_credentials() {
    let told = |operation, code: Option<&str>, message| {
        let error =
            AwsError { code: code.map(str::to_owned), ..error(Fault::Credentials, operation, "", message) };
        aws_failure("go on", &error, None).summary
    };
    assert_eq!(
        told("GetCallerIdentity", None, "no credentials were found"),
        "Cannot go on: there are no credentials"
    );
    assert_eq!(told("AssumeRole", Some("AccessDenied"), "no"), "Cannot go on: access denied");
    assert_eq!(
        told("GetCallerIdentity", Some("ExpiredToken"), "no"),
        "Cannot go on: AWS does not accept the credentials"
    );
}
