//! Which plugins are registered, and the way to each.
//!
//! Nothing here waits: a plugin that doesn't read loses its connection instead of holding up the others.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indexmap::IndexMap;
use serde::Serialize;
use tokio::sync::{mpsc, oneshot};
use tokio_tungstenite::tungstenite::Message;

/// How long a stop waits for a plugin: longer than the plugin may take to finish, and its socket to be closed.
const STOP_PATIENCE: Duration = Duration::from_secs(6);

/// How a plugin introduces itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Registration {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) description: String,
}

/// Why the server ends a registered connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dismissal {
    /// Another one has registered under the same name.
    Replaced,
    /// It leaves what it is sent unread.
    TooSlow,
    /// Somebody wants the plugin to stop.
    Stopped,
}

/// One connection to the plugin port, whoever is at its other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ConnectionId(u64);

/// The way to a registered plugin.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) connection: ConnectionId,
    pub(super) queue: mpsc::Sender<Message>,
    /// Gone once it was used.
    pub(super) dismiss: Option<oneshot::Sender<Dismissal>>,
}

/// The registered plugins.
#[derive(Debug, Default)]
pub(super) struct Hub {
    plugins: Mutex<IndexMap<String, (Registration, Line)>>,
    left: Condvar,
}

impl Line {
    fn dismiss(&mut self, dismissal: Dismissal) {
        if let Some(dismiss) = self.dismiss.take() {
            // When the connection has ended by itself there is nobody to tell.
            let _ = dismiss.send(dismissal);
        }
    }
}

impl ConnectionId {
    /// An id that no other connection of this process has.
    pub(super) fn next() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

impl Hub {
    /// Enters a plugin. Whoever had its name is dismissed.
    pub(super) fn register(&self, registration: Registration, line: Line) {
        let name = registration.name.clone();
        if let Some((_, mut older)) = self.lock().insert(name, (registration, line)) {
            older.dismiss(Dismissal::Replaced);
        }
    }

    /// Strikes a plugin out, unless the name has gone to another connection; says whether it did.
    pub(super) fn withdraw(&self, name: &str, connection: ConnectionId) -> bool {
        let mut plugins = self.lock();
        let owns = plugins.get(name).is_some_and(|(_, line)| line.connection == connection);
        let has_left = owns && plugins.shift_remove(name).is_some();
        self.left.notify_all();
        has_left
    }

    /// The names of all.
    pub(super) fn names(&self) -> Vec<String> {
        self.lock().keys().cloned().collect()
    }

    /// Tells a plugin to stop, and waits until it has left; whether it was there.
    pub(super) fn stop(&self, name: &str) -> bool {
        let mut plugins = self.lock();
        let Some((_, line)) = plugins.get_mut(name) else { return false };
        let connection = line.connection;
        let Some(dismiss) = line.dismiss.take() else { return false };
        let _ = dismiss.send(Dismissal::Stopped);
        let is_there = |plugins: &mut IndexMap<String, (Registration, Line)>| matches!(plugins.get(name), Some((_, line)) if line.connection == connection);
        drop(self.left.wait_timeout_while(plugins, STOP_PATIENCE, is_there));
        true
    }

    /// Whether `connection` still has the name `name`.
    pub(super) fn owns(&self, name: &str, connection: ConnectionId) -> bool {
        self.lock().get(name).is_some_and(|(_, line)| line.connection == connection)
    }

    /// Whether a plugin `name` is registered.
    pub(super) fn has(&self, name: &str) -> bool {
        self.lock().contains_key(name)
    }

    /// The registered plugins, in the order of their registration.
    pub(super) fn registrations(&self) -> Vec<Registration> {
        self.lock().values().map(|(registration, _)| registration.clone()).collect()
    }

    /// Queues a frame for the plugin `name`, or drops it when there is none; says whether it is on its way. A plugin
    /// whose queue is full is dismissed.
    pub(super) fn send(&self, name: &str, frame: String) -> bool {
        let mut plugins = self.lock();
        let Some((_, line)) = plugins.get(name) else {
            tracing::warn!(%name, "no such plugin, dropping a frame for it");
            return false;
        };
        if line.queue.try_send(Message::text(frame)).is_ok() {
            return true;
        }
        if let Some((_, mut line)) = plugins.shift_remove(name) {
            tracing::warn!(%name, "the plugin doesn't read, dismissing it");
            self.left.notify_all();
            line.dismiss(Dismissal::TooSlow);
        }
        false
    }

    fn lock(&self) -> MutexGuard<'_, IndexMap<String, (Registration, Line)>> {
        self.plugins.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registration(name: &str) -> Registration {
        Registration { name: name.to_owned(), version: "1".to_owned(), description: String::new() }
    }

    fn line() -> (Line, mpsc::Receiver<Message>, oneshot::Receiver<Dismissal>) {
        let (queue, frames) = mpsc::channel(1);
        let (dismiss, dismissed) = oneshot::channel();
        (Line { connection: ConnectionId::next(), queue, dismiss: Some(dismiss) }, frames, dismissed)
    }

    #[test]
    fn a_name_goes_to_whoever_registered_last() {
        let hub = Hub::default();
        let ((older, _older_frames, mut dismissed), (newer, mut frames, _)) = (line(), line());
        let (first, second) = (older.connection, newer.connection);
        hub.register(registration("x"), older);
        hub.register(registration("x"), newer);
        assert_eq!(dismissed.try_recv(), Ok(Dismissal::Replaced));
        assert!(!hub.owns("x", first) && hub.owns("x", second));
        assert!(!hub.withdraw("x", first));
        hub.send("x", "hello".to_owned());
        assert_eq!(frames.try_recv(), Ok(Message::text("hello")));
    }

    #[test]
    fn a_plugin_that_does_not_read_is_dismissed() {
        let hub = Hub::default();
        let (line, _frames, mut dismissed) = line();
        hub.register(registration("x"), line);
        hub.send("x", "fits".to_owned());
        assert!(dismissed.try_recv().is_err());
        hub.send("x", "is too much".to_owned());
        assert_eq!(dismissed.try_recv(), Ok(Dismissal::TooSlow));
        assert!(!hub.has("x"));
    }
}
