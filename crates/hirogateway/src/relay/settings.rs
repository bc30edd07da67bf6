//! What the caller of the relay decides, with the values of the Python package as defaults where it has them.

use std::path::PathBuf;
use std::time::Duration;

use hiro_protocol::keys::PublicKey;

pub use bus_url::{BusUrl, InvalidBusUrl};

mod bus_url;

/// How a relay behaves.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RelaySettings {
    /// Who is the desktop.
    pub desktop_key: PublicKey,
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
    /// For a peer that is slow to empty its full queue, once each time that it falls behind.
    pub patience: Duration,
    /// For a peer to take part in the closing.
    pub close: Duration,
    /// After the system refused to accept a connection.
    pub accept_pause: Duration,
}

/// How much the relay takes.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Limits {
    /// The longest message, in bytes, both ways.
    pub message_bytes: usize,
    /// Connections in all.
    pub connections: usize,
    /// Connections that have not logged in yet.
    pub unauthenticated: usize,
    /// Clients that wait for the desktop's answer to their pairing request.
    pub pairings: usize,
    /// Frames that wait for one peer to read them.
    pub queued_frames: usize,
    /// Bytes that wait for one peer to read them.
    pub queued_bytes: usize,
}

impl RelaySettings {
    /// The defaults, for the desktop with that key.
    pub fn new(desktop_key: PublicKey) -> Self {
        Self {
            desktop_key,
            state_file: None,
            device_notices: true,
            bus: None,
            timeouts: Timeouts::default(),
            limits: Limits::default(),
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
            patience: Duration::from_secs(1),
            close: Duration::from_secs(1),
            accept_pause: Duration::from_secs(1),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message_bytes: 1 << 20,
            connections: 1024,
            unauthenticated: 128,
            pairings: 32,
            queued_frames: 4096,
            queued_bytes: 8 << 20,
        }
    }
}
