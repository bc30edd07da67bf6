//! A WebSocket that says when its peer is gone: limits, pings, deadlines, and a closing that never hangs.
//!
//! Both ends of the plugin port and the link to the gateway use it. It knows nothing of what the frames say.

mod connect;
mod reader;
mod writer;

use std::fmt;
use std::time::Duration;

use futures_util::StreamExt;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

pub use connect::connect;
pub use reader::{Reader, Received};
pub use writer::Writer;

/// The largest message that is accepted, in bytes.
pub const MESSAGE_LIMIT: usize = 1024 * 1024;

/// How long the opening handshake may take.
pub const OPEN_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a peer may leave a frame unread before it counts as gone.
pub const WRITE_TIMEOUT: Duration = Duration::from_secs(10);

/// How long the closing handshake may take.
pub const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// How often a ping goes out on the plugin port.
pub const PING_INTERVAL: Duration = Duration::from_secs(20);

/// A socket that this program opened.
pub type ClientSocket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// How a socket ended: the peer's close frame, or none when the connection broke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// The close code, if the peer gave one.
    pub code: Option<u16>,
    /// What the peer, or the operating system, says of it.
    pub reason: String,
}

impl Closed {
    /// The writing half failed before the reading half noticed anything.
    pub fn unread() -> Self {
        Self { code: None, reason: "the peer doesn't read".to_owned() }
    }

    pub(crate) fn broken(reason: impl ToString) -> Self {
        Self { code: None, reason: reason.to_string() }
    }
}

impl fmt::Display for Closed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => write!(formatter, "closed with {code} `{}`", self.reason),
            None => formatter.write_str(&self.reason),
        }
    }
}

/// What both ends of a socket agree on.
pub fn config() -> WebSocketConfig {
    WebSocketConfig::default().max_message_size(Some(MESSAGE_LIMIT)).max_frame_size(Some(MESSAGE_LIMIT))
}

/// Takes a socket apart, to read and write at the same time. The peer counts as gone when it leaves two pings, sent
/// every `ping_interval`, without an answer.
pub fn split<S>(socket: WebSocketStream<S>, ping_interval: Duration) -> (Reader<S>, Writer<S>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (sink, stream) = socket.split();
    (Reader::new(stream, ping_interval * 2), Writer::new(sink, ping_interval))
}

/// Closes a socket with `code` and `reason`: says so, and reads on until the peer has said so too, or
/// [`CLOSE_TIMEOUT`] is over.
pub async fn close<S>(mut reader: Reader<S>, mut writer: Writer<S>, code: u16, reason: &str)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let handshake = async {
        // Closing twice is refused, which is fine: then the peer's answer is all that is missing.
        let _ = writer.close(code, reason).await;
        while reader.next().await.is_ok() {}
    };
    let _ = tokio::time::timeout(CLOSE_TIMEOUT, handshake).await;
}
