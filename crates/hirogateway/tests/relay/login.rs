//! Who is let in, and what those hear who are not.

use std::time::Duration;

use hiro_protocol::attestation::Attestation;
use hiro_protocol::keys::SecretKey;
use hiro_protocol::nonce::Nonce;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time;
use tokio_tungstenite::tungstenite::Message;

use crate::gateway::{DEADLINE, Gateway};

#[tokio::test]
async fn a_desktop_and_a_device_that_prove_who_they_are_are_let_in() {
    let gateway = Gateway::start().await;
    gateway.desktop("desktop").await;
    gateway.device("mobile-1").await;
}

#[tokio::test]
async fn the_challenge_is_a_fresh_nonce_for_every_connection() {
    let gateway = Gateway::start().await;
    let ((_, first), (_, second)) = (gateway.challenged().await, gateway.challenged().await);
    assert_ne!(first, second);
}

#[tokio::test]
async fn a_device_gets_the_name_in_its_attestation_whatever_it_calls_itself() {
    let gateway = Gateway::start().await;
    let (mut peer, nonce) = gateway.challenged().await;
    let mut response = gateway.device_response("mobile-1", &nonce);
    response["device_id"] = "desktop".into();
    peer.send(&response).await;
    peer.expect(&json!({"type": "auth_ok", "device_id": "mobile-1"})).await;
}

#[tokio::test]
async fn a_desktop_may_call_its_signature_by_its_old_name() {
    let gateway = Gateway::start().await;
    let (mut peer, nonce) = gateway.challenged().await;
    let mut response = gateway.desktop_response("desktop", &nonce);
    response["signature"] = response["nonce_signature"].take();
    response["nonce_signature"] = "".into();
    peer.send(&response).await;
    peer.expect(&json!({"type": "auth_ok", "device_id": "desktop"})).await;
}

