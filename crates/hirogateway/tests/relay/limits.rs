//! What the relay does not take: messages that are too long, and more connections than it was told.

use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
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
async fn strangers_take_no_place_from_those_who_are_logged_in() {
    let gateway = Gateway::start_with(|settings| settings.limits.unauthenticated = 1).await;
    let mut desktop = gateway.desktop("desktop").await;
    let _stranger = gateway.challenged().await;
    assert_dropped(&gateway).await;
    desktop.send(&json!({"target_device_id": "desktop", "n": 1})).await;
    assert_eq!(desktop.receive().await["n"], 1);
}

#[tokio::test]
async fn a_thousand_bare_connections_leave_the_relay_as_it_was() {
    let gateway = Gateway::start().await;
    let mut desktop = gateway.desktop("desktop").await;
    for _ in 0..1000 {
        drop(TcpStream::connect(gateway.address).await.unwrap());
    }
    desktop.send(&json!({"target_device_id": "desktop", "n": 1})).await;
    assert_eq!(desktop.receive().await["n"], 1);
}

async fn assert_dropped(gateway: &Gateway) {
    let mut stream = TcpStream::connect(gateway.address).await.expect("the system accepts");
    let read = time::timeout(DEADLINE, stream.read(&mut [0; 1])).await.expect("an end");
    assert!(matches!(read, Ok(0) | Err(_)), "{read:?}");
}
