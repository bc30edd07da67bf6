//! What plugins see of the server.

use hiro_channel_sdk::{Options, echo};
use hiro_protocol::unified_message::{MessageType, UnifiedMessage};
use hirocli::database::{ChannelPlugin, Database};
use serde_json::{Map, json};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_util::sync::CancellationToken;

use crate::plugin::{FakePlugin, registration};
use crate::running::{RunningServer, within};

#[tokio::test]
async fn a_plugin_is_told_the_configuration_of_its_row() {
    let server = RunningServer::start().await;
    let own = ("supervision".to_owned(), json!({"crashes": 3}));
    let config = Map::from_iter([("colour".to_owned(), json!("red")), own]);
    let row = ChannelPlugin { config, ..ChannelPlugin::new("telegram") };
    Database::open(server.workspace()).unwrap().upsert_channel_plugin(&row).unwrap();
    let mut plugin = FakePlugin::connect(&server.plugin_url).await;
    assert_eq!(plugin.register("telegram").await, json!({"colour": "red"}));
    drop(plugin);
    server.stop().await;
}

#[tokio::test]
async fn the_devices_plugin_is_told_what_it_needs_to_log_in() {
    let server = RunningServer::start().await;
    let config = FakePlugin::connect(&server.plugin_url).await.register("devices").await;
    assert_eq!(config["gateway_url"], "ws://127.0.0.1:1");
    assert_eq!(config["ping_interval"], 30.0);
    assert_eq!(config["device_id"].as_str().unwrap().len(), 36);
    assert!(std::fs::exists(config["master_key_path"].as_str().unwrap()).unwrap());
    server.stop().await;
}

#[tokio::test]
async fn a_plugin_of_the_same_name_replaces_the_older_one() {
    let server = RunningServer::start().await;
    let older = server.plugin("x").await;
    let mut newer = server.plugin("x").await;
    let (frames, close) = older.until_closed().await;
    assert_eq!(frames, [json!({"jsonrpc": "2.0", "method": "channel.stop", "params": {}})]);
    assert_eq!((u16::from(close.code), close.reason.as_str()), (4010, "replaced by newer registration"));
    assert_eq!(newer.ask("channel.dance").await["error"]["code"], -32601);
    drop(newer);
    server.stop().await;
}

#[tokio::test]
async fn an_unknown_method_is_answered_as_such() {
    let server = RunningServer::start().await;
    let answer = server.plugin("x").await.ask("channel.dance").await;
    let error = json!({"code": -32601, "message": "Method not found: channel.dance", "data": null});
    assert_eq!(answer, json!({"jsonrpc": "2.0", "error": error, "id": "q"}));
    server.stop().await;
}

#[tokio::test]
async fn no_malformed_frame_costs_a_plugin_its_connection() {
    let server = RunningServer::start().await;
    let mut plugin = server.plugin("x").await;
    for frame in ["", "{", "[1]", "7", r#"{"method":"channel.receive","params":[1]}"#, r#"{"id":1.5}"#] {
        plugin.say_text(frame).await;
    }
    plugin.say_binary(b"\xff").await;
    plugin.notify("channel.receive", &json!({"content": []})).await;
    plugin.notify("channel.event", &json!({"data": 7})).await;
    plugin.say(&registration("y")).await;
    assert_eq!(plugin.ask("channel.dance").await["error"]["code"], -32601);
    drop(plugin);
    server.stop().await;
}

#[tokio::test]
async fn a_registration_without_a_name_closes_the_socket() {
    let server = RunningServer::start().await;
    let mut plugin = FakePlugin::connect(&server.plugin_url).await;
    plugin.notify("channel.register", &json!({"version": "1"})).await;
    let (_, close) = plugin.until_closed().await;
    assert_eq!(u16::from(close.code), 1000);
    server.stop().await;
}

#[tokio::test]
async fn a_name_with_a_token_is_only_for_the_plugin_that_has_it() {
    let server = RunningServer::start().await;
    let token = server.tokens.issue("devices");
    let mut rogue = FakePlugin::connect(&server.plugin_url).await;
    rogue.say(&registration("devices")).await;
    let (frames, close) = rogue.until_closed().await;
    assert!(frames.is_empty(), "a rogue learns nothing: {frames:?}");
    assert_eq!(
        (u16::from(close.code), close.reason.as_str()),
        (1008, "not the plugin that this server has started")
    );
    let mut plugin = FakePlugin::connect(&server.plugin_url).await;
    let mut frame = registration("devices");
    frame["params"]["token"] = json!(token);
    plugin.say(&frame).await;
    assert_eq!(plugin.next().await["method"], "channel.configure");
    drop(plugin);
    server.stop().await;
}

#[tokio::test]
async fn a_name_that_no_plugin_was_started_for_is_nobodys_unless_the_configuration_opens_it() {
    let server = RunningServer::start_with([("open_plugin_port", json!(false))]).await;
    let mut stranger = FakePlugin::connect(&server.plugin_url).await;
    stranger.say(&registration("telegram")).await;
    let (frames, close) = stranger.until_closed().await;
    assert!(frames.is_empty(), "a stranger learns nothing: {frames:?}");
    assert_eq!((u16::from(close.code), close.reason.as_str()), (1008, "not started by this server"));
    let config = Map::from_iter([("open_plugin_port".to_owned(), json!(true))]);
    let row = ChannelPlugin { config, ..ChannelPlugin::new("telegram") };
    Database::open(server.workspace()).unwrap().upsert_channel_plugin(&row).unwrap();
    drop(server.plugin("telegram").await);
    server.stop().await;
}

