//! What every plugin does, whatever its channel: register, obey, come back, and end.

use std::time::Duration;

use hiro_channel_sdk::{Error, Options, echo};
use serde_json::json;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use crate::peer::{Port, Running, within};

/// Where no server is: no system gives a program this port that it has not asked for.
const NOBODY: &str = "ws://127.0.0.1:1";

#[tokio::test]
async fn the_registration_carries_the_token_of_the_options() {
    let port = Port::open().await;
    let options = Options { token: Some("secret".to_owned()), ..Options::new(&port.url) };
    let _plugin = Running::echo(options);
    let (_server, registration) = port.accept_plugin().await;
    assert_eq!(registration["token"], "secret");
}

#[tokio::test]
async fn registered_is_announced_after_the_server_has_read_the_registration() {
    let port = Port::open().await;
    let options = Options::new(&port.url);
    let (announce, announced) = oneshot::channel();
    let shutdown = CancellationToken::new();
    let plugin = tokio::spawn({
        let shutdown = shutdown.clone();
        async move { echo::run(&options, || announce.send(()).unwrap(), shutdown).await }
    });
    let (mut server, _) = port.accept_plugin().await;
    server.notify("channel.configure", &json!({"config": {}})).await;
    within("the announcement", announced).await.unwrap();
    shutdown.cancel();
    within("the end", plugin).await.unwrap().unwrap();
}

#[tokio::test]
async fn no_malformed_frame_ends_a_plugin() {
    let port = Port::open().await;
    let _plugin = Running::echo(Options::new(&port.url));
    let (mut server, _) = port.accept_plugin().await;
    for frame in
        ["", "{", "[1]", "7", r#"{"method":"channel.send","params":[1]}"#, r#"{"method":"x","id":1.5}"#]
    {
        server.say_text(frame).await;
    }
    server.say_binary(b"\xff").await;
    server.say(&json!({"method": "channel.stop?", "params": null})).await;
    server.request(1, "channel.status", &json!({})).await;
    let status = json!({"name": "echo", "version": "0.1.0", "status": "running"});
    assert_eq!(server.next().await, json!({"jsonrpc": "2.0", "result": status, "id": 1}));
}

#[tokio::test]
async fn an_unknown_method_is_answered_as_such() {
    let port = Port::open().await;
    let _plugin = Running::echo(Options::new(&port.url));
    let (mut server, _) = port.accept_plugin().await;
    server.request(1, "channel.dance", &json!({})).await;
    let answer = server.next().await;
    assert_eq!(answer["error"]["code"], -32601);
    assert_eq!(answer["error"]["message"], "Method not found: channel.dance");
}

#[tokio::test]
async fn a_plugin_registers_again_after_the_connection_was_lost() {
    let port = Port::open().await;
    let _plugin = Running::echo(Options::new(&port.url));
    let (server, _) = port.accept_plugin().await;
    drop(server);
    let (_server, registration) = port.accept_plugin().await;
    assert_eq!(registration["name"], "echo");
}

#[tokio::test]
async fn a_stopped_plugin_serves_until_the_server_closes_the_socket() {
    let port = Port::open().await;
    let plugin = Running::echo(Options::new(&port.url));
    let (mut server, _) = port.accept_plugin().await;
    server.notify("channel.stop", &json!({})).await;
    server.request(1, "channel.status", &json!({})).await;
    assert_eq!(server.next().await["id"], 1);
    server.close(1001, "").await;
    plugin.end().await.unwrap();
}

#[tokio::test]
async fn a_replaced_plugin_ends() {
    let port = Port::open().await;
    let plugin = Running::echo(Options::new(&port.url));
    let (server, _) = port.accept_plugin().await;
    server.close(4010, "replaced by newer registration").await;
    plugin.end().await.unwrap();
}

#[tokio::test]
async fn a_refused_plugin_ends_with_the_servers_reason() {
    let port = Port::open().await;
    let plugin = Running::echo(Options::new(&port.url));
    let (server, _) = port.accept_plugin().await;
    server.close(1008, "wrong token").await;
    let error = plugin.end().await.unwrap_err();
    assert!(matches!(error, Error::Refused { reason, .. } if reason == "wrong token"));
}

#[tokio::test]
async fn a_plugin_without_a_server_ends_when_it_is_told_to() {
    let plugin = Running::echo(Options::new(NOBODY));
    plugin.shutdown.cancel();
    plugin.end().await.unwrap();
}

#[tokio::test]
async fn a_plugin_without_a_server_gives_up_when_its_options_say_so() {
    let options = Options { give_up_after: Some(Duration::ZERO), ..Options::new(NOBODY) };
    let error = Running::echo(options).end().await.unwrap_err();
    assert!(matches!(error, Error::ServerGone { .. }));
}
