use serde_json::json;

use super::{Answer, Canned, refuses, says, session};
use crate::aws::{Fault, NewPolicy};
use crate::model::org::{PolicyId, PolicyType, RootId, TargetId};

fn policy_id() -> PolicyId {
    "p-0123456789".parse().unwrap()
}

fn root() -> TargetId {
    "r-ab12".parse().unwrap()
}

fn summary() -> serde_json::Value {
    json!({
        "Id": "p-0123456789", "Name": "kms-a", "Type": "SERVICE_CONTROL_POLICY", "AwsManaged": false,
        "Arn": "arn:aws:organizations::111111111111:policy/o-a1b2c3d4e5/service_control_policy/p-0123456789",
    })
}

fn wanted() -> NewPolicy {
    NewPolicy {
        name: "kms-a".to_owned(),
        description: String::new(),
        policy_type: PolicyType::ServiceControl,
        content: "{}".to_owned(),
        tags: std::collections::BTreeMap::new(),
    }
}

#[tokio::test]
async fn a_change_waits_for_another_one() {
    let busy = refuses(400, "ConcurrentModificationException", "AWS Organizations is busy");
    let service = Canned::answering(vec![busy, says(&json!({}))]).await;
    session(&service).await.organizations.attach(&policy_id(), &root()).await.unwrap();
    assert_eq!(service.operations(), ["AttachPolicy", "AttachPolicy"]);
}

#[tokio::test]
async fn what_is_so_already_is_a_success() {
    let service = Canned::answering(vec![
        refuses(400, "DuplicatePolicyAttachmentException", "it is"),
        refuses(400, "PolicyNotAttachedException", "it is not"),
        refuses(400, "PolicyNotFoundException", "it is gone"),
    ])
    .await;
    let organizations = session(&service).await.organizations;
    organizations.attach(&policy_id(), &root()).await.unwrap();
    organizations.detach(&policy_id(), &root()).await.unwrap();
    organizations.delete_policy(&policy_id()).await.unwrap();
}

#[tokio::test]
async fn a_policy_type_is_waited_for() {
    let roots = |status: &str| {
        let types = json!([{ "Type": "RESOURCE_CONTROL_POLICY", "Status": status }]);
        says(&json!({ "Roots": [{ "Id": "r-ab12", "PolicyTypes": types }] }))
    };
    let enabled = refuses(400, "PolicyTypeAlreadyEnabledException", "it is");
    let service = Canned::answering(vec![enabled, roots("PENDING_ENABLE"), roots("ENABLED")]).await;
    let root: RootId = "r-ab12".parse().unwrap();
    let organizations = session(&service).await.organizations;
    organizations.enable_policy_type(&root, PolicyType::ResourceControl).await.unwrap();
    assert_eq!(service.operations(), ["EnablePolicyType", "ListRoots", "ListRoots"]);
}

#[tokio::test]
async fn a_policy_whose_answer_was_lost_is_found_by_its_name() {
    let service = Canned::answering(vec![
        Answer::Lost,
        says(&json!({ "Policies": [summary()] })),
        says(&json!({ "Policy": { "PolicySummary": summary(), "Content": "{}" } })),
    ])
    .await;
    let made = session(&service).await.organizations.create_policy(&wanted()).await.unwrap();
    assert_eq!(made, policy_id());
    assert_eq!(service.operations(), ["CreatePolicy", "ListPolicies", "DescribePolicy"]);
}

#[tokio::test]
async fn a_policy_whose_answer_cannot_be_understood_is_found_by_its_name() {
    let service = Canned::answering(vec![
        says(&json!({ "Policy": {} })),
        says(&json!({ "Policies": [summary()] })),
        says(&json!({ "Policy": { "PolicySummary": summary(), "Content": "{}" } })),
    ])
    .await;
    let made = session(&service).await.organizations.create_policy(&wanted()).await.unwrap();
    assert_eq!(made, policy_id());
}

#[tokio::test]
async fn a_policy_of_that_name_with_another_document_is_not_taken_for_ours() {
    let service = Canned::answering(vec![
        Answer::Lost,
        says(&json!({ "Policies": [summary()] })),
        says(&json!({ "Policy": { "PolicySummary": summary(), "Content": "{\"other\":1}" } })),
    ])
    .await;
    let error = session(&service).await.organizations.create_policy(&wanted()).await.unwrap_err();
    assert_eq!((error.fault(), error.operation()), (Fault::Ambiguous, "CreatePolicy"));
}

#[tokio::test]
async fn the_reason_of_a_constraint_is_told() {
    let body = json!({
        "__type": "ConstraintViolationException",
        "Message": "You have attached the maximum number of policies.",
        "Reason": "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
    });
    let service = Canned::answering(vec![Answer::Says(400, body.to_string())]).await;
    let error = session(&service).await.organizations.attach(&policy_id(), &root()).await.unwrap_err();
    assert_eq!(error.fault(), Fault::LimitExceeded);
    assert_eq!(
        error.to_string(),
        "Organizations AttachPolicy on `p-0123456789 to r-ab12`: ConstraintViolationException: You have attached \
         the maximum number of policies. (reason MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED) (request id id-1)"
    );
}

#[tokio::test]
async fn tags_are_changed_only_where_they_differ() {
    let found = json!({ "Tags": [{ "Key": "a", "Value": "1" }, { "Key": "b", "Value": "2" }, { "Key": "c", "Value": "3" }] });
    let service = Canned::answering(vec![says(&found), says(&json!({})), says(&json!({}))]).await;
    let tags = [("a", "1"), ("b", "9")].map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    session(&service).await.organizations.set_policy_tags(&policy_id(), &tags).await.unwrap();
    let bodies: Vec<String> = service.asked().into_iter().skip(1).map(|asked| asked.body).collect();
    assert_eq!(
        bodies,
        [
            r#"{"ResourceId":"p-0123456789","Tags":[{"Key":"b","Value":"9"}]}"#,
            r#"{"ResourceId":"p-0123456789","TagKeys":["c"]}"#
        ]
    );
}

#[tokio::test]
async fn a_policy_gets_its_name_and_its_content_in_one_call() {
    let service = Canned::answering(vec![says(&json!({}))]).await;
    let organizations = session(&service).await.organizations;
    organizations.replace_policy(&policy_id(), "kms-b", "{}", "ours").await.unwrap();
    let asked: serde_json::Value = serde_json::from_str(&service.asked()[0].body).unwrap();
    assert_eq!(
        asked,
        json!({ "PolicyId": "p-0123456789", "Name": "kms-b", "Content": "{}", "Description": "ours" })
    );
    assert_eq!(service.operations(), ["UpdatePolicy"]);
}
