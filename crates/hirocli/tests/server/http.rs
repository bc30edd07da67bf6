//! The HTTP API, request by request.

use hirocli::server::ControlRequest;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::running::{RunningServer, within};

/// Sends `head` (request line and headers) and `body` as they are, and returns status and JSON.
async fn send(server: &RunningServer, head: &[&str], body: &str) -> (u16, Value) {
    let mut request = head.join("\r\n");
    request.push_str(&format!("\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()));
    let answer = within("an answer", async {
        let mut stream = TcpStream::connect(server.http).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    })
    .await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap_or_else(|_| panic!("no json: {answer}")))
}

async fn get(server: &RunningServer, path: &str) -> (u16, Value) {
    send(server, &[&format!("GET {path} HTTP/1.1"), "Host: 127.0.0.1"], "").await
}

async fn post(server: &RunningServer, path: &str, body: &str) -> (u16, Value) {
    let host = format!("Host: {}", server.http);
    send(server, &[&format!("POST {path} HTTP/1.1"), &host, "Content-Type: application/json"], body).await
}

#[tokio::test]
async fn the_status_tells_the_servers_own_pid_and_the_state_of_the_gateway() {
    let server = RunningServer::start().await;
    let (code, status) = get(&server, "/status").await;
    let expected = json!({
        "running": true, "pid": std::process::id(), "ws_connected": false, "last_connected": null,
        "gateway_url": null,
    });
    assert_eq!((code, status), (200, expected));
    let mut devices = server.plugin("devices").await;
    devices.event("gateway_connected", &json!({"gateway_url": "ws://g"})).await;
    devices.ask("channel.dance").await;
    let (_, status) = get(&server, "/status").await;
    assert_eq!((&status["ws_connected"], &status["gateway_url"]), (&json!(true), &json!("ws://g")));
    drop(devices);
    server.stop().await;
}

#[tokio::test]
async fn the_registered_plugins_are_listed() {
    let server = RunningServer::start().await;
    assert_eq!(get(&server, "/channels").await, (200, json!({"channels": []})));
    let mut plugin = server.plugin("x").await;
    plugin.ask("channel.dance").await;
    let expected = json!({"channels": [{"name": "x", "version": "1.2.3", "description": "a test"}]});
    assert_eq!(get(&server, "/channels").await, (200, expected));
    drop(plugin);
    server.stop().await;
}

#[tokio::test]
async fn errors_have_the_shape_of_the_python_server() {
    let server = RunningServer::start().await;
    assert_eq!(get(&server, "/nowhere").await, (404, json!({"detail": "Not Found"})));
    assert_eq!(get(&server, "/_shutdown").await, (405, json!({"detail": "Method Not Allowed"})));
    assert_eq!(post(&server, "/status", "").await, (405, json!({"detail": "Method Not Allowed"})));
    let missing = json!({"type": "missing", "loc": ["body"], "msg": "Field required", "input": null});
    assert_eq!(post(&server, "/_restart", "").await, (422, json!({"detail": [missing]})));
    let (code, answer) = post(&server, "/_restart", "{").await;
    assert_eq!((code, &answer["detail"][0]["type"]), (422, &json!("json_invalid")));
    server.stop().await;
}

#[tokio::test]
async fn shutdown_and_restart_are_passed_on_to_the_owner_of_the_process() {
    let mut server = RunningServer::start().await;
    assert_eq!(post(&server, "/_shutdown", "").await, (200, json!({"status": "shutting_down"})));
    assert!(matches!(within("the request", server.control.recv()).await, Some(ControlRequest::Shutdown)));
    assert_eq!(
        post(&server, "/_restart", r#"{"admin": true}"#).await,
        (200, json!({"status": "restarting"}))
    );
    let request = within("the request", server.control.recv()).await;
    assert!(matches!(request, Some(ControlRequest::Restart { admin: true })));
    assert_eq!(get(&server, "/status").await.0, 200, "the server itself goes on");
    server.stop().await;
}

#[tokio::test]
async fn no_web_page_can_shut_the_server_down() {
    let mut server = RunningServer::start().await;
    let own = format!("Host: {}", server.http);
    let table: [&[&str]; 4] = [
        &[&own, "Origin: http://evil.example", "Content-Type: text/plain"],
        &[&own, "Origin: null"],
        &["Host: evil.example"],
        &["Host: evil.example", "Origin: http://evil.example"],
    ];
    for headers in table {
        let head = [&["POST /_shutdown HTTP/1.1"], headers].concat();
        assert_eq!(send(&server, &head, "").await.0, 403, "{headers:?}");
    }
    assert!(server.control.try_recv().is_err());
    let same = format!("Origin: http://{}", server.http);
    assert_eq!(send(&server, &["POST /_shutdown HTTP/1.1", &own, &same], "").await.0, 200);
    server.stop().await;
}
