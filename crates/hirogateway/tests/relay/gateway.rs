//! One relay on a free port of the loopback, with the keys to log in.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hiro_protocol::attestation::{Attestation, DEFAULT_VALIDITY};
use hiro_protocol::gateway::client::{AuthResponse, ClientFrame};
use hiro_protocol::keys::SecretKey;
use hiro_protocol::nonce::Nonce;
use hirogateway::relay::counters::{Count, Counters};
use hirogateway::relay::{self, RelaySettings};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use tokio::time;
use tokio_util::sync::CancellationToken;

use crate::peer::Peer;
use crate::until::until;

/// Long enough for any machine, short enough to notice that nothing comes.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

pub(crate) struct Gateway {
    pub(crate) address: SocketAddr,
    pub(crate) desktop_key: Arc<SecretKey>,
    pub(crate) state_file: PathBuf,
    counters: Arc<Counters>,
    folder: tempfile::TempDir,
    shutdown: CancellationToken,
    task: JoinHandle<()>,
}

impl Gateway {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| ()).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut RelaySettings)) -> Self {
        Self::start_for(Arc::new(SecretKey::generate()), change).await
    }

    pub(crate) async fn start_for(
        desktop_key: Arc<SecretKey>,
        change: impl FnOnce(&mut RelaySettings),
    ) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let state_file = folder.path().join("state.json");
        let mut settings = RelaySettings::new(desktop_key.public_key());
        settings.state_file = Some(state_file.clone());
        change(&mut settings);
        let counters = Arc::clone(&settings.counters);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("the port's address");
        let shutdown = CancellationToken::new();
        let task = tokio::spawn(relay::run(listener, settings, shutdown.clone()));
        Self { address, desktop_key, state_file, counters, folder, shutdown, task }
    }

    pub(crate) fn count(&self, count: Count) -> u64 {
        self.counters.get(count)
    }

    /// Waits until the relay has noticed, which shows nowhere else.
    pub(crate) async fn until(&self, count: Count, holds: impl Fn(u64) -> bool) {
        until(&format!("{count:?}"), async || holds(self.count(count)).then_some(())).await;
    }

    /// A connection of which nothing else is known.
    pub(crate) async fn bare(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("the relay listens")
    }

    /// Its end without a farewell, as a power cut gives it.
    #[cfg(unix)]
    pub(crate) async fn die(self) {
        self.task.abort();
        let ended = time::timeout(DEADLINE, self.task).await.expect("the relay ends");
        assert!(ended.is_err_and(|ended| ended.is_cancelled()));
    }

    pub(crate) fn begin_shutdown(&self) {
        self.shutdown.cancel();
    }

    /// The folder of the state file, which is removed with it.
    pub(crate) async fn stopped(self) -> tempfile::TempDir {
        time::timeout(DEADLINE, self.task).await.expect("the relay stops").expect("the relay does not panic");
        self.folder
    }

    /// A peer that has read its challenge.
    pub(crate) async fn challenged(&self) -> (Peer, Nonce) {
        let stream = TcpStream::connect(self.address).await.expect("the relay listens");
        self.challenged_over(stream).await
    }

    pub(crate) async fn challenged_over(&self, stream: TcpStream) -> (Peer, Nonce) {
        let mut peer = Peer::open(stream).await;
        let challenge = peer.receive().await;
        let nonce = challenge["nonce"].as_str().and_then(|nonce| nonce.parse().ok());
        (peer, nonce.expect("a challenge"))
    }

    pub(crate) async fn desktop(&self, device_id: &str) -> Peer {
        let (mut peer, nonce) = self.challenged().await;
        peer.send(&self.desktop_response(device_id, &nonce)).await;
        peer.expect(&json!({"type": "auth_ok", "device_id": device_id})).await;
        peer
    }

    pub(crate) async fn device(&self, device_id: &str) -> Peer {
        let (mut peer, nonce) = self.challenged().await;
        peer.send(&self.device_response(device_id, &nonce)).await;
        peer.expect(&json!({"type": "auth_ok", "device_id": device_id})).await;
        peer
    }

    /// A device with a small receive buffer, which its owner does not read for now.
    pub(crate) async fn stuck_device(&self, device_id: &str) -> Peer {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(4096).expect("a small buffer");
        let stream = socket.connect(self.address).await.expect("the relay listens");
        let (mut peer, nonce) = self.challenged_over(stream).await;
        peer.send(&self.device_response(device_id, &nonce)).await;
        peer.expect(&json!({"type": "auth_ok", "device_id": device_id})).await;
        peer
    }

    pub(crate) fn desktop_response(&self, device_id: &str, nonce: &Nonce) -> Value {
        frame(AuthResponse::Desktop {
            device_id: device_id.to_owned(),
            nonce_signature: self.desktop_key.sign_base64(nonce.as_bytes()),
            device_name: None,
        })
    }

    pub(crate) fn device_response(&self, device_id: &str, nonce: &Nonce) -> Value {
        let device = SecretKey::generate();
        let now = Timestamp::now();
        frame(AuthResponse::Device {
            attestation: Attestation::issue(
                &self.desktop_key,
                device_id,
                &device.public_key(),
                now,
                DEFAULT_VALIDITY,
            ),
            nonce_signature: device.sign_base64(nonce.as_bytes()),
            device_name: None,
        })
    }
}

fn frame(response: AuthResponse) -> Value {
    serde_json::to_value(ClientFrame::AuthResponse(response)).expect("a frame is JSON")
}
