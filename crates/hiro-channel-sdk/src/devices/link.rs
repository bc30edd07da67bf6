//! The link between a workspace's server and its gateway: logs in as the desktop, and again whenever it is lost.
//!
//! A task of its own; [`super::Devices`] starts and stops it and hands it the frames for the gateway.

use std::time::Duration;

use hiro_protocol::keys::SecretKey;
use serde_json::{Map, json};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;

use super::settings::Settings;
use super::translate::{ForServer, for_server};
use crate::gateway_client::{ClientReader, Credentials, GatewayClient};
use crate::socket::{self, Closed, Received};
use crate::{Backoff, Error, Outbound};

const FIRST_DELAY: Duration = Duration::from_secs(1);
const LONGEST_DELAY: Duration = Duration::from_secs(60);

/// As many frames wait for a slow gateway; whoever has one more waits with it.
const CAPACITY: usize = 256;

/// The queue of the connection of the moment.
type Current = Option<mpsc::Sender<Message>>;

/// A running link.
#[derive(Debug)]
pub(super) struct Link {
    current: watch::Receiver<Current>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Link {
    /// Starts to connect, and tells the server through `outbound` what comes of it.
    pub(super) fn start(settings: Settings, key: SecretKey, outbound: Outbound) -> Self {
        let (publish, current) = watch::channel(None);
        let stop = CancellationToken::new();
        let keeper = Keeper { settings, key, outbound, publish, stop: stop.clone() };
        Self { current, stop, task: tokio::spawn(keeper.keep()) }
    }

    /// Sends a frame to the gateway, or drops it when there is no connection.
    pub(super) async fn send(&self, frame: String) {
        let queue = self.current.borrow().clone();
        let sent = match queue {
            Some(queue) => queue.send(Message::text(frame)).await.is_ok(),
            None => false,
        };
        if !sent {
            tracing::warn!("not connected to the gateway, dropping a frame");
        }
    }

    /// Ends the connection and waits until it has ended.
    pub(super) async fn stop(self) {
        self.stop.cancel();
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the link to the gateway broke down");
        }
    }
}

struct Keeper {
    settings: Settings,
    key: SecretKey,
    outbound: Outbound,
    publish: watch::Sender<Current>,
    stop: CancellationToken,
}

impl Keeper {
    async fn keep(self) {
        let mut backoff = Backoff::new(FIRST_DELAY, LONGEST_DELAY);
        while !self.stop.is_cancelled() {
            if let Err(error) = self.connect_and_serve(&mut backoff).await {
                tracing::warn!(%error, "not connected to the gateway");
            }
            self.tell("gateway_disconnected").await;
            tokio::select! {
                () = self.stop.cancelled() => {}
                () = sleep(backoff.failed()) => {}
            }
        }
    }

    /// One connection. Ends without an error only when stopped.
    async fn connect_and_serve(&self, backoff: &mut Backoff) -> Result<(), Error> {
        let client = tokio::select! {
            client = self.log_in() => client?,
            () = self.stop.cancelled() => return Ok(()),
        };
        let (mut reader, mut writer) = client.into_halves();
        let (queue, frames) = mpsc::channel(CAPACITY);
        self.publish.send_replace(Some(queue));
        self.tell("gateway_connected").await;
        let over = self.stop.child_token();
        let read = async {
            let ended = self.read(&mut reader, &over, backoff).await;
            over.cancel();
            ended
        };
        let (ended, ()) = tokio::join!(read, writer.forward(frames, &over));
        self.publish.send_replace(None);
        socket::close(reader, writer, 1000, "").await;
        ended.map_err(|closed| Error::GatewayClosed { url: self.settings.gateway_url.clone(), closed })
    }

    async fn log_in(&self) -> Result<GatewayClient, Error> {
        let Settings { gateway_url, device_id, ping_interval, .. } = &self.settings;
        let mut client = GatewayClient::connect(gateway_url, *ping_interval).await?;
        client.log_in(&Credentials::Desktop { device_id, key: &self.key }).await?;
        Ok(client)
    }

    async fn read(
        &self,
        reader: &mut ClientReader,
        over: &CancellationToken,
        backoff: &mut Backoff,
    ) -> Result<(), Closed> {
        loop {
            let received = tokio::select! {
                received = reader.next() => received?,
                () = self.stop.cancelled() => return Ok(()),
                () = over.cancelled() => return Err(Closed::unread()),
            };
            // A login alone is no success: the gateway answers a taken name with `auth_ok`, and closes.
            backoff.succeeded();
            if let Received::Text(frame) = received {
                self.pass_on(&frame).await;
            }
        }
    }

    async fn pass_on(&self, frame: &str) {
        let told = match for_server(frame) {
            Ok(ForServer::Message(message)) => self.outbound.receive(&message).await,
            Ok(ForServer::Event { name, data }) => self.outbound.event(&name, data).await,
            Err(error) => return tracing::warn!(%error, "ignoring a frame of the gateway"),
        };
        if told.is_err() {
            tracing::warn!("not connected to the server, dropping a frame of the gateway");
        }
    }

    async fn tell(&self, event: &str) {
        let data = Map::from_iter([
            ("gateway_url".to_owned(), json!(self.settings.gateway_url)),
            ("device_id".to_owned(), json!(self.settings.device_id)),
        ]);
        // Without a server nobody needs to know.
        let _ = self.outbound.event(event, data).await;
    }
}
