//! A plugin that says what the test wants, word by word.

use futures_util::{SinkExt, StreamExt};
use hiro_protocol::unified_message::UnifiedMessage;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::running::within;

pub(crate) struct FakePlugin {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl FakePlugin {
    pub(crate) async fn connect(url: &str) -> Self {
        let (socket, _) = within("connecting", connect_async(url)).await.unwrap();
        Self { socket }
    }

    /// Registers, and returns the configuration that comes back.
    pub(crate) async fn register(&mut self, name: &str) -> Value {
        self.say(&registration(name)).await;
        let frame = self.next().await;
        assert_eq!(frame["method"], "channel.configure", "{frame}");
        assert!(frame.get("id").is_none(), "a notification has no id");
        frame["params"]["config"].clone()
    }

    pub(crate) async fn say(&mut self, frame: &Value) {
        self.say_text(&frame.to_string()).await;
    }

    pub(crate) async fn say_text(&mut self, frame: &str) {
        within("writing", self.socket.send(Message::text(frame))).await.unwrap();
    }

    pub(crate) async fn say_binary(&mut self, frame: &[u8]) {
        within("writing", self.socket.send(Message::binary(frame.to_vec()))).await.unwrap();
    }

    /// A notification in the form of the Python plugins, which say `"id":null`.
    pub(crate) async fn notify(&mut self, method: &str, params: &Value) {
        self.say(&json!({"jsonrpc": "2.0", "method": method, "params": params, "id": null})).await;
    }

    pub(crate) async fn receive(&mut self, message: &UnifiedMessage) {
        self.notify("channel.receive", &Value::Object(message.to_object())).await;
    }

    pub(crate) async fn event(&mut self, event: &str, data: &Value) {
        self.notify("channel.event", &json!({"event": event, "data": data})).await;
    }

    /// Asks something and returns the answer. By then the server has handled all that was said before.
    pub(crate) async fn ask(&mut self, method: &str) -> Value {
        self.say(&json!({"jsonrpc": "2.0", "method": method, "params": {}, "id": "q"})).await;
        loop {
            let frame = self.next().await;
            if frame["id"] == "q" {
                return frame;
            }
        }
    }

    /// The messages that have come so far. By then the server has handled all that this plugin has said.
    pub(crate) async fn heard(&mut self) -> Vec<UnifiedMessage> {
        self.say(&json!({"jsonrpc": "2.0", "method": "channel.dance", "params": {}, "id": "heard"})).await;
        let mut messages = Vec::new();
        loop {
            let frame = self.next().await;
            if frame["id"] == "heard" {
                return messages;
            }
            messages.push(serde_json::from_value(frame["params"].clone()).unwrap());
        }
    }

    pub(crate) async fn next(&mut self) -> Value {
        loop {
            let frame = within("a frame", self.socket.next()).await.expect("the socket has ended").unwrap();
            match frame {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Close(frame) => panic!("closed: {frame:?}"),
                _ => {}
            }
        }
    }

    /// The message of the next `channel.send`.
    pub(crate) async fn next_message(&mut self) -> UnifiedMessage {
        let frame = self.next().await;
        assert_eq!(frame["method"], "channel.send", "{frame}");
        serde_json::from_value(frame["params"].clone()).unwrap()
    }

    /// The frames until the server closes the socket, and how it does.
    pub(crate) async fn until_closed(mut self) -> (Vec<Value>, CloseFrame) {
        let mut frames = Vec::new();
        loop {
            let frame = within("a close frame", self.socket.next()).await.expect("no close frame").unwrap();
            match frame {
                Message::Text(text) => frames.push(serde_json::from_str(&text).unwrap()),
                Message::Close(frame) => return (frames, frame.expect("a close code")),
                _ => {}
            }
        }
    }
}

pub(crate) fn registration(name: &str) -> Value {
    let params = json!({"name": name, "version": "1.2.3", "description": "a test"});
    json!({"jsonrpc": "2.0", "method": "channel.register", "params": params, "id": null})
}
