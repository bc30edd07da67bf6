//! What happens in a server, for whoever listens: messages on their way, and processes that come and go.
//!
//! The last events are kept, each once for all: a listener that comes back reads on where it was, and nobody is waited
//! for. Who reads too slowly is told that something was lost.

mod recent;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use tokio::sync::watch;
use uuid::Uuid;

use crate::workspace::with_z;
use recent::Recent;

pub use recent::Told;

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
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// What tells the ids of this server from those of the one before.
    run: String,
    recent: Mutex<Recent>,
    /// The number of the last event.
    last: watch::Sender<u64>,
}

/// Somebody who hears every event from some moment on.
#[derive(Debug)]
pub struct Listener {
    shared: Arc<Shared>,
    last: watch::Receiver<u64>,
    next: u64,
    /// It has missed what an earlier server told.
    is_late: bool,
}

/// What a listener hears.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// An event.
    Told(Arc<Told>),
    /// Events that are not kept any more; how many, where that is known.
    Lost(Option<u64>),
}

impl Default for Events {
    fn default() -> Self {
        let run = Uuid::new_v4().simple().to_string()[..8].to_owned();
        let shared = Shared { run, recent: Mutex::default(), last: watch::Sender::new(0) };
        Self { shared: Arc::new(shared) }
    }
}

impl Events {
    /// Tells everybody who listens now or comes soon.
    pub fn tell(&self, event: Event) {
        let number = lock(&self.shared.recent).keep(event);
        // Numbers may overtake each other here, which a listener does not mind: it reads all that is kept.
        self.shared.last.send_if_modified(|last| {
            let is_news = number > *last;
            *last = number.max(*last);
            is_news
        });
    }

    /// Listens from now on.
    #[must_use]
    pub fn listen(&self) -> Listener {
        let next = lock(&self.shared.recent).next_number();
        Listener { shared: self.shared.clone(), last: self.shared.last.subscribe(), next, is_late: false }
    }

    /// Listens from behind the event `id` on, as far back as events are kept.
    #[must_use]
    pub fn listen_after(&self, id: &str) -> Listener {
        let mut listener = self.listen();
        let number = id.split_once('.').filter(|(run, _)| *run == self.shared.run);
        match number.and_then(|(_, number)| number.parse::<u64>().ok()) {
            Some(number) => listener.next = listener.next.min(number.saturating_add(1)),
            None => (listener.next, listener.is_late) = (lock(&self.shared.recent).first_number(), true),
        }
        listener
    }

    /// The id by which a listener names the event later.
    #[must_use]
    pub fn id_of(&self, told: &Told) -> String {
        format!("{}.{}", self.shared.run, told.number)
    }
}

impl Listener {
    /// The next event. Nothing is lost by dropping the call.
    pub async fn next(&mut self) -> Heard {
        loop {
            if let Some(heard) = self.try_next() {
                return heard;
            }
            // The sender lives as long as this listener, which shares it.
            let _ = self.last.changed().await;
        }
    }

    fn try_next(&mut self) -> Option<Heard> {
        if std::mem::take(&mut self.is_late) {
            return Some(Heard::Lost(None));
        }
        self.last.borrow_and_update();
        let recent = lock(&self.shared.recent);
        let first = recent.first_number();
        if self.next < first {
            let missed = first - std::mem::replace(&mut self.next, first);
            return Some(Heard::Lost(Some(missed)));
        }
        let told = recent.get(self.next)?;
        self.next += 1;
        Some(Heard::Told(told))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl ProcessEvent {
    /// A change of the child `instance`, now.
    #[must_use]
    pub fn now(instance: impl Into<String>, change: ProcessChange) -> Self {
        Self { instance: instance.into(), at: with_z(Timestamp::now()), change }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> Event {
        Event::Message(Map::from_iter([("text".to_owned(), text.into())]))
    }

    fn hear(listener: &mut Listener) -> Option<String> {
        match listener.try_next()? {
            Heard::Told(told) => Some(told.data.clone()),
            Heard::Lost(count) => Some(format!("lost {count:?}")),
        }
    }

    #[test]
    fn a_listener_hears_what_is_told_from_now_on_in_order() {
        let events = Events::default();
        events.tell(message("before"));
        let mut listener = events.listen();
        assert_eq!(hear(&mut listener), None);
        events.tell(message("one"));
        events.tell(message("two"));
        assert_eq!(hear(&mut listener).unwrap(), r#"{"text":"one"}"#);
        assert_eq!(hear(&mut listener).unwrap(), r#"{"text":"two"}"#);
        assert_eq!(hear(&mut listener), None);
    }

    #[test]
    fn who_comes_back_reads_on_where_it_was() {
        let events = Events::default();
        let mut listener = events.listen();
        events.tell(message("one"));
        events.tell(message("two"));
        let Some(Heard::Told(one)) = listener.try_next() else { panic!("nothing") };
        let mut back = events.listen_after(&events.id_of(&one));
        assert_eq!(hear(&mut back).unwrap(), r#"{"text":"two"}"#);
        assert_eq!(hear(&mut back), None);
    }

    #[test]
    fn the_id_of_another_server_means_all_that_is_kept_and_that_something_was_lost() {
        let events = Events::default();
        events.tell(message("one"));
        for id in ["0123abcd.7", "nonsense", "", "7"] {
            let mut listener = events.listen_after(id);
            assert_eq!(hear(&mut listener).unwrap(), "lost None", "{id}");
            assert_eq!(hear(&mut listener).unwrap(), r#"{"text":"one"}"#, "{id}");
        }
    }

    #[test]
    fn who_reads_too_slowly_is_told_how_much_it_lost() {
        let events = Events::default();
        let mut listener = events.listen();
        for number in 0..recent::MAX_EVENTS + 3 {
            events.tell(message(&number.to_string()));
        }
        assert_eq!(hear(&mut listener).unwrap(), "lost Some(3)");
        assert_eq!(hear(&mut listener).unwrap(), r#"{"text":"3"}"#);
    }
}
