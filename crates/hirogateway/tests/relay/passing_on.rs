//! Who gets what once logged in, and in what form.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::gateway::Gateway;

#[tokio::test]
async fn a_frame_with_a_target_reaches_that_peer_alone() {
    let gateway = Gateway::start_with(|settings| settings.device_notices = false).await;
    let (mut desktop, mut one, mut two) =
        (gateway.desktop("desktop").await, gateway.device("one").await, gateway.device("two").await);
    one.send(&json!({"target_device_id": "two", "n": 1})).await;
    two.expect(&json!({"target_device_id": "two", "n": 1, "sender_device_id": "one"})).await;
    one.send(&json!({"target_device_id": "one", "n": 2})).await;
    assert_eq!(one.receive().await["n"], 2);
    one.send(&json!({"n": 3})).await;
    assert_eq!(desktop.receive().await["n"], 3);
}

#[tokio::test]
async fn a_frame_without_a_target_reaches_everyone_else() {
    let gateway = Gateway::start_with(|settings| settings.device_notices = false).await;
    let (mut desktop, mut one, mut two) =
        (gateway.desktop("desktop").await, gateway.device("one").await, gateway.device("two").await);
    for target in [Value::Null, "".into(), 0.into(), false.into()] {
        desktop.send(&json!({"target_device_id": target, "n": 1})).await;
        one.expect(&json!({"target_device_id": target, "n": 1, "sender_device_id": "desktop"})).await;
        two.expect(&json!({"target_device_id": target, "n": 1, "sender_device_id": "desktop"})).await;
    }
    one.send(&json!({"n": 2})).await;
    assert_eq!(desktop.receive().await["n"], 2);
}

#[tokio::test]
async fn a_sender_can_not_be_forged_in_any_spelling() {
    let gateway = Gateway::start().await;
    let (mut desktop, mut device) = (gateway.desktop("desktop").await, gateway.device("one").await);
    desktop.receive().await;
    for (sent, received) in [
        (r#"{"sender_device_id": "desktop", "n": 1}"#, r#"{"sender_device_id": "one", "n": 1}"#),
        (r#"{"s\u0065nder_device_id":"x"}"#, r#"{"s\u0065nder_device_id":"one"}"#),
        (r#"{"sender_device_id":1,"n":1,"sender_device_id":2}"#, r#"{"sender_device_id":"one","n":1}"#),
        (r#"{"n": {"sender_device_id": 1}}"#, r#"{"n": {"sender_device_id": 1},"sender_device_id":"one"}"#),
    ] {
        device.send_text(sent).await;
        assert_eq!(desktop.receive_text().await, received);
    }
}

#[tokio::test]
async fn what_can_not_be_passed_on_is_ignored_and_the_sender_stays() {
    let gateway = Gateway::start().await;
    let (mut desktop, mut device) = (gateway.desktop("desktop").await, gateway.device("one").await);
    desktop.receive().await;
    for ignored in [
        Message::text("no json"),
        Message::text("[1]"),
        Message::text("\"text\""),
        Message::text("7"),
        Message::text(r#"{"target_device_id":"nobody"}"#),
        Message::text(r#"{"target_device_id":["desktop"]}"#),
        Message::text(r#"{"target_device_id":{"a":1}}"#),
        Message::text("[".repeat(300_000)),
        Message::binary(vec![0xff, 0xfe]),
    ] {
        device.send_message(ignored).await;
    }
    for passed_on in [
        json!({"type": "message", "payload": {"message_type": "message", "content": 7}}),
        json!({"payload": {"message_type": "request", "content": [{"body": "no object"}]}}),
    ] {
        device.send(&passed_on).await;
        assert_eq!(desktop.receive().await["payload"], passed_on["payload"]);
    }
}

#[tokio::test]
async fn a_binary_frame_is_passed_on_as_text() {
    let gateway = Gateway::start().await;
    let (mut desktop, mut device) = (gateway.desktop("desktop").await, gateway.device("one").await);
    desktop.receive().await;
    device.send_message(Message::binary(b"{\"n\":1}".to_vec())).await;
    assert_eq!(desktop.receive_text().await, r#"{"n":1,"sender_device_id":"one"}"#);
}

#[tokio::test]
async fn the_frames_of_one_sender_arrive_in_their_order() {
    let gateway = Gateway::start().await;
    let (mut desktop, mut device) = (gateway.desktop("desktop").await, gateway.device("one").await);
    desktop.receive().await;
    for n in 0..3000 {
        device.send(&json!({"n": n})).await;
    }
    for n in 0..3000 {
        assert_eq!(desktop.receive().await["n"], n);
    }
}

#[tokio::test]
async fn a_long_frame_of_accented_letters_does_not_grow() {
    let gateway = Gateway::start().await;
    let (mut desktop, mut device) = (gateway.desktop("desktop").await, gateway.device("one").await);
    desktop.receive().await;
    let text = format!(r#"{{"text":"{}"}}"#, "é".repeat(200_000));
    device.send_text(text.as_str()).await;
    let received = desktop.receive_text().await;
    assert_eq!(received.len(), text.len() + r#","sender_device_id":"one""#.len());
}

#[tokio::test]
async fn a_frame_that_only_the_sender_s_name_makes_too_long_ends_nobody_s_session() {
    let gateway = Gateway::start_with(|settings| settings.limits.message_bytes = 1000).await;
    let (mut desktop, mut device) = (gateway.desktop("desktop").await, gateway.device("one").await);
    desktop.receive().await;
    device.send_text(format!(r#"{{"text":"{}"}}"#, "x".repeat(989))).await;
    device.send(&json!({"n": 1})).await;
    assert_eq!(desktop.receive().await["n"], 1);
}

#[tokio::test]
async fn the_newest_desktop_is_told_of_devices_and_no_desktop_of_others() {
    let gateway = Gateway::start().await;
    let mut older = gateway.desktop("older").await;
    let mut newer = gateway.desktop("newer").await;
    let (mut device, nonce) = gateway.challenged().await;
    let mut response = gateway.device_response("one", &nonce);
    response["device_name"] = "Ada's phone".into();
    device.send(&response).await;
    newer
        .expect(&json!({"type": "device_connected", "device_id": "one", "device_name": "Ada's phone"}))
        .await;
    device.expect(&json!({"type": "auth_ok", "device_id": "one"})).await;
    device.leave().await;
    newer
        .expect(&json!({"type": "device_disconnected", "device_id": "one", "device_name": "Ada's phone"}))
        .await;
    newer.send(&json!({"n": 1})).await;
    assert_eq!(older.receive().await["n"], 1);
}
