//! The published devices plugin as the desktop of our gateway, and as a plugin of our server.

use hiro_protocol::nonce::Nonce;
use hiro_testkit::{Lack, League, wine_lacks};
use hirocli::database::{ChannelPlugin, Database};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::gateways::{Gateway, Maker};
use crate::peer::{Heard, Peer};
use crate::plugin_port::Plugin;
use crate::published::{VERSIONS, interpreter, program_of};

fn text_message(from: &str, to: Option<&str>, text: &str) -> Value {
    json!({
        "version": "0.1", "message_type": "message", "request_id": null, "event": null,
        "routing": {
            "id": "message-1", "channel": "devices", "direction": "outbound", "sender_id": from,
            "recipient_id": to, "timestamp": "2026-11-22T10:31:53.658240Z", "metadata": {},
        },
        "content": [{"content_type": "text", "body": text, "metadata": {}}],
    })
}

fn say(peer: &mut Peer, frame: &Value) {
    peer.say(Message::text(frame.to_string()));
}

/// A device that is in, and was announced to a desktop that understands it.
fn device(gateway: &Gateway, plugin: &mut Plugin, version: &str, device_id: &str) -> Peer {
    let mut peer = Peer::open(gateway.port);
    let nonce: Nonce = peer.hear_json()["nonce"].as_str().unwrap_or_default().parse().expect("a challenge");
    let login = json!({
        "type": "auth_response", "auth_mode": "device", "attestation": gateway.attest(device_id),
        "nonce_signature": gateway.device.sign_base64(nonce.as_bytes()),
    });
    say(&mut peer, &login);
    assert_eq!(peer.hear_json(), json!({"type": "auth_ok", "device_id": device_id}));
    if version != "0.1.3" {
        assert_eq!(plugin.event("device_connected"), json!({"device_id": device_id}));
    }
    peer
}

/// A message each way.
fn exchange(plugin: &mut Plugin, device: &mut Peer, desktop: &str, device_id: &str) {
    say(device, &json!({"payload": text_message("anybody", None, "up")}));
    let received = plugin.hear("channel.receive");
    assert_eq!(received["content"][0]["body"], "up");
    assert_eq!(received["routing"]["sender_id"], device_id, "the gateway says who it was");
    assert_eq!(received["routing"]["metadata"]["sender_device_id"], device_id);
    plugin.notify("channel.send", &text_message("server", Some(device_id), "down é"));
    let heard = device.hear_json();
    assert_eq!(heard["payload"]["content"][0]["body"], "down é");
    assert_eq!(
        (&heard["sender_device_id"], &heard["target_device_id"]),
        (&json!(desktop), &json!(device_id))
    );
}

#[test]
fn the_published_plugin_is_our_gateways_desktop_and_messages_go_both_ways() {
    if wine_lacks(Lack::Python) {
        return;
    }
    for version in VERSIONS {
        let gateway = Gateway::start(Maker::Ours);
        let mut plugin = Plugin::start(version, &gateway, "desktop");
        let connected = plugin.event("gateway_connected");
        assert_eq!(connected["device_id"], "desktop", "{version}");
        let mut peer = device(&gateway, &mut plugin, version, "mobile-1");
        exchange(&mut plugin, &mut peer, "desktop", "mobile-1");
        peer.leave();
        if version != "0.1.3" {
            assert_eq!(plugin.event("device_disconnected"), json!({"device_id": "mobile-1"}));
        }
    }
}

