//! A server that restarts itself while a device talks: what was acknowledged is answered, too.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::collections::BTreeSet;
use std::net::TcpStream;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use hiro_protocol::attestation::{Attestation, DEFAULT_VALIDITY};
use hiro_protocol::keys::SecretKey;
use hiro_protocol::nonce::Nonce;
use hiro_testkit::{League, PATIENCE, until};
use hirocli::workspace::master_key;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Error, Message, WebSocket, client};

const DEVICE: &str = "mobile-load";
const SERVER: &str = "server:default";

/// So many messages are on their way at a time.
const IN_FLIGHT: usize = 32;

/// A message that is not acknowledged for so long was not taken: there is no server at the moment.
const LOST_AFTER: Duration = Duration::from_millis(300);

/// A device that talks all the time, and what it has heard.
struct Device {
    socket: WebSocket<TcpStream>,
    said: u64,
    open: BTreeSet<u64>,
    acknowledged: BTreeSet<u64>,
    echoed: BTreeSet<u64>,
    heard_last: Instant,
}

impl Device {
    fn log_in(league: &League) -> Self {
        let port = gateway_port(league);
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        let (mut socket, _) = client(format!("ws://127.0.0.1:{port}/"), stream).unwrap();
        let challenge: Value = serde_json::from_str(socket.read().unwrap().to_text().unwrap()).unwrap();
        let nonce: Nonce = challenge["nonce"].as_str().unwrap().parse().unwrap();
        let (desktop, key) =
            (master_key::load(&league.workspace().join("master_key.pem")).unwrap(), SecretKey::generate());
        let attestation =
            Attestation::issue(&desktop, DEVICE, &key.public_key(), Timestamp::now(), DEFAULT_VALIDITY);
        let login = json!({
            "type": "auth_response", "auth_mode": "device", "attestation": attestation,
            "nonce_signature": key.sign_base64(nonce.as_bytes()),
        });
        socket.send(Message::text(login.to_string())).unwrap();
        let answer: Value = serde_json::from_str(socket.read().unwrap().to_text().unwrap()).unwrap();
        assert_eq!(answer["type"], "auth_ok");
        socket.get_mut().set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        Self {
            socket,
            said: 0,
            open: BTreeSet::new(),
            acknowledged: BTreeSet::new(),
            echoed: BTreeSet::new(),
            heard_last: Instant::now(),
        }
    }

    /// Keeps talking and listening until `enough`.
    fn talk_until(&mut self, mut enough: impl FnMut(&Self) -> bool) {
        let begun = Instant::now();
        while !enough(self) {
            assert!(
                begun.elapsed() < PATIENCE,
                "{} said, {} acknowledged",
                self.said,
                self.acknowledged.len()
            );
            if self.heard_last.elapsed() > LOST_AFTER {
                self.open.clear();
            }
            while self.open.len() < IN_FLIGHT {
                self.say();
            }
            self.hear();
        }
    }

    fn say(&mut self) {
        self.said += 1;
        let number = self.said;
        let message = json!({
            "version": "0.1", "message_type": "message", "request_id": null, "event": null,
            "routing": {
                "id": number.to_string(), "channel": "devices", "direction": "inbound", "sender_id": DEVICE,
                "recipient_id": null, "timestamp": "2026-11-22T10:31:53.658240Z", "metadata": {},
            },
            "content": [{"content_type": "text", "body": number.to_string(), "metadata": {}}],
        });
        self.socket.send(Message::text(json!({"payload": message}).to_string())).unwrap();
        self.open.insert(number);
    }

    /// Takes one frame, if there is one.
    fn hear(&mut self) {
        let text = match self.socket.read() {
            Ok(Message::Text(text)) => text,
            Ok(_) => return,
            Err(Error::Io(error)) if is_pause(&error) => return,
            Err(error) => panic!("the gateway has gone: {error}"),
        };
        let frame: Value = serde_json::from_str(&text).unwrap();
        let payload = &frame["payload"];
        self.heard_last = Instant::now();
        if payload["event"]["type"] == "message.received" {
            let number = payload["event"]["ref_id"].as_str().unwrap().parse().unwrap();
            self.open.remove(&number);
            self.acknowledged.insert(number);
        } else if let Some(body) = payload["content"][0]["body"].as_str() {
            self.echoed.insert(body.strip_prefix("[echo] ").unwrap().parse().unwrap());
        }
    }

    fn unanswered(&self) -> Vec<u64> {
        self.acknowledged.difference(&self.echoed).copied().collect()
    }
}

fn is_pause(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut)
}

fn gateway_port(league: &League) -> u16 {
    let url = league.config()["gateway_url"].as_str().unwrap().to_owned();
    url.rsplit(':').next().unwrap().parse().unwrap()
}

#[test]
fn every_message_that_is_acknowledged_around_a_restart_is_answered() {
    let restarts: u32 = std::env::var("HIRO_STRESS_ROUNDS").map_or(3, |rounds| rounds.parse().unwrap());
    let league = League::that_is_up();
    let mut device = Device::log_in(&league);
    for _ in 0..restarts {
        let (server, acknowledged) = (league.process(SERVER), device.acknowledged.len());
        device.talk_until(|device| device.acknowledged.len() >= acknowledged + 200);
        let ready = Mutex::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                assert!(league.post("/_restart", "{}").contains("restarting"));
                until("the successor to be ready", PATIENCE, || {
                    let row = league.row(SERVER);
                    (row["state"] == "ready" && row["pid"] != server.pid.get()).then_some(())
                });
                *ready.lock().unwrap() = true;
            });
            device.talk_until(|_| *ready.lock().unwrap());
        });
        let acknowledged = device.acknowledged.len();
        device.talk_until(|device| device.acknowledged.len() >= acknowledged + 200);
    }
    until("an answer to everything that was acknowledged", PATIENCE, || {
        device.hear();
        (device.unanswered().is_empty()).then_some(())
    });
}
