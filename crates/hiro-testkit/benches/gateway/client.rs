//! A peer that costs the load generator as little as possible: a blocking socket and no parsing beyond the frames.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, bail};
use hiro_protocol::attestation::{Attestation, DEFAULT_VALIDITY};
use hiro_protocol::gateway::client::{AuthResponse, ClientFrame};
use hiro_protocol::keys::SecretKey;
use hiro_protocol::nonce::Nonce;
use jiff::Timestamp;
use serde_json::Value;

use super::frames::{self, Frame, PONG};

/// Longer than any gateway is silent that still works.
const PATIENCE: Duration = Duration::from_secs(60);

const UPGRADE: &[u8] = b"GET / HTTP/1.1\r\nHost: gateway\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n";

pub(crate) struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// What of the buffer has been read and not yet looked at.
    unread: std::ops::Range<usize>,
}

impl Client {
    /// Logged in as the desktop.
    pub(crate) fn desktop(gateway: SocketAddr, key: &SecretKey, device_id: &str) -> anyhow::Result<Self> {
        Self::log_in(gateway, |nonce| AuthResponse::Desktop {
            device_id: device_id.to_owned(),
            nonce_signature: key.sign_base64(nonce.as_bytes()),
            device_name: None,
        })
    }

    /// Logged in as a device of that desktop.
    pub(crate) fn device(gateway: SocketAddr, desktop: &SecretKey, device_id: &str) -> anyhow::Result<Self> {
        let device = SecretKey::generate();
        let (public_key, now) = (device.public_key(), Timestamp::now());
        Self::log_in(gateway, |nonce| AuthResponse::Device {
            attestation: Attestation::issue(desktop, device_id, &public_key, now, DEFAULT_VALIDITY),
            nonce_signature: device.sign_base64(nonce.as_bytes()),
            device_name: None,
        })
    }

    fn log_in(gateway: SocketAddr, respond: impl FnOnce(&Nonce) -> AuthResponse) -> anyhow::Result<Self> {
        let mut client = Self::open(gateway)?;
        let challenge: Value = serde_json::from_slice(client.receive()?)?;
        let nonce = challenge["nonce"].as_str().context("a challenge")?.parse()?;
        let response = serde_json::to_string(&ClientFrame::AuthResponse(respond(&nonce)))?;
        client.send(&frames::text_frame(&response))?;
        let answer: Value = serde_json::from_slice(client.receive()?)?;
        anyhow::ensure!(answer["type"] == "auth_ok", "not let in: {answer}");
        Ok(client)
    }

    fn open(gateway: SocketAddr) -> anyhow::Result<Self> {
        let mut stream = TcpStream::connect(gateway)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(UPGRADE)?;
        let (mut answer, mut byte) = (Vec::new(), [0]);
        while !answer.ends_with(b"\r\n\r\n") {
            stream.read_exact(&mut byte)?;
            answer.extend(byte);
        }
        anyhow::ensure!(answer.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&answer));
        Ok(Self { stream, buffer: Vec::new(), unread: 0..0 })
    }

    /// The sending half, for another thread.
    pub(crate) fn sender(&self) -> anyhow::Result<TcpStream> {
        Ok(self.stream.try_clone()?)
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        Ok(self.stream.write_all(bytes)?)
    }

    /// The text of the next message.
    pub(crate) fn receive(&mut self) -> anyhow::Result<&[u8]> {
        loop {
            let pending = self.unread.clone();
            match frames::first(&self.buffer[pending.clone()])? {
                Some((frame, length)) => {
                    let (is_text, end) = (matches!(frame, Frame::Text(_)), pending.start + length);
                    self.unread.start = end;
                    if is_text {
                        let header = if length > 127 { 4 } else { 2 };
                        return Ok(&self.buffer[pending.start + header..end]);
                    }
                    self.stream.write_all(&PONG)?;
                }
                None => self.read_more()?,
            }
        }
    }

    fn read_more(&mut self) -> anyhow::Result<()> {
        self.buffer.copy_within(self.unread.clone(), 0);
        self.unread = 0..self.unread.len();
        // An idle client stays small; one that is busy reads much at once.
        let room = if self.buffer.len() - self.unread.end < 1024 { 1024 } else { 0 };
        self.buffer.resize((self.buffer.len() + room).max(2048), 0);
        match self.stream.read(&mut self.buffer[self.unread.end..]) {
            Ok(0) => bail!("the gateway hung up"),
            Ok(count) => self.unread.end += count,
            Err(failure) if failure.kind() == ErrorKind::Interrupted => {}
            Err(failure) => return Err(failure.into()),
        }
        Ok(())
    }

    /// Reads much at once from now on.
    pub(crate) fn read_in_bulk(&mut self) {
        self.buffer.resize(256 << 10, 0);
    }
}