#[tokio::test]
async fn a_message_beyond_the_limit_ends_the_connection_with_1009_and_no_other() {
    let server = RunningServer::start().await;
    let (mut big, mut other) = (server.plugin("big").await, server.plugin("other").await);
    big.say_text(&"x".repeat(2 * 1024 * 1024)).await;
    let (_, close) = big.until_closed().await;
    assert_eq!(u16::from(close.code), 1009);
    assert_eq!(other.ask("channel.dance").await["error"]["code"], -32601);
    drop(other);
    server.stop().await;
}

#[tokio::test]
async fn a_web_page_cannot_connect() {
    let server = RunningServer::start().await;
    let mut request = server.plugin_url.as_str().into_client_request().unwrap();
    request.headers_mut().insert("origin", "http://evil.example".parse().unwrap());
    let error = within("the refusal", connect_async(request)).await.unwrap_err();
    assert!(error.to_string().contains("403"), "{error}");
    server.stop().await;
}

#[tokio::test]
async fn what_somebody_says_is_acknowledged_under_the_name_of_the_sender() {
    let server = RunningServer::start().await;
    let mut plugin = server.plugin("telegram").await;
    let message = UnifiedMessage::text("telegram", "somebody", "hello");
    plugin.receive(&message).await;
    let acknowledgement = plugin.next_message().await;
    assert_eq!(acknowledgement.message_type, MessageType::Event);
    let event = acknowledgement.event.unwrap();
    assert_eq!((event.kind.as_str(), event.ref_id), ("message.received", Some(message.routing.id)));
    assert_eq!(acknowledgement.routing.recipient_id.as_deref(), Some("somebody"));
    assert_eq!(acknowledgement.routing.metadata["device_name"], "somebody");
    drop(plugin);
    server.stop().await;
}

#[tokio::test]
async fn the_echo_plugin_answers_through_the_channel_of_the_question() {
    let server = RunningServer::start().await;
    let mut plugin = server.plugin("telegram").await;
    let options = Options::new(&server.plugin_url);
    let (registered, on_registered) = tokio::sync::oneshot::channel();
    let echo = tokio::spawn(async move {
        echo::run(&options, || registered.send(()).unwrap(), CancellationToken::new()).await
    });
    within("the registration of the echo plugin", on_registered).await.unwrap();
    plugin.receive(&UnifiedMessage::text("telegram", "somebody", "hello")).await;
    assert_eq!(plugin.next_message().await.message_type, MessageType::Event);
    let answer = plugin.next_message().await;
    assert_eq!(answer.first_text(), Some("[echo] hello"));
    assert_eq!(answer.routing.sender_id, "echo:server");
    assert_eq!(answer.routing.recipient_id.as_deref(), Some("somebody"));
    drop(plugin);
    server.stop().await;
    within("the end of the echo plugin", echo).await.unwrap().unwrap();
}

#[tokio::test]
async fn every_plugin_is_stopped_and_may_finish_before_its_socket_is_closed() {
    let server = RunningServer::start().await;
    let mut devices = server.plugin("devices").await;
    devices.event("gateway_connected", &json!({"gateway_url": "ws://g"})).await;
    devices.ask("channel.dance").await;
    server.shutdown.cancel();
    assert_eq!(devices.next().await["method"], "channel.stop");
    let question = devices.next().await;
    assert_eq!(question["method"], "channel.status");
    devices.event("gateway_disconnected", &json!({})).await;
    devices.say(&json!({"jsonrpc": "2.0", "result": {}, "error": null, "id": question["id"]})).await;
    let (_, close) = devices.until_closed().await;
    assert_eq!(u16::from(close.code), 1001);
    server.stop().await;
}

#[tokio::test]
async fn one_plugin_is_stopped_as_all_are_and_the_others_go_on() {
    let server = RunningServer::start().await;
    let (mut plugin, mut other) = (server.plugin("x").await, server.plugin("other").await);
    let registered = server.registered.clone();
    let stopped = tokio::task::spawn_blocking(move || registered.stop("x"));
    assert_eq!(plugin.next().await["method"], "channel.stop");
    let question = plugin.next().await;
    plugin.say(&json!({"jsonrpc": "2.0", "result": {}, "error": null, "id": question["id"]})).await;
    let (_, close) = plugin.until_closed().await;
    assert_eq!(u16::from(close.code), 1001);
    assert!(within("the stop", stopped).await.unwrap(), "it was registered");
    assert_eq!(server.registered.names(), ["other"]);
    assert!(!server.registered.stop("x"), "and is no more");
    assert_eq!(other.ask("channel.dance").await["error"]["code"], -32601);
    drop(other);
    server.stop().await;
}

#[tokio::test]
async fn the_gateway_counts_as_lost_when_the_devices_plugin_is() {
    let server = RunningServer::start().await;
    let mut devices = server.plugin("devices").await;
    devices.event("gateway_connected", &json!({"gateway_url": "ws://g"})).await;
    devices.ask("channel.dance").await;
    let state = server.state();
    assert!(state.ws_connected);
    assert_eq!(state.gateway_url.as_deref(), Some("ws://g"));
    drop(devices);
    let folder = server.stop().await;
    let state = hirocli::workspace::WorkspaceState::load(folder.path()).unwrap();
    assert!(!state.ws_connected);
    assert!(state.last_connected.is_some());
}
