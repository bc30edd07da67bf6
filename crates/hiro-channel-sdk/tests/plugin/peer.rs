//! The other end of a plugin's socket: a listener on a port of its own, and what a test says on it.

use std::future::Future;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use hiro_channel_sdk::{Error, Options};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{WebSocketStream, accept_async};
use tokio_util::sync::CancellationToken;

const DEADLINE: Duration = Duration::from_secs(20);

/// Waits for `future`, but not forever.
pub(crate) async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    timeout(DEADLINE, future).await.unwrap_or_else(|_| panic!("{what}: not within {DEADLINE:?}"))
}

/// A port that plugins, or the devices plugin as a desktop, connect to.
pub(crate) struct Port {
    listener: TcpListener,
    pub(crate) url: String,
}

impl Port {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        Self { listener, url }
    }

    pub(crate) async fn accept(&self) -> Peer {
        let (stream, _) = within("a connection", self.listener.accept()).await.unwrap();
        Peer { socket: within("a handshake", accept_async(stream)).await.unwrap() }
    }

    /// Accepts a plugin and reads its registration.
    pub(crate) async fn accept_plugin(&self) -> (Peer, Value) {
        let mut peer = self.accept().await;
        let registration = peer.next().await;
        assert_eq!(registration["method"], "channel.register");
        (peer, registration["params"].clone())
    }
}

/// One accepted connection.
pub(crate) struct Peer {
    socket: WebSocketStream<TcpStream>,
}

impl Peer {
    /// The next text frame, as JSON.
    pub(crate) async fn next(&mut self) -> Value {
        loop {
            let frame = within("a frame", self.socket.next()).await.expect("the socket has ended").unwrap();
            if let Message::Text(text) = frame {
                return serde_json::from_str(&text).unwrap();
            }
        }
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

    pub(crate) async fn notify(&mut self, method: &str, params: &Value) {
        self.say(&json!({"jsonrpc": "2.0", "method": method, "params": params})).await;
    }

    pub(crate) async fn request(&mut self, id: u32, method: &str, params: &Value) {
        self.say(&json!({"jsonrpc": "2.0", "method": method, "params": params, "id": id})).await;
    }

    /// Closes with `code`, and waits until the other end has let go.
    pub(crate) async fn close(mut self, code: u16, reason: &'static str) {
        let frame = CloseFrame { code: code.into(), reason: reason.into() };
        within("closing", self.socket.close(Some(frame))).await.unwrap();
        within("the end of the socket", async { while let Some(Ok(_)) = self.socket.next().await {} }).await;
    }
}

/// A plugin that runs in a task of the test.
pub(crate) struct Running {
    pub(crate) shutdown: CancellationToken,
    task: JoinHandle<Result<(), Error>>,
}

impl Running {
    pub(crate) fn echo(options: Options) -> Self {
        let shutdown = CancellationToken::new();
        let token = shutdown.clone();
        Self {
            shutdown,
            task: tokio::spawn(async move { hiro_channel_sdk::echo::run(&options, || (), token).await }),
        }
    }

    pub(crate) fn devices(options: Options) -> Self {
        let shutdown = CancellationToken::new();
        let token = shutdown.clone();
        Self {
            shutdown,
            task: tokio::spawn(async move { hiro_channel_sdk::devices::run(&options, || (), token).await }),
        }
    }

    /// What the plugin returned.
    pub(crate) async fn end(self) -> Result<(), Error> {
        within("the end of the plugin", self.task).await.unwrap()
    }
}
