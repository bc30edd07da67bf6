//! What is sent in error or in malice: it gets its close code, or is ignored and counted.

use std::time::Duration;

use futures_util::StreamExt;
use hiro_protocol::keys::SecretKey;
use hiro_protocol::nonce::Nonce;
use hirogateway::relay::counters::Count;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time;
use tokio_tungstenite::tungstenite::Message;

use crate::gateway::{DEADLINE, Gateway};
use crate::peer::Peer;

/// Reads until the relay hangs up.
async fn drained(stream: &mut TcpStream) -> Vec<u8> {
    let (mut said, mut some) = (Vec::new(), [0; 1024]);
    let read = async {
        while let Ok(count @ 1..) = stream.read(&mut some).await {
            said.extend_from_slice(&some[..count]);
        }
    };
    time::timeout(DEADLINE, read).await.expect("the relay hangs up");
    said
}

/// Sends bytes below the WebSocket of a peer.
async fn send_raw(peer: &mut Peer, bytes: &[u8]) {
    peer.socket.get_mut().write_all(bytes).await.expect("the relay reads");
}

/// The header of a masked text frame of that length.
fn announcement(length: u64) -> Vec<u8> {
    [&[0x81, 0xff][..], &length.to_be_bytes(), &[1, 2, 3, 4]].concat()
}

