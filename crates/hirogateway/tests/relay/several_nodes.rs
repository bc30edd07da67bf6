//! Several nodes that are one gateway, over a real NATS server: whoever is connected to one of them reaches everybody.
//!
//! That two nodes know of each other shows in the notice that the desktop gets of a device at the other one.

#![cfg(unix)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use hiro_protocol::keys::SecretKey;
use hiro_testkit::Nats;
use hirogateway::relay::BusSettings;
use hirogateway::relay::counters::Count;
use serde_json::{Value, json};

use crate::gateway::{DEADLINE, Gateway};
use crate::peer::Peer;

/// Nodes that are quick to find each other.
fn bus_settings(nats: &Nats) -> BusSettings {
    let mut settings = BusSettings::new(nats.url().parse().expect("an address"));
    settings.beat = Duration::from_millis(100);
    settings
}

/// A node on `nats`; all with the same key are one gateway.
async fn node(nats: &Nats, desktop_key: &Arc<SecretKey>) -> Gateway {
    Gateway::start_for(Arc::clone(desktop_key), |settings| settings.bus = Some(bus_settings(nats))).await
}

async fn two_nodes(nats: &Nats) -> (Gateway, Gateway) {
    let key = Arc::new(SecretKey::generate());
    (node(nats, &key).await, node(nats, &key).await)
}

fn connected(device_id: &str) -> Value {
    json!({"type": "device_connected", "device_id": device_id})
}

fn disconnected(device_id: &str) -> Value {
    json!({"type": "device_disconnected", "device_id": device_id})
}

/// A desktop at `one` and a device at `other`, which know of each other.
async fn apart(one: &Gateway, other: &Gateway) -> (Peer, Peer) {
    let mut desktop = one.desktop("desktop").await;
    let mut phone = other.device("phone").await;
    desktop.expect(&connected("phone")).await;
    // The other way round, too: the first frame that arrives shows it.
    loop {
        phone.send(&json!({"target_device_id": "desktop", "knock": true})).await;
        if let Some(knock) = desktop.receive_within(Duration::from_millis(100)).await {
            assert_eq!(knock["knock"], true);
            break;
        }
    }
    while desktop.receive_within(Duration::from_millis(100)).await.is_some() {}
    (desktop, phone)
}

#[tokio::test]
async fn a_frame_for_one_peer_reaches_it_at_another_node_with_its_true_sender() {
    let nats = Nats::started();
    let (one, other) = two_nodes(&nats).await;
    let (mut desktop, mut phone) = apart(&one, &other).await;
    desktop.send(&json!({"target_device_id": "phone", "sender_device_id": "forged", "n": 1})).await;
    phone.expect(&json!({"target_device_id": "phone", "sender_device_id": "desktop", "n": 1})).await;
    for n in 0..100 {
        phone.send(&json!({"target_device_id": "desktop", "n": n})).await;
    }
    for n in 0..100 {
        desktop.expect(&json!({"target_device_id": "desktop", "n": n, "sender_device_id": "phone"})).await;
    }
}

#[tokio::test]
async fn a_frame_for_all_reaches_everybody_at_every_node_once_but_its_sender() {
    let nats = Nats::started();
    let (one, other) = two_nodes(&nats).await;
    let (mut desktop, mut phone) = apart(&one, &other).await;
    let mut tablet = other.device("tablet").await;
    desktop.expect(&connected("tablet")).await;
    desktop.send(&json!({"n": 1})).await;
    desktop.send(&json!({"n": 2})).await;
    for peer in [&mut phone, &mut tablet] {
        peer.expect(&json!({"n": 1, "sender_device_id": "desktop"})).await;
        peer.expect(&json!({"n": 2, "sender_device_id": "desktop"})).await;
    }
    phone.send(&json!({"n": 3})).await;
    for peer in [&mut desktop, &mut tablet] {
        peer.expect(&json!({"n": 3, "sender_device_id": "phone"})).await;
    }
    // What comes next to the sender is not its own.
    tablet.send(&json!({"n": 4})).await;
    phone.expect(&json!({"n": 4, "sender_device_id": "tablet"})).await;
}

#[tokio::test]
async fn gateways_with_other_keys_on_the_same_bus_hear_nothing_of_each_other() {
    let nats = Nats::started();
    let (one, other) = two_nodes(&nats).await;
    let stranger = node(&nats, &Arc::new(SecretKey::generate())).await;
    let mut overhears = stranger.device("overhears").await;
    let (mut desktop, mut phone) = apart(&one, &other).await;
    desktop.send(&json!({"n": 1})).await;
    phone.expect(&json!({"n": 1, "sender_device_id": "desktop"})).await;
    overhears.send(&json!({"target_device_id": "overhears", "n": 2})).await;
    assert_eq!(overhears.receive().await["n"], 2);
}

#[tokio::test]
async fn a_name_that_is_taken_at_another_node_is_taken_here_too() {
    let nats = Nats::started();
    let (one, other) = two_nodes(&nats).await;
    let (mut desktop, mut phone) = apart(&one, &other).await;
    let mut second = one.device("phone").await;
    assert_eq!(second.closed().await, (4009, "device already connected".to_owned()));
    desktop.send(&json!({"target_device_id": "phone", "n": 1})).await;
    assert_eq!(phone.receive().await["n"], 1);
    phone.leave().await;
    desktop.expect(&disconnected("phone")).await;
    let mut third = one.device("phone").await;
    desktop.expect(&connected("phone")).await;
    desktop.send(&json!({"target_device_id": "phone", "n": 2})).await;
    assert_eq!(third.receive().await["n"], 2);
}

