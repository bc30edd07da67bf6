//! A device that is logged in to the gateway of a league, over a socket without a runtime. The tests have it from here.

use std::net::TcpStream;

use hiro_protocol::attestation::{Attestation, DEFAULT_VALIDITY};
use hiro_protocol::keys::SecretKey;
use hiro_protocol::nonce::Nonce;
use hiro_testkit::{League, PATIENCE};
use hirocli::database::{Database, Device};
use hirocli::workspace::master_key;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tokio_tungstenite::tungstenite::{Message, WebSocket, client};

const DEVICE: &str = "mobile-load";

/// A device that the workspace's key vouches for.
pub(crate) fn log_in(league: &League) -> WebSocket<TcpStream> {
    let port = gateway_port(league);
    let stream = TcpStream::connect(("127.0.0.1", port)).expect("the gateway listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a socket with patience");
    stream.set_nodelay(true).expect("a socket without delay");
    let (mut socket, _) = client(format!("ws://127.0.0.1:{port}/"), stream).expect("a handshake");
    let nonce: Nonce =
        next(&mut socket)["nonce"].as_str().and_then(|text| text.parse().ok()).expect("a nonce");
    let desktop = master_key::load(&league.workspace().join("master_key.pem")).expect("a key");
    let key = SecretKey::generate();
    let paired = Device {
        device_id: DEVICE.to_owned(),
        device_public_key: key.public_key().to_base64(),
        paired_at: Timestamp::now(),
        expires_at: None,
        metadata: Map::new(),
        device_name: None,
    };
    let database = Database::open(&league.workspace()).expect("the workspace's database");
    database.insert_device(&paired).expect("a row");
    let attestation =
        Attestation::issue(&desktop, DEVICE, &key.public_key(), Timestamp::now(), DEFAULT_VALIDITY);
    let login = json!({
        "type": "auth_response", "auth_mode": "device", "attestation": attestation,
        "nonce_signature": key.sign_base64(nonce.as_bytes()),
    });
    socket.send(Message::text(login.to_string())).expect("the gateway reads");
    assert_eq!(next(&mut socket)["type"], "auth_ok");
    socket
}

/// A message whose text is its number.
pub(crate) fn message(number: u64) -> Message {
    let message = json!({
        "version": "0.1", "message_type": "message", "request_id": null, "event": null,
        "routing": {
            "id": number.to_string(), "channel": "devices", "direction": "inbound", "sender_id": DEVICE,
            "recipient_id": null, "timestamp": "2026-11-22T10:31:53.658240Z", "metadata": {},
        },
        "content": [{"content_type": "text", "body": number.to_string(), "metadata": {}}],
    });
    Message::text(json!({"payload": message}).to_string())
}

/// What a frame tells a device that has sent [`message`]s.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// The server has the message of that number.
    Acknowledged(u64),
    /// It has come back.
    Echoed(u64),
    /// Something else.
    Other,
}

/// Understands a frame of the gateway.
pub(crate) fn told(text: &str) -> Told {
    let frame: Value = serde_json::from_str(text).expect("a frame of JSON");
    let payload = &frame["payload"];
    let number = |text: Option<&str>| text.and_then(|text| text.parse().ok());
    if payload["event"]["type"] == "message.received" {
        return number(payload["event"]["ref_id"].as_str()).map_or(Told::Other, Told::Acknowledged);
    }
    let echo = payload["content"][0]["body"].as_str().and_then(|body| body.strip_prefix("[echo] "));
    number(echo).map_or(Told::Other, Told::Echoed)
}

fn next(socket: &mut WebSocket<TcpStream>) -> Value {
    let frame = socket.read().expect("the gateway speaks");
    serde_json::from_str(frame.to_text().expect("text")).expect("a frame of JSON")
}

fn gateway_port(league: &League) -> u16 {
    let url = league.config()["gateway_url"].as_str().expect("an address").to_owned();
    url.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port")
}
