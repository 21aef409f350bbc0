//! What must not bring the provider down: names it does not know, malformed
//! and oversize messages, and its own bugs.

use serde_json::{Value, json};
use tonic::Code;

use super::calls::{applied, error, thing};
use super::pack::{pack, unknown, unpack};
use super::plugin::{Plugin, null};
use super::tfplugin6::{
    DynamicValue, apply_resource_change, plan_resource_change, read_data_source, read_resource,
    validate_resource_config,
};

async fn with_fault(fault: &str) -> apply_resource_change::Response {
    let (_plugin, mut client) = Plugin::configured().await;
    applied(&mut client, &json!({"name": "n", "fault": fault, "id": unknown(), "revision": unknown()})).await
}

#[tokio::test]
async fn names_that_do_not_exist_are_said_so() {
    let (_plugin, mut client) = Plugin::configured().await;
    let request = read_resource::Request { type_name: "corner_nothing".to_owned(), ..Default::default() };
    let response = client.read_resource(request).await.unwrap().into_inner();
    assert_eq!(
        error(&response.diagnostics[0]),
        (
            "Unknown resource type",
            "This provider has no resource type `corner_nothing`. Check the name, or the version of the provider.",
            String::new()
        )
    );
    let request = read_data_source::Request { type_name: "corner_nothing".to_owned(), ..Default::default() };
    let response = client.read_data_source(request).await.unwrap().into_inner();
    assert_eq!(error(&response.diagnostics[0]).0, "Unknown data source");
}

#[tokio::test]
async fn what_needs_a_configured_provider_says_so() {
    let (_plugin, mut client) = Plugin::unconfigured().await;
    let request =
        plan_resource_change::Request { type_name: "corner_thing".to_owned(), ..Default::default() };
    let response = client.plan_resource_change(request).await.unwrap().into_inner();
    assert_eq!(error(&response.diagnostics[0]).0, "Provider not configured");
    let response = applied(&mut client, &json!({"name": "n"})).await;
    assert_eq!(error(&response.diagnostics[0]).0, "Provider not configured");
    assert_eq!((response.new_state, response.private), (None, b"planned".to_vec()));
}

#[tokio::test]
async fn malformed_values_are_errors_with_a_place() {
    let (_plugin, mut client) = Plugin::unconfigured().await;
    let mut validate = async |msgpack: Vec<u8>| {
        let config = Some(DynamicValue { msgpack, json: Vec::new() });
        let request = validate_resource_config::Request {
            type_name: "corner_thing".to_owned(),
            config,
            ..Default::default()
        };
        client.validate_resource_config(request).await.unwrap().into_inner().diagnostics
    };
    let whole = pack(&thing(&json!({"name": "n"}))).unwrap().msgpack;
    for length in 1..whole.len() {
        assert_eq!(error(&validate(whole[..length].to_vec()).await[0]).0, "Invalid value");
    }
    let claims_too_much = vec![0xdd, 0xff, 0xff, 0xff, 0xff];
    let found = validate(claims_too_much).await;
    assert_eq!(error(&found[0]).1, "malformed MessagePack: a map was expected");
    let found = validate(pack(&thing(&json!({"tags": {"a": 1}}))).unwrap().msgpack).await;
    let detail = "at `tags[\"a\"]`: malformed MessagePack: a string was expected";
    assert_eq!(error(&found[0]), ("Invalid value", detail, ".tags[\"a\"]".to_owned()));
    let found = validate(pack(&json!({"name": "n"})).unwrap().msgpack).await;
    assert_eq!(error(&found[0]).1, "at `anything`: malformed MessagePack: the attribute is missing");
}

#[tokio::test]
async fn a_large_message_is_served_and_an_oversize_one_is_refused() {
    let (_plugin, client) = Plugin::configured().await;
    let mut client = client.max_encoding_message_size(usize::MAX).max_decoding_message_size(usize::MAX);
    let mut read = async |size: usize| {
        let state = thing(&json!({"name": "x".repeat(size)}));
        let request = read_resource::Request {
            type_name: "corner_thing".to_owned(),
            current_state: pack(&state),
            ..Default::default()
        };
        client.read_resource(request).await.map(tonic::Response::into_inner)
    };
    let large = read(16 << 20).await.unwrap();
    assert_eq!(unpack(large.new_state.as_ref())["name"].as_str().map(str::len), Some(16 << 20));
    assert_eq!(read(257 << 20).await.unwrap_err().code(), Code::OutOfRange);
    assert!(read(1).await.is_ok(), "the process goes on");
}

