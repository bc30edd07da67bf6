//! One connection to the plugin port, from the handshake to the close frame.
//!
//! Frames are handled one at a time, in order; writing goes on meanwhile. What a call means is in [`super::calls`].

use std::collections::HashSet;
use std::future::pending;
use std::net::SocketAddr;
use std::time::Duration;

use hiro_channel_sdk::socket::{self, PING_INTERVAL, Reader, Received};
use hiro_protocol::gateway::closing::{Closing, cut_reason};
use hiro_protocol::json_rpc::{Id, Incoming, Notification, Request, Response, method};
use serde_json::Map;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep, sleep_until};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::pace::Pace;
use super::{Stops, calls};
use crate::server::context::Context;
use crate::server::hub::{ConnectionId, Dismissal, Line};
use crate::server::supervision::Offence;

/// As many frames wait for a slow plugin; one more and it is dismissed.
const CAPACITY: usize = 256;

/// How long a connection may take to register.
const REGISTER_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a plugin may take to finish after `channel.stop`.
const FINISH_TIMEOUT: Duration = Duration::from_secs(3);

/// What the server says when it closes a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Farewell {
    /// Nothing is left to say: the other end has gone.
    Gone,
    /// It registered without a name.
    Nameless,
    /// It may not register, or it didn't.
    Unwanted { reason: String },
    /// The hub has struck it out.
    Dismissed(Dismissal),
    /// The server stops.
    Stopping,
    /// It said more at once than is taken.
    TooLarge,
}

impl Farewell {
    fn code_and_reason(&self) -> (u16, String) {
        let closing = match self {
            Self::Gone | Self::Nameless => return (1000, String::new()),
            Self::Unwanted { reason } => return (1008, cut_reason(reason).to_owned()),
            Self::TooLarge => return (1009, "the message is too large".to_owned()),
            Self::Dismissed(Dismissal::Replaced) => Closing::Replaced,
            Self::Dismissed(Dismissal::TooSlow) => Closing::PingTimeout,
            Self::Stopping | Self::Dismissed(Dismissal::Stopped) => Closing::Shutdown,
        };
        (closing.code(), closing.reason())
    }
}

/// Serves one connection until it ends or `stop` is cancelled.
pub(super) async fn serve(socket: WebSocketStream<TcpStream>, context: &Context, stops: &Stops) {
    let stream = socket.get_ref();
    let ends = stream.peer_addr().and_then(|client| Ok((client, stream.local_addr()?))).ok();
    let (mut reader, mut writer) = socket::split(socket, PING_INTERVAL);
    let over = CancellationToken::new();
    let (mut connection, frames) = Connection::new(context, ends);
    let work = async {
        let farewell = connection.work(&mut reader, &over, stops).await;
        connection.leave().await;
        over.cancel();
        farewell
    };
    let (farewell, ()) = tokio::join!(work, writer.forward(frames, &over));
    let (code, reason) = farewell.code_and_reason();
    socket::close(reader, writer, code, &reason).await;
}

/// The server's end of one connection.
pub(super) struct Connection<'a> {
    pub(super) context: &'a Context,
    /// The name under which it has registered.
    pub(super) name: Option<String>,
    /// The other end of the connection, and the server's.
    pub(super) ends: Option<(SocketAddr, SocketAddr)>,
    pace: Pace,
    is_dismissed: bool,
    id: ConnectionId,
    queue: mpsc::Sender<Message>,
    dismiss: Option<oneshot::Sender<Dismissal>>,
    dismissed: oneshot::Receiver<Dismissal>,
    /// Answered by the plugin when it has handled all that came before.
    fence: Option<Id>,
    deadline: Option<Instant>,
    malformed: u64,
    offences: HashSet<Offence>,
}

impl<'a> Connection<'a> {
    fn new(context: &'a Context, ends: Option<(SocketAddr, SocketAddr)>) -> (Self, mpsc::Receiver<Message>) {
        let (queue, frames) = mpsc::channel(CAPACITY);
        let (dismiss, dismissed) = oneshot::channel();
        let connection = Self {
            context,
            name: None,
            ends,
            pace: Pace::default(),
            is_dismissed: false,
            id: ConnectionId::next(),
            queue,
            dismiss: Some(dismiss),
            dismissed,
            fence: None,
            deadline: Some(Instant::now() + REGISTER_TIMEOUT),
            malformed: 0,
            offences: HashSet::new(),
        };
        (connection, frames)
    }

