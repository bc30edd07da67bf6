//! The same things over and over again leave nothing behind: no memory, no descriptor, no number in a gauge.
//!
//! `HIRO_SOAK_ROUNDS` sets how often. What a long run shows stands in `benches/gateway.md`.

use std::io::Write;
use std::net::TcpStream;

use hiro_testkit::{PATIENCE, open_descriptors, until, until_no_more_descriptors};
use serde_json::json;

use crate::scene::{MEBIBYTE, Peer, Scene, exchange};

/// The allocator keeps some of what it once had; the first rounds show how much that is.
const WARM_UP: u64 = 10;
const TOLERANCE: u64 = 4 * MEBIBYTE;

fn rounds() -> u64 {
    std::env::var("HIRO_SOAK_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(30)
}

/// A client is paired by the desktop, and hears so.
fn pair(scene: &Scene, desktop: &mut Peer) {
    let (mut client, _) = scene.challenged();
    client.say(&json!({"type": "pairing_request", "pairing_code": "1", "device_public_key": "key"}));
    let request = desktop.hear();
    let answer =
        json!({"type": "pairing_response", "request_id": request["request_id"], "status": "rejected"});
    desktop.say(&answer);
    assert_eq!(client.hear()["type"], "pairing_pending");
    assert_eq!(client.hear()["type"], "pairing_response");
}

/// Whoever leaves without a word: strangers in the middle of their opening, of a frame, of a pairing; a device that is
/// sent to and does not read.
fn be_rude(scene: &Scene, desktop: &mut Peer) {
    let bare = || TcpStream::connect(scene.address).expect("the gateway listens");
    drop(bare());
    bare().write_all(b"GET / HT").expect("the gateway reads");
    drop(scene.challenged());
    let (mut client, _) = scene.challenged();
    client.say(&json!({"type": "pairing_request", "pairing_code": "1", "device_public_key": "key"}));
    assert_eq!(desktop.hear()["type"], "pairing_request");
    drop(client);
    let deaf = scene.device("deaf");
    for _ in 0..20 {
        desktop.say(&json!({"target_device_id": "deaf", "padding": "x".repeat(64 << 10)}));
    }
    drop(deaf);
}

fn round(scene: &Scene, n: u64) {
    let mut both = (scene.desktop("desktop"), scene.device("phone"));
    exchange(&mut both, n);
    pair(scene, &mut both.0);
    be_rude(scene, &mut both.0);
    exchange(&mut both, n);
    // One leaves as it should, the other one does not; nobody comes before their names are free.
    both.0.leave();
    drop(both.1);
    until("everybody to be gone", PATIENCE, || {
        let left = ["connections_open", "members", "queued_bytes"].map(|name| scene.metric(name));
        (left == [0, 0, 0]).then_some(())
    });
}

#[test]
fn after_many_rounds_of_connecting_pairing_relaying_and_rude_ends_the_gateway_is_as_it_was() {
    let scene = Scene::start(&json!({"pairings_per_second": 1_000_000}));
    (0..WARM_UP).for_each(|n| round(&scene, n));
    let (memory, descriptors) = (scene.memory(), open_descriptors(scene.pid));
    (0..rounds()).for_each(|n| round(&scene, n));
    let grown = scene.memory().saturating_sub(memory);
    assert!(grown < TOLERANCE, "{} KiB more than after {WARM_UP} rounds", grown / 1024);
    until_no_more_descriptors(scene.pid, descriptors);
    assert_eq!((scene.is_ready(), &scene.state()["desktop_connected"]), (true, &false.into()));
    let expected = (WARM_UP + rounds()) * 2;
    assert_eq!(scene.metric("pairings_begun_total"), expected);
}
