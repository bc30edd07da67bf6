//! What a program says to the HTTP API, word by word, and what it hears.

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::running::{RunningServer, within};

/// Sends `head` (request line and headers) and `body` as they are, and returns status and JSON.
pub(crate) async fn send(server: &RunningServer, head: &[&str], body: &str) -> (u16, Value) {
    let answer = within("an answer", async {
        let mut stream = say(server, head, body).await;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    })
    .await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap_or_else(|_| panic!("no json: {answer}")))
}

/// Reads `path` with the token.
pub(crate) async fn get(server: &RunningServer, path: &str) -> (u16, Value) {
    send(server, &[&format!("GET {path} HTTP/1.1"), "Host: 127.0.0.1", &bearer(server)], "").await
}

/// Posts JSON to `path` with the token.
pub(crate) async fn post(server: &RunningServer, path: &str, body: &str) -> (u16, Value) {
    let line = format!("POST {path} HTTP/1.1");
    let token = bearer(server);
    let head = [&line, "Host: 127.0.0.1", &token, "Content-Type: application/json"];
    send(server, &head, body).await
}

/// The header with the token.
pub(crate) fn bearer(server: &RunningServer) -> String {
    let token = std::fs::read_to_string(server.workspace().join("api_token")).unwrap();
    format!("Authorization: Bearer {token}")
}

/// Sends a request, and returns the connection that the answer comes through.
pub(crate) async fn say(server: &RunningServer, head: &[&str], body: &str) -> BufReader<TcpStream> {
    let mut request = head.join("\r\n");
    request.push_str(&format!("\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()));
    let mut stream = TcpStream::connect(server.http).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    BufReader::new(stream)
}
