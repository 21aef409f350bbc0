//! gRPC's health service, as go-plugin's `Ping` asks it.

use tokio_stream::StreamExt;
use tonic::Code;
use tonic::transport::Channel;

use super::grpc_health::HealthCheckRequest;
use super::grpc_health::health_check_response::ServingStatus;
use super::grpc_health::health_client::HealthClient;
use super::plugin::{Identity, Plugin, shut_down, within};

async fn plugin() -> (Plugin, Channel) {
    let host = Identity::new();
    let (plugin, channel) = Plugin::connected_as(&host, Some(&host)).await;
    (plugin, channel.unwrap())
}

fn about(service: &str) -> HealthCheckRequest {
    HealthCheckRequest { service: service.to_owned() }
}

#[tokio::test]
async fn the_plugin_and_the_whole_server_are_serving() {
    let (_plugin, channel) = plugin().await;
    let mut client = HealthClient::new(channel);
    for service in ["plugin", ""] {
        let response = client.check(about(service)).await.unwrap().into_inner();
        assert_eq!(response.status(), ServingStatus::Serving, "{service}");
    }
}

#[tokio::test]
async fn the_health_of_another_service_is_not_found() {
    let (_plugin, channel) = plugin().await;
    let mut client = HealthClient::new(channel);
    let refused = client.check(about("tfplugin6.Provider")).await.unwrap_err();
    assert_eq!((refused.code(), refused.message()), (Code::NotFound, "unknown service"));
    let mut watched = client.watch(about("tfplugin6.Provider")).await.unwrap().into_inner();
    let response = within(watched.next()).await.unwrap().unwrap();
    assert_eq!(response.status(), ServingStatus::ServiceUnknown);
}

#[tokio::test]
async fn who_watches_hears_once_and_does_not_hold_up_the_end() {
    let (mut plugin, channel) = plugin().await;
    let mut watched = HealthClient::new(channel.clone()).watch(about("plugin")).await.unwrap().into_inner();
    let response = within(watched.next()).await.unwrap().unwrap();
    assert_eq!(response.status(), ServingStatus::Serving);
    shut_down(channel).await;
    assert!(plugin.ended().await.success());
    assert!(within(watched.next()).await.is_none_or(|item| item.is_err()), "nothing else is ever sent");
}
