//! Stopping, interrupting, ending.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio_stream::StreamExt;

use super::calls::{applied, error, thing};
use super::go_plugin::grpc_broker_client::GrpcBrokerClient;
use super::go_plugin::grpc_stdio_client::GrpcStdioClient;
use super::pack::{pack, unknown, unpack};
use super::plugin::{Identity, Plugin, Security, connect, null, shut_down, within};
use super::tfplugin6::provider_client::ProviderClient;
use super::tfplugin6::{apply_resource_change, read_resource, stop_provider};

/// After so long a host kills a plugin that it has asked to end.
const PATIENCE: Duration = Duration::from_secs(2);

fn slow() -> apply_resource_change::Request {
    create_with("slow")
}

fn create_with(fault: &str) -> apply_resource_change::Request {
    let planned = thing(&json!({"name": "s", "fault": fault, "id": unknown(), "revision": unknown()}));
    apply_resource_change::Request {
        type_name: "corner_thing".to_owned(),
        prior_state: null(),
        config: pack(&thing(&json!({"name": "s", "fault": fault}))),
        planned_state: pack(&planned),
        ..Default::default()
    }
}

#[tokio::test]
async fn shutdown_ends_the_process_before_the_host_kills_it_and_removes_the_socket() {
    let host = Identity::new();
    let (mut plugin, channel) = Plugin::connected_as(&host, Some(&host)).await;
    let channel = channel.unwrap();
    // A host keeps both of these open.
    let mut stdio = GrpcStdioClient::new(channel.clone()).stream_stdio(()).await.unwrap().into_inner();
    let broker = GrpcBrokerClient::new(channel.clone()).start_stream(tokio_stream::pending()).await.unwrap();
    let asked = Instant::now();
    shut_down(channel).await;
    assert!(plugin.ended().await.success());
    assert!(asked.elapsed() < PATIENCE, "{:?}", asked.elapsed());
    assert!(within(stdio.next()).await.is_none_or(|item| item.is_err()), "nothing is ever sent");
    drop(broker);
    assert!(!plugin.line.socket().parent().unwrap().exists());
}

