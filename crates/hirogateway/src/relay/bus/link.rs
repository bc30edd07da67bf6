//! The task that holds the connection to the bus: it sends what the relay hands in, hears what other nodes say, and
//! notices when one of them is gone.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use async_nats::connection::State;
use async_nats::{Client, ConnectOptions, Event, Message, Subscriber};
use futures_util::StreamExt;
use tokio::sync::{Notify, mpsc};
use tokio::time::{self, MissedTickBehavior};
use tokio_tungstenite::tungstenite::Utf8Bytes;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use super::super::counters::Count;
use super::super::settings::BusSettings;
use super::super::shared::Shared;
use super::letter::{Envelope, Letter, NodeId};
use super::peers::{Peers, Receipt};
use super::post::{Address, Bus, Post};

/// The connection, and what this node knows of the others.
pub(in crate::relay) struct Link {
    shared: Arc<Shared>,
    bus: Bus,
    settings: BusSettings,
    node: NodeId,
    /// What the subjects of this gateway begin with: its desktop's key, which all its nodes share.
    subjects: String,
    peers: Peers,
    client: Client,
    connected: Arc<Notify>,
}

impl Link {
    /// Returns at once, whether the bus is there or not: until it is, the node stands alone.
    pub(in crate::relay) async fn open(
        shared: Arc<Shared>,
        bus: Bus,
        settings: BusSettings,
    ) -> Result<Self, async_nats::ConnectError> {
        let connected = Arc::new(Notify::new());
        let options = ConnectOptions::new()
            .name("hirogate")
            .no_echo()
            .retry_on_initial_connect()
            .ping_interval(settings.silence)
            .reconnect_delay_callback({
                let pause = settings.beat;
                move |_| pause
            })
            .event_callback({
                let connected = Arc::clone(&connected);
                move |event| note(event, Arc::clone(&connected))
            });
        let client = options.connect(settings.url.as_str()).await?;
        let subjects = format!("hiro.gateway.{}", subject_token(&shared.settings.desktop_key.to_base64()));
        let (node, peers) = (NodeId::generate(), Peers::default());
        Ok(Self { shared, bus, settings, node, subjects, peers, client, connected })
    }

    /// Until `shutdown`; then the other nodes hear that this one has gone.
    pub(in crate::relay) async fn run(
        mut self,
        mut letters: mpsc::Receiver<Post>,
        shutdown: CancellationToken,
    ) -> Result<(), async_nats::SubscribeError> {
        let mut own = self.client.subscribe(self.subject_of(&self.node)).await?;
        let mut everyone = self.client.subscribe(self.subject_of_everyone()).await?;
        let mut beat = time::interval(self.settings.beat);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let connected = Arc::clone(&self.connected);
        info!(node = %self.node, "one of several nodes");
        loop {
            tokio::select! {
                biased;
                () = shutdown.cancelled() => break,
                () = connected.notified() => self.greet_again().await,
                message = next(&mut own) => self.hear(&message).await,
                message = next(&mut everyone) => self.hear(&message).await,
                Some(post) = letters.recv() => self.send(post).await,
                _ = beat.tick() => self.beat().await,
            }
        }
        // What members said before they left comes before the farewell.
        while let Ok(post) = letters.try_recv() {
            self.send(post).await;
        }
        self.publish(self.subject_of_everyone(), 0, Letter::Bye, None).await;
        let _ = time::timeout(self.settings.beat, self.client.flush()).await;
        Ok(())
    }

    async fn hear(&mut self, message: &Message) {
        let limit = self.shared.settings.limits.message_bytes;
        let envelope = Envelope::read(&message.payload)
            .filter(|envelope| envelope.body.as_ref().is_none_or(|body| body.len() <= limit));
        let Some(envelope) = envelope else {
            debug!("dropped what no node writes");
            return self.shared.count(Count::BusRefused, 1);
        };
        if envelope.from == self.node {
            return;
        }
        if envelope.letter == Letter::Bye {
            return self.lose(&envelope.from);
        }
        if self.peers.meet(&envelope.from, Instant::now()) {
            info!(node = %envelope.from, "another node is there");
            self.greet(&envelope.from).await;
        }
        if self.counts(&envelope).await {
            self.obey(envelope).await;
        }
    }

    /// Whether a letter is a new one. What was lost before it has to be asked for.
    async fn counts(&mut self, envelope: &Envelope) -> bool {
        let Envelope { from, number, letter, .. } = envelope;
        let receipt = match letter {
            Letter::Here => Receipt::Next,
            Letter::Beat => self.peers.compare(from, *number),
            _ => self.peers.receive(from, *number),
        };
        match receipt {
            Receipt::Next => true,
            Receipt::After(lost) => {
                warn!(node = %from, lost, "letters of another node were lost");
                self.shared.count(Count::BusLost, lost);
                self.greet(from).await;
                true
            }
            Receipt::Again | Receipt::Refused => {
                self.shared.count(Count::BusRefused, 1);
                false
            }
        }
    }

