//! One connection after its first frame: what waits in its outbox goes out, what comes in is heard, and now and then
//! the peer has to show that it is alive.
//!
//! The three run side by side in one task, so that a peer that does not read is still heard, and the other way round.

use std::fmt;
use std::future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use futures_util::{Sink, SinkExt, Stream, StreamExt};
use hiro_protocol::gateway::closing::Closing;
use tokio::{task, time};
use tokio_tungstenite::tungstenite::error::{CapacityError, ProtocolError};
use tokio_tungstenite::tungstenite::{Bytes, Error, Message};

use super::handshake::Socket;
use super::membership::Membership;
use super::outbox::{Outbox, Outgoing};
use super::pace::Pace;
use super::settings::{RelaySettings, Timeouts};
use super::stream::TooMuch;

/// How a connection came to its end.
#[derive(Debug)]
pub(super) enum Ending {
    /// The gateway lets the peer go.
    Close(Closing),
    /// The peer took its leave.
    PeerLeft,
    /// The connection broke.
    Broken(Error),
}

impl fmt::Display for Ending {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Close(closing) => {
                write!(formatter, "closed with {}, {:?}", closing.code(), closing.reason())
            }
            Self::PeerLeft => formatter.write_str("the peer left"),
            Self::Broken(failure) => write!(formatter, "broken: {failure}"),
        }
    }
}

impl From<Error> for Ending {
    fn from(failure: Error) -> Self {
        match failure {
            Error::Capacity(CapacityError::MessageTooLong { max_size, .. }) => {
                Self::Close(Closing::TooBig { limit: max_size })
            }
            Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Self::Broken(failure),
            Error::Protocol(_) => Self::Close(Closing::ProtocolError),
            Error::Io(failure) => match failure.get_ref().and_then(|cause| cause.downcast_ref::<TooMuch>()) {
                Some(TooMuch { limit }) => Self::Close(Closing::TooBig { limit: *limit }),
                None => Self::Broken(Error::Io(failure)),
            },
            Error::Utf8(_) => Self::Close(Closing::InvalidText),
            Error::ConnectionClosed => Self::PeerLeft,
            failure => Self::Broken(failure),
        }
    }
}

/// Who hears what the peer says.
pub(super) enum Hearer<'a> {
    /// The relay.
    Member(&'a Membership),
    /// Nobody: the peer waits for something.
    Nobody,
}

impl Hearer<'_> {
    fn throttled(&self) {
        if let Self::Member(membership) = self {
            membership.throttled();
        }
    }

    fn hear(&self, message: Message) {
        let Self::Member(membership) = self else { return };
        match message {
            Message::Text(text) => membership.relay_text(text),
            Message::Binary(bytes) => membership.relay_binary(bytes),
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => {}
        }
    }
}

pub(super) async fn run(
    socket: &mut Socket<'_>,
    outbox: &Outbox,
    hearer: Hearer<'_>,
    settings: &RelaySettings,
) -> Ending {
    let (timeouts, frames_per_second) = (&settings.timeouts, settings.limits.frames_per_second);
    let (sink, stream) = socket.split();
    let heard = AtomicBool::new(false);
    tokio::select! {
        ending = listen(stream, &hearer, &heard, frames_per_second) => ending,
        ending = talk(sink, outbox, timeouts.ping_timeout) => ending,
        () = keep_alive(outbox, &heard, timeouts) => Ending::Close(Closing::PingTimeout),
    }
}

async fn listen(
    mut stream: impl Stream<Item = Result<Message, Error>> + Unpin,
    hearer: &Hearer<'_>,
    heard: &AtomicBool,
    frames_per_second: u32,
) -> Ending {
    let mut pace = Pace::new(frames_per_second, Instant::now());
    while let Some(message) = stream.next().await {
        heard.store(true, Ordering::Relaxed);
        match message {
            Ok(Message::Close(_)) => return Ending::PeerLeft,
            Ok(message) => hearer.hear(message),
            Err(failure) => return failure.into(),
        }
        // A peer whose messages come faster than they are passed on must not keep the others from their turn.
        task::consume_budget().await;
        if let Some(rest) = pace.take(Instant::now) {
            hearer.throttled();
            time::sleep(rest).await;
        }
    }
    Ending::PeerLeft
}

async fn talk(
    mut sink: impl Sink<Message, Error = Error> + Unpin,
    outbox: &Outbox,
    patience: Duration,
) -> Ending {
    loop {
        let mut waiting = Some(outbox.next().await);
        while let Some(outgoing) = waiting {
            let message = match outgoing {
                Outgoing::Text(text) => Message::Text(text),
                Outgoing::Ping => Message::Ping(Bytes::new()),
                Outgoing::Close(closing) => {
                    // The sink keeps the last frame back and loses it when it is dropped.
                    return in_time(patience, sink.flush()).await.err().unwrap_or(Ending::Close(closing));
                }
            };
            if let Err(ending) = in_time(patience, sink.feed(message)).await {
                return ending;
            }
            waiting = outbox.take();
        }
        if let Err(ending) = in_time(patience, sink.flush()).await {
            return ending;
        }
    }
}

/// A peer that does not take a frame in time does not read, whatever it may send. Most take it at once, which needs no
/// clock.
async fn in_time(patience: Duration, step: impl Future<Output = Result<(), Error>>) -> Result<(), Ending> {
    let mut step = pin!(step);
    let at_once = future::poll_fn(|context| Poll::Ready(step.as_mut().poll(context))).await;
    let taken = match at_once {
        Poll::Ready(taken) => taken,
        Poll::Pending => {
            time::timeout(patience, step).await.map_err(|_| Ending::Close(Closing::PingTimeout))?
        }
    };
    taken.map_err(Ending::from)
}

/// Returns when the peer has said nothing for [`Timeouts::ping_timeout`] after a ping. Anything it says counts, as an
/// answer may stand behind a long message of its own.
async fn keep_alive(outbox: &Outbox, heard: &AtomicBool, timeouts: &Timeouts) {
    time::sleep(timeouts.ping_interval).await;
    loop {
        heard.store(false, Ordering::Relaxed);
        outbox.ping();
        time::sleep(timeouts.ping_timeout).await;
        if !heard.load(Ordering::Relaxed) {
            return;
        }
        time::sleep(timeouts.ping_interval.saturating_sub(timeouts.ping_timeout)).await;
    }
}
