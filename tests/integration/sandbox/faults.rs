use std::time::Duration;

use aws_sdk_kms::error::SdkError;
use keyrail::sandbox::Running;
use serde_json::Value;
use serde_json::json;

use crate::sandbox::support::code;
use crate::sandbox::support::control;
use crate::sandbox::support::developer;
use crate::sandbox::support::kms;
use crate::sandbox::support::new_key;
use crate::sandbox::support::operator;
use crate::sandbox::support::organizations;
use crate::sandbox::support::sts;
use crate::sandbox::support::with_faults;

/// A sandbox in which the first call of an operation goes wrong.
async fn with_fault(operation: &str, fault: &Value) -> Running {
    with_faults(Some(json!([{"operation": operation, "fault": fault}]))).await
}

#[tokio::test]
async fn refusals_are_not_carried_out_and_pass() {
    for (fault, expected) in [
        ("throttle", "ThrottlingException"),
        ("internal_error", "KMSInternalException"),
        ("access_denied", "AccessDeniedException"),
        ("malformed_policy", "MalformedPolicyDocumentException"),
        ("concurrent_modification", "ConcurrentModificationException"),
    ] {
        let running = with_fault("CreateKey", &json!(fault)).await;
        let client = kms(&running, developer());
        assert_eq!(code(client.create_key().send().await), expected);
        assert_eq!(client.list_keys().send().await.unwrap().keys().len(), 0, "{fault}");
        new_key(&client).await;
    }
}

#[tokio::test]
async fn an_answer_that_never_comes_leaves_a_key_or_none() {
    for (fault, made) in [("timeout", 0), ("held_response", 1), ("reset", 0), ("lost_response", 1)] {
        let running = with_fault("CreateKey", &json!(fault)).await;
        let client = kms(&running, developer());
        let error = client.create_key().send().await.unwrap_err();
        let silent = matches!(error, SdkError::TimeoutError(_) | SdkError::DispatchFailure(_));
        assert!(silent, "{fault}: {error:?}");
        assert_eq!(client.list_keys().send().await.unwrap().keys().len(), made, "{fault}");
        let (_, log) = control(&running, "GET", "requests", json!(null)).await;
        assert_eq!(log[0]["fault"], json!(fault));
    }
}

#[tokio::test]
async fn a_new_key_can_stay_hidden_for_some_reads() {
    let running = with_fault("CreateKey", &json!({"not_found_reads": 2})).await;
    let client = kms(&running, developer());
    let key = new_key(&client).await;
    assert_eq!(code(client.enable_key_rotation().key_id(&key).send().await), "NotFoundException");
    assert_eq!(code(client.describe_key().key_id(&key).send().await), "NotFoundException");
    client.describe_key().key_id(&key).send().await.unwrap();
}

#[tokio::test]
async fn a_new_policy_of_the_organisation_can_stay_hidden_for_some_reads() {
    let running = with_fault("CreatePolicy", &json!({"not_found_reads": 1})).await;
    let client = organizations(&running);
    let content = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "kms:*", "Resource": "*"}]});
    let made = client
        .create_policy()
        .name("guard")
        .description("")
        .r#type(aws_sdk_organizations::types::PolicyType::ServiceControlPolicy)
        .content(content.to_string())
        .send()
        .await
        .unwrap();
    let id = made.policy().unwrap().policy_summary().unwrap().id().unwrap();
    assert_eq!(code(client.describe_policy().policy_id(id).send().await), "PolicyNotFoundException");
    client.describe_policy().policy_id(id).send().await.unwrap();
}

#[tokio::test]
async fn tags_and_policies_can_stay_as_they_were_for_some_reads() {
    let script = json!([
        {"operation": "TagResource", "fault": {"stale_reads": 1}},
        {"operation": "PutKeyPolicy", "fault": {"stale_reads": 2}},
    ]);
    let running = with_faults(Some(script)).await;
    let client = kms(&running, developer());
    let key = new_key(&client).await;
    let tag = aws_sdk_kms::types::Tag::builder().tag_key("a").tag_value("b").build().unwrap();
    client.tag_resource().key_id(&key).tags(tag).send().await.unwrap();
    let mut tags = Vec::new();
    for _ in 0..2 {
        tags.push(client.list_resource_tags().key_id(&key).send().await.unwrap().tags().len());
    }
    assert_eq!(tags, [0, 1]);
    let policy = json!({"Version": "2012-10-17", "Id": "second", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "222222222222"}, "Action": "kms:*", "Resource": "*"}]});
    client.put_key_policy().key_id(&key).policy(policy.to_string()).send().await.unwrap();
    let mut seen = Vec::new();
    for _ in 0..3 {
        let answer = client.get_key_policy().key_id(&key).send().await.unwrap();
        seen.push(answer.policy().unwrap().contains("second"));
    }
    assert_eq!(seen, [false, false, true]);
}

