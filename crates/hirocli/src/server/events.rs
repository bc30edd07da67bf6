//! What happens in a server, for whoever listens: messages on their way, and processes that come and go.
//!
//! Nobody is waited for: who reads too slowly is told that something was lost.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use tokio::sync::broadcast;

use crate::workspace::with_z;

/// So many events are kept for a slow listener.
const CAPACITY: usize = 1024;

/// One thing that has happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", content = "data", rename_all = "snake_case")]
pub enum Event {
    /// A message is on its way between channels, as the unified message that it is.
    Message(Map<String, Value>),
    /// A child of the server has come or gone.
    Process(ProcessEvent),
}

/// A change of one child.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProcessEvent {
    /// The child, as statuses call it: `channel:<workspace>/<name>`.
    pub instance: String,
    /// When it was seen, in UTC with a final `Z`.
    pub at: String,
    /// What has changed.
    #[serde(flatten)]
    pub change: ProcessChange,
}

/// What has changed about a child.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum ProcessChange {
    /// It is ready.
    Started {
        /// The process that does the work.
        pid: u32,
    },
    /// It was stopped as somebody wished, or has ended by itself in order.
    Stopped,
    /// It has crashed.
    Crashed {
        /// How, in one line.
        reason: String,
        /// When it will be started again, in milliseconds from then on; absent: not at all.
        again_in_ms: Option<u64>,
    },
    /// It will not be started again.
    GaveUp {
        /// Why.
        reason: String,
    },
}

/// Where events are told. Clones share the listeners.
#[derive(Debug, Clone)]
pub struct Events {
    sender: broadcast::Sender<Event>,
}

impl Default for Events {
    fn default() -> Self {
        Self { sender: broadcast::Sender::new(CAPACITY) }
    }
}

impl Events {
    /// Tells everybody who listens now.
    pub fn tell(&self, event: Event) {
        // Nobody may be listening.
        let _ = self.sender.send(event);
    }

    /// Listens from now on.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Event> {
        self.sender.subscribe()
    }
}

impl ProcessEvent {
    /// A change of the child `instance`, now.
    #[must_use]
    pub fn now(instance: impl Into<String>, change: ProcessChange) -> Self {
        Self { instance: instance.into(), at: with_z(Timestamp::now()), change }
    }
}
