//! Being logged in, and waiting to be paired: two stays in the hub that end when their guards are dropped, however
//! the connection ends.

use std::sync::Arc;

use futures_util::future;
use hiro_protocol::gateway::closing::Closing;
use hiro_protocol::gateway::pairing::{PairingAnswer, PairingRequest, new_request_id};
use tokio_tungstenite::tungstenite::Utf8Bytes;
use tracing::{debug, info, warn};

use super::hub::{Duplicate, Identity, Recipients, Role};
use super::outbox::{Offer, Outbox};
use super::shared::Shared;
use super::splice::Frame;
use super::target::Target;

/// A peer that is logged in.
pub(super) struct Membership {
    shared: Arc<Shared>,
    identity: Identity,
    outbox: Outbox,
}

impl Membership {
    pub(super) fn join(shared: Arc<Shared>, identity: Identity, outbox: Outbox) -> Result<Self, Duplicate> {
        shared.join(&identity, &outbox)?;
        info!(device_id = identity.device_id, role = ?identity.role, "joined");
        Ok(Self { shared, identity, outbox })
    }

    /// From a desktop, the answer to a pairing request is for the gateway; everything else is passed on.
    pub(super) async fn relay_text(&self, text: Utf8Bytes) {
        let Some(frame) = Frame::read(&text) else { return };
        if self.identity.role == Role::Desktop && frame.is_of_type("pairing_response") {
            self.answer_pairing(&text);
        } else {
            self.pass_on(&frame).await;
        }
    }

    /// A binary message is passed on as text, whatever it says.
    pub(super) async fn relay_binary(&self, text: Utf8Bytes) {
        if let Some(frame) = Frame::read(&text) {
            self.pass_on(&frame).await;
        }
    }

    fn answer_pairing(&self, text: &str) {
        let answer = serde_json::from_str(text).ok().as_ref().and_then(PairingAnswer::read);
        if let Some(answer) = answer {
            self.shared.hub().answer_pairing(answer);
        }
    }

    async fn pass_on(&self, frame: &Frame<'_>) {
        let target = Target::read(frame.target());
        let Recipients { here, there } = self.shared.hub().recipients(&self.identity.device_id, &target);
        if here.is_empty() && there.is_none() {
            return;
        }
        let spliced = frame.with_sender(&self.identity.device_id);
        if spliced.len() > self.shared.settings.limits.message_bytes {
            // With the sender's name it exceeds what a peer takes: passing it on would end that peer's session.
            debug!(
                sender = self.identity.device_id,
                bytes = spliced.len(),
                "dropped a frame that is too long"
            );
            return;
        }
        let spliced = spliced.into();
        if let Some((bus, there)) = self.shared.bus.as_ref().zip(there) {
            bus.pass_on(there, target.into_name(), &spliced);
        }
        self.deliver(&here, &spliced).await;
    }

    /// Whoever has room gets the frame before anybody is waited for.
    async fn deliver(&self, recipients: &[Outbox], frame: &Utf8Bytes) {
        let behind = recipients.iter().filter(|outbox| outbox.offer(frame) == Offer::Full);
        let patience = self.shared.settings.timeouts.patience;
        let waits = behind.map(|outbox| outbox.offer_patiently(frame, patience));
        let newly_slow = future::join_all(waits).await.into_iter().filter(|slow| *slow).count();
        if newly_slow > 0 {
            warn!(
                sender = self.identity.device_id,
                peers = newly_slow,
                "peers do not keep up, dropping frames"
            );
        }
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        self.shared.leave(&self.identity, &self.outbox);
        info!(device_id = self.identity.device_id, dropped_frames = self.outbox.dropped(), "left");
    }
}

/// A client that waits for the desktop's answer.
pub(super) struct PendingPairing {
    shared: Arc<Shared>,
    request_id: String,
}

impl PendingPairing {
    pub(super) fn begin(
        shared: Arc<Shared>,
        request: PairingRequest,
        client: &Outbox,
    ) -> Result<Self, Closing> {
        let request_id = new_request_id();
        shared.hub().begin_pairing(&request_id, request, client)?;
        debug!(request_id, "a client asks to be paired");
        Ok(Self { shared, request_id })
    }
}

impl Drop for PendingPairing {
    fn drop(&mut self) {
        self.shared.hub().end_pairing(&self.request_id);
    }
}