#[tokio::test]
async fn shutdown_does_not_wait_for_work_that_never_ends() {
    let host = Identity::new();
    let (mut plugin, channel) = Plugin::connected_as(&host, Some(&host)).await;
    let channel = channel.unwrap();
    let mut client = ProviderClient::new(channel.clone());
    configure(&mut client).await;
    let work = tokio::spawn(async move { client.apply_resource_change(slow()).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let asked = Instant::now();
    shut_down(channel).await;
    assert!(plugin.ended().await.success());
    assert!(asked.elapsed() < PATIENCE, "{:?}", asked.elapsed());
    assert!(work.await.unwrap().is_err());
}

#[tokio::test]
async fn stop_ends_work_in_flight_and_keeps_what_it_made() {
    let (_plugin, mut client) = Plugin::configured().await;
    let mut working = client.clone();
    let work = tokio::spawn(async move { working.apply_resource_change(slow()).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    let stopped = client.stop_provider(stop_provider::Request {}).await.unwrap().into_inner();
    assert_eq!(stopped.error, "");
    let response = within(work).await.unwrap().unwrap().into_inner();
    assert_eq!(unpack(response.new_state.as_ref())["id"], "p/s");
    assert_eq!(response.private, b"applied");
    assert_eq!(response.diagnostics[0].summary, "Stopped");
    // Later work runs as usual.
    let response = applied(&mut client, &json!({"name": "t", "id": unknown(), "revision": unknown()})).await;
    assert_eq!(response.diagnostics, Vec::new());
}

#[tokio::test]
async fn stop_drops_a_read_that_waits_for_something_that_never_comes() {
    let (_plugin, mut client) = Plugin::configured().await;
    let mut reading = client.clone();
    let current_state = pack(&thing(&json!({"name": "d", "fault": "deaf", "id": "p/d"})));
    let read =
        read_resource::Request { type_name: "corner_thing".to_owned(), current_state, ..Default::default() };
    let work = tokio::spawn(async move { reading.read_resource(read).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    client.stop_provider(stop_provider::Request {}).await.unwrap();
    let response = within(work).await.unwrap().unwrap().into_inner();
    assert_eq!(response.new_state, None);
    assert_eq!(
        error(&response.diagnostics[0]),
        (
            "Interrupted",
            "The user interrupted before this was read. Nothing was changed by it.",
            String::new()
        )
    );
}

#[tokio::test]
async fn an_interrupt_does_not_end_the_process() {
    let (plugin, mut client) = Plugin::configured().await;
    for _ in 0..3 {
        plugin.signal("INT").await;
    }
    let response = applied(&mut client, &json!({"name": "t", "id": unknown(), "revision": unknown()})).await;
    assert_eq!(response.diagnostics, Vec::new());
}

#[tokio::test]
async fn a_request_to_terminate_ends_the_process_cleanly() {
    let (mut plugin, _client) = Plugin::configured().await;
    plugin.signal("TERM").await;
    assert!(plugin.ended().await.success());
    assert!(!plugin.line.socket().exists());
}

#[tokio::test]
async fn a_request_to_terminate_lets_a_create_in_flight_keep_what_it_made() {
    let host = Identity::new();
    let mut plugin =
        Plugin::start(Plugin::command().env("PLUGIN_CLIENT_CERT", host.pem()).env("TF_LOG", "INFO")).await;
    let mut client = ProviderClient::new(connect(&plugin.line, Security::Tls(Some(&host))).await.unwrap());
    configure(&mut client).await;
    let mut working = client.clone();
    let work = tokio::spawn(async move { working.apply_resource_change(create_with("slow to stop")).await });
    let mut log = plugin.log();
    log.until("working").await;
    plugin.signal("TERM").await;
    log.until("told to end: calls in flight are cancelled and awaited").await;
    let stopped = client.stop_provider(stop_provider::Request {}).await.unwrap().into_inner();
    assert_eq!(stopped.error, "");
    let late = client.apply_resource_change(create_with("none")).await.unwrap().into_inner();
    let response = within(work).await.unwrap().unwrap().into_inner();
    assert_eq!(unpack(response.new_state.as_ref())["id"], "p/s");
    assert_eq!((response.diagnostics.len(), response.diagnostics[0].summary.as_str()), (1, "Stopped"));
    let detail = "The provider was told to end (SIGTERM) before it began this change, so nothing was changed. Run Terraform again.";
    assert_eq!(
        (late.diagnostics[0].summary.as_str(), late.diagnostics[0].detail.as_str()),
        ("Change not begun", detail)
    );
    assert_eq!(late.new_state, None);
    assert!(plugin.ended().await.success());
    assert!(!plugin.line.socket().exists());
}

#[tokio::test]
async fn a_request_to_terminate_waits_for_nobody_when_the_host_has_left() {
    let host = Identity::new();
    let mut plugin =
        Plugin::start(Plugin::command().env("PLUGIN_CLIENT_CERT", host.pem()).env("TF_LOG", "INFO")).await;
    plugin.signal("TERM").await;
    let asked = Instant::now();
    assert!(plugin.ended().await.success());
    assert!(asked.elapsed() < PATIENCE, "{:?}", asked.elapsed());
}

#[tokio::test]
async fn the_process_ends_when_the_host_vanishes() {
    let host = Identity::new();
    let (mut plugin, channel) = Plugin::connected_as(&host, Some(&host)).await;
    drop(channel);
    let vanished = Instant::now();
    assert!(plugin.ended().await.success());
    assert!(vanished.elapsed() < Duration::from_secs(5), "{:?}", vanished.elapsed());
    assert!(!Path::new(&plugin.line.socket()).exists());
}

#[tokio::test]
async fn a_host_may_come_back_at_once() {
    let host = Identity::new();
    let (mut plugin, channel) = Plugin::connected_as(&host, Some(&host)).await;
    drop(channel);
    let channel = connect(&plugin.line, Security::Tls(Some(&host))).await.unwrap();
    tokio::time::sleep(Duration::from_millis(2500)).await;
    assert!(plugin.child.try_wait().unwrap().is_none());
    shut_down(channel).await;
    assert!(plugin.ended().await.success());
}

#[tokio::test]
async fn log_lines_are_written_only_when_asked_for() {
    for (level, expected) in [(None, false), (Some("TRACE"), true), (Some("ERROR"), false)] {
        let host = Identity::new();
        let mut command = Plugin::command();
        command.env("PLUGIN_CLIENT_CERT", host.pem());
        if let Some(level) = level {
            command.env("TF_LOG", level);
        }
        let mut plugin = Plugin::start(&mut command).await;
        let channel = connect(&plugin.line, Security::Tls(Some(&host))).await.unwrap();
        shut_down(channel).await;
        plugin.ended().await;
        let said = plugin.said().await;
        assert_eq!(said.contains("\"@message\":\"call started\""), expected, "{said}");
        for line in said.lines() {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            assert!(line["@timestamp"].is_string() && line["@level"].is_string(), "{line}");
        }
    }
}

async fn configure(client: &mut ProviderClient<tonic::transport::Channel>) {
    let request = super::tfplugin6::configure_provider::Request {
        config: pack(&json!({"prefix": "p"})),
        ..Default::default()
    };
    client.configure_provider(request).await.unwrap();
}
