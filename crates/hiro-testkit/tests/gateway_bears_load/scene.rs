//! One gateway process with its metrics, and peers that log in to it.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddrV4, TcpStream};

use hiro_protocol::attestation::{Attestation, DEFAULT_VALIDITY};
use hiro_protocol::gateway::client::{AuthResponse, ClientFrame};
use hiro_protocol::keys::SecretKey;
use hiro_protocol::nonce::Nonce;
use hiro_testkit::{Home, PATIENCE, free_port, resident_bytes};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Message, WebSocket, client};

pub(crate) const MEBIBYTE: u64 = 1 << 20;

pub(crate) struct Scene {
    pub(crate) address: SocketAddrV4,
    pub(crate) pid: u32,
    home: Home,
    metrics_port: u16,
    key: SecretKey,
}

pub(crate) struct Peer(WebSocket<TcpStream>);

impl Scene {
    /// A gateway with these `limits`.
    pub(crate) fn start(limits: &Value) -> Self {
        let (home, key) = (Home::new(), SecretKey::generate());
        let [port, metrics_port] = [(); 2].map(|()| free_port());
        let (public, shown) = (key.public_key().to_base64(), port.to_string());
        let create = ["instance", "create", "home", "--desktop-pubkey", &public, "--port", &shown];
        home.run("hirogate", &create).success();
        let config = home.data("hirogate").join("instances/home/config.json");
        let text = fs::read_to_string(&config).expect("a configuration");
        let limits = format!("{{\"limits\": {limits}, \"device_notices\": false,");
        fs::write(&config, text.replacen('{', &limits, 1)).expect("a folder of the test's own");
        home.run("hirogate", &["start", "--metrics-port", &metrics_port.to_string()]).success();
        let pid = home.gateway("home")["pid"].as_u64().and_then(|pid| u32::try_from(pid).ok());
        let address = SocketAddrV4::new([127, 0, 0, 1].into(), port);
        Self { address, pid: pid.expect("it runs"), home, metrics_port, key }
    }

    /// A number of `/metrics`, without the prefix of its name.
    pub(crate) fn metric(&self, name: &str) -> u64 {
        let mut stream = TcpStream::connect(("127.0.0.1", self.metrics_port)).expect("it serves its metrics");
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("it reads");
        let mut page = String::new();
        stream.read_to_string(&mut page).expect("it answers");
        let row = format!("\nhirogate_{name} ");
        let value = page.split_once(&row).and_then(|(_, rest)| rest.lines().next());
        value.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("no `{name}`: {page}"))
    }

    pub(crate) fn memory(&self) -> u64 {
        resident_bytes(self.pid)
    }

    /// What `state.json` says.
    pub(crate) fn state(&self) -> Value {
        let file = self.home.data("hirogate").join("instances/home/state.json");
        serde_json::from_str(&fs::read_to_string(file).expect("a state")).expect("JSON")
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.home.gateway("home")["state"] == "ready"
    }

    /// A peer that has read its challenge.
    pub(crate) fn challenged(&self) -> (Peer, Nonce) {
        let stream = TcpStream::connect(self.address).expect("the gateway listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket with patience");
        stream.set_nodelay(true).expect("a socket without delay");
        let (socket, _) = client(format!("ws://{}/", self.address), stream).expect("a handshake");
        let mut peer = Peer(socket);
        let nonce = peer.hear()["nonce"].as_str().and_then(|nonce| nonce.parse().ok());
        (peer, nonce.expect("a challenge"))
    }

    pub(crate) fn desktop(&self, device_id: &str) -> Peer {
        self.logged_in(|nonce| AuthResponse::Desktop {
            device_id: device_id.to_owned(),
            nonce_signature: self.key.sign_base64(nonce.as_bytes()),
            device_name: None,
        })
    }

    pub(crate) fn device(&self, device_id: &str) -> Peer {
        let (device, now) = (SecretKey::generate(), Timestamp::now());
        let public = device.public_key();
        self.logged_in(|nonce| AuthResponse::Device {
            attestation: Attestation::issue(&self.key, device_id, &public, now, DEFAULT_VALIDITY),
            nonce_signature: device.sign_base64(nonce.as_bytes()),
            device_name: None,
        })
    }

    fn logged_in(&self, respond: impl FnOnce(&Nonce) -> AuthResponse) -> Peer {
        let (mut peer, nonce) = self.challenged();
        let response = ClientFrame::AuthResponse(respond(&nonce));
        peer.say(&serde_json::to_value(response).expect("a frame is JSON"));
        assert_eq!(peer.hear()["type"], "auth_ok");
        peer
    }
}

impl Peer {
    pub(crate) fn say(&mut self, frame: &Value) {
        self.0.send(Message::text(frame.to_string())).expect("the gateway reads");
    }

    /// The next frame.
    pub(crate) fn hear(&mut self) -> Value {
        loop {
            match self.0.read().expect("the connection holds") {
                Message::Text(text) => return serde_json::from_str(&text).expect("a frame of JSON"),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("a frame was expected, not {other:?}"),
            }
        }
    }

    /// Says goodbye as it should, and hears that the gateway has, too.
    pub(crate) fn leave(mut self) {
        self.0.close(None).expect("the connection holds");
        while self.0.read().is_ok() {}
    }
}

/// From one to the other and back.
pub(crate) fn exchange((desktop, phone): &mut (Peer, Peer), n: u64) {
    desktop.say(&json!({"target_device_id": "phone", "n": n}));
    assert_eq!(phone.hear()["n"], n);
    phone.say(&json!({"target_device_id": "desktop", "n": n}));
    assert_eq!(desktop.hear()["n"], n);
}