#[test]
fn a_device_is_paired_through_the_published_plugin_and_logs_in_with_what_it_got() {
    if wine_lacks(Lack::Python) {
        return;
    }
    for version in VERSIONS {
        let gateway = Gateway::start(Maker::Ours);
        let mut plugin = Plugin::start(version, &gateway, "desktop");
        plugin.event("gateway_connected");
        let key = gateway.device.public_key().to_base64();
        let request = json!({
            "type": "pairing_request", "pairing_code": "123456", "device_public_key": key, "device_name": "Ada's phone",
        });
        for status in ["rejected", "approved"] {
            let mut client = Peer::open(gateway.port);
            client.hear_json();
            say(&mut client, &request);
            let asked = plugin.event("pairing_request");
            assert_eq!(
                (&asked["pairing_code"], &asked["device_name"]),
                (&json!("123456"), &json!("Ada's phone"))
            );
            assert_eq!(client.hear_json()["request_id"], asked["request_id"], "{version}");
            let attestation = gateway.attest("mobile-2");
            let answer = json!({
                "request_id": asked["request_id"], "status": status, "reason": "no", "device_id": "mobile-2",
                "attestation": attestation,
            });
            plugin.notify("channel.event", &json!({"event": "pairing_response", "data": answer}));
            let expected = match status {
                "approved" => json!({
                    "type": "pairing_response", "status": status, "attestation": attestation, "device_id": "mobile-2",
                }),
                _ => json!({"type": "pairing_response", "status": status, "reason": "no"}),
            };
            assert_eq!(client.hear_json(), expected, "{version}");
            assert_eq!(client.hear(), Heard::Closed(1000, "pairing complete".to_owned()), "{version}");
        }
        let mut peer = device(&gateway, &mut plugin, version, "mobile-2");
        exchange(&mut plugin, &mut peer, "desktop", "mobile-2");
    }
}

#[test]
fn the_published_plugin_is_back_after_our_gateway_was_restarted() {
    if wine_lacks(Lack::Python) {
        return;
    }
    for version in VERSIONS {
        let mut gateway = Gateway::start(Maker::Ours);
        let mut plugin = Plugin::start(version, &gateway, "desktop");
        plugin.event("gateway_connected");
        gateway.stop();
        plugin.event("gateway_disconnected");
        gateway.begin();
        plugin.event_after("gateway_connected", "gateway_disconnected");
        let mut peer = device(&gateway, &mut plugin, version, "mobile-3");
        exchange(&mut plugin, &mut peer, "desktop", "mobile-3");
    }
}

#[test]
fn a_second_published_plugin_of_the_same_name_is_sent_away_and_the_first_goes_on() {
    if wine_lacks(Lack::Python) {
        return;
    }
    for version in VERSIONS {
        let gateway = Gateway::start(Maker::Ours);
        let mut first = Plugin::start(version, &gateway, "desktop");
        first.event("gateway_connected");
        let mut second = Plugin::start(version, &gateway, "desktop");
        // It is told that it is who it says, and only then that there is one already.
        second.event("gateway_connected");
        second.event("gateway_disconnected");
        let mut peer = device(&gateway, &mut first, version, "mobile-4");
        exchange(&mut first, &mut peer, "desktop", "mobile-4");
    }
}

#[test]
fn the_published_plugin_carries_a_pairing_and_a_message_between_our_gateway_and_our_server() {
    if wine_lacks(Lack::Python) {
        return;
    }
    for version in VERSIONS {
        interpreter(version);
        let league = League::that_is_up();
        league.hiro(&["stop"]).success();
        let command = vec![program_of(version, "hiro-channel-devices").display().to_string()];
        let plugin = ChannelPlugin { command, ..ChannelPlugin::new("devices") };
        Database::open(&league.workspace()).unwrap().upsert_channel_plugin(&plugin).unwrap();
        league.hiro(&["start"]).success();
        let demo = league.hiro(&["demo", "--json", "hello"]);
        let told: Value = serde_json::from_str(demo.success()).unwrap();
        assert!(told["device_id"].as_str().is_some_and(|id| id.starts_with("mobile-")), "{version}: {told}");
        let traces = league.traces();
        let is_published = |line: &String| line.contains("hiro-channel-devices");
        assert!(traces.iter().any(is_published), "{version}: the plugin that ran was another: {traces:?}");
    }
}
