//! The way from a channel plugin to the server.

use hiro_protocol::json_rpc::{Notification, Response, method};
use hiro_protocol::unified_message::UnifiedMessage;
use serde_json::{Map, Value, json};
use thiserror::Error;
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;

/// As many frames wait to be written; whoever has one more waits with it.
const CAPACITY: usize = 256;

/// Sends messages and events to the server, in order. Clones belong to the same connection.
#[derive(Debug, Clone)]
pub struct Outbound {
    queue: mpsc::Sender<Message>,
}

/// The connection that an [`Outbound`] belonged to has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the connection to the server has ended")]
pub struct Disconnected;

impl Outbound {
    pub(crate) fn new() -> (Self, mpsc::Receiver<Message>) {
        let (queue, frames) = mpsc::channel(CAPACITY);
        (Self { queue }, frames)
    }

    /// Hands a message from the third party to the server.
    ///
    /// # Errors
    /// The connection has ended.
    pub async fn receive(&self, message: &UnifiedMessage) -> Result<(), Disconnected> {
        self.push(Notification::new(method::RECEIVE, message.to_object()).to_frame()).await
    }

    /// Tells the server that something happened.
    ///
    /// # Errors
    /// The connection has ended.
    pub async fn event(&self, name: &str, data: Map<String, Value>) -> Result<(), Disconnected> {
        let params =
            Map::from_iter([("event".to_owned(), json!(name)), ("data".to_owned(), Value::Object(data))]);
        self.push(Notification::new(method::EVENT, params).to_frame()).await
    }

    pub(crate) async fn respond(&self, response: &Response) -> Result<(), Disconnected> {
        self.push(response.to_frame()).await
    }

    async fn push(&self, frame: String) -> Result<(), Disconnected> {
        self.queue.send(Message::text(frame)).await.map_err(|_| Disconnected)
    }
}
