//! The echo plugin, as the server sees it.

use hiro_channel_sdk::Options;
use hiro_channel_sdk::socket::MESSAGE_LIMIT;
use hiro_protocol::unified_message::UnifiedMessage;
use serde_json::{Value, json};

use crate::peer::{Port, Running};

#[tokio::test]
async fn the_echo_comes_before_the_answer_and_without_any_configuration() {
    let port = Port::open().await;
    let plugin = Running::echo(Options::new(&port.url));
    let (mut server, registration) = port.accept_plugin().await;
    assert_eq!(registration["name"], "echo");
    assert_eq!(registration["version"], "0.1.0");
    let message = UnifiedMessage::text("devices", "mobile-1", "hello");
    server.request(7, "channel.send", &Value::Object(message.to_object())).await;
    let echo = server.next().await;
    assert_eq!(echo["method"], "channel.receive");
    assert_eq!(echo["params"]["content"][0]["body"], "[echo] hello");
    assert_eq!(server.next().await, json!({"jsonrpc": "2.0", "result": {"ok": true}, "id": 7}));
    plugin.shutdown.cancel();
    plugin.end().await.unwrap();
}

#[tokio::test]
async fn an_event_is_answered_with_an_internal_error() {
    let port = Port::open().await;
    let _plugin = Running::echo(Options::new(&port.url));
    let (mut server, _) = port.accept_plugin().await;
    let event = UnifiedMessage::text("devices", "mobile-1", "hello").received();
    server.request(8, "channel.send", &Value::Object(event.to_object())).await;
    let answer = server.next().await;
    assert_eq!(answer["error"]["code"], -32603);
    assert_eq!(answer["error"]["message"], "a message without content has no echo");
}

#[tokio::test]
async fn an_echo_that_would_be_too_long_costs_nobody_the_connection() {
    let port = Port::open().await;
    let plugin = Running::echo(Options::new(&port.url));
    let (mut server, _) = port.accept_plugin().await;
    let overhead = UnifiedMessage::text("devices", "mobile-1", "").to_object();
    let overhead = json!({"jsonrpc": "2.0", "method": "channel.send", "params": overhead, "id": 7});
    let body = "x".repeat(MESSAGE_LIMIT - overhead.to_string().len());
    let message = UnifiedMessage::text("devices", "mobile-1", &body);
    server.request(7, "channel.send", &Value::Object(message.to_object())).await;
    assert_eq!(server.next().await, json!({"jsonrpc": "2.0", "result": {"ok": true}, "id": 7}));
    plugin.shutdown.cancel();
    plugin.end().await.unwrap();
}