/// What each mistake changes in a login that would succeed.
type Mistake = (&'static str, fn(&mut Value));

const DESKTOP_MISTAKES: &[Mistake] = &[
    ("first message must be auth_response", |frame| frame["type"] = "hello".into()),
    ("auth_mode is required", |frame| frame["auth_mode"] = Value::Null),
    ("unsupported auth_mode: guest", |frame| frame["auth_mode"] = "guest".into()),
    ("desktop auth requires device_id", |frame| frame["device_id"] = 7.into()),
    ("desktop auth requires nonce_signature", |frame| frame["nonce_signature"] = "".into()),
    ("desktop signature invalid", |frame| frame["nonce_signature"] = "AAAA".into()),
    ("desktop signature invalid", |frame| frame["nonce_signature"] = "no base64".into()),
];

const DEVICE_MISTAKES: &[Mistake] = &[
    ("device auth requires attestation object", |frame| frame["attestation"] = "x".into()),
    ("device auth requires nonce_signature", |frame| frame["nonce_signature"] = Value::Null),
    ("attestation.blob is required", |frame| frame["attestation"]["blob"] = 7.into()),
    ("attestation.desktop_signature is required", |frame| {
        frame["attestation"]["desktop_signature"] = "".into();
    }),
    ("attestation signature invalid", |frame| frame["attestation"]["blob"] = "{}".into()),
    ("device nonce signature invalid", |frame| frame["nonce_signature"] = "AAAA".into()),
];

#[tokio::test]
async fn every_mistake_in_a_login_closes_with_4003_and_its_own_reason() {
    let gateway = Gateway::start().await;
    for (reason, spoil) in DESKTOP_MISTAKES {
        let (mut peer, nonce) = gateway.challenged().await;
        let mut response = gateway.desktop_response("desktop", &nonce);
        spoil(&mut response);
        peer.send(&response).await;
        assert_eq!(peer.closed().await, (4003, (*reason).to_owned()));
    }
    for (reason, spoil) in DEVICE_MISTAKES {
        let (mut peer, nonce) = gateway.challenged().await;
        let mut response = gateway.device_response("mobile-1", &nonce);
        spoil(&mut response);
        peer.send(&response).await;
        assert_eq!(peer.closed().await, (4003, (*reason).to_owned()));
    }
}

#[tokio::test]
async fn every_flaw_of_a_signed_attestation_has_its_own_reason() {
    let gateway = Gateway::start().await;
    let flaws = [
        ("[]".to_owned(), "attestation blob is not valid JSON"),
        ("7".to_owned(), "attestation blob is not valid JSON"),
        ("{}".to_owned(), "attestation missing device_id"),
        (json!({"device_id": "d"}).to_string(), "attestation missing device_public_key"),
        (json!({"device_id": "d", "device_public_key": "k"}).to_string(), "attestation missing expires_at"),
        (blob("soon"), "attestation expires_at invalid"),
        (blob("2026-01-01T00:00:00"), "attestation expires_at invalid"),
        (blob("2020-01-01T00:00:00Z"), "attestation expired"),
        (blob("2999-01-01T00:00:00Z"), "device nonce signature invalid"),
    ];
    for (blob, reason) in flaws {
        let (mut peer, nonce) = gateway.challenged().await;
        let desktop_signature = gateway.desktop_key.sign_base64(blob.as_bytes());
        let mut response = gateway.device_response("d", &nonce);
        response["attestation"] = json!({"blob": blob, "desktop_signature": desktop_signature});
        peer.send(&response).await;
        assert_eq!(peer.closed().await, (4003, reason.to_owned()), "{blob}");
    }
}

fn blob(expires_at: &str) -> String {
    json!({"device_id": "d", "device_public_key": "no key", "expires_at": expires_at}).to_string()
}

#[tokio::test]
async fn an_attestation_of_another_desktop_is_refused() {
    let gateway = Gateway::start().await;
    let (mut peer, nonce) = gateway.challenged().await;
    let (stranger, device) = (SecretKey::generate(), SecretKey::generate());
    let validity = SignedDuration::from_hours(1);
    let attestation = Attestation::issue(&stranger, "d", &device.public_key(), Timestamp::now(), validity);
    let mut response = gateway.device_response("d", &nonce);
    response["attestation"] = serde_json::to_value(attestation).unwrap();
    response["nonce_signature"] = device.sign_base64(nonce.as_bytes()).into();
    peer.send(&response).await;
    assert_eq!(peer.closed().await, (4003, "attestation signature invalid".to_owned()));
}

#[tokio::test]
async fn the_signature_of_another_challenge_is_refused() {
    let gateway = Gateway::start().await;
    let (mut peer, _) = gateway.challenged().await;
    peer.send(&gateway.desktop_response("desktop", &Nonce::generate())).await;
    assert_eq!(peer.closed().await, (4003, "desktop signature invalid".to_owned()));
}

#[tokio::test]
async fn a_first_frame_that_is_no_json_object_in_text_is_refused() {
    let gateway = Gateway::start().await;
    for (message, reason) in [
        (Message::text("{"), "invalid json"),
        (Message::text("[1]"), "invalid first message"),
        (Message::binary(b"{}".to_vec()), "invalid json"),
    ] {
        let (mut peer, _) = gateway.challenged().await;
        peer.send_message(message).await;
        assert_eq!(peer.closed().await, (4003, reason.to_owned()));
    }
}

#[tokio::test]
async fn a_reason_that_is_too_long_is_cut_between_characters() {
    let gateway = Gateway::start().await;
    let (mut peer, _) = gateway.challenged().await;
    peer.send(&json!({"type": "auth_response", "auth_mode": "é".repeat(200)})).await;
    assert_eq!(peer.closed().await, (4003, format!("unsupported auth_mode: {}", "é".repeat(50))));
}

#[tokio::test]
async fn whoever_says_nothing_is_closed_after_the_time_for_the_login() {
    let gateway = Gateway::start_with(|settings| settings.timeouts.auth = Duration::from_millis(50)).await;
    let (mut peer, _) = gateway.challenged().await;
    assert_eq!(peer.closed().await, (4003, "auth timeout".to_owned()));
}

#[tokio::test]
async fn a_second_bearer_of_a_name_is_closed_with_4009_and_the_first_one_stays() {
    let gateway = Gateway::start().await;
    let mut first = gateway.desktop("same").await;
    let mut second = gateway.device("same").await;
    assert_eq!(second.closed().await, (4009, "device already connected".to_owned()));
    first.send(&json!({"target_device_id": "same", "a": 1})).await;
    assert_eq!(first.receive().await["a"], 1);
}

#[tokio::test]
async fn a_name_is_free_again_once_its_bearer_has_left() {
    let gateway = Gateway::start().await;
    let mut desktop = gateway.desktop("desktop").await;
    let device = gateway.device("mobile-1").await;
    desktop.expect(&json!({"type": "device_connected", "device_id": "mobile-1"})).await;
    device.leave().await;
    desktop.expect(&json!({"type": "device_disconnected", "device_id": "mobile-1"})).await;
    gateway.device("mobile-1").await;
}

#[tokio::test]
async fn a_plain_http_request_is_told_what_is_spoken_here() {
    let gateway = Gateway::start().await;
    let mut stream = TcpStream::connect(gateway.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: gateway\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    time::timeout(DEADLINE, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 426 Upgrade Required\r\n"), "{answer}");
}
