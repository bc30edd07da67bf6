//! The pairing requests that wait for an answer: those of clients here, and those that other nodes passed on.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use hiro_protocol::gateway::closing::Closing;
use hiro_protocol::gateway::pairing::PairingAnswer;
use hiro_protocol::gateway::server::GatewayFrame;

use super::super::bus::NodeId;
use super::super::outbox::Outbox;

#[derive(Default)]
pub(in crate::relay) struct Pairings {
    here: HashMap<String, Outbox>,
    elsewhere: HashMap<String, NodeId>,
    most: usize,
    /// When the last ones of those that one second may have were passed on.
    times: VecDeque<Instant>,
    per_second: usize,
}

impl Pairings {
    pub(in crate::relay) fn new(most: usize, per_second: usize) -> Self {
        Self { most, per_second, ..Self::default() }
    }

    /// Whoever guesses codes must not get through many of them while one holds.
    pub(super) fn has_room(&self, now: Instant) -> bool {
        let recent = self.times.iter().rev().take_while(|time| is_recent(time, now)).count();
        self.here.len() < self.most && recent < self.per_second
    }

    pub(super) fn begin(&mut self, request_id: String, client: &Outbox, now: Instant) {
        self.here.insert(request_id, client.clone());
        while self.times.front().is_some_and(|time| !is_recent(time, now)) {
            self.times.pop_front();
        }
        self.times.push_back(now);
    }

    /// Whether a client of another node may wait for a desktop of this one.
    pub(super) fn begin_for(&mut self, request_id: String, node: NodeId) -> bool {
        let has_room = self.elsewhere.len() < self.most;
        if has_room {
            self.elsewhere.insert(request_id, node);
        }
        has_room
    }

    pub(super) fn answer(&mut self, answer: PairingAnswer) {
        if let Some(client) = self.here.remove(&answer.request_id) {
            client.offer_own(&GatewayFrame::PairingResponse(answer.outcome));
            client.close(Closing::PairingComplete);
        }
    }

    /// There is no desktop that could answer.
    pub(super) fn fail(&mut self, request_id: &str) {
        if let Some(client) = self.here.remove(request_id) {
            client.close(Closing::NoDesktop);
        }
    }

    /// Whether it still waited.
    pub(super) fn end(&mut self, request_id: &str) -> bool {
        self.here.remove(request_id).is_some()
    }

    /// The node of the client, for a request that another node passed on.
    pub(super) fn take_from_elsewhere(&mut self, request_id: &str) -> Option<NodeId> {
        self.elsewhere.remove(request_id)
    }

    pub(super) fn forget_node(&mut self, node: &NodeId) {
        self.elsewhere.retain(|_, its| its != node);
    }
}

fn is_recent(time: &Instant, now: Instant) -> bool {
    now < *time + Duration::from_secs(1)
}