#[tokio::test]
async fn a_panic_is_a_diagnostic_and_a_line_for_terraform() {
    let (mut plugin, mut client) = Plugin::configured().await;
    let response = applied(&mut client, &json!({"name": "n", "fault": "panic", "id": unknown()})).await;
    let detail = "The provider panicked in ApplyResourceChange: the thing fell over. This is a bug in the provider, please report it.";
    assert_eq!(error(&response.diagnostics[0]), ("Bug in the provider", detail, String::new()));
    assert_eq!((response.new_state, response.private), (None, b"planned".to_vec()));
    let request = read_resource::Request {
        type_name: "corner_thing".to_owned(),
        current_state: pack(&thing(&json!({"fault": "panic on read"}))),
        private: b"kept".to_vec(),
        ..Default::default()
    };
    let response = client.read_resource(request).await.unwrap().into_inner();
    assert_eq!(
        (error(&response.diagnostics[0]).0, response.private),
        ("Bug in the provider", b"kept".to_vec())
    );
    plugin.signal("TERM").await;
    plugin.ended().await;
    let said = plugin.said().await;
    assert!(
        said.starts_with("panic: the thing fell over\n\ntests/integration/tf/corner/thing.rs:"),
        "{said}"
    );
}

#[tokio::test]
async fn a_value_that_is_still_unknown_is_reported_and_the_object_kept() {
    let response = with_fault("unknown").await;
    let state = unpack(response.new_state.as_ref());
    assert_eq!((&state["id"], &state["revision"]), (&json!("p/n"), &Value::Null));
    let detail = "The provider returned a wrong value for `revision`: the value is still unknown. This is a bug in the provider, please report it.";
    assert_eq!(error(&response.diagnostics[0]), ("Bug in the provider", detail, ".revision".to_owned()));
}

#[tokio::test]
async fn a_value_of_the_wrong_type_is_reported_and_the_object_kept() {
    let response = with_fault("wrong").await;
    assert_eq!(unpack(response.new_state.as_ref())["id"], "p/n");
    let detail = "The provider returned a wrong value for `revision`: a value of type number was expected, not a string. This is a bug in the provider, please report it.";
    assert_eq!(error(&response.diagnostics[0]), ("Bug in the provider", detail, ".revision".to_owned()));
    let response = with_fault("extra").await;
    assert_eq!(unpack(response.new_state.as_ref()).get("surprise"), None);
    assert_eq!(error(&response.diagnostics[0]).2, ".surprise");
}

#[tokio::test]
async fn a_write_only_value_never_leaves() {
    let response = with_fault("stored secret").await;
    assert_eq!(unpack(response.new_state.as_ref())["secret"], Value::Null);
    assert_eq!(error(&response.diagnostics[0]).2, ".secret");
}

#[tokio::test]
async fn a_partial_create_keeps_the_object_with_the_error_alone() {
    let response = with_fault("partial").await;
    assert_eq!(unpack(response.new_state.as_ref())["id"], "p/n");
    assert_eq!(response.private, b"applied");
    assert_eq!(response.diagnostics.len(), 1, "what is unknown after a failure is nobody's bug");
    assert_eq!(error(&response.diagnostics[0]).0, "Half done");
}

#[tokio::test]
async fn a_create_that_returns_nothing_is_reported() {
    let response = with_fault("nothing").await;
    assert_eq!(response.new_state, None);
    let detail = "The provider returned no object after creating or updating it, and no error. This is a bug in the provider, please report it.";
    assert_eq!(error(&response.diagnostics[0]), ("Bug in the provider", detail, String::new()));
}

#[tokio::test]
async fn many_calls_at_once_do_not_mix() {
    let (_plugin, client) = Plugin::configured().await;
    let read = |index: usize| {
        let mut client = client.clone();
        let state = thing(&json!({"name": index.to_string()}));
        let request = read_resource::Request {
            type_name: "corner_thing".to_owned(),
            current_state: pack(&state),
            ..Default::default()
        };
        async move { (state, client.read_resource(request).await.unwrap().into_inner()) }
    };
    for (sent, response) in futures::future::join_all((0..200).map(read)).await {
        assert_eq!(unpack(response.new_state.as_ref()), sent);
    }
    let request = apply_resource_change::Request {
        type_name: "corner_thing".to_owned(),
        prior_state: null(),
        planned_state: null(),
        ..Default::default()
    };
    let mut client = client;
    let nothing = client.apply_resource_change(request).await.unwrap().into_inner();
    assert_eq!(nothing.diagnostics, Vec::new());
}
