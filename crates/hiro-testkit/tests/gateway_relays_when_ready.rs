//! A gateway that says that it is ready does its job.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::net::TcpStream;

use hiro_testkit::{Home, PATIENCE};
use serde_json::Value;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Message, WebSocket, client};

fn connect(port: u16) -> WebSocket<TcpStream> {
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    client(format!("ws://127.0.0.1:{port}/"), stream).unwrap().0
}

#[test]
fn a_client_gets_its_challenge_at_once_and_a_goodbye_when_the_gateway_stops() {
    let home = Home::new();
    let port = home.create_gateway("home");
    home.run("hirogate", &["start"]).success();
    let mut socket = connect(port);
    let challenge: Value = serde_json::from_str(socket.read().unwrap().to_text().unwrap()).unwrap();
    assert_eq!(challenge["type"], "auth_challenge");
    assert_eq!(challenge["nonce"].as_str().unwrap().len(), 64);
    home.run("hirogate", &["stop"]).success();
    let Message::Close(Some(goodbye)) = socket.read().unwrap() else { panic!("no close frame") };
    assert_eq!((goodbye.code, goodbye.reason.as_str()), (CloseCode::Away, ""));
}

#[test]
fn a_client_that_never_reads_does_not_keep_a_gateway_from_stopping() {
    let home = Home::new();
    let port = home.create_gateway("home");
    home.run("hirogate", &["start"]).success();
    let _deaf = connect(port);
    let stopped = home.run("hirogate", &["stop", "--json"]);
    let stopped: Value = serde_json::from_str(stopped.success()).unwrap();
    assert_eq!((&stopped["was_running"], &stopped["killed"]), (&true.into(), &false.into()));
}
