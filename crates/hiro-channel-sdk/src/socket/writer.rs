//! The writing half of a socket.

use std::time::Duration;

use futures_util::SinkExt;
use futures_util::stream::SplitSink;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Bytes, Message};
use tokio_util::sync::CancellationToken;

use super::{Closed, MESSAGE_LIMIT, WRITE_TIMEOUT};

/// Writes frames, and a ping from time to time.
#[derive(Debug)]
pub struct Writer<S> {
    sink: SplitSink<WebSocketStream<S>, Message>,
    ping_interval: Duration,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Writer<S> {
    pub(super) fn new(sink: SplitSink<WebSocketStream<S>, Message>, ping_interval: Duration) -> Self {
        Self { sink, ping_interval }
    }

    /// Writes one frame.
    ///
    /// # Errors
    /// The socket has ended, or the peer doesn't read.
    pub async fn send(&mut self, frame: Message) -> Result<(), Closed> {
        match timeout(WRITE_TIMEOUT, self.sink.send(frame)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Closed::broken(error)),
            Err(_) => Err(Closed::unread()),
        }
    }

    /// Says that this end closes the socket.
    ///
    /// # Errors
    /// The socket has ended already.
    pub async fn close(&mut self, code: u16, reason: &str) -> Result<(), Closed> {
        self.send(Message::Close(Some(CloseFrame { code: code.into(), reason: reason.into() }))).await
    }

    /// Writes what comes through `queue`, and pings: one at once, one every interval. Ends after `over` was cancelled
    /// and what the queue held by then is written, or when a write fails; and cancels `over` itself, so that the
    /// reader of the same socket ends too. Messages beyond [`MESSAGE_LIMIT`] are dropped.
    pub async fn forward(&mut self, queue: mpsc::Receiver<Message>, over: &CancellationToken) {
        let _guard = over.clone().drop_guard();
        if let Err(closed) = self.pump(queue, over).await {
            tracing::debug!(%closed, "writing ended");
        }
    }

    async fn pump(
        &mut self,
        mut queue: mpsc::Receiver<Message>,
        over: &CancellationToken,
    ) -> Result<(), Closed> {
        let mut pings = interval(self.ping_interval);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = over.cancelled() => break,
                _ = pings.tick() => self.send(Message::Ping(Bytes::new())).await?,
                frame = queue.recv() => match frame {
                    Some(frame) => self.send_if_acceptable(frame).await?,
                    None => return Ok(()),
                },
            }
        }
        queue.close();
        while let Some(frame) = queue.recv().await {
            self.send_if_acceptable(frame).await?;
        }
        Ok(())
    }

    /// A peer closes the connection over a message that is too long; it is better off without that one.
    async fn send_if_acceptable(&mut self, frame: Message) -> Result<(), Closed> {
        if frame.len() > MESSAGE_LIMIT {
            tracing::warn!(bytes = frame.len(), "dropping a message that is too long");
            return Ok(());
        }
        self.send(frame).await
    }
}
