//! One connection of a plugin to the server, from the registration to the last frame.
//!
//! Frames are handled one at a time, in order; writing goes on meanwhile. How often to connect is decided in
//! [`crate::run()`].

use std::future::pending;
use std::time::Duration;

use hiro_protocol::json_rpc::{ErrorObject, Incoming, InvalidFrame, Notification, Response, method};
use serde_json::{Map, Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;

use crate::Error;
use crate::channel::{Channel, Failure};
use crate::error::with_causes;
use crate::order::Order;
use crate::outbound::Outbound;
use crate::socket::{self, ClientSocket, Closed, PING_INTERVAL, Reader, Received};

/// How long the server may take to close the socket after `channel.stop`.
const FINISH_TIMEOUT: Duration = Duration::from_secs(10);

/// The close code by which the server says that another plugin has taken this one's name.
const REPLACED: u16 = 4010;

/// The close code by which the server says that it doesn't want this plugin.
const POLICY: u16 = 1008;

/// Why a connection ended.
#[derive(Debug)]
pub(crate) enum Ending {
    /// The server wants no more of this plugin.
    Finished,
    /// The plugin's own program wants to end.
    ShutDown,
    /// The server never wanted this plugin.
    Refused { reason: String },
    /// Anything else: worth another try.
    Lost { error: Error },
}

/// Registers `channel` on `socket` and does what the server says until the connection ends. `on_accepted` is called
/// when the server has read the registration and kept the connection.
pub(crate) async fn serve<C: Channel>(
    socket: ClientSocket,
    channel: &mut C,
    token: Option<&str>,
    on_accepted: impl FnOnce() + Send,
    shutdown: &CancellationToken,
) -> Ending {
    let (mut reader, mut writer) = socket::split(socket, PING_INTERVAL);
    if let Err(closed) = writer.send(registration(channel, token)).await {
        return Ending::Lost { error: Error::Lost { closed } };
    }
    let over = CancellationToken::new();
    let (mut session, frames) = Session::new(channel);
    let work = async {
        let ending = session.work(&mut reader, on_accepted, &over, shutdown).await;
        session.stop().await;
        over.cancel();
        ending
    };
    let (ending, ()) = tokio::join!(work, writer.forward(frames, &over));
    socket::close(reader, writer, 1000, "").await;
    ending
}

fn registration(channel: &impl Channel, token: Option<&str>) -> Message {
    let description = channel.description();
    let mut params = Map::from_iter([
        ("name".to_owned(), json!(description.name)),
        ("version".to_owned(), json!(description.version)),
        ("description".to_owned(), json!(description.summary)),
    ]);
    if let Some(token) = token {
        params.insert("token".to_owned(), json!(token));
    }
    Message::text(Notification::new(method::REGISTER, params).to_frame())
}

struct Session<'a, C> {
    channel: &'a mut C,
    outbound: Outbound,
    started: bool,
    finish_by: Option<Instant>,
}

impl<'a, C: Channel> Session<'a, C> {
    fn new(channel: &'a mut C) -> (Self, mpsc::Receiver<Message>) {
        let (outbound, frames) = Outbound::new();
        (Self { channel, outbound, started: false, finish_by: None }, frames)
    }

    async fn work<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        reader: &mut Reader<S>,
        on_accepted: impl FnOnce() + Send,
        over: &CancellationToken,
        shutdown: &CancellationToken,
    ) -> Ending {
        // The writer begins with a ping: its answer, or any frame that comes before, proves that the registration
        // was read and not refused.
        let mut on_accepted = Some(on_accepted);
        loop {
            let received = tokio::select! {
                received = reader.next() => received,
                () = over.cancelled() => Err(Closed::unread()),
                () = shutdown.cancelled() => return Ending::ShutDown,
                () = until(self.finish_by) => return Ending::Finished,
            };
            match received {
                Ok(received) => {
                    on_accepted.take().into_iter().for_each(|announce| announce());
                    self.take(received).await;
                }
                Err(closed) => return self.judge(closed),
            }
        }
    }

    fn judge(&self, closed: Closed) -> Ending {
        match closed.code {
            _ if self.finish_by.is_some() => Ending::Finished,
            Some(REPLACED) => Ending::Finished,
            Some(POLICY) => Ending::Refused { reason: closed.reason },
            _ => Ending::Lost { error: Error::Lost { closed } },
        }
    }

    async fn take(&mut self, received: Received) {
        match received {
            Received::Text(frame) => {
                if let Err(error) = self.take_text(&frame).await {
                    tracing::warn!(%error, "ignoring a malformed frame of the server");
                }
            }
            Received::Binary => tracing::warn!("ignoring a binary frame of the server"),
            Received::Pong => {}
        }
    }

    async fn take_text(&mut self, frame: &str) -> Result<(), InvalidFrame> {
        let (id, method, params) = match Incoming::parse(frame)? {
            Incoming::Request(call) => (Some(call.id), call.method, call.params),
            Incoming::Notification(call) => (None, call.method, call.params),
            // This end asks nothing, so nothing waits for an answer.
            Incoming::Response(_) => return Ok(()),
        };
        let outcome = match Order::parse(&method, params) {
            Ok(order) => self.obey(order).await,
            Err(error) => Err(error),
        };
        if let Err(error) = &outcome {
            tracing::warn!(%method, reason = %error.message, "can't do what the server wants");
        }
        if let Some(id) = id {
            // When the connection has ended the answer is of no use.
            let _ = self.outbound.respond(&Response::new(id, outcome)).await;
        }
        Ok(())
    }

    async fn obey(&mut self, order: Order) -> Result<Value, ErrorObject> {
        let done = match order {
            Order::Configure { config } => self.configure(config).await,
            Order::Send { message } => self.channel.on_send(*message, &self.outbound).await,
            Order::Event { event, data } => self.channel.on_event(&event, data, &self.outbound).await,
            Order::Stop => {
                self.stop().await;
                self.finish_by = Some(Instant::now() + FINISH_TIMEOUT);
                Ok(())
            }
            Order::Status => return Ok(self.status()),
        };
        done.map(|()| json!({"ok": true})).map_err(|failure| ErrorObject::internal(with_causes(&*failure)))
    }

    async fn configure(&mut self, config: Map<String, Value>) -> Result<(), Failure> {
        self.channel.on_configure(config, &self.outbound).await?;
        if !self.started {
            self.channel.on_start(&self.outbound).await?;
            self.started = true;
        }
        Ok(())
    }

    async fn stop(&mut self) {
        if std::mem::take(&mut self.started) {
            self.channel.on_stop().await;
        }
    }

    fn status(&self) -> Value {
        let description = self.channel.description();
        json!({"name": description.name, "version": description.version, "status": "running"})
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => pending().await,
    }
}
