//! Messages between devices, the agent, and the programs behind the HTTP API.

use hiro_protocol::unified_message::{Direction, UnifiedMessage};
use hirocli::database::Database;
use serde_json::{Value, json};

use crate::client::{get, post};
use crate::plugin::FakePlugin;
use crate::running::{DEVICE, RunningServer, within};
use crate::stream::Stream;

fn said(text: &str) -> UnifiedMessage {
    UnifiedMessage::text("devices", DEVICE, text)
}

/// Waits for the acknowledgement of `message`.
async fn acknowledged(devices: &mut FakePlugin, message: &UnifiedMessage) {
    let event = devices.next_message().await.event.expect("an acknowledgement first");
    assert_eq!((event.kind.as_str(), event.ref_id), ("message.received", Some(message.routing.id.clone())));
}

#[tokio::test]
async fn a_message_is_acknowledged_told_to_listeners_and_answered_through_the_api() {
    let server = RunningServer::start().await;
    let mut devices = server.plugin("devices").await;
    let mut agent = Stream::open(&server, "/events?kind=message&agent=1", &[]).await;
    let question = said("hello");
    devices.receive(&question).await;
    acknowledged(&mut devices, &question).await;
    let (id, kind, heard) = agent.event().await;
    assert!(!id.is_empty() && kind == "message");
    assert_eq!(
        (&heard["content"][0]["body"], &heard["routing"]["direction"]),
        (&json!("hello"), &json!("inbound"))
    );
    let answer = json!({"channel": "devices", "recipient": heard["routing"]["sender_id"], "text": "hi"});
    let (code, sent) = post(&server, "/messages", &answer.to_string()).await;
    assert_eq!((code, &sent["status"]), (200, &json!("sent")), "{sent}");
    let received = devices.next_message().await;
    assert_eq!(received.first_text(), Some("hi"));
    assert_eq!(
        (received.routing.direction, received.routing.id),
        (Direction::Outbound, sent["id"].as_str().unwrap().to_owned())
    );
    assert_eq!(agent.event().await.2["routing"]["direction"], "outbound", "an answer is told, too");
    drop(devices);
    server.stop().await;
    agent.ends().await;
}

#[tokio::test]
async fn the_echo_answers_only_while_no_other_agent_listens() {
    let server = RunningServer::start().await;
    let (mut devices, mut echo) = (server.plugin("devices").await, server.plugin("echo").await);
    let mut listener = Stream::open(&server, "/events", &[]).await;
    let first = said("for the echo");
    devices.receive(&first).await;
    acknowledged(&mut devices, &first).await;
    assert_eq!(echo.next_message().await.first_text(), Some("for the echo"));
    let agent = Stream::open(&server, "/events?agent=1", &[]).await;
    let second = said("for the agent");
    devices.receive(&second).await;
    acknowledged(&mut devices, &second).await;
    assert_eq!(listener.event().await.2["content"][0]["body"], "for the echo");
    assert_eq!(listener.event().await.2["content"][0]["body"], "for the agent");
    drop(agent);
    // When the server notices that is not to be told from outside.
    within("the echo to be asked again", async {
        while echo.heard().await.is_empty() {
            devices.receive(&said("and for the echo")).await;
            devices.heard().await;
        }
    })
    .await;
    drop((devices, echo));
    server.stop().await;
}

#[tokio::test]
async fn a_configured_agent_is_asked_instead_of_the_echo_and_null_means_nobody() {
    for (agent, expected) in [(json!("robot"), true), (Value::Null, false)] {
        let server = RunningServer::start_with([("agent", agent)]).await;
        let (mut devices, mut echo) = (server.plugin("devices").await, server.plugin("echo").await);
        let mut robot = server.plugin("robot").await;
        let question = said("hello");
        devices.receive(&question).await;
        assert_eq!(devices.heard().await.len(), 1, "the acknowledgement");
        assert!(echo.heard().await.is_empty());
        assert_eq!(!robot.heard().await.is_empty(), expected);
        drop((devices, echo, robot));
        server.stop().await;
    }
}

