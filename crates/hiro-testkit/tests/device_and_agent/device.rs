//! A device: it pairs through a gateway, logs in with what it got, and says and hears what its person would.

use std::net::TcpStream;
use std::time::Instant;

use hiro_protocol::attestation::Attestation;
use hiro_protocol::gateway::client::{AuthResponse, ClientFrame};
use hiro_protocol::gateway::server::GatewayFrame;
use hiro_protocol::keys::SecretKey;
use hiro_protocol::nonce::Nonce;
use hiro_protocol::unified_message::{Direction, UnifiedMessage};
use hiro_testkit::PATIENCE;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Message, WebSocket, client};

/// A device that has been paired, and perhaps revoked since.
pub(crate) struct Device {
    pub(crate) id: String,
    attestation: Attestation,
    key: SecretKey,
}

/// A device that is logged in.
pub(crate) struct LoggedIn<'a> {
    device: &'a Device,
    socket: WebSocket<TcpStream>,
}

impl Device {
    /// Asks to be paired with `code`; the error is the reason that the server gives.
    pub(crate) fn pair(gateway_url: &str, code: &str) -> Result<Self, String> {
        let key = SecretKey::generate();
        let (mut socket, _) = open(gateway_url);
        let request = json!({
            "type": "pairing_request", "pairing_code": code, "device_name": "phone",
            "device_public_key": key.public_key().to_base64(),
        });
        socket.send(Message::text(request.to_string())).unwrap();
        loop {
            let answer = next(&mut socket);
            match (answer["type"].as_str(), answer["status"].as_str()) {
                (Some("pairing_response"), Some("approved")) => {
                    let attestation = serde_json::from_value(answer["attestation"].clone()).unwrap();
                    let id = answer["device_id"].as_str().unwrap().to_owned();
                    return Ok(Self { id, attestation, key });
                }
                (Some("pairing_response"), _) => return Err(answer["reason"].as_str().unwrap().to_owned()),
                _ => {}
            }
        }
    }

    pub(crate) fn log_in(&self, gateway_url: &str) -> LoggedIn<'_> {
        let (mut socket, nonce) = open(gateway_url);
        let response = ClientFrame::AuthResponse(AuthResponse::Device {
            attestation: self.attestation.clone(),
            nonce_signature: self.key.sign_base64(nonce.as_bytes()),
            device_name: None,
        });
        socket.send(Message::text(serde_json::to_string(&response).unwrap())).unwrap();
        assert_eq!(next(&mut socket)["type"], "auth_ok");
        LoggedIn { device: self, socket }
    }
}

impl LoggedIn<'_> {
    /// Says `text`, and returns the id of the message.
    pub(crate) fn say(&mut self, text: &str) -> String {
        let message = UnifiedMessage::text("devices", &self.device.id, text);
        self.socket.send(Message::text(json!({"payload": message}).to_string())).unwrap();
        message.routing.id
    }

    /// The next message from the server. What other devices say comes by, too: the gateway relays it to everybody.
    pub(crate) fn hear(&mut self) -> UnifiedMessage {
        loop {
            let payload = next(&mut self.socket)["payload"].take();
            match serde_json::from_value::<UnifiedMessage>(payload) {
                Ok(message) if message.routing.direction == Direction::Outbound => return message,
                _ => {}
            }
        }
    }

    /// Hears that the message `id` was received.
    pub(crate) fn hear_receipt(&mut self, id: &str) {
        let event = self.hear().event.expect("an acknowledgement");
        assert_eq!((event.kind.as_str(), event.ref_id.as_deref()), ("message.received", Some(id)));
    }

    /// What is said until the receipt for `id` comes: answers to what was said before.
    pub(crate) fn hear_until_receipt(&mut self, id: &str) -> Vec<String> {
        let mut said = Vec::new();
        loop {
            let message = self.hear();
            match &message.event {
                Some(event) if event.ref_id.as_deref() == Some(id) => return said,
                _ => said.extend(message.first_text().map(str::to_owned)),
            }
        }
    }

    /// The text of the next message.
    pub(crate) fn hear_text(&mut self) -> String {
        self.hear().first_text().unwrap_or_default().to_owned()
    }
}

/// A connection that nobody has logged in on, and the gateway's challenge.
fn open(gateway_url: &str) -> (WebSocket<TcpStream>, Nonce) {
    let address =
        gateway_url.trim_start_matches("ws://").trim_end_matches('/').replace("localhost", "127.0.0.1");
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let (mut socket, _) = client(gateway_url, stream).unwrap();
    let GatewayFrame::AuthChallenge { nonce } = serde_json::from_value(next(&mut socket)).unwrap() else {
        panic!("no challenge")
    };
    (socket, nonce)
}

/// The next frame. The gateway's pings come all the time, so that the socket's own patience never ends.
fn next(socket: &mut WebSocket<TcpStream>) -> Value {
    let begun = Instant::now();
    loop {
        assert!(begun.elapsed() < PATIENCE, "no frame within {PATIENCE:?}");
        match socket.read().unwrap() {
            Message::Text(text) => return serde_json::from_str(&text).unwrap(),
            Message::Close(frame) => panic!("closed: {frame:?}"),
            _ => {}
        }
    }
}
