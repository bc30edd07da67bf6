//! The client's side of a gateway connection: open it, log in, exchange frames.
//!
//! The devices plugin logs in with it as the desktop; a device logs in with its attestation, or asks to be paired.

use std::time::Duration;

use hiro_protocol::attestation::Attestation;
use hiro_protocol::gateway::client::{AuthResponse, ClientFrame};
use hiro_protocol::gateway::server::GatewayFrame;
use hiro_protocol::keys::SecretKey;
use hiro_protocol::nonce::Nonce;
use serde::Serialize;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::MaybeTlsStream;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use crate::Error;
use crate::socket::{self, Reader, Received, Writer};

/// How long each step of a login may take.
pub const STEP_TIMEOUT: Duration = Duration::from_secs(15);

/// The reading half of a connection that this program opened.
pub type ClientReader = Reader<MaybeTlsStream<TcpStream>>;

/// The writing half of a connection that this program opened.
pub type ClientWriter = Writer<MaybeTlsStream<TcpStream>>;

/// A connection to a gateway.
#[derive(Debug)]
pub struct GatewayClient {
    url: String,
    reader: ClientReader,
    writer: ClientWriter,
}

/// Who logs in.
#[derive(Debug, Clone, Copy)]
pub enum Credentials<'a> {
    /// The server of a workspace.
    Desktop {
        /// The name that it wants.
        device_id: &'a str,
        /// The key that the gateway trusts.
        key: &'a SecretKey,
    },
    /// A paired device.
    Device {
        /// The desktop's statement about it.
        attestation: &'a Attestation,
        /// The key that the statement is about.
        key: &'a SecretKey,
    },
}

impl Credentials<'_> {
    fn sign(&self, nonce: &Nonce) -> AuthResponse {
        match *self {
            Self::Desktop { device_id, key } => AuthResponse::Desktop {
                device_id: device_id.to_owned(),
                nonce_signature: key.sign_base64(nonce.as_bytes()),
                device_name: None,
            },
            Self::Device { attestation, key } => AuthResponse::Device {
                attestation: attestation.clone(),
                nonce_signature: key.sign_base64(nonce.as_bytes()),
                device_name: None,
            },
        }
    }
}

impl GatewayClient {
    /// Connects to the gateway at `url`; nobody is logged in yet.
    ///
    /// # Errors
    /// Those of [`socket::connect`].
    pub async fn connect(url: &str, ping_interval: Duration) -> Result<Self, Error> {
        let (reader, writer) = socket::split(socket::connect(url).await?, ping_interval);
        Ok(Self { url: url.to_owned(), reader, writer })
    }

    /// Answers the gateway's challenge.
    ///
    /// # Errors
    /// The gateway refuses, says something else than it should, or takes longer than [`STEP_TIMEOUT`] for a step.
    pub async fn log_in(&mut self, credentials: &Credentials<'_>) -> Result<(), Error> {
        let GatewayFrame::AuthChallenge { nonce } = self.next_frame("auth_challenge").await? else {
            return Err(self.unexpected("auth_challenge"));
        };
        self.send(&ClientFrame::AuthResponse(credentials.sign(&nonce))).await?;
        match self.next_frame("auth_ok").await? {
            GatewayFrame::AuthOk { .. } => Ok(()),
            _ => Err(self.unexpected("auth_ok")),
        }
    }

    /// The gateway's next own frame; `expected` names it in errors.
    ///
    /// # Errors
    /// The gateway closes the connection, sends something else, or nothing within [`STEP_TIMEOUT`].
    pub async fn next_frame(&mut self, expected: &'static str) -> Result<GatewayFrame, Error> {
        let text = self.next_text(expected).await?;
        serde_json::from_str(&text).map_err(|_| self.unexpected(expected))
    }

    /// The next text frame, whoever it is from; `expected` names it in errors.
    ///
    /// # Errors
    /// The gateway closes the connection, or nothing comes within [`STEP_TIMEOUT`].
    pub async fn next_text(&mut self, expected: &'static str) -> Result<Utf8Bytes, Error> {
        let text = async {
            loop {
                if let Received::Text(text) = self.reader.next().await? {
                    return Ok(text);
                }
            }
        };
        match timeout(STEP_TIMEOUT, text).await {
            Ok(Ok(text)) => Ok(text),
            Ok(Err(closed)) => Err(Error::GatewayClosed { url: self.url.clone(), closed }),
            Err(_) => Err(Error::GatewayTimeout { url: self.url.clone(), expected, waited: STEP_TIMEOUT }),
        }
    }

    /// Sends `frame` as JSON text.
    ///
    /// # Errors
    /// The connection has ended.
    ///
    /// # Panics
    /// When `frame` has no JSON form, as a map with keys that are no text.
    pub async fn send(&mut self, frame: &impl Serialize) -> Result<(), Error> {
        let text = serde_json::to_string(frame).expect("a frame has text keys only");
        let sent = self.writer.send(Message::text(text)).await;
        sent.map_err(|closed| Error::GatewayClosed { url: self.url.clone(), closed })
    }

    /// Says goodbye.
    pub async fn close(self) {
        socket::close(self.reader, self.writer, 1000, "").await;
    }

    /// Takes the connection apart, to read and write at the same time.
    pub fn into_halves(self) -> (ClientReader, ClientWriter) {
        (self.reader, self.writer)
    }

    fn unexpected(&self, expected: &'static str) -> Error {
        Error::GatewayUnexpected { url: self.url.clone(), expected }
    }
}
