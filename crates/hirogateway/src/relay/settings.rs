//! What the caller of the relay decides, with the values of the Python package as defaults where it has them.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hiro_protocol::keys::PublicKey;
use serde::Deserialize;

use super::counters::Counters;
use super::tls::Tls;

pub use bus_url::{BusUrl, InvalidBusUrl};

mod bus_url;

/// How a relay behaves.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RelaySettings {
    /// Who is the desktop.
    pub desktop_key: PublicKey,
    /// What the relay proves itself with; absent: it speaks without TLS.
    pub tls: Option<Arc<Tls>>,
    /// Where the relay tells whether a desktop is connected; absent: nowhere.
    pub state_file: Option<PathBuf>,
    /// Whether the newest desktop is told which devices join and leave.
    pub device_notices: bool,
    /// The other nodes of this gateway; absent: there are none.
    pub bus: Option<BusSettings>,
    /// How long the relay waits.
    pub timeouts: Timeouts,
    /// How much the relay takes.
    pub limits: Limits,
    /// Where the relay counts.
    pub counters: Arc<Counters>,
}

/// How this node finds the others.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BusSettings {
    /// Where the bus is.
    pub url: BusUrl,
    /// Between two signs of life, and between two attempts to reach a bus that is away.
    pub beat: Duration,
    /// After so long without a sign of life a node counts as gone.
    pub silence: Duration,
}

/// How long the relay waits for what.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Timeouts {
    /// For the opening handshake.
    pub handshake: Duration,
    /// For a client's first frame.
    pub auth: Duration,
    /// For the desktop's answer to a pairing request.
    pub pairing: Duration,
    /// Between two pings.
    pub ping_interval: Duration,
    /// For the answer to a ping, and for a peer to take a frame.
    pub ping_timeout: Duration,
    /// For a peer to take part in the closing.
    pub close: Duration,
    /// After the system refused to accept a connection.
    pub accept_pause: Duration,
}

/// How much the relay takes. In an instance's `config.json` it is the object `limits`, with the names of the fields
/// here; those that are left out have their defaults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Limits {
    /// The longest message, in bytes, both ways.
    pub message_bytes: usize,
    /// What a client may send before it is logged in, in bytes.
    pub first_message_bytes: usize,
    /// Connections in all.
    pub connections: usize,
    /// Connections that have not logged in yet; one more pushes out another.
    pub unauthenticated: usize,
    /// The same for one address, or one network of IPv6 (`/64`).
    pub unauthenticated_per_address: usize,
    /// Clients that wait for the desktop's answer to their pairing request.
    pub pairings: usize,
    /// Pairing requests that are passed on within a second, by all clients together: pairing codes are short.
    pub pairings_per_second: usize,
    /// Frames that one peer may send in a second before it is made to wait; 0: as many as it can. The default keeps
    /// one peer from taking more than about a third of a processor.
    pub frames_per_second: u32,
    /// Frames that wait for one peer to read them.
    pub queued_frames: usize,
    /// Bytes that wait for one peer to read them.
    pub queued_bytes: usize,
    /// Bytes that wait for all peers together. One queue may be no longer than what is left of them.
    pub queued_bytes_in_all: usize,
}

impl RelaySettings {
    /// The defaults, for the desktop with that key.
    pub fn new(desktop_key: PublicKey) -> Self {
        Self {
            desktop_key,
            tls: None,
            state_file: None,
            device_notices: true,
            bus: None,
            timeouts: Timeouts::default(),
            limits: Limits::default(),
            counters: Arc::default(),
        }
    }
}

impl BusSettings {
    /// The defaults, for the bus at `url`.
    #[must_use]
    pub fn new(url: BusUrl) -> Self {
        Self { url, beat: Duration::from_secs(2), silence: Duration::from_secs(6) }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            auth: Duration::from_secs(30),
            pairing: Duration::from_secs(120),
            ping_interval: Duration::from_secs(20),
            ping_timeout: Duration::from_secs(20),
            close: Duration::from_secs(1),
            accept_pause: Duration::from_secs(1),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message_bytes: 1 << 20,
            first_message_bytes: 256 << 10,
            connections: 16_384,
            unauthenticated: 1024,
            unauthenticated_per_address: 256,
            pairings: 32,
            pairings_per_second: 20,
            frames_per_second: 200_000,
            queued_frames: 65_536,
            queued_bytes: 16 << 20,
            queued_bytes_in_all: 128 << 20,
        }
    }
}
