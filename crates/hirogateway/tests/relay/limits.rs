//! What the relay does not take: messages that are too long, and more connections than it was told.

use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use hirogateway::relay::counters::Count;
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time;
use tokio_tungstenite::tungstenite::Message;

use crate::gateway::{DEADLINE, Gateway};

#[tokio::test]
async fn a_message_of_the_greatest_length_is_taken_and_a_longer_one_closes_with_1009() {
    let gateway = Gateway::start().await;
    let mut device = gateway.device("one").await;
    let longest = json!({"x": "x".repeat((1 << 20) - 8)}).to_string();
    assert_eq!(longest.len(), 1 << 20);
    device.send_text(longest.as_str()).await;
    device.send_text(longest + " ").await;
    assert_eq!(device.closed().await, (1009, "frame exceeds limit of 1048576 bytes".to_owned()));
}

#[tokio::test]
async fn a_message_that_is_far_too_long_still_gets_its_close_frame() {
    let gateway = Gateway::start().await;
    let (mut sink, mut stream) = gateway.device("one").await.socket.split();
    let sent = sink.send(Message::binary(vec![0; 16 << 20]));
    let closed = async {
        match stream.next().await {
            Some(Ok(Message::Close(Some(frame)))) => frame.code.into(),
            other => panic!("a close frame was expected, not {other:?}"),
        }
    };
    // Whether the rest of the message still finds a reader is not what is asked here.
    let (code, _) = time::timeout(DEADLINE, async { tokio::join!(closed, sent) }).await.unwrap();
    let code: u16 = code;
    assert_eq!(code, 1009);
}

#[tokio::test]
async fn a_message_that_is_too_long_before_the_login_closes_with_1009_too() {
    let gateway = Gateway::start_with(|settings| settings.limits.message_bytes = 1000).await;
    let (mut peer, _) = gateway.challenged().await;
    peer.send_text("x".repeat(1001)).await;
    assert_eq!(peer.closed().await, (1009, "frame exceeds limit of 1000 bytes".to_owned()));
}

#[tokio::test]
async fn a_connection_beyond_the_limit_is_dropped() {
    let gateway = Gateway::start_with(|settings| settings.limits.connections = 2).await;
    let mut desktop = gateway.desktop("desktop").await;
    let _device = gateway.device("one").await;
    assert_dropped(&gateway).await;
    assert_eq!(desktop.receive().await["type"], "device_connected");
}

#[tokio::test]
async fn a_connection_beyond_the_limit_is_counted() {
    let gateway = Gateway::start_with(|settings| settings.limits.connections = 1).await;
    let _desktop = gateway.desktop("desktop").await;
    assert_dropped(&gateway).await;
    assert_eq!(gateway.count(Count::ConnectionsRefused), 1);
    assert_eq!(gateway.count(Count::ConnectionsOpen), 1);
}

#[tokio::test]
async fn a_stranger_makes_room_for_the_next_one_of_its_address_with_1013() {
    let gateway = Gateway::start_with(|settings| settings.limits.unauthenticated_per_address = 1).await;
    let mut desktop = gateway.desktop("desktop").await;
    let (mut stranger, _) = gateway.challenged().await;
    let _device = gateway.device("one").await;
    assert_eq!(stranger.closed().await, (1013, "too many clients that are not logged in".to_owned()));
    assert_eq!(desktop.receive().await["type"], "device_connected");
    assert_eq!(gateway.count(Count::ConnectionsPushedOut), 1);
}

#[tokio::test]
async fn a_stranger_of_another_address_keeps_its_place() {
    let gateway = Gateway::start_with(|settings| settings.limits.unauthenticated_per_address = 1).await;
    let socket = TcpSocket::new_v4().unwrap();
    // All of 127.0.0.0/8 is this machine; where it is not, the test has nothing to ask.
    if socket.bind("127.0.0.2:0".parse().unwrap()).is_err() {
        return;
    }
    let stream = socket.connect(gateway.address).await.unwrap();
    let (mut elsewhere, nonce) = gateway.challenged_over(stream).await;
    let _strangers = (gateway.challenged().await, gateway.challenged().await);
    elsewhere.send(&gateway.device_response("one", &nonce)).await;
    elsewhere.expect(&json!({"type": "auth_ok", "device_id": "one"})).await;
}

#[tokio::test]
async fn a_peer_that_sends_too_fast_is_slowed_down_and_loses_nothing() {
    let gateway = Gateway::start_with(|settings| settings.limits.frames_per_second = 10).await;
    let (mut desktop, mut device) = (gateway.desktop("desktop").await, gateway.device("one").await);
    desktop.receive().await;
    let began = Instant::now();
    for n in 0..10 {
        device.send(&json!({"n": n})).await;
    }
    for n in 0..10 {
        assert_eq!(desktop.receive().await["n"], n);
    }
    assert!(began.elapsed() >= Duration::from_millis(700), "{:?}", began.elapsed());
    assert!(gateway.count(Count::Throttled) > 0);
}

#[tokio::test]
async fn one_that_is_slowed_down_does_not_slow_down_another() {
    let gateway = Gateway::start_with(|settings| settings.limits.frames_per_second = 10).await;
    let (mut desktop, mut device) = (gateway.desktop("desktop").await, gateway.device("one").await);
    for n in 0..1000 {
        device.send(&json!({"target_device_id": "one", "n": n})).await;
    }
    gateway.until(Count::Throttled, |times| times > 0).await;
    desktop.receive().await;
    desktop.send(&json!({"target_device_id": "desktop", "n": 1})).await;
    assert_eq!(desktop.receive().await["n"], 1);
    // The thousand would take 100 seconds.
    assert!(gateway.count(Count::FramesReceived) < 500);
}

async fn assert_dropped(gateway: &Gateway) {
    let mut stream = TcpStream::connect(gateway.address).await.expect("the system accepts");
    let read = time::timeout(DEADLINE, stream.read(&mut [0; 1])).await.expect("an end");
    assert!(matches!(read, Ok(0) | Err(_)), "{read:?}");
}