#[tokio::test]
async fn who_comes_back_hears_what_it_has_missed() {
    let server = RunningServer::start().await;
    let mut devices = server.plugin("devices").await;
    let mut stream = Stream::open(&server, "/events", &[]).await;
    for text in ["one", "two", "three"] {
        devices.receive(&said(text)).await;
    }
    let (id, _, heard) = stream.event().await;
    assert_eq!(heard["content"][0]["body"], "one");
    drop(stream);
    let mut back = Stream::open(&server, "/events", &[&format!("Last-Event-ID: {id}")]).await;
    assert_eq!(back.event().await.2["content"][0]["body"], "two");
    assert_eq!(back.event().await.2["content"][0]["body"], "three");
    let mut stranger = Stream::open(&server, "/events", &["Last-Event-ID: 00000000.1"]).await;
    let (_, kind, data) = stranger.event().await;
    assert_eq!((kind.as_str(), data), ("lost", json!({"count": null})));
    assert_eq!(stranger.event().await.2["content"][0]["body"], "one");
    drop(devices);
    server.stop().await;
}

#[tokio::test]
async fn a_message_that_can_not_be_sent_is_refused_with_the_reason() {
    let server = RunningServer::start().await;
    let mut devices = server.plugin("devices").await;
    devices.ask("channel.dance").await;
    let table = [
        (json!({"channel": "nowhere", "text": "x"}), 404, "no plugin has registered as channel `nowhere`"),
        (json!({"channel": "devices", "recipient": "x", "text": "x"}), 409, "no device `x` is paired"),
    ];
    for (message, code, reason) in table {
        assert_eq!(post(&server, "/messages", &message.to_string()).await, (code, json!({"detail": reason})));
    }
    assert_eq!(post(&server, "/messages", "{}").await.0, 422);
    assert_eq!(post(&server, "/messages", "").await.1["detail"][0]["type"], "missing");
    let large = json!({"channel": "devices", "text": "x".repeat((1 << 20) - 64)});
    assert_eq!(post(&server, "/messages", &large.to_string()).await.0, 413, "larger than a frame");
    let larger = json!({"channel": "devices", "text": "x".repeat(2 << 20)});
    assert_eq!(post(&server, "/messages", &larger.to_string()).await.0, 413, "larger than a body");
    drop(devices);
    server.stop().await;
}

#[tokio::test]
async fn a_revoked_device_is_heard_no_more() {
    let server = RunningServer::start().await;
    let (mut devices, mut echo) = (server.plugin("devices").await, server.plugin("echo").await);
    let first = said("while paired");
    devices.receive(&first).await;
    acknowledged(&mut devices, &first).await;
    assert_eq!(echo.next_message().await.first_text(), Some("while paired"));
    Database::open(server.workspace()).unwrap().remove_device(DEVICE).unwrap();
    devices.receive(&said("after that")).await;
    assert!(devices.heard().await.is_empty() && echo.heard().await.is_empty());
    let (_, said) = get(&server, "/messages").await;
    assert_eq!(said["messages"].as_array().unwrap().len(), 1, "{said}");
    drop((devices, echo));
    server.stop().await;
}

#[tokio::test]
async fn a_device_can_ask_what_was_said() {
    let server = RunningServer::start().await;
    let mut devices = server.plugin("devices").await;
    let question = said("hello");
    devices.receive(&question).await;
    acknowledged(&mut devices, &question).await;
    let answer = json!({"channel": "devices", "recipient": DEVICE, "text": "hi"});
    post(&server, "/messages", &answer.to_string()).await;
    devices.next_message().await;
    let request = json!({
        "message_type": "request", "request_id": "r1",
        "routing": {"channel": "devices", "direction": "inbound", "sender_id": DEVICE},
        "content": [{"content_type": "json", "body": r#"{"method": "messages.history", "params": {}}"#}],
    });
    devices.notify("channel.receive", &request).await;
    let response = devices.next_message().await;
    let body: Value = serde_json::from_str(&response.content[0].body).unwrap();
    let texts: Vec<_> = body["data"]["messages"].as_array().unwrap().iter().map(|row| &row["body"]).collect();
    assert_eq!(texts, ["hello", "hi"], "{body}");
    drop(devices);
    server.stop().await;
}

#[tokio::test]
async fn there_are_only_so_many_listeners_at_a_time() {
    let server = RunningServer::start().await;
    let mut streams = Vec::new();
    for _ in 0..64 {
        streams.push(Stream::open(&server, "/events", &[]).await);
    }
    assert_eq!(get(&server, "/events").await, (503, json!({"detail": "too many listeners at a time"})));
    assert_eq!(get(&server, "/events?kind=gossip").await.0, 422);
    server.stop().await;
}