#[tokio::test]
async fn every_kind_of_bad_first_frame_is_closed_with_4003() {
    let gateway = Gateway::start().await;
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    for (message, reason) in [
        (Message::text(""), "invalid json"),
        (Message::text("{\"type\":"), "invalid json"),
        (Message::text(nested(100_000)), "invalid json"),
        (Message::text(format!("{{\"type\":{}}}", nested(100_000))), "invalid json"),
        (Message::binary(vec![0xff; 100]), "invalid json"),
        (Message::text("null"), "invalid first message"),
        (Message::text("\"auth_response\""), "invalid first message"),
        (Message::text(r#"{"type":["auth_response"]}"#), "first message must be auth_response"),
        (Message::text(r#"{"type":"auth_response","auth_mode":{}}"#), "auth_mode is required"),
        (
            Message::text(r#"{"type":"auth_response","auth_mode":"desktop","device_id":["x"]}"#),
            "desktop auth requires device_id",
        ),
        (
            Message::text(r#"{"type":"auth_response","auth_mode":"device","attestation":[1]}"#),
            "device auth requires attestation object",
        ),
    ] {
        let (mut peer, _) = gateway.challenged().await;
        peer.send_message(message).await;
        assert_eq!(peer.closed().await, (4003, reason.to_owned()));
    }
    assert_eq!(gateway.count(Count::LoginsRefused), 11);
}

#[tokio::test]
async fn a_login_that_was_overheard_lets_nobody_in_again() {
    let gateway = Gateway::start().await;
    let (mut desktop, nonce) = gateway.challenged().await;
    let overheard = gateway.desktop_response("desktop", &nonce);
    desktop.send(&overheard).await;
    desktop.expect(&json!({"type": "auth_ok", "device_id": "desktop"})).await;
    let (mut device, nonce) = gateway.challenged().await;
    let of_device = gateway.device_response("one", &nonce);
    device.send(&of_device).await;
    device.expect(&json!({"type": "auth_ok", "device_id": "one"})).await;
    device.leave().await;
    for (replayed, reason) in
        [(overheard, "desktop signature invalid"), (of_device, "device nonce signature invalid")]
    {
        let (mut stranger, _) = gateway.challenged().await;
        stranger.send(&replayed).await;
        assert_eq!(stranger.closed().await, (4003, reason.to_owned()));
    }
}

#[tokio::test]
async fn a_signature_over_the_digits_of_the_nonce_is_none_over_the_nonce() {
    let gateway = Gateway::start().await;
    let (mut peer, nonce) = gateway.challenged().await;
    let mut response = gateway.desktop_response("desktop", &nonce);
    response["nonce_signature"] = gateway.desktop_key.sign_base64(nonce.to_string().as_bytes()).into();
    peer.send(&response).await;
    assert_eq!(peer.closed().await, (4003, "desktop signature invalid".to_owned()));
}

#[tokio::test]
async fn an_attestation_that_was_altered_in_one_place_is_refused() {
    let gateway = Gateway::start().await;
    let (mut peer, nonce) = gateway.challenged().await;
    let mut response = gateway.device_response("mobile-1", &nonce);
    let blob = response["attestation"]["blob"].as_str().unwrap().replace("mobile-1", "mobile-2");
    response["attestation"]["blob"] = blob.into();
    peer.send(&response).await;
    assert_eq!(peer.closed().await, (4003, "attestation signature invalid".to_owned()));
}

#[tokio::test]
async fn an_attested_key_of_a_wrong_length_lets_nobody_in() {
    let gateway = Gateway::start().await;
    for key in ["", "AAAA", &"A".repeat(40), &"A".repeat(400)] {
        let (mut peer, nonce) = gateway.challenged().await;
        peer.send(&attested(&gateway, key, &nonce)).await;
        let (code, reason) = peer.closed().await;
        let expected = if key.is_empty() {
            "attestation missing device_public_key"
        } else {
            "device nonce signature invalid"
        };
        assert_eq!((code, reason.as_str()), (4003, expected), "{key}");
    }
}

/// A login with an attestation that the desktop did sign.
fn attested(gateway: &Gateway, device_public_key: &str, nonce: &Nonce) -> Value {
    let blob = json!({"device_id": "d", "device_public_key": device_public_key, "expires_at": "2999-01-01T00:00:00Z"})
        .to_string();
    let desktop_signature = gateway.desktop_key.sign_base64(blob.as_bytes());
    json!({
        "type": "auth_response",
        "auth_mode": "device",
        "attestation": {"blob": blob, "desktop_signature": desktop_signature},
        "nonce_signature": SecretKey::generate().sign_base64(nonce.as_bytes()),
    })
}

#[tokio::test]
async fn what_members_send_in_error_is_counted() {
    let gateway = Gateway::start().await;
    let mut device = gateway.device("one").await;
    device.send_text("no json").await;
    device.send_message(Message::binary(b"[1]".to_vec())).await;
    device.send_message(Message::binary(vec![0xff])).await;
    device.send(&json!({"target_device_id": "nobody"})).await;
    device.send(&json!({"target_device_id": "one"})).await;
    device.receive().await;
    let counts =
        [Count::FramesReceived, Count::FramesMalformed, Count::FramesUndeliverable, Count::FramesDelivered];
    assert_eq!(counts.map(|count| gateway.count(count)), [5, 3, 1, 1]);
}

#[tokio::test]
async fn a_frame_of_a_hundred_megabytes_is_refused_when_it_is_announced() {
    let gateway = Gateway::start().await;
    let mut member = gateway.device("one").await;
    let (mut stranger, _) = gateway.challenged().await;
    for peer in [&mut member, &mut stranger] {
        send_raw(peer, &announcement(100 << 20)).await;
        assert_eq!(peer.closed().await, (1009, "frame exceeds limit of 1048576 bytes".to_owned()));
    }
    assert_eq!(gateway.count(Count::MessagesTooBig), 2);
}

#[tokio::test]
async fn a_stranger_may_not_send_as_much_as_a_member() {
    let gateway = Gateway::start().await;
    let (mut stranger, _) = gateway.challenged().await;
    stranger.send_text("x".repeat(300_000)).await;
    assert_eq!(stranger.closed().await, (1009, "frame exceeds limit of 262144 bytes".to_owned()));
    let mut member = gateway.device("one").await;
    member.send(&json!({"target_device_id": "one", "text": "x".repeat(300_000)})).await;
    assert_eq!(member.receive().await["target_device_id"], "one");
}

#[tokio::test]
async fn a_frame_that_is_announced_and_never_sent_ends_with_the_time_for_it() {
    let gateway = Gateway::start_with(|settings| {
        settings.timeouts.auth = Duration::from_millis(100);
        settings.timeouts.ping_interval = Duration::from_millis(50);
        settings.timeouts.ping_timeout = Duration::from_millis(50);
    })
    .await;
    let mut member = gateway.device("one").await;
    send_raw(&mut member, &announcement(1 << 20)).await;
    assert_eq!(member.closed().await, (1011, "keepalive ping timeout".to_owned()));
    let (mut stranger, _) = gateway.challenged().await;
    send_raw(&mut stranger, &announcement(1 << 20)).await;
    assert_eq!(stranger.closed().await, (4003, "auth timeout".to_owned()));
}

#[tokio::test]
async fn whoever_breaks_the_rules_of_websocket_is_closed_with_1002_or_1007() {
    let gateway = Gateway::start().await;
    let cases: [(&str, &[u8], u16); 5] = [
        ("not masked", &[0x81, 0x02, b'{', b'}'], 1002),
        ("of a reserved kind", &[0x83, 0x80, 0, 0, 0, 0], 1002),
        ("with reserved bits", &[0xc1, 0x80, 0, 0, 0, 0], 1002),
        ("a continuation of nothing", &[0x80, 0x80, 0, 0, 0, 0], 1002),
        ("a text that is not UTF-8", &[0x81, 0x81, 0, 0, 0, 0, 0xff], 1007),
    ];
    for (what, bytes, code) in cases {
        let mut peer = gateway.device("one").await;
        send_raw(&mut peer, bytes).await;
        assert_eq!(peer.closed().await.0, code, "{what}");
        drop(peer);
        gateway.until(Count::Members, |members| members == 0).await;
    }
    assert_eq!(gateway.count(Count::ProtocolErrors), 5);
}

#[tokio::test]
async fn a_connection_that_never_asks_for_a_websocket_is_let_go() {
    let gateway =
        Gateway::start_with(|settings| settings.timeouts.handshake = Duration::from_millis(50)).await;
    let mut silent = gateway.bare().await;
    assert!(drained(&mut silent).await.is_empty());
    let mut halfway = gateway.bare().await;
    halfway.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n").await.unwrap();
    assert!(drained(&mut halfway).await.is_empty());
    assert_eq!(gateway.count(Count::HandshakesFailed), 2);
}

#[tokio::test]
async fn a_request_without_an_end_is_not_kept() {
    let gateway = Gateway::start().await;
    let mut endless = gateway.bare().await;
    let line = b"X-Padding: 0123456789012345678901234567890123456789\r\n".repeat(100);
    endless.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    let written = async { while endless.write_all(&line).await.is_ok() {} };
    time::timeout(DEADLINE, written).await.expect("the relay stops reading it");
    gateway.until(Count::ConnectionsOpen, |open| open == 0).await;
}

#[tokio::test]
async fn a_peer_that_closes_its_half_of_the_connection_has_left() {
    let gateway = Gateway::start().await;
    let mut desktop = gateway.desktop("desktop").await;
    let mut device = gateway.device("one").await;
    desktop.expect(&json!({"type": "device_connected", "device_id": "one"})).await;
    device.socket.get_mut().shutdown().await.unwrap();
    desktop.expect(&json!({"type": "device_disconnected", "device_id": "one"})).await;
    assert!(device.socket.next().await.is_none_or(|next| next.is_err()));
}

#[tokio::test]
async fn a_peer_that_vanishes_leaves_its_name_to_the_next_one() {
    let gateway = Gateway::start_with(|settings| {
        settings.timeouts.ping_interval = Duration::from_millis(50);
        settings.timeouts.ping_timeout = Duration::from_millis(50);
    })
    .await;
    // Nobody reads or answers any more, and the connection stays open: the other machine has lost its power.
    let _vanished = gateway.device("one").await;
    gateway.until(Count::PingTimeouts, |count| count == 1).await;
    gateway.until(Count::Members, |members| members == 0).await;
    gateway.device("one").await;
}
