use std::time::Duration;

use aws_sdk_kms::error::ProvideErrorMetadata as _;
use aws_sdk_organizations::types::PolicyType;
use serde_json::{Value, json};

use crate::sandbox::support::DEV;
use crate::sandbox::support::code;
use crate::sandbox::support::control;
use crate::sandbox::support::developer;
use crate::sandbox::support::kms;
use crate::sandbox::support::new_key;
use crate::sandbox::support::operator;
use crate::sandbox::support::organizations;
use crate::sandbox::support::sandbox;
use crate::sandbox::support::session;
use crate::sandbox::support::sts;

#[tokio::test]
async fn a_session_is_who_it_says_until_it_expires() {
    let running = sandbox().await;
    let credentials = session(&running, "terraform").await;
    let identity = sts(&running, credentials.clone()).get_caller_identity().send().await.unwrap();
    assert_eq!(identity.arn(), Some("arn:aws:sts::222222222222:assumed-role/terraform/test"));
    assert_eq!(identity.account(), Some(DEV));
    let (status, _) = control(&running, "POST", "clock", json!({"advance_seconds": 3_601})).await;
    assert_eq!(status, 200);
    assert_eq!(code(kms(&running, credentials.clone()).list_keys().send().await), "ExpiredTokenException");
    assert_eq!(code(sts(&running, credentials).get_caller_identity().send().await), "ExpiredToken");
}

#[tokio::test]
async fn a_deny_of_older_sessions_hits_those_and_no_newer_one() {
    let running = sandbox().await;
    let old = session(&running, "terraform").await;
    let client = kms(&running, old.clone());
    let key = new_key(&client).await;
    let (_, now) = control(&running, "POST", "clock", json!({"advance_seconds": 60})).await;
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": DEV}, "Action": "kms:*", "Resource": "*"},
        {"Sid": "Revoked", "Effect": "Deny", "Principal": "*", "Action": "kms:DescribeKey", "Resource": "*",
         "Condition": {"DateLessThan": {"aws:TokenIssueTime": now["now"]}}}]});
    client.put_key_policy().key_id(&key).policy(policy.to_string()).send().await.unwrap();
    assert_eq!(code(client.describe_key().key_id(&key).send().await), "AccessDeniedException");
    control(&running, "POST", "clock", json!({"advance_seconds": 60})).await;
    let new = session(&running, "terraform").await;
    kms(&running, new).describe_key().key_id(&key).send().await.unwrap();
}

#[tokio::test]
async fn an_mfa_deny_hits_long_term_keys_and_spares_a_session_with_a_code() {
    let running = sandbox().await;
    let pipeline = kms(&running, operator());
    let key = new_key(&pipeline).await;
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "kms:*", "Resource": "*"},
        {"Sid": "DenyWithoutMfa", "Effect": "Deny", "Principal": "*", "Action": "kms:DisableKey", "Resource": "*",
         "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}]});
    pipeline.put_key_policy().key_id(&key).policy(policy.to_string()).send().await.unwrap();
    let refused = pipeline.disable_key().key_id(&key).send().await.unwrap_err();
    assert_eq!(
        refused.message(),
        Some(
            format!(
                "User: arn:aws:iam::111111111111:user/operator is not authorized to perform: kms:DisableKey on \
                 resource: arn:aws:kms:eu-west-1:111111111111:key/{key} with an explicit deny in a resource-based \
                 policy (Sid: DenyWithoutMfa)"
            )
            .as_str()
        )
    );
    let token = sts(&running, operator())
        .get_session_token()
        .serial_number("arn:aws:iam::111111111111:mfa/operator")
        .token_code("123456")
        .send()
        .await
        .unwrap();
    let given = token.credentials().unwrap();
    let proven = aws_credential_types::Credentials::new(
        given.access_key_id(),
        given.secret_access_key(),
        Some(given.session_token().to_owned()),
        None,
        "test",
    );
    kms(&running, proven).disable_key().key_id(&key).send().await.unwrap();
}

#[tokio::test]
async fn a_guardrail_made_through_the_api_denies_a_live_call_and_is_named() {
    let running = sandbox().await;
    let client = organizations(&running);
    let statement =
        json!({"Sid": "KeepRotation", "Effect": "Deny", "Action": "kms:DisableKeyRotation", "Resource": "*"});
    let scp = guardrail(&client, PolicyType::ServiceControlPolicy, statement.clone()).await;
    let mut for_everybody = statement;
    for_everybody["Principal"] = json!("*");
    for_everybody["Condition"] = json!({"Bool": {"aws:PrincipalIsAWSService": "true"}});
    let rcp = guardrail(&client, PolicyType::ResourceControlPolicy, for_everybody).await;
    assert_ne!(scp, rcp);
    let dev = kms(&running, developer());
    let key = new_key(&dev).await;
    dev.enable_key_rotation().key_id(&key).send().await.unwrap();
    let refused = dev.disable_key_rotation().key_id(&key).send().await.unwrap_err();
    let message = refused.message().unwrap();
    let ending = format!("with an explicit deny in a service control policy: {scp} (Sid: KeepRotation)");
    assert!(message.ends_with(&ending), "{message}");
}

/// Hangs a policy with this statement on the dev OU, and gives its ARN.
async fn guardrail(client: &aws_sdk_organizations::Client, kind: PolicyType, statement: Value) -> String {
    let _begun =
        client.enable_policy_type().root_id("r-ab12").policy_type(kind.clone()).send().await.unwrap();
    let enabled = async || {
        let roots = client.list_roots().send().await.unwrap();
        let types = roots.roots()[0].policy_types();
        types.iter().any(|one| one.r#type() == Some(&kind) && one.status().unwrap().as_str() == "ENABLED")
    };
    while !enabled().await {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let content = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    let create = client.create_policy().name("guard").description("d").r#type(kind).content(content);
    let made = create.send().await.unwrap();
    let summary = made.policy().unwrap().policy_summary().unwrap();
    let attach = client.attach_policy().policy_id(summary.id().unwrap()).target_id("ou-ab12-11111111");
    attach.send().await.unwrap();
    summary.arn().unwrap().to_owned()
}
