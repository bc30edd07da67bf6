//! From a device through gateway, devices plugin, server and echo plugin, and all the way back.

use std::time::Duration;

use hiro_channel_sdk::{Options, devices, echo};
use hirocli::Error;
use hirocli::database::Database;
use hirocli::demo::{self, Demo};
use hirocli::workspace::{PairingSession, WorkspaceConfig, master_key};
use hirogateway::relay::{self, RelaySettings};
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::running::{RunningServer, within};

#[tokio::test]
async fn a_new_device_gets_its_echo_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let key_path = WorkspaceConfig::default().master_key_path(folder.path());
    let key = master_key::load_or_create(&key_path).unwrap();
    let gateway_port = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gateway_url = format!("ws://{}", gateway_port.local_addr().unwrap());
    let stop = CancellationToken::new();
    let gateway = tokio::spawn(relay::run(gateway_port, RelaySettings::new(key.public_key()), stop.clone()));
    let server = RunningServer::start_for(&gateway_url, folder).await;
    let earlier = PairingSession::new(6, 300, Timestamp::now());
    earlier.save(server.workspace()).unwrap();

    let options = Options::new(&server.plugin_url);
    let (token, echo_options) = (stop.clone(), options.clone());
    let echo = tokio::spawn(async move { echo::run(&echo_options, || (), token).await });
    let token = stop.clone();
    let bridge = tokio::spawn(async move { devices::run(&options, || (), token).await });
    let demo = Demo {
        workspace: server.workspace().to_owned(),
        gateway_url,
        status_url: format!("http://{}/status", server.http),
        message: "hello".to_owned(),
        patience: Duration::from_secs(20),
    };
    let outcome = within("the demonstration", demo::run(&demo)).await.unwrap();
    assert_eq!(outcome.echo, "[echo] hello");
    assert!(outcome.device_id.starts_with("mobile-"));
    assert!(Database::open(server.workspace()).unwrap().devices().unwrap().rows.is_empty());
    let session = PairingSession::load(server.workspace(), Timestamp::now()).unwrap();
    assert_eq!(session, Some(earlier), "the code that somebody is typing in still holds");

    server.stop().await;
    within("the end of the echo plugin", echo).await.unwrap().unwrap();
    within("the end of the devices plugin", bridge).await.unwrap().unwrap();
    stop.cancel();
    within("the end of the gateway", gateway).await.unwrap();
}

#[tokio::test]
async fn a_server_without_its_gateway_is_said_to_have_none() {
    let server = RunningServer::start().await;
    let demo = Demo {
        workspace: server.workspace().to_owned(),
        gateway_url: "ws://127.0.0.1:1".to_owned(),
        status_url: format!("http://{}/status", server.http),
        message: "hello".to_owned(),
        patience: Duration::ZERO,
    };
    let error = within("the demonstration", demo::run(&demo)).await.unwrap_err();
    assert!(matches!(error, Error::NotConnected { .. }), "{error}");
    server.stop().await;
}
