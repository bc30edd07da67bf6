//! One end of a connection to the relay. Every wait has a deadline.

#[cfg(unix)]
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::gateway::DEADLINE;

pub(crate) struct Peer {
    pub(crate) socket: WebSocketStream<TcpStream>,
}

impl Peer {
    pub(crate) async fn open(stream: TcpStream) -> Self {
        let opening = tokio_tungstenite::client_async("ws://127.0.0.1/", stream);
        let (socket, _) = time::timeout(DEADLINE, opening).await.expect("an answer").expect("a handshake");
        Self { socket }
    }

    pub(crate) async fn send(&mut self, frame: &Value) {
        self.send_text(frame.to_string()).await;
    }

    pub(crate) async fn send_text(&mut self, text: impl Into<String>) {
        self.send_message(Message::text(text.into())).await;
    }

    pub(crate) async fn send_message(&mut self, message: Message) {
        let sent = time::timeout(DEADLINE, self.socket.send(message)).await;
        sent.expect("the relay reads").expect("the connection holds");
    }

    pub(crate) async fn receive(&mut self) -> Value {
        serde_json::from_str(&self.receive_text().await).expect("the relay sends JSON")
    }

    pub(crate) async fn receive_text(&mut self) -> String {
        match self.next().await {
            Some(Ok(Message::Text(text))) => text.to_string(),
            other => panic!("a text frame was expected, not {other:?}"),
        }
    }

    pub(crate) async fn expect(&mut self, expected: &Value) {
        assert_eq!(&self.receive().await, expected);
    }

    /// The next frame, if it comes so soon.
    #[cfg(unix)]
    pub(crate) async fn receive_within(&mut self, patience: Duration) -> Option<Value> {
        time::timeout(patience, self.receive()).await.ok()
    }

    /// The next frame, or the code and the reason with which the relay let the peer go.
    #[cfg(unix)]
    pub(crate) async fn receive_or_closed(&mut self) -> Result<Value, (u16, String)> {
        match self.next().await {
            Some(Ok(Message::Text(text))) => Ok(serde_json::from_str(&text).expect("the relay sends JSON")),
            Some(Ok(Message::Close(Some(frame)))) => Err((frame.code.into(), frame.reason.to_string())),
            other => panic!("a frame or a close frame was expected, not {other:?}"),
        }
    }

    /// The code and the reason of the close frame, which must be next.
    pub(crate) async fn closed(&mut self) -> (u16, String) {
        match self.next().await {
            Some(Ok(Message::Close(Some(frame)))) => (frame.code.into(), frame.reason.to_string()),
            other => panic!("a close frame was expected, not {other:?}"),
        }
    }

    pub(crate) async fn leave(mut self) {
        let closed = time::timeout(DEADLINE, self.socket.close(None)).await;
        closed.expect("the relay reads").expect("the connection holds");
    }

    /// The next message that is neither a ping nor a pong.
    async fn next(&mut self) -> Option<Result<Message, Error>> {
        loop {
            let next = time::timeout(DEADLINE, self.socket.next()).await.expect("the relay says something");
            if !matches!(next, Some(Ok(Message::Ping(_) | Message::Pong(_)))) {
                return next;
            }
        }
    }
}
