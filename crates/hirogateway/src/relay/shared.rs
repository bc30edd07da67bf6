//! What all connections of one relay share: the settings, who is there, the state, and the permits to be there.
//!
//! The hub decides; the methods here take its lock for that moment, and tell the state file about desktops while
//! they hold it, so that the file follows the same order.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hiro_protocol::gateway::refusal::FirstFrameError;
use jiff::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use tracing::{debug, warn};

use super::bus::Bus;
use super::counters::{Count, Counters};
use super::hub::{Duplicate, Hub, Identity, Pairings, Role};
use super::lobby::{Lobby, Place};
use super::outbox::{Offer, Outbox};
use super::room::{Parcel, Room};
use super::settings::RelaySettings;
use crate::state::State;

pub(super) struct Shared {
    pub(super) settings: RelaySettings,
    room: Arc<Room>,
    hub: Mutex<Hub>,
    pub(super) bus: Option<Bus>,
    state: watch::Sender<State>,
    connections: Arc<Semaphore>,
    lobby: Arc<Lobby>,
    crowded: AtomicBool,
}

/// The right to be connected, given back when it is dropped.
pub(super) struct Admission {
    /// For the whole connection.
    pub(super) connection: Open,
    /// Until the peer has said who it is.
    pub(super) place: Place,
}

/// An open connection, counted as long as it is.
pub(super) struct Open {
    counters: Arc<Counters>,
    _permit: OwnedSemaphorePermit,
}

impl Open {
    fn new(counters: &Arc<Counters>, permit: OwnedSemaphorePermit) -> Self {
        counters.increment(Count::ConnectionsAccepted);
        counters.increment(Count::ConnectionsOpen);
        Self { counters: Arc::clone(counters), _permit: permit }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.counters.decrement(Count::ConnectionsOpen);
    }
}

impl Shared {
    pub(super) fn new(settings: RelaySettings, state: watch::Sender<State>, bus: Option<Bus>) -> Self {
        let limits = &settings.limits;
        let permits = limits.connections.min(Semaphore::MAX_PERMITS);
        let pairings = Pairings::new(limits.pairings, limits.pairings_per_second);
        let room = Room::new(limits.queued_bytes_in_all, Arc::clone(&settings.counters));
        Self {
            room: Arc::new(room),
            hub: Mutex::new(Hub::new(settings.device_notices, pairings, bus.clone())),
            bus,
            state,
            connections: Arc::new(Semaphore::new(permits)),
            lobby: Lobby::new(limits.unauthenticated_per_address, limits.unauthenticated),
            crowded: AtomicBool::new(false),
            settings,
        }
    }

    /// `None` for a connection that is one too many.
    pub(super) fn admit(&self, address: IpAddr) -> Option<Admission> {
        let permit = Arc::clone(&self.connections).try_acquire_owned().ok();
        let (place, pushed_out) = match &permit {
            Some(_) => self.lobby.enter(address),
            None => return self.refuse_connection(),
        };
        self.note_crowd(pushed_out > 0);
        self.count(Count::ConnectionsPushedOut, pushed_out);
        Some(Admission { connection: Open::new(&self.settings.counters, permit?), place })
    }

    fn refuse_connection(&self) -> Option<Admission> {
        self.note_crowd(true);
        self.count(Count::ConnectionsRefused, 1);
        None
    }

    /// Said once until there is room again: a flood of connections must not become a flood of lines.
    fn note_crowd(&self, crowded: bool) {
        if !self.crowded.swap(crowded, Ordering::Relaxed) && crowded {
            warn!("too many connections, letting some go");
        }
    }

    pub(super) fn count(&self, count: Count, amount: u64) {
        self.settings.counters.add(count, amount);
    }

    /// Every method of the hub leaves it whole, so a panic elsewhere does not spoil it.
    pub(super) fn hub(&self) -> MutexGuard<'_, Hub> {
        self.hub.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn farewell_deadline(&self) -> Instant {
        Instant::now() + self.settings.timeouts.close
    }

    pub(super) fn outbox(&self) -> Outbox {
        Outbox::new(&self.settings.limits, &self.room)
    }

    /// Puts a frame into the queues of `recipients`. Nobody is waited for: who has no room for it loses it.
    pub(super) fn deliver(&self, recipients: &[Outbox], frame: Utf8Bytes) {
        let (delivered, filled) = match Parcel::new(frame, &self.room) {
            Some(parcel) => offer_to_all(recipients, &parcel),
            None => (0, 0),
        };
        let lost = recipients.len() as u64 - delivered;
        self.count(Count::FramesDelivered, delivered);
        if lost > 0 {
            self.count(Count::FramesDropped, lost);
            self.count(Count::QueuesFilled, filled);
        }
        if filled > 0 {
            debug!(peers = filled, "peers do not keep up, dropping frames");
        }
    }

    pub(super) fn join(&self, identity: &Identity, outbox: &Outbox) -> Result<(), Duplicate> {
        let mut hub = self.hub();
        if let Err(duplicate) = hub.join(identity, outbox, Timestamp::now().as_microsecond()) {
            self.count(Count::Duplicates, 1);
            return Err(duplicate);
        }
        self.count(Count::Logins, 1);
        self.count(Count::Members, 1);
        if identity.role == Role::Desktop {
            self.state.send_modify(|state| state.desktop_joined(Timestamp::now()));
        }
        Ok(())
    }

    pub(super) fn leave(&self, identity: &Identity, outbox: &Outbox) {
        let mut hub = self.hub();
        hub.leave(&identity.device_id, outbox);
        self.settings.counters.decrement(Count::Members);
        if identity.role == Role::Desktop && !hub.has_desktop() {
            self.state.send_modify(State::last_desktop_left);
        }
    }

    pub(super) fn refused(&self, error: &FirstFrameError) {
        self.count(Count::LoginsRefused, 1);
        if error.concerns_desktop() {
            self.state.send_if_modified(|state| state.desktop_refused(&error.to_string()));
        }
    }
}

/// How many took it, and how many queues have become full by it.
fn offer_to_all(recipients: &[Outbox], parcel: &Parcel) -> (u64, u64) {
    let (mut delivered, mut filled) = (0, 0);
    for outbox in recipients {
        match outbox.offer(parcel) {
            Offer::Taken => delivered += 1,
            Offer::Full => filled += 1,
            Offer::Dropped => {}
        }
    }
    (delivered, filled)
}
