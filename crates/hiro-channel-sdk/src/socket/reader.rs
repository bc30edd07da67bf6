//! The reading half of a socket.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::SplitStream;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use super::Closed;

/// Reads frames until the socket ends.
#[derive(Debug)]
pub struct Reader<S> {
    stream: SplitStream<WebSocketStream<S>>,
    silence: Duration,
    met_too_large: bool,
}

/// What the peer sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// A text frame.
    Text(Utf8Bytes),
    /// A binary frame, which nobody in this protocol sends.
    Binary,
    /// The answer to a ping: what was sent before the ping has been read.
    Pong,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Reader<S> {
    pub(super) fn new(stream: SplitStream<WebSocketStream<S>>, silence: Duration) -> Self {
        Self { stream, silence, met_too_large: false }
    }

    /// Whether the socket ended because the peer sent more at once than [`MESSAGE_LIMIT`](super::MESSAGE_LIMIT).
    #[must_use]
    pub fn met_too_large(&self) -> bool {
        self.met_too_large
    }

    /// The next frame. May be abandoned and called again without losing one.
    ///
    /// # Errors
    /// How the socket ended; also after a silence in which the peer should have answered pings.
    pub async fn next(&mut self) -> Result<Received, Closed> {
        loop {
            let Ok(frame) = timeout(self.silence, self.stream.next()).await else {
                return Err(Closed::broken(format!("nothing heard for {} s", self.silence.as_secs())));
            };
            match frame {
                Some(Ok(Message::Text(text))) => return Ok(Received::Text(text)),
                Some(Ok(Message::Binary(_))) => return Ok(Received::Binary),
                Some(Ok(Message::Pong(_))) => return Ok(Received::Pong),
                Some(Ok(Message::Close(frame))) => return Err(said_goodbye(frame)),
                Some(Ok(Message::Ping(_) | Message::Frame(_))) => {}
                Some(Err(error @ Error::Capacity(_))) => {
                    self.met_too_large = true;
                    return Err(Closed::broken(error));
                }
                Some(Err(error)) => return Err(Closed::broken(error)),
                None => return Err(Closed::broken("the connection has ended")),
            }
        }
    }
}

fn said_goodbye(frame: Option<CloseFrame>) -> Closed {
    match frame {
        Some(frame) => Closed { code: Some(frame.code.into()), reason: frame.reason.to_string() },
        None => Closed::broken("closed without a code"),
    }
}
