use serde_json::json;

use crate::sandbox::support::DEV;
use crate::sandbox::support::code;
use crate::sandbox::support::control;
use crate::sandbox::support::developer;
use crate::sandbox::support::kms;
use crate::sandbox::support::new_key;
use crate::sandbox::support::sandbox;
use crate::sandbox::support::session;

#[tokio::test]
async fn the_log_tells_who_asked_what_and_how_it_ended() {
    let running = sandbox().await;
    let client = kms(&running, developer());
    let key = new_key(&client).await;
    assert_eq!(code(client.describe_key().key_id("alias/none").send().await), "NotFoundException");
    let (_, log) = control(&running, "GET", "requests", json!(null)).await;
    let lines: Vec<_> = log
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            [&entry["number"], &entry["operation"], &entry["caller"], &entry["outcome"]]
                .map(ToString::to_string)
        })
        .collect();
    let developer = format!("\"arn:aws:iam::{DEV}:user/developer\"");
    assert_eq!(
        lines,
        [
            ["1", "\"CreateKey\"", &developer, "\"ok\""],
            ["2", "\"DescribeKey\"", &developer, "\"NotFoundException\""]
        ]
    );
    let (_, state) = control(&running, "GET", "state", json!(null)).await;
    assert_eq!(state["keys"][0]["arn"], json!(format!("arn:aws:kms:eu-west-1:{DEV}:key/{key}")));
    let (status, _) = control(&running, "POST", "reset", json!(null)).await;
    assert_eq!(status, 200);
    assert_eq!(client.list_keys().send().await.unwrap().keys().len(), 0);
}

#[tokio::test]
async fn a_role_that_is_made_again_is_another_role() {
    let running = sandbox().await;
    let credentials = session(&running, "developer").await;
    let arn = format!("arn:aws:iam::{DEV}:role/developer");
    assert_eq!(control(&running, "DELETE", "roles", json!({"arn": arn})).await.0, 200);
    let (status, answer) = control(&running, "DELETE", "roles", json!({"arn": arn})).await;
    assert_eq!((status, answer), (400, json!({"error": format!("there is no role `{arn}`")})));
    let trust = json!({"Version": "2012-10-17", "Statement": []});
    let role = json!({"account": DEV, "role": {"name": "developer", "trust": trust}});
    assert_eq!(control(&running, "POST", "roles", role).await.0, 400);
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "sts:AssumeRole"}]});
    let role = json!({"account": DEV, "role": {"name": "developer", "trust": trust}});
    assert_eq!(control(&running, "POST", "roles", role).await.0, 200);
    let refused = code(kms(&running, credentials).list_keys().send().await);
    assert_eq!(refused, "UnrecognizedClientException");
}

#[tokio::test]
async fn what_an_endpoint_cannot_read_is_refused_with_the_reason() {
    let running = sandbox().await;
    for (name, body, problem) in [
        (
            "clock",
            json!({"seconds": 1}),
            "found a member `seconds`, allowed is `advance_seconds`; did you mean `advance_seconds`?",
        ),
        ("clock", json!({"advance_seconds": u64::MAX}), "the calendar ends before"),
        (
            "faults",
            json!([{"operation": "CreateKey", "fault": "nonsense"}]),
            "`fault`: found `nonsense`, allowed are `throttle`, ",
        ),
    ] {
        let (status, answer) = control(&running, "POST", name, body).await;
        assert_eq!(status, 400);
        assert!(answer["error"].as_str().unwrap().contains(problem), "{answer}");
    }
}
