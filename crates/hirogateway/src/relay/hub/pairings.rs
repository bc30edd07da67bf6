//! The pairing requests that wait for an answer: those of clients here, and those that other nodes passed on.

use std::collections::HashMap;

use hiro_protocol::gateway::closing::Closing;
use hiro_protocol::gateway::pairing::PairingAnswer;
use hiro_protocol::gateway::server::GatewayFrame;

use super::super::bus::NodeId;
use super::super::outbox::Outbox;

#[derive(Default)]
pub(super) struct Pairings {
    here: HashMap<String, Outbox>,
    elsewhere: HashMap<String, NodeId>,
    most: usize,
}

impl Pairings {
    pub(super) fn new(most: usize) -> Self {
        Self { most, ..Self::default() }
    }

    pub(super) fn is_full(&self) -> bool {
        self.here.len() >= self.most
    }

    pub(super) fn begin(&mut self, request_id: String, client: &Outbox) {
        self.here.insert(request_id, client.clone());
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
