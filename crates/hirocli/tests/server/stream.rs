//! An answer that does not end, as a program reads it: line by line, or event by event.

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::TcpStream;

use crate::client::{bearer, say};
use crate::running::{RunningServer, within};

/// An answer that does not end: lines, one after the other.
pub(crate) struct Stream {
    lines: BufReader<TcpStream>,
}

impl Stream {
    /// Opens `path` with the token and `headers`; by then the server has answered with 200.
    pub(crate) async fn open(server: &RunningServer, path: &str, headers: &[&str]) -> Self {
        let line = format!("GET {path} HTTP/1.1");
        let (line, token) = (line.as_str(), bearer(server));
        let head = [&[line, "Host: 127.0.0.1", &token], headers].concat();
        let mut stream = Self { lines: say(server, &head, "").await };
        let status = stream.line().await;
        assert!(status.starts_with("HTTP/1.1 200"), "{status}");
        while !stream.line().await.is_empty() {}
        stream
    }

    /// The next line that is no chunk's length.
    pub(crate) async fn text(&mut self) -> String {
        loop {
            let line = self.line().await;
            if !line.is_empty() && u32::from_str_radix(&line, 16).is_err() {
                return line;
            }
        }
    }

    /// The next server-sent event: its fields `id`, `event` and `data`.
    pub(crate) async fn event(&mut self) -> (String, String, Value) {
        let (mut id, mut kind) = (String::new(), String::new());
        loop {
            let line = self.text().await;
            match line.split_once(": ") {
                Some(("id", value)) => id = value.to_owned(),
                Some(("event", value)) => kind = value.to_owned(),
                Some(("data", value)) => return (id, kind, serde_json::from_str(value).unwrap()),
                _ => {}
            }
        }
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        let read = within("a line", self.lines.read_line(&mut line)).await.unwrap();
        assert!(read > 0, "the stream has ended");
        line.trim_end().to_owned()
    }

    /// Whether the server has ended the answer.
    pub(crate) async fn ends(mut self) {
        let mut rest = Vec::new();
        within("the end of the stream", self.lines.read_to_end(&mut rest)).await.unwrap();
    }
}
