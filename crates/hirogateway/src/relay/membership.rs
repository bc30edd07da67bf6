//! Being logged in, and waiting to be paired: two stays in the hub that end when their guards are dropped, however
//! the connection ends.

use std::sync::Arc;
use std::time::Instant;

use hiro_protocol::gateway::closing::Closing;
use hiro_protocol::gateway::pairing::{PairingAnswer, PairingRequest, new_request_id};
use tokio_tungstenite::tungstenite::{Bytes, Utf8Bytes};
use tracing::{debug, info};

use super::counters::Count;
use super::hub::{Duplicate, Identity, Recipients, Role};
use super::outbox::Outbox;
use super::shared::Shared;
use super::splice::{Frame, Sender};
use super::target::Target;

/// A peer that is logged in.
pub(super) struct Membership {
    shared: Arc<Shared>,
    identity: Identity,
    sender: Sender,
    outbox: Outbox,
}

impl Membership {
    pub(super) fn join(shared: Arc<Shared>, identity: Identity, outbox: Outbox) -> Result<Self, Duplicate> {
        shared.join(&identity, &outbox)?;
        let Identity { role, device_id, device_name } = &identity;
        info!(device_id, device_name, ?role, "joined");
        let sender = Sender::new(&identity.device_id);
        Ok(Self { shared, identity, sender, outbox })
    }

    /// From a desktop, the answer to a pairing request is for the gateway; everything else is passed on.
    pub(super) fn relay_text(&self, text: Utf8Bytes) {
        let Some(frame) = self.read(&text) else { return };
        if self.identity.role == Role::Desktop && frame.is_of_type("pairing_response") {
            self.answer_pairing(&text);
        } else {
            self.pass_on(&frame);
        }
    }

    /// A binary message is passed on as text, whatever it says.
    pub(super) fn relay_binary(&self, bytes: Bytes) {
        // What is no text is no JSON either.
        let text = Utf8Bytes::try_from(bytes).unwrap_or_default();
        if let Some(frame) = self.read(&text) {
            self.pass_on(&frame);
        }
    }

    fn read<'a>(&self, text: &'a str) -> Option<Frame<'a>> {
        self.shared.count(Count::FramesReceived, 1);
        let frame = Frame::read(text);
        if frame.is_none() {
            self.shared.count(Count::FramesMalformed, 1);
        }
        frame
    }

    /// The peer sends too fast and is made to wait.
    pub(super) fn throttled(&self) {
        self.shared.count(Count::Throttled, 1);
    }

    fn answer_pairing(&self, text: &str) {
        let answer = serde_json::from_str(text).ok().as_ref().and_then(PairingAnswer::read);
        if let Some(answer) = answer {
            self.shared.hub().answer_pairing(answer);
        }
    }

    fn pass_on(&self, frame: &Frame<'_>) {
        let target = Target::read(frame.target());
        let Recipients { here, there } = self.shared.hub().recipients(&self.identity.device_id, &target);
        if here.is_empty() && there.is_none() {
            self.shared.count(Count::FramesUndeliverable, 1);
            return;
        }
        let spliced = frame.with_sender(&self.sender);
        if spliced.len() > self.shared.settings.limits.message_bytes {
            // With the sender's name it exceeds what a peer takes: passing it on would end that peer's session.
            self.shared.count(Count::FramesTooLong, 1);
            return;
        }
        let spliced = Utf8Bytes::from(spliced);
        if let Some((bus, there)) = self.shared.bus.as_ref().zip(there) {
            bus.pass_on(there, target.into_name(), &spliced);
        }
        self.shared.deliver(&here, spliced);
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        self.shared.leave(&self.identity, &self.outbox);
        let Identity { device_id, device_name, .. } = &self.identity;
        info!(device_id, device_name, dropped_frames = self.outbox.dropped(), "left");
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
        let begun = shared.hub().begin_pairing(&request_id, request, client, Instant::now());
        shared.count(if begun.is_ok() { Count::PairingsBegun } else { Count::PairingsRefused }, 1);
        begun?;
        debug!(request_id, "a client asks to be paired");
        Ok(Self { shared, request_id })
    }
}

impl Drop for PendingPairing {
    fn drop(&mut self) {
        self.shared.hub().end_pairing(&self.request_id);
    }
}
