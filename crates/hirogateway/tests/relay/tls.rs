//! The relay behind TLS, and what becomes of connections when its certificate is renewed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::fs::{self, FileTimes};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use futures_util::{SinkExt, StreamExt};
use hirogateway::relay::counters::Count;
use hirogateway::relay::tls::{Tls, TlsError};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, IpAddr, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use crate::gateway::{DEADLINE, Gateway};
use crate::until::until;

/// Certificate and key, made for the tests alone.
type Certificate = (&'static str, &'static str);

const FIRST: Certificate = (include_str!("certificates/first.pem"), include_str!("certificates/first.key"));
const SECOND: Certificate =
    (include_str!("certificates/second.pem"), include_str!("certificates/second.key"));

fn write(folder: &Path, (certificate, key): Certificate, modified: SystemTime) {
    for (name, content) in [("tls.pem", certificate), ("tls.key", key)] {
        let path = folder.join(name);
        fs::write(&path, content).unwrap();
        let file = fs::File::options().write(true).open(&path).unwrap();
        file.set_times(FileTimes::new().set_modified(modified)).unwrap();
    }
}

fn load(folder: &Path) -> Result<Tls, TlsError> {
    Tls::load(folder.join("tls.pem"), folder.join("tls.key"))
}

/// A gateway with the first certificate, which stands in the folder.
async fn gateway() -> (Gateway, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), FIRST, SystemTime::now() - Duration::from_secs(60));
    let tls = Arc::new(load(folder.path()).unwrap());
    (Gateway::start_with(|settings| settings.tls = Some(tls)).await, folder)
}

struct Peer(WebSocketStream<TlsStream<TcpStream>>);

impl Peer {
    async fn receive(&mut self) -> Value {
        match time::timeout(DEADLINE, self.0.next()).await.expect("the relay says something") {
            Some(Ok(Message::Text(text))) => serde_json::from_str(&text).unwrap(),
            other => panic!("a text frame was expected, not {other:?}"),
        }
    }

    async fn send(&mut self, frame: &Value) {
        self.0.send(Message::text(frame.to_string())).await.unwrap();
    }
}

/// Connects, provided that the gateway proves itself with that certificate.
async fn connect(gateway: &Gateway, (trusted, _): Certificate) -> std::io::Result<Peer> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(trusted.as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::IpAddress(IpAddr::from(gateway.address.ip()));
    let stream = TlsConnector::from(Arc::new(config)).connect(name, gateway.bare().await).await?;
    let (socket, _) = tokio_tungstenite::client_async("ws://127.0.0.1/", stream).await.unwrap();
    Ok(Peer(socket))
}

#[cfg(not(target_os = "macos"))]
fn provider() -> rustls::crypto::CryptoProvider {
    rustls::crypto::ring::default_provider()
}

#[cfg(target_os = "macos")]
fn provider() -> rustls::crypto::CryptoProvider {
    rustls_graviola::default_provider()
}

async fn desktop(gateway: &Gateway, trusted: Certificate, device_id: &str) -> Peer {
    let mut peer = connect(gateway, trusted).await.expect("the gateway proves itself");
    let challenge = peer.receive().await;
    let nonce = challenge["nonce"].as_str().unwrap().parse().unwrap();
    peer.send(&gateway.desktop_response(device_id, &nonce)).await;
    assert_eq!(peer.receive().await, json!({"type": "auth_ok", "device_id": device_id}));
    peer
}

#[tokio::test]
async fn peers_log_in_and_talk_behind_tls() {
    let (gateway, _folder) = gateway().await;
    let (mut one, mut two) = (desktop(&gateway, FIRST, "one").await, desktop(&gateway, FIRST, "two").await);
    let long = "x".repeat(200_000);
    one.send(&json!({"target_device_id": "two", "text": long})).await;
    let received = two.receive().await;
    assert_eq!((&received["sender_device_id"], &received["text"]), (&json!("one"), &json!(long)));
    gateway.begin_shutdown();
    let end = time::timeout(DEADLINE, one.0.next()).await.unwrap();
    assert!(
        matches!(&end, Some(Ok(Message::Close(Some(frame)))) if u16::from(frame.code) == 1001),
        "{end:?}"
    );
}

#[tokio::test]
async fn a_renewed_certificate_holds_for_new_connections_and_ends_no_old_one() {
    let (gateway, folder) = gateway().await;
    let mut old = desktop(&gateway, FIRST, "old").await;
    write(folder.path(), SECOND, SystemTime::now());
    until("the renewed certificate", async || connect(&gateway, SECOND).await.ok()).await;
    let mut new = desktop(&gateway, SECOND, "new").await;
    new.send(&json!({"target_device_id": "old", "n": 1})).await;
    assert_eq!(old.receive().await["n"], 1);
    assert!(connect(&gateway, FIRST).await.is_err());
}

#[tokio::test]
async fn a_renewal_that_can_not_be_used_leaves_the_certificate_before_it() {
    let (gateway, folder) = gateway().await;
    write(folder.path(), (SECOND.0, FIRST.1), SystemTime::now());
    let began = Instant::now();
    // Longer than the time between two looks at the files.
    while began.elapsed() < Duration::from_secs(2) {
        assert!(connect(&gateway, FIRST).await.is_ok());
    }
}

#[tokio::test]
async fn whoever_does_not_speak_tls_is_hung_up_on() {
    let (gateway, _folder) = gateway().await;
    let mut plain = gateway.bare().await;
    plain.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut said = Vec::new();
    let _ = time::timeout(DEADLINE, plain.read_to_end(&mut said)).await.expect("the relay hangs up");
    assert!(!said.starts_with(b"HTTP"));
    gateway.until(Count::HandshakesFailed, |count| count == 1).await;
}

#[test]
fn files_that_can_not_be_used_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(load(folder.path()), Err(TlsError::Read { .. })));
    let now = SystemTime::now();
    write(folder.path(), ("no certificate", FIRST.1), now);
    assert!(matches!(load(folder.path()), Err(TlsError::Pem { what: "certificate", .. })));
    write(folder.path(), (FIRST.0, "no key"), now);
    assert!(matches!(load(folder.path()), Err(TlsError::Pem { what: "private key", .. })));
    write(folder.path(), (FIRST.0, SECOND.1), now);
    assert!(matches!(load(folder.path()), Err(TlsError::Unusable { .. })));
}
