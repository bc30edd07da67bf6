//! Pairing: a client without an attestation asks, the desktop answers.

use std::time::Duration;

use hirogateway::relay::counters::Count;
use serde_json::{Value, json};

use crate::gateway::Gateway;
use crate::peer::Peer;

fn request() -> Value {
    json!({"type": "pairing_request", "pairing_code": "123456", "device_public_key": "key", "device_name": "phone"})
}

/// A client whose request has reached the desktop, and the request's name.
async fn asked(gateway: &Gateway, desktop: &mut Peer) -> (Peer, Value) {
    let (mut client, _) = gateway.challenged().await;
    client.send(&request()).await;
    let mut forwarded = desktop.receive().await;
    let request_id = forwarded["request_id"].take();
    client.expect(&json!({"type": "pairing_pending", "request_id": request_id})).await;
    (client, request_id)
}

#[tokio::test]
async fn the_desktop_gets_the_request_under_a_name_of_24_hexadecimal_digits() {
    let gateway = Gateway::start().await;
    let mut desktop = gateway.desktop("desktop").await;
    let (mut client, _) = gateway.challenged().await;
    client.send(&request()).await;
    let forwarded = desktop.receive().await;
    let mut expected = request();
    expected["request_id"] = forwarded["request_id"].clone();
    assert_eq!(forwarded, expected);
    let request_id = forwarded["request_id"].as_str().unwrap();
    assert!(request_id.len() == 24 && request_id.bytes().all(|digit| b"0123456789abcdef".contains(&digit)));
}

#[tokio::test]
async fn an_approval_reaches_the_client_which_is_then_let_go() {
    let gateway = Gateway::start().await;
    let mut desktop = gateway.desktop("desktop").await;
    let (mut client, request_id) = asked(&gateway, &mut desktop).await;
    let attestation = json!({"blob": "{}", "desktop_signature": "x", "more": [1]});
    let answer = json!({"type": "pairing_response", "request_id": request_id, "status": "approved", "attestation": attestation, "device_id": "mobile-1"});
    desktop.send(&answer).await;
    client
        .expect(&json!({"type": "pairing_response", "status": "approved", "attestation": attestation, "device_id": "mobile-1"}))
        .await;
    assert_eq!(client.closed().await, (1000, "pairing complete".to_owned()));
}

#[tokio::test]
async fn a_rejection_reaches_the_client_with_its_reason() {
    let gateway = Gateway::start().await;
    let mut desktop = gateway.desktop("desktop").await;
    for (given, told) in [(json!("invalid_pairing_code"), "invalid_pairing_code"), (Value::Null, "rejected")]
    {
        let (mut client, request_id) = asked(&gateway, &mut desktop).await;
        let answer = json!({"type": "pairing_response", "request_id": request_id, "status": "rejected", "reason": given});
        desktop.send(&answer).await;
        client.expect(&json!({"type": "pairing_response", "status": "rejected", "reason": told})).await;
        assert_eq!(client.closed().await, (1000, "pairing complete".to_owned()));
    }
}

#[tokio::test]
async fn answers_that_fit_no_request_are_ignored() {
    let gateway = Gateway::start().await;
    let mut desktop = gateway.desktop("desktop").await;
    let (mut client, request_id) = asked(&gateway, &mut desktop).await;
    for answer in [
        json!({"type": "pairing_response", "request_id": "unknown", "status": "approved"}),
        json!({"type": "pairing_response", "request_id": request_id, "status": "perhaps"}),
        json!({"type": "pairing_response", "status": "approved"}),
        json!({"type": "pairing_response", "request_id": request_id, "status": "approved"}),
    ] {
        desktop.send(&answer).await;
    }
    client.expect(&json!({"type": "pairing_response", "status": "approved"})).await;
}

#[tokio::test]
async fn a_client_that_leaves_while_it_waits_does_not_cost_the_desktop_its_session() {
    let gateway = Gateway::start_with(|settings| settings.limits.pairings = 1).await;
    let mut desktop = gateway.desktop("desktop").await;
    let (client, request_id) = asked(&gateway, &mut desktop).await;
    drop(client);
    gateway.until(Count::ConnectionsOpen, |open| open == 1).await;
    desktop.send(&json!({"type": "pairing_response", "request_id": request_id, "status": "approved"})).await;
    desktop.send(&json!({"target_device_id": "desktop", "n": 1})).await;
    assert_eq!(desktop.receive().await["n"], 1);
    // Nor does its request stay behind: it would be the only one that may wait.
    asked(&gateway, &mut desktop).await;
}

#[tokio::test]
async fn a_client_that_waits_is_not_heard() {
    let gateway = Gateway::start().await;
    let mut desktop = gateway.desktop("desktop").await;
    let (mut client, request_id) = asked(&gateway, &mut desktop).await;
    client.send(&json!({"n": 1})).await;
    client.send_text("no json").await;
    desktop.send(&json!({"type": "pairing_response", "request_id": request_id, "status": "approved"})).await;
    client.expect(&json!({"type": "pairing_response", "status": "approved"})).await;
    desktop.send(&json!({"target_device_id": "desktop", "n": 2})).await;
    assert_eq!(desktop.receive().await["n"], 2);
}

#[tokio::test]
async fn without_an_answer_the_client_is_closed_with_4008() {
    let gateway = Gateway::start_with(|settings| settings.timeouts.pairing = Duration::from_millis(50)).await;
    let mut desktop = gateway.desktop("desktop").await;
    let (mut client, _) = asked(&gateway, &mut desktop).await;
    assert_eq!(client.closed().await, (4008, "pairing timeout".to_owned()));
}

#[tokio::test]
async fn without_a_desktop_the_client_is_closed_with_4006() {
    let gateway = Gateway::start().await;
    let (mut client, _) = gateway.challenged().await;
    client.send(&request()).await;
    assert_eq!(client.closed().await, (4006, "desktop not connected".to_owned()));
}

#[tokio::test]
async fn a_request_that_lacks_a_field_is_closed_with_4004() {
    let gateway = Gateway::start().await;
    gateway.desktop("desktop").await;
    for field in ["pairing_code", "device_public_key"] {
        for flaw in [Value::Null, "".into(), 7.into()] {
            let (mut client, _) = gateway.challenged().await;
            let mut request = request();
            request[field] = flaw;
            client.send(&request).await;
            assert_eq!(client.closed().await, (4004, format!("{field} is required")));
        }
    }
}

#[tokio::test]
async fn beyond_the_limit_of_waiting_clients_the_next_one_is_closed() {
    let gateway = Gateway::start_with(|settings| settings.limits.pairings = 1).await;
    let mut desktop = gateway.desktop("desktop").await;
    let (_waiting, _) = asked(&gateway, &mut desktop).await;
    let (mut client, _) = gateway.challenged().await;
    client.send(&request()).await;
    assert_eq!(client.closed().await, (1013, "too many pending pairings".to_owned()));
}

#[tokio::test]
async fn the_answer_of_a_device_is_passed_on_like_anything_else() {
    let gateway = Gateway::start().await;
    let mut desktop = gateway.desktop("desktop").await;
    let (_client, request_id) = asked(&gateway, &mut desktop).await;
    let mut device = gateway.device("one").await;
    desktop.receive().await;
    let answer = json!({"type": "pairing_response", "request_id": request_id, "status": "approved"});
    device.send(&answer).await;
    let mut expected = answer;
    expected["sender_device_id"] = "one".into();
    desktop.expect(&expected).await;
}
