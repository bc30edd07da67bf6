//! Many at once: strangers, clients that want to be paired, and what all of them leave in the log.

use std::collections::VecDeque;

use hirogateway::relay::counters::Count;
use serde_json::json;
use tokio::net::TcpStream;

use crate::gateway::Gateway;
use crate::log;
use crate::peer::Peer;

/// There and back, as one who notices nothing of others sees it.
async fn exchange(desktop: &mut Peer, device: &mut Peer, n: u64) {
    desktop.send(&json!({"target_device_id": "phone", "n": n})).await;
    assert_eq!(device.receive().await["n"], n);
    device.send(&json!({"target_device_id": "desktop", "n": n})).await;
    assert_eq!(desktop.receive().await["n"], n);
}

/// `HIRO_STRESS_CONNECTIONS` of them.
fn flood_size() -> u64 {
    std::env::var("HIRO_STRESS_CONNECTIONS").ok().and_then(|text| text.parse().ok()).unwrap_or(10_000)
}

#[tokio::test]
async fn of_ten_thousand_connections_that_never_log_in_others_notice_nothing() {
    let gateway = Gateway::start_with(|settings| {
        settings.device_notices = false;
        settings.limits.unauthenticated_per_address = 50;
    })
    .await;
    let (mut desktop, mut phone) = (gateway.desktop("desktop").await, gateway.device("phone").await);
    // This process has both ends: it keeps no more of them than a test may have descriptors for.
    let mut held: VecDeque<TcpStream> = VecDeque::new();
    for number in 0..flood_size() {
        held.push_back(gateway.bare().await);
        if held.len() > 200 {
            held.pop_front();
        }
        // Often enough to answer the pings, however slow the machine is.
        if number % 50 == 0 {
            exchange(&mut desktop, &mut phone, number).await;
        }
        if number % 500 == 0 {
            gateway.device("newcomer").await.leave().await;
            gateway.until(Count::Members, |members| members == 2).await;
        }
    }
    gateway.until(Count::ConnectionsPushedOut, |count| count > 0).await;
    gateway.until(Count::ConnectionsOpen, |open| open <= 50 + 2).await;
    exchange(&mut desktop, &mut phone, flood_size()).await;
}

#[tokio::test]
async fn strangers_who_have_got_their_challenge_are_no_more_than_the_lobby_holds() {
    let gateway = Gateway::start_with(|settings| settings.limits.unauthenticated = 10).await;
    let mut strangers = Vec::new();
    for _ in 0..100 {
        strangers.push(gateway.challenged().await);
    }
    gateway.until(Count::ConnectionsOpen, |open| open == 10).await;
    assert_eq!(gateway.count(Count::ConnectionsPushedOut), 90);
}

#[tokio::test]
async fn a_flood_of_pairing_requests_reaches_the_desktop_in_small_numbers_and_ends_with_it() {
    let gateway = Gateway::start_with(|settings| settings.limits.pairings_per_second = 5).await;
    let mut desktop = gateway.desktop("desktop").await;
    let request = json!({"type": "pairing_request", "pairing_code": "1", "device_public_key": "key"});
    let mut refused = 0;
    while refused < 50 {
        let (mut client, _) = gateway.challenged().await;
        client.send(&request).await;
        let begun = gateway.count(Count::PairingsBegun);
        gateway
            .until(Count::PairingsRefused, |count| {
                count > refused || gateway.count(Count::PairingsBegun) > begun
            })
            .await;
        refused = gateway.count(Count::PairingsRefused);
    }
    // It takes a few hundredths of a second; on a machine that is as busy as can be, some seconds.
    assert!(gateway.count(Count::PairingsBegun) < 50);
    desktop.send(&json!({"target_device_id": "desktop", "n": 1})).await;
    while desktop.receive().await["n"] != 1 {}
}

#[tokio::test]
async fn a_thousand_bare_connections_leave_the_relay_as_it_was_and_hardly_a_line_in_its_log() {
    log::begin();
    let gateway = Gateway::start().await;
    let mut desktop = gateway.desktop("desktop").await;
    for _ in 0..1000 {
        drop(gateway.bare().await);
    }
    gateway.until(Count::HandshakesFailed, |count| count == 1000).await;
    desktop.send(&json!({"target_device_id": "desktop", "n": 1})).await;
    assert_eq!(desktop.receive().await["n"], 1);
    let said = log::taken();
    assert!(said.contains("joined") && said.lines().count() < 10, "{said}");
}

#[tokio::test]
async fn the_log_has_the_names_of_those_who_come_and_go_and_no_line_of_their_making() {
    log::begin();
    let gateway = Gateway::start().await;
    let (mut device, nonce) = gateway.challenged().await;
    let mut response = gateway.device_response("mobile-1", &nonce);
    response["device_name"] = "Ada's phone\nERROR forged".into();
    device.send(&response).await;
    device.expect(&json!({"type": "auth_ok", "device_id": "mobile-1"})).await;
    let said = log::taken();
    let line = said.lines().find(|line| line.contains("joined")).unwrap();
    assert!(line.contains("mobile-1") && line.contains("Ada's phone"), "{said}");
    assert!(!said.lines().any(|line| line.starts_with("ERROR forged")), "{said}");
}
