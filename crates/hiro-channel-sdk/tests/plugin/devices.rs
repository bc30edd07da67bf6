//! The devices plugin between a server and a gateway that are both played by the test.

use std::path::PathBuf;

use hiro_channel_sdk::Options;
use hiro_protocol::gateway::server::GatewayFrame;
use hiro_protocol::keys::SecretKey;
use hiro_protocol::nonce::Nonce;
use hiro_protocol::unified_message::UnifiedMessage;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::peer::{Peer, Port, Running};

struct Bridge {
    gateway_port: Port,
    server: Peer,
    key: SecretKey,
    plugin: Running,
    _folder: TempDir,
}

impl Bridge {
    /// A configured plugin; nobody has answered its connection to the gateway yet.
    async fn start() -> Self {
        let (server_port, gateway_port) = (Port::open().await, Port::open().await);
        let folder = tempfile::tempdir().unwrap();
        let key = SecretKey::generate();
        let key_path: PathBuf = folder.path().join("master_key.pem");
        std::fs::write(&key_path, key.to_pem()).unwrap();
        let plugin = Running::devices(Options::new(&server_port.url));
        let (mut server, registration) = server_port.accept_plugin().await;
        assert_eq!(registration["name"], "devices");
        let config =
            json!({"gateway_url": gateway_port.url, "device_id": "desktop", "master_key_path": key_path});
        server.notify("channel.configure", &json!({"config": config})).await;
        Self { gateway_port, server, key, plugin, _folder: folder }
    }

    /// Plays the gateway until the plugin is logged in and has told the server.
    async fn log_in(&mut self) -> Peer {
        let mut gateway = self.gateway_port.accept().await;
        let nonce = Nonce::generate();
        gateway.say_text(&GatewayFrame::AuthChallenge { nonce }.to_json()).await;
        let answer = gateway.next().await;
        assert_eq!(answer["auth_mode"], "desktop");
        assert_eq!(answer["device_id"], "desktop");
        let signature = answer["nonce_signature"].as_str().unwrap();
        self.key.public_key().verify_base64(nonce.as_bytes(), signature).unwrap();
        gateway.say_text(&GatewayFrame::AuthOk { device_id: "desktop".to_owned() }.to_json()).await;
        let data = json!({"gateway_url": self.gateway_port.url, "device_id": "desktop"});
        assert_eq!(self.event().await, ("gateway_connected".to_owned(), data));
        gateway
    }

    /// The next event that the plugin tells the server.
    async fn event(&mut self) -> (String, Value) {
        let frame = self.server.next().await;
        assert_eq!(frame["method"], "channel.event", "{frame}");
        let params = &frame["params"];
        (params["event"].as_str().unwrap().to_owned(), params["data"].clone())
    }
}

#[tokio::test]
async fn messages_travel_both_ways() {
    let mut bridge = Bridge::start().await;
    let mut gateway = bridge.log_in().await;
    let message = UnifiedMessage::text("x", "x", "hello");
    gateway.say(&json!({"payload": message.to_object(), "sender_device_id": "mobile-1"})).await;
    let received = bridge.server.next().await;
    assert_eq!(received["method"], "channel.receive");
    assert_eq!(received["params"]["routing"]["sender_id"], "mobile-1");
    let answer = message.received();
    bridge.server.notify("channel.send", &Value::Object(answer.to_object())).await;
    let relayed = gateway.next().await;
    assert_eq!(relayed["target_device_id"], "x");
    assert_eq!(relayed["payload"]["event"]["type"], "message.received");
}

#[tokio::test]
async fn a_pairing_request_is_answered_by_the_server() {
    let mut bridge = Bridge::start().await;
    let mut gateway = bridge.log_in().await;
    let request = json!({"request_id": "ab", "pairing_code": "123456", "device_public_key": "key"});
    let mut frame = request.clone();
    frame["type"] = json!("pairing_request");
    gateway.say(&frame).await;
    assert_eq!(bridge.event().await, ("pairing_request".to_owned(), request));
    let data = json!({"request_id": "ab", "status": "approved", "device_id": "mobile-1", "attestation": {}});
    bridge.server.notify("channel.event", &json!({"event": "pairing_response", "data": data})).await;
    let answer = gateway.next().await;
    assert_eq!(answer["type"], "pairing_response");
    assert_eq!(answer["device_id"], "mobile-1");
}

#[tokio::test]
async fn the_delay_starts_anew_after_every_connection_that_worked() {
    let mut bridge = Bridge::start().await;
    let started = std::time::Instant::now();
    for _ in 0..4 {
        let mut gateway = bridge.log_in().await;
        gateway.say(&json!({"payload": UnifiedMessage::text("x", "x", "hello").to_object()})).await;
        assert_eq!(bridge.server.next().await["method"], "channel.receive");
        gateway.close(1001, "").await;
        assert_eq!(bridge.event().await.0, "gateway_disconnected");
    }
    bridge.log_in().await;
    // Four waits of one second each; delays that kept doubling would add up to fifteen.
    assert!(started.elapsed().as_secs() < 12, "{:?}", started.elapsed());
}

#[tokio::test]
async fn the_plugin_leaves_the_gateway_when_the_server_stops_it() {
    let mut bridge = Bridge::start().await;
    let gateway = bridge.log_in().await;
    bridge.server.notify("channel.stop", &json!({})).await;
    bridge.server.request(1, "channel.status", &json!({})).await;
    assert_eq!(bridge.event().await.0, "gateway_disconnected");
    assert_eq!(bridge.server.next().await["id"], 1);
    drop(gateway);
    bridge.server.close(1001, "").await;
    bridge.plugin.end().await.unwrap();
}

#[tokio::test]
async fn a_bad_configuration_is_answered_with_what_is_wrong_with_it() {
    let mut bridge = Bridge::start().await;
    bridge.log_in().await;
    bridge.server.request(1, "channel.configure", &json!({"config": {"ping_interval": 0}})).await;
    let answer = loop {
        let frame = bridge.server.next().await;
        if frame["id"] == 1 {
            break frame;
        }
    };
    let expected = "the configuration of the devices channel is invalid: \
                    `ping_interval` is not a positive number of seconds";
    assert_eq!(answer["error"]["message"], expected);
}