    async fn work(
        &mut self,
        reader: &mut Reader<TcpStream>,
        over: &CancellationToken,
        stops: &Stops,
    ) -> Farewell {
        loop {
            let stop = stops.of(self.name.as_deref());
            let received = tokio::select! {
                received = reader.next() => received,
                () = over.cancelled() => return Farewell::Gone,
                Ok(dismissal) = &mut self.dismissed, if !self.is_dismissed => {
                    self.is_dismissed = true;
                    match dismissal {
                        Dismissal::Stopped if self.fence.is_none() && self.ask_to_finish() => continue,
                        Dismissal::Stopped => return Farewell::Stopping,
                        other => return self.dismiss(other),
                    }
                }
                () = stop.cancelled(), if self.fence.is_none() => {
                    if self.ask_to_finish() { continue } else { return Farewell::Stopping }
                }
                () = until(self.deadline) => return self.out_of_time(),
            };
            let farewell = match received {
                Ok(Received::Text(frame)) => self.take(&frame).await,
                Ok(Received::Binary) => {
                    self.note_malformed("a binary frame");
                    None
                }
                Ok(Received::Pong) => None,
                Err(_) if reader.met_too_large() => {
                    self.note_offence(Offence::TooLarge);
                    Some(Farewell::TooLarge)
                }
                Err(_) => Some(Farewell::Gone),
            };
            if let Some(farewell) = farewell {
                return farewell;
            }
            self.slow_down().await;
        }
    }

    async fn take(&mut self, frame: &str) -> Option<Farewell> {
        match Incoming::parse(frame) {
            Ok(Incoming::Notification(call)) => calls::obey(self, None, &call.method, call.params).await,
            Ok(Incoming::Request(call)) => calls::obey(self, Some(call.id), &call.method, call.params).await,
            Ok(Incoming::Response(response)) => {
                (self.fence.is_some() && response.id == self.fence).then_some(Farewell::Stopping)
            }
            Err(error) => {
                self.note_malformed(error);
                None
            }
        }
    }

    /// Holds up a plugin that says too much: what it says next waits in its own socket.
    async fn slow_down(&mut self) {
        let Some(pause) = self.pace.frame(Instant::now().into_std()) else { return };
        self.note_offence(Offence::Flood);
        sleep(pause).await;
    }

    /// Notes, by the name of the plugin, that it does what plugins don't.
    pub(super) fn note_offence(&mut self, offence: Offence) {
        if let Some(name) = &self.name {
            self.context.supervision.offended(name, offence);
        }
        // Once for each connection is enough for a log.
        if self.offences.insert(offence) {
            tracing::warn!(plugin = self.name, %offence, "a plugin misbehaves");
        }
    }

    /// Counts a frame that means nothing. The first one is logged, and their number when the connection ends.
    pub(super) fn note_malformed(&mut self, what: impl ToString) {
        self.malformed += 1;
        if let Some(name) = &self.name {
            self.context.supervision.offended(name, Offence::Malformed);
        }
        if self.malformed == 1 {
            tracing::warn!(plugin = self.name, what = what.to_string(), "ignoring a malformed frame");
        }
    }

    /// Queues a frame for the plugin.
    pub(super) fn push(&self, frame: String) -> Result<(), Farewell> {
        self.queue.try_send(Message::text(frame)).map_err(|_| Farewell::Dismissed(Dismissal::TooSlow))
    }

    pub(super) fn respond(&self, response: &Response) -> Option<Farewell> {
        self.push(response.to_frame()).err()
    }

    /// The way to this plugin, for the hub; only once.
    pub(super) fn open_line(&mut self) -> Option<Line> {
        self.deadline = None;
        let dismiss = self.dismiss.take()?;
        Some(Line { connection: self.id, queue: self.queue.clone(), dismiss: Some(dismiss) })
    }

    /// Whether the name of this connection is still its own.
    pub(super) fn owns_its_name(&self) -> bool {
        self.name.as_deref().is_some_and(|name| self.context.hub.owns(name, self.id))
    }

    /// Tells the plugin to stop, and asks it something that it answers when it has.
    fn ask_to_finish(&mut self) -> bool {
        let fence = Id::Text(Uuid::new_v4().simple().to_string());
        let question = Request::new(fence.clone(), method::STATUS, Map::new()).to_frame();
        self.fence = Some(fence);
        self.deadline = Some(Instant::now() + FINISH_TIMEOUT);
        self.name.is_some() && self.push(stop_frame()).is_ok() && self.push(question).is_ok()
    }

    fn dismiss(&self, dismissal: Dismissal) -> Farewell {
        // Where the queue is full the close frame says enough.
        let _ = self.push(stop_frame());
        Farewell::Dismissed(dismissal)
    }

    fn out_of_time(&self) -> Farewell {
        match self.fence {
            Some(_) => Farewell::Stopping,
            None => {
                tracing::warn!(peer = ?self.ends, "a connection to the plugin port has not registered in time");
                Farewell::Unwanted { reason: "no registration in time".to_owned() }
            }
        }
    }

    async fn leave(&self) {
        if self.malformed > 0 {
            tracing::warn!(plugin = self.name, count = self.malformed, "ignored malformed frames");
        }
        if let Some(name) = &self.name
            && self.context.hub.withdraw(name, self.id)
        {
            tracing::info!(%name, "plugin gone");
            calls::plugin_left(self.context, name).await;
        }
    }
}

fn stop_frame() -> String {
    Notification::new(method::STOP, Map::new()).to_frame()
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => pending().await,
    }
}