    async fn obey(&mut self, envelope: Envelope) {
        let Envelope { from, letter, body, .. } = envelope;
        match letter {
            Letter::Hello { members } => {
                self.shared.hub().remote_members(&from, members);
                let members = self.shared.hub().told();
                self.write_to(&from, Letter::Members { members }, None).await;
            }
            Letter::Members { members } => self.shared.hub().remote_members(&from, members),
            Letter::Joined { member } => self.shared.hub().remote_joined(&from, member),
            Letter::Left { device_id } => self.shared.hub().remote_left(&from, &device_id),
            Letter::Frame { target } => {
                let recipients = self.shared.hub().recipients_of_passed_on(target.as_deref());
                self.shared.deliver(&recipients, body.unwrap_or_default());
            }
            Letter::PairingRequest { request_id, request } => {
                self.shared.hub().remote_pairing(&from, &request_id, request);
            }
            over @ (Letter::PairingAnswer { .. }
            | Letter::PairingFailed { .. }
            | Letter::PairingEnded { .. }) => self.shared.hub().remote_pairing_over(over),
            Letter::Here | Letter::Beat | Letter::Bye => {}
        }
    }

    async fn send(&mut self, post: Post) {
        match post.to {
            Address::One(node) => self.write_to(&node, post.letter, post.body).await,
            Address::Everyone => {
                for node in self.peers.all() {
                    self.write_to(&node, post.letter.clone(), post.body.clone()).await;
                }
            }
        }
    }

    /// A letter with a number, unless the bus is away: what could not be sent was never written.
    async fn write_to(&mut self, node: &NodeId, letter: Letter, body: Option<Utf8Bytes>) {
        let is_frame = matches!(letter, Letter::Frame { .. });
        let is_away = self.client.connection_state() != State::Connected;
        let number = if is_away { None } else { self.peers.next_number(node) };
        let sent = match number {
            Some(number) => self.publish(self.subject_of(node), number, letter, body).await,
            None => false,
        };
        match (sent, is_frame) {
            (true, _) => {}
            (false, true) => self.shared.count(Count::BusUnsent, 1),
            (false, false) => self.bus.owes_a_hello.store(true, Ordering::Release),
        }
    }

    async fn publish(&self, subject: String, number: u64, letter: Letter, body: Option<Utf8Bytes>) -> bool {
        let payload = Envelope { from: self.node.clone(), number, letter, body }.write();
        match self.client.publish(subject, payload).await {
            Ok(()) => true,
            Err(failure) => {
                warn!(%failure, "could not send to another node");
                false
            }
        }
    }

    /// Says that this node is there, to those that know it and to those that don't.
    async fn beat(&mut self) {
        if self.client.connection_state() != State::Connected {
            return;
        }
        if self.bus.owes_a_hello.swap(false, Ordering::AcqRel) {
            return self.greet_again().await;
        }
        self.publish(self.subject_of_everyone(), 0, Letter::Here, None).await;
        for node in self.peers.all() {
            let number = self.peers.last_number(&node);
            self.publish(self.subject_of(&node), number, Letter::Beat, None).await;
        }
        for node in self.peers.forget_silent(self.settings.silence, Instant::now()) {
            warn!(%node, "another node has been silent for too long");
            self.shared.hub().node_gone(&node);
        }
    }

    /// The bus is there (again): nobody knows what was lost meanwhile.
    async fn greet_again(&mut self) {
        self.publish(self.subject_of_everyone(), 0, Letter::Here, None).await;
        for node in self.peers.all() {
            self.greet(&node).await;
        }
    }

    async fn greet(&mut self, node: &NodeId) {
        let members = self.shared.hub().told();
        self.write_to(node, Letter::Hello { members }, None).await;
    }

    fn lose(&mut self, node: &NodeId) {
        if self.peers.forget(node) {
            info!(%node, "another node has gone");
            self.shared.hub().node_gone(node);
        }
    }

    fn subject_of(&self, node: &NodeId) -> String {
        format!("{}.node.{node}", self.subjects)
    }

    fn subject_of_everyone(&self) -> String {
        format!("{}.everyone", self.subjects)
    }
}

async fn next(subscriber: &mut Subscriber) -> Message {
    match subscriber.next().await {
        Some(message) => message,
        // The client was closed, which only happens at the end of the process.
        None => std::future::pending().await,
    }
}

async fn note(event: Event, connected: Arc<Notify>) {
    match event {
        Event::Connected => {
            info!("the bus is there");
            connected.notify_one();
        }
        Event::Disconnected => warn!("the bus is away; this node stands alone until it is back"),
        event => warn!(%event, "the bus"),
    }
}

/// Base64 has characters that mean something in a subject or nothing at all.
fn subject_token(base64: &str) -> String {
    base64.bytes().map(|byte| format!("{byte:02x}")).collect()
}
