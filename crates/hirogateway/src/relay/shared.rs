//! What all connections of one relay share: the settings, who is there, the state, and the permits to be there.
//!
//! The hub decides; the methods here take its lock for that moment, and tell the state file about desktops while
//! they hold it, so that the file follows the same order.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hiro_protocol::gateway::refusal::FirstFrameError;
use jiff::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::Instant;
use tracing::warn;

use super::bus::Bus;
use super::hub::{Duplicate, Hub, Identity, Role};
use super::outbox::Outbox;
use super::settings::RelaySettings;
use crate::state::State;

pub(super) struct Shared {
    pub(super) settings: RelaySettings,
    hub: Mutex<Hub>,
    pub(super) bus: Option<Bus>,
    state: watch::Sender<State>,
    connections: Arc<Semaphore>,
    unauthenticated: Arc<Semaphore>,
    crowded: AtomicBool,
}

/// The right to be connected, given back when it is dropped.
pub(super) struct Admission {
    /// For the whole connection.
    pub(super) connection: OwnedSemaphorePermit,
    /// Until the peer has said who it is.
    pub(super) unauthenticated: OwnedSemaphorePermit,
}

impl Shared {
    pub(super) fn new(settings: RelaySettings, state: watch::Sender<State>, bus: Option<Bus>) -> Self {
        let semaphore = |permits: usize| Arc::new(Semaphore::new(permits.min(Semaphore::MAX_PERMITS)));
        Self {
            hub: Mutex::new(Hub::new(settings.device_notices, settings.limits.pairings, bus.clone())),
            bus,
            state,
            connections: semaphore(settings.limits.connections),
            unauthenticated: semaphore(settings.limits.unauthenticated),
            crowded: AtomicBool::new(false),
            settings,
        }
    }

    pub(super) fn admit(&self) -> Option<Admission> {
        let admission = self.try_admit();
        // Said once until there is room again: a flood of connections must not become a flood of lines.
        if !self.crowded.swap(admission.is_none(), Ordering::Relaxed) && admission.is_none() {
            warn!("too many connections, dropping new ones");
        }
        admission
    }

    fn try_admit(&self) -> Option<Admission> {
        Some(Admission {
            connection: Arc::clone(&self.connections).try_acquire_owned().ok()?,
            unauthenticated: Arc::clone(&self.unauthenticated).try_acquire_owned().ok()?,
        })
    }

    /// Every method of the hub leaves it whole, so a panic elsewhere does not spoil it.
    pub(super) fn hub(&self) -> MutexGuard<'_, Hub> {
        self.hub.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn farewell_deadline(&self) -> Instant {
        Instant::now() + self.settings.timeouts.close
    }

    pub(super) fn outbox(&self) -> Outbox {
        Outbox::new(self.settings.limits.queued_frames, self.settings.limits.queued_bytes)
    }

    pub(super) fn join(&self, identity: &Identity, outbox: &Outbox) -> Result<(), Duplicate> {
        let mut hub = self.hub();
        hub.join(identity, outbox, Timestamp::now().as_microsecond())?;
        if identity.role == Role::Desktop {
            self.state.send_modify(|state| state.desktop_joined(Timestamp::now()));
        }
        Ok(())
    }

    pub(super) fn leave(&self, identity: &Identity, outbox: &Outbox) {
        let mut hub = self.hub();
        hub.leave(&identity.device_id, outbox);
        if identity.role == Role::Desktop && !hub.has_desktop() {
            self.state.send_modify(State::last_desktop_left);
        }
    }

    pub(super) fn refused(&self, error: &FirstFrameError) {
        if error.concerns_desktop() {
            self.state.send_if_modified(|state| state.desktop_refused(&error.to_string()));
        }
    }
}
