//! The server's side of the plugin port, as far as a plugin needs it: it lets plugins register, configures them, and hears
//! what they say.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;

use hiro_testkit::PATIENCE;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Message, WebSocket, accept};

use crate::gateways::Gateway;
use crate::published::{Running, module};

/// A published devices plugin that is connected to the test.
#[derive(Debug)]
pub(crate) struct Plugin {
    socket: WebSocket<TcpStream>,
    _process: Running,
    _folder: tempfile::TempDir,
}

impl Plugin {
    /// One that has registered, and was told to join `gateway` as `desktop`.
    pub(crate) fn start(version: &str, gateway: &Gateway, desktop: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("hiro plugin ").tempdir().expect("a temporary folder");
        let port = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
        let url = format!("ws://{}", port.local_addr().expect("a bound socket"));
        let mut command = module(version, "hiro_channel_devices.main");
        command.args(["--hiro-ws", &url, "--log-dir"]).arg(folder.path()).env("HOME", folder.path());
        let process = Running::start(&mut command);
        let (stream, _) = port.accept().expect("the plugin connects");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket with patience");
        let socket = accept(stream).expect("a handshake");
        let key = folder.path().join("master_key.pem");
        fs::write(&key, gateway.desktop.to_pem()).expect("a file of the test's own");
        let mut plugin = Self { socket, _process: process, _folder: folder };
        assert_eq!(plugin.hear("channel.register")["name"], "devices", "{version}");
        plugin.configure(gateway, desktop, &key);
        plugin
    }

    fn configure(&mut self, gateway: &Gateway, desktop: &str, key: &Path) {
        let url = format!("ws://127.0.0.1:{}", gateway.port);
        let config =
            json!({"gateway_url": url, "device_id": desktop, "master_key_path": key, "ping_interval": 30.0});
        self.notify("channel.configure", &json!({"config": config}));
    }

    pub(crate) fn notify(&mut self, method: &str, params: &Value) {
        let frame = json!({"jsonrpc": "2.0", "method": method, "params": params});
        self.socket.send(Message::text(frame.to_string())).expect("the plugin reads");
    }

    /// The params of the next call, which must be of `method`.
    pub(crate) fn hear(&mut self, method: &str) -> Value {
        let mut call = loop {
            match self.socket.read().expect("the plugin says something") {
                Message::Text(text) => break serde_json::from_str::<Value>(&text).expect("a call of JSON"),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("the plugin says {other:?}"),
            }
        };
        assert_eq!(call["method"], method, "{call}");
        call["params"].take()
    }

    /// The data of the next event, which must be `event`.
    pub(crate) fn event(&mut self, event: &str) -> Value {
        let mut params = self.hear("channel.event");
        assert_eq!(params["event"], event, "{params}");
        params["data"].take()
    }

    /// Waits through `passing` events until `event` comes.
    pub(crate) fn event_after(&mut self, event: &str, passing: &str) {
        loop {
            let params = self.hear("channel.event");
            if params["event"] == event {
                return;
            }
            assert_eq!(params["event"], passing, "{params}");
        }
    }
}
