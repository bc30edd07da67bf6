//! Pairing, as the devices plugin sees it.

use hiro_protocol::attestation::Attestation;
use hiro_protocol::keys::SecretKey;
use hirocli::database::{Database, Device};
use hirocli::workspace::PairingSession;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::plugin::FakePlugin;
use crate::running::{DEVICE, RunningServer};

/// The data of the server's answer to a pairing request.
async fn ask(devices: &mut FakePlugin, request: &Value) -> Value {
    devices.event("pairing_request", request).await;
    let frame = devices.next().await;
    assert_eq!(frame["params"]["event"], "pairing_response", "{frame}");
    frame["params"]["data"].clone()
}

fn request(code: &str, key: &SecretKey) -> Value {
    json!({
        "request_id": "ab", "pairing_code": code, "device_name": "phone",
        "device_public_key": key.public_key().to_base64(),
    })
}

fn rejection(reason: &str) -> Value {
    json!({"request_id": "ab", "status": "rejected", "reason": reason})
}

fn session(server: &RunningServer, created_at: Timestamp) -> PairingSession {
    let session = PairingSession::new(6, 300, created_at);
    session.save(server.workspace()).unwrap();
    session
}

/// The devices that were paired since the server began.
fn newcomers(server: &RunningServer) -> Vec<Device> {
    let rows = Database::open(server.workspace()).unwrap().devices().unwrap().rows;
    rows.into_iter().filter(|device| device.device_id != DEVICE).collect()
}

#[tokio::test]
async fn the_right_code_pairs_a_device_once() {
    let server = RunningServer::start().await;
    let mut devices = server.plugin("devices").await;
    let session = session(&server, Timestamp::now());
    let request = request(&session.code, &SecretKey::generate());
    let answer = ask(&mut devices, &request).await;
    assert_eq!(answer["status"], "approved", "{answer}");
    let device_id = answer["device_id"].as_str().unwrap();
    assert!(device_id.starts_with("mobile-") && device_id.len() == 19, "{device_id}");
    let attestation: Attestation = serde_json::from_value(answer["attestation"].clone()).unwrap();
    let claims = attestation.verify(&server.public_key, Timestamp::now()).unwrap();
    assert_eq!(claims.device_id, device_id);
    let rows = newcomers(&server);
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].device_name.as_deref(), Some("phone"));
    assert_eq!(rows[0].metadata["source"], "gateway_pairing");
    assert_eq!(rows[0].expires_at.unwrap().as_microsecond(), claims.expires_at.as_microsecond());
    assert_eq!(ask(&mut devices, &request).await, rejection("no_active_pairing_session"));
    drop(devices);
    server.stop().await;
}

#[tokio::test]
async fn a_wrong_code_pairs_nobody_and_leaves_the_session() {
    let server = RunningServer::start().await;
    let mut devices = server.plugin("devices").await;
    let session = session(&server, Timestamp::now());
    let key = SecretKey::generate();
    let expected = rejection("pairing_code_invalid_or_expired");
    assert_eq!(ask(&mut devices, &request("wrong", &key)).await, expected);
    assert_eq!(ask(&mut devices, &request(&session.code, &key)).await["status"], "approved");
    drop(devices);
    server.stop().await;
}

#[tokio::test]
async fn too_many_wrong_codes_end_the_session() {
    let server = RunningServer::start().await;
    let mut devices = server.plugin("devices").await;
    let session = session(&server, Timestamp::now());
    let key = SecretKey::generate();
    for _ in 0..10 {
        ask(&mut devices, &request("wrong", &key)).await;
    }
    let answer = ask(&mut devices, &request(&session.code, &key)).await;
    assert_eq!(answer, rejection("no_active_pairing_session"));
    drop(devices);
    server.stop().await;
}

#[tokio::test]
async fn a_code_that_has_run_out_pairs_nobody() {
    let server = RunningServer::start().await;
    let mut devices = server.plugin("devices").await;
    let session = session(&server, Timestamp::now() - SignedDuration::from_secs(301));
    let answer = ask(&mut devices, &request(&session.code, &SecretKey::generate())).await;
    assert_eq!(answer, rejection("no_active_pairing_session"));
    drop(devices);
    server.stop().await;
}

#[tokio::test]
async fn an_incomplete_request_is_told_what_it_lacks() {
    let server = RunningServer::start().await;
    let mut devices = server.plugin("devices").await;
    let session = session(&server, Timestamp::now());
    let answer = ask(&mut devices, &json!({"request_id": "ab"})).await;
    assert_eq!(answer, rejection("invalid_pairing_code"));
    let no_key = json!({"request_id": "ab", "pairing_code": session.code, "device_public_key": "no key"});
    assert_eq!(ask(&mut devices, &no_key).await, rejection("invalid_device_public_key"));
    drop(devices);
    server.stop().await;
}

#[tokio::test]
async fn only_the_devices_plugin_speaks_for_the_gateway() {
    let server = RunningServer::start().await;
    let mut other = server.plugin("telegram").await;
    let session = session(&server, Timestamp::now());
    other.event("gateway_connected", &json!({})).await;
    other.event("pairing_request", &request(&session.code, &SecretKey::generate())).await;
    other.ask("channel.dance").await;
    assert!(!server.state().ws_connected);
    assert!(newcomers(&server).is_empty());
    drop(other);
    server.stop().await;
}
