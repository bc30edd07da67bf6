//! Peers that have gone silent, or that send but never read.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use hirogateway::relay::counters::Count;
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time;
use tokio_tungstenite::tungstenite::Message;

use crate::gateway::{DEADLINE, Gateway};
use crate::peer::Peer;

/// A device with a small receive buffer, which its owner is not going to read.
async fn stuck_device(gateway: &Gateway) -> Peer {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4096).expect("a small buffer");
    let stream = socket.connect(gateway.address).await.expect("the relay listens");
    let (mut peer, nonce) = gateway.challenged_over(stream).await;
    peer.send(&gateway.device_response("stuck", &nonce)).await;
    peer.expect(&json!({"type": "auth_ok", "device_id": "stuck"})).await;
    peer
}

fn long_frame(n: usize) -> serde_json::Value {
    json!({"n": n, "padding": "x".repeat(64 << 10)})
}

#[tokio::test]
async fn a_peer_that_does_not_read_delays_neither_the_sender_nor_the_others() {
    let gateway = Gateway::start_with(|settings| {
        settings.device_notices = false;
        settings.timeouts.patience = Duration::ZERO;
    })
    .await;
    let (mut sender, mut reader) = (gateway.desktop("desktop").await, gateway.device("reader").await);
    let _stuck = stuck_device(&gateway).await;
    // 25 MiB: more than the system's buffers and the relay's queue take.
    for n in 0..400 {
        sender.send(&long_frame(n)).await;
        assert_eq!(reader.receive().await["n"], n);
    }
}

#[tokio::test]
async fn a_peer_that_has_stopped_reading_holds_up_the_others_no_longer_than_the_patience_lasts() {
    let gateway = Gateway::start_with(|settings| {
        settings.device_notices = false;
        settings.limits.queued_frames = 8;
    })
    .await;
    let (mut sender, mut reader) = (gateway.desktop("desktop").await, gateway.device("reader").await);
    let _stuck = stuck_device(&gateway).await;
    let mut n = 0;
    while gateway.count(Count::FramesDropped) < 100 {
        sender.send(&long_frame(n)).await;
        assert_eq!(reader.receive().await["n"], n);
        n += 1;
    }
    // It can also leave and come back at once.
    sender.leave().await;
    gateway.until(Count::Members, |members| members == 2).await;
    gateway.desktop("desktop").await;
}

#[tokio::test]
async fn a_peer_that_reads_slowly_loses_nothing() {
    let gateway = Gateway::start_with(|settings| {
        settings.limits.queued_frames = 8;
        settings.timeouts.patience = DEADLINE;
    })
    .await;
    let mut desktop = gateway.desktop("desktop").await;
    let mut slow = stuck_device(&gateway).await;
    desktop.receive().await;
    let sending = async {
        for n in 0..200 {
            desktop.send(&long_frame(n)).await;
        }
    };
    let reading = async {
        for n in 0..200 {
            assert_eq!(slow.receive().await["n"], n);
        }
    };
    tokio::join!(sending, reading);
    assert_eq!(gateway.count(Count::FramesDropped), 0);
}

#[tokio::test]
async fn a_peer_that_does_not_read_is_closed_in_the_end() {
    let gateway = Gateway::start_with(|settings| {
        settings.timeouts.ping_interval = DEADLINE;
        settings.timeouts.ping_timeout = Duration::from_millis(200);
        settings.timeouts.patience = Duration::ZERO;
    })
    .await;
    let mut desktop = gateway.desktop("desktop").await;
    let _stuck = stuck_device(&gateway).await;
    desktop.expect(&json!({"type": "device_connected", "device_id": "stuck"})).await;
    let (mut sink, mut stream) = desktop.socket.split();
    let flood = async {
        loop {
            sink.send(Message::text(long_frame(0).to_string())).await.unwrap();
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
