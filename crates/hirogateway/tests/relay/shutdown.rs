//! The end of a relay.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::net::TcpStream;

use crate::gateway::{DEADLINE, Gateway};

#[tokio::test]
async fn a_shutdown_closes_every_connection_with_1001_and_frees_the_port() {
    let gateway = Gateway::start().await;
    let address = gateway.address;
    let mut desktop = gateway.desktop("desktop").await;
    let (mut stranger, _) = gateway.challenged().await;
    let (mut client, _) = gateway.challenged().await;
    client.send(&json!({"type": "pairing_request", "pairing_code": "1", "device_public_key": "key"})).await;
    assert_eq!(client.receive().await["type"], "pairing_pending");
    assert_eq!(desktop.receive().await["type"], "pairing_request");
    gateway.begin_shutdown();
    for peer in [&mut desktop, &mut stranger, &mut client] {
        assert_eq!(peer.closed().await, (1001, String::new()));
    }
    drop((desktop, stranger, client));
    gateway.stopped().await;
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn peers_that_take_no_part_do_not_hold_up_a_shutdown() {
    let gateway = Gateway::start_with(|settings| settings.timeouts.close = Duration::from_millis(50)).await;
    let _silent = gateway.desktop("desktop").await;
    let _stranger = TcpStream::connect(gateway.address).await.unwrap();
    let _challenged = gateway.challenged().await;
    let began = Instant::now();
    gateway.begin_shutdown();
    gateway.stopped().await;
    assert!(began.elapsed() < DEADLINE / 3, "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_shutdown_with_nobody_there_is_over_at_once() {
    let gateway = Gateway::start().await;
    gateway.begin_shutdown();
    gateway.stopped().await;
}