#[tokio::test]
async fn of_two_that_took_one_name_while_the_bus_was_away_the_first_stays() {
    let mut nats = Nats::planned();
    let (one, other) = two_nodes(&nats).await;
    let mut first = one.device("phone").await;
    let mut second = other.device("phone").await;
    nats.start();
    assert_eq!(second.closed().await, (4009, "device already connected".to_owned()));
    first.send(&json!({"target_device_id": "phone", "n": 1})).await;
    assert_eq!(first.receive().await["n"], 1);
}

#[tokio::test]
async fn a_client_is_paired_by_a_desktop_at_another_node() {
    let nats = Nats::started();
    let (one, other) = two_nodes(&nats).await;
    let (mut desktop, _phone) = apart(&one, &other).await;
    let request = json!({"type": "pairing_request", "pairing_code": "123456", "device_public_key": "key"});
    for (answer, told) in [
        (
            json!({"status": "approved", "device_id": "mobile-1"}),
            json!({"status": "approved", "device_id": "mobile-1"}),
        ),
        (json!({"status": "rejected", "reason": "no"}), json!({"status": "rejected", "reason": "no"})),
    ] {
        let (mut client, _) = other.challenged().await;
        client.send(&request).await;
        let forwarded = desktop.receive().await;
        let request_id = &forwarded["request_id"];
        client.expect(&json!({"type": "pairing_pending", "request_id": request_id})).await;
        desktop
            .send(&with(answer, &[("type", json!("pairing_response")), ("request_id", request_id.clone())]))
            .await;
        client.expect(&with(told, &[("type", json!("pairing_response"))])).await;
        assert_eq!(client.closed().await, (1000, "pairing complete".to_owned()));
    }
}

#[tokio::test]
async fn when_the_newest_desktop_leaves_its_node_nobody_is_paired_at_any() {
    let nats = Nats::started();
    let (one, other) = two_nodes(&nats).await;
    let _older = other.desktop("older").await;
    let (desktop, _phone) = apart(&one, &other).await;
    desktop.leave().await;
    let _its_name_is_free = takes_the_name(&other, "desktop").await;
    let (mut client, _) = other.challenged().await;
    client.send(&json!({"type": "pairing_request", "pairing_code": "1", "device_public_key": "k"})).await;
    assert_eq!(client.closed().await, (4006, "desktop not connected".to_owned()));
}

/// A device of that name, as soon as the node takes it for free.
async fn takes_the_name(gateway: &Gateway, name: &str) -> Peer {
    let begun = Instant::now();
    loop {
        let mut device = gateway.device(name).await;
        device.send(&json!({"target_device_id": name, "n": 1})).await;
        match device.receive_or_closed().await {
            Ok(_) => return device,
            Err(closed) => assert_eq!(closed.0, 4009),
        }
        assert!(begun.elapsed() < DEADLINE, "`{name}` is still taken");
    }
}

#[tokio::test]
async fn a_bus_that_restarts_loses_frames_but_repeats_none_and_is_found_again() {
    let mut nats = Nats::started();
    let (one, other) = two_nodes(&nats).await;
    let (mut desktop, mut phone) = apart(&one, &other).await;
    desktop.send(&json!({"target_device_id": "phone", "n": 0})).await;
    assert_eq!(phone.receive().await["n"], 0);
    nats.kill();
    // The nodes go on, each for itself.
    desktop.send(&json!({"target_device_id": "desktop", "n": 1})).await;
    assert_eq!(desktop.receive().await["n"], 1);
    nats.start();
    let mut heard = Vec::new();
    for n in 2.. {
        desktop.send(&json!({"target_device_id": "phone", "n": n})).await;
        if let Some(frame) = phone.receive_within(Duration::from_millis(50)).await {
            heard.push(frame["n"].as_i64().unwrap());
        }
        if heard.len() == 10 {
            break;
        }
        assert!(n < 1000, "the bus is not found again");
    }
    assert!(heard.windows(2).all(|pair| pair[0] < pair[1]), "in order, and none twice: {heard:?}");
}

#[tokio::test]
async fn a_frame_that_is_too_long_for_the_bus_is_counted_and_the_next_one_comes() {
    let nats = Nats::started();
    let (one, other) = two_nodes(&nats).await;
    let (mut desktop, mut phone) = apart(&one, &other).await;
    // As long as a frame may be; on the bus it has a line before it.
    desktop.send(&json!({"target_device_id": "phone", "text": "x".repeat(1_048_480)})).await;
    one.until(Count::BusUnsent, |frames| frames == 1).await;
    desktop.send(&json!({"target_device_id": "phone", "n": 2})).await;
    assert_eq!(phone.receive().await["n"], 2);
}

#[tokio::test]
async fn a_node_that_is_stopped_takes_its_devices_with_it_at_once() {
    let nats = Nats::started();
    let (one, other) = two_nodes(&nats).await;
    let (mut desktop, phone) = apart(&one, &other).await;
    other.begin_shutdown();
    desktop.expect(&disconnected("phone")).await;
    drop(phone);
    other.stopped().await;
}

#[tokio::test]
async fn a_node_that_dies_takes_its_devices_with_it_after_a_while_and_frees_their_names() {
    let nats = Nats::started();
    let key = Arc::new(SecretKey::generate());
    let one = Gateway::start_for(Arc::clone(&key), |settings| {
        let mut bus = bus_settings(&nats);
        bus.silence = Duration::from_secs(2);
        settings.bus = Some(bus);
    })
    .await;
    let other = node(&nats, &key).await;
    let (mut desktop, _phone) = apart(&one, &other).await;
    other.die().await;
    desktop.expect(&disconnected("phone")).await;
    let _again = one.device("phone").await;
    desktop.expect(&connected("phone")).await;
}

fn with(mut frame: Value, fields: &[(&str, Value)]) -> Value {
    for (name, value) in fields {
        frame[*name] = value.clone();
    }
    frame
}
