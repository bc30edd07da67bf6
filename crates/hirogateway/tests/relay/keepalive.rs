//! Peers that have gone silent, or that say something but never read.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time;
use tokio_tungstenite::tungstenite::Message;

use crate::gateway::{DEADLINE, Gateway};
use crate::slow_readers::long_frame;

#[tokio::test]
async fn a_peer_that_does_not_read_is_closed_in_the_end() {
    let gateway = Gateway::start_with(|settings| {
        settings.timeouts.ping_interval = DEADLINE;
        settings.timeouts.ping_timeout = Duration::from_millis(200);
    })
    .await;
    let mut desktop = gateway.desktop("desktop").await;
    let _stuck = gateway.stuck_device("stuck").await;
    desktop.expect(&json!({"type": "device_connected", "device_id": "stuck"})).await;
    let (mut sink, mut stream) = desktop.socket.split();
    let flood = async {
        loop {
            sink.send(Message::text(long_frame("stuck", 0).to_string())).await.unwrap();
        }
    };
    let notice = async { stream.next().await.unwrap().unwrap().into_text().unwrap() };
    let told = tokio::select! {
        () = flood => unreachable!("the flood does not end"),
        told = time::timeout(DEADLINE, notice) => told.unwrap(),
    };
    assert_eq!(told.as_str(), r#"{"type":"device_disconnected","device_id":"stuck"}"#);
}

#[tokio::test]
async fn a_peer_that_answers_no_ping_is_closed_with_1011() {
    let gateway = Gateway::start_with(|settings| {
        settings.timeouts.ping_interval = Duration::from_millis(20);
        settings.timeouts.ping_timeout = Duration::from_millis(20);
    })
    .await;
    let mut silent = gateway.device("silent").await;
    // Read below the WebSocket, which would answer by itself.
    let stream = silent.socket.get_mut();
    loop {
        let (first_byte, payload) = raw_frame(stream).await;
        if first_byte == CLOSE {
            assert_eq!(payload, [&1011_u16.to_be_bytes(), "keepalive ping timeout".as_bytes()].concat());
            break;
        }
        assert_eq!(first_byte, PING);
    }
}

const PING: u8 = 0x89;
const CLOSE: u8 = 0x88;

/// The first byte and the payload of a control frame from the relay.
async fn raw_frame(stream: &mut TcpStream) -> (u8, Vec<u8>) {
    let read = async {
        let first_byte = stream.read_u8().await?;
        let mut payload = vec![0; stream.read_u8().await?.into()];
        stream.read_exact(&mut payload).await?;
        Ok::<_, std::io::Error>((first_byte, payload))
    };
    time::timeout(DEADLINE, read).await.expect("the relay says something").expect("the connection holds")
}

#[tokio::test]
async fn a_peer_that_answers_its_pings_stays() {
    let gateway = Gateway::start_with(|settings| {
        settings.timeouts.ping_interval = Duration::from_millis(1);
        settings.timeouts.ping_timeout = Duration::from_secs(5);
    })
    .await;
    let mut peer = gateway.device("one").await;
    for _ in 0..2 {
        let next = time::timeout(DEADLINE, peer.socket.next()).await.unwrap();
        assert!(matches!(next, Some(Ok(Message::Ping(_)))), "{next:?}");
    }
}