#[tokio::test]
async fn a_script_can_be_loaded_later_and_hits_organizations_too() {
    let running = with_faults(None).await;
    let script =
        json!([{"service": "organizations", "operation": "ListRoots", "times": 2, "fault": "throttle"}]);
    let (_, loaded) = control(&running, "POST", "faults", script).await;
    assert_eq!(loaded, json!({"loaded": 1}));
    let client = organizations(&running);
    for _ in 0..2 {
        assert_eq!(code(client.list_roots().send().await), "TooManyRequestsException");
    }
    client.list_roots().send().await.unwrap();
}

#[tokio::test]
async fn a_slow_answer_comes_at_last() {
    let running = with_fault("ListKeys", &json!({"slow": 50})).await;
    let before = std::time::Instant::now();
    kms(&running, developer()).list_keys().send().await.unwrap();
    assert!(before.elapsed().as_millis() >= 50);
}

#[tokio::test]
async fn what_nobody_may_read_is_not_shown_as_it_was_either() {
    let running = with_fault("PutKeyPolicy", &json!({"stale_reads": 9})).await;
    let client = kms(&running, developer());
    let key = new_key(&client).await;
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "222222222222"}, "Action": "kms:*", "Resource": "*"},
        {"Effect": "Deny", "Principal": "*", "Action": "kms:GetKeyPolicy", "Resource": "*"}]});
    client.put_key_policy().key_id(&key).policy(policy.to_string()).send().await.unwrap();
    assert_eq!(code(client.get_key_policy().key_id(&key).send().await), "AccessDeniedException");
}

#[tokio::test]
async fn a_list_that_is_stale_in_one_account_is_fresh_in_another() {
    let running = with_fault("CreateAlias", &json!({"stale_reads": 9})).await;
    let (dev, management) = (kms(&running, developer()), kms(&running, operator()));
    let count = async |client: &aws_sdk_kms::Client| {
        let listed = client.list_aliases().send().await.unwrap();
        listed.aliases().iter().filter(|alias| alias.alias_name() == Some("alias/ours")).count()
    };
    let key = new_key(&dev).await;
    dev.create_alias().alias_name("alias/ours").target_key_id(key).send().await.unwrap();
    let key = new_key(&management).await;
    management.create_alias().alias_name("alias/ours").target_key_id(key).send().await.unwrap();
    assert_eq!((count(&dev).await, count(&management).await), (0, 1));
}

#[tokio::test]
async fn calls_that_nobody_signs_go_wrong_by_the_script_too() {
    for (fault, answered) in
        [("reset", false), ("lost_response", false), ("timeout", false), ("throttle", true)]
    {
        let running = with_fault("AssumeRoleWithWebIdentity", &json!(fault)).await;
        let client = sts(&running, developer());
        let asked = client
            .assume_role_with_web_identity()
            .role_arn("arn:aws:iam::222222222222:role/terraform")
            .role_session_name("test")
            .web_identity_token("token")
            .send();
        let waited = tokio::time::timeout(Duration::from_millis(500), asked).await;
        let told = waited.is_ok_and(|answer| matches!(answer, Err(SdkError::ServiceError(_))));
        assert_eq!(told, answered, "{fault}");
        let (_, log) = control(&running, "GET", "requests", json!(null)).await;
        assert_eq!(log[0]["fault"], json!(fault));
    }
}

#[tokio::test]
async fn a_script_with_an_operation_that_is_not_served_is_refused_whole() {
    let running = with_faults(None).await;
    let script = json!([{"operation": "ListKeys", "fault": "throttle"}, {"operation": "ListKey", "fault": "throttle"}]);
    let (status, answer) = control(&running, "POST", "faults", script).await;
    let problem = "the fault script names the operation `ListKey` in its rule 2, which the sandbox does not serve; did \
                   you mean `ListKeys`?";
    assert_eq!((status, answer), (400, json!({"error": problem})));
    kms(&running, developer()).list_keys().send().await.unwrap();
}
