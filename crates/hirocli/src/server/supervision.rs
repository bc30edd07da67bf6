//! What is known of the server's children: told by whoever keeps them, read by the HTTP API and written down for those
//! who look from outside.
//!
//! Every change is an event, too.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use super::events::{Event, Events, ProcessChange, ProcessEvent};
use crate::workspace::with_z;

/// What is known of one child. Keys are added, never renamed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ChildAccount {
    /// How often it was started again after a crash, since the server started.
    #[serde(default)]
    pub restarts: u64,
    /// The last crash since the server started.
    #[serde(default)]
    pub last_crash: Option<LastCrash>,
    /// When it is started again, in UTC with a final `Z`.
    #[serde(default)]
    pub next_start_at: Option<String>,
    /// Why it is not started again.
    #[serde(default)]
    pub gave_up: Option<String>,
    /// What was wrong with what it said to the server, and how often.
    #[serde(default)]
    pub offences: BTreeMap<Offence, u64>,
}

/// What a child does that children don't.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Offence {
    /// A frame that means nothing.
    Malformed,
    /// A message beyond the limit.
    TooLarge,
    /// More frames than are taken in the time.
    Flood,
    /// It runs, and has not registered.
    Silent,
    /// So much on stderr that its log had to be cut.
    StderrFlood,
    /// Somebody who was refused wanted to register under its name.
    Refused,
}

impl fmt::Display for Offence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Malformed => "a frame that means nothing",
            Self::TooLarge => "a message that is too large",
            Self::Flood => "too many frames",
            Self::Silent => "no registration, although it runs",
            Self::StderrFlood => "a flood on stderr",
            Self::Refused => "a registration that is refused",
        })
    }
}

/// One crash.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LastCrash {
    /// When it was seen, in UTC with a final `Z`.
    pub at: String,
    /// How, in one line.
    pub reason: String,
    /// The last lines that it wrote to stderr.
    #[serde(default)]
    pub stderr: Vec<String>,
}

/// What is known of all children. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Supervision {
    events: Events,
    accounts: Arc<Mutex<BTreeMap<String, ChildAccount>>>,
    changed: Arc<Notify>,
}

impl LastCrash {
    /// A crash that was seen now.
    #[must_use]
    pub fn now(reason: String, stderr: Vec<String>) -> Self {
        Self { at: with_z(Timestamp::now()), reason, stderr }
    }
}

impl Supervision {
    /// Nothing yet; what is told from now on is told to `events`, too.
    #[must_use]
    pub fn new(events: Events) -> Self {
        Self { events, ..Self::default() }
    }

    /// Somebody wants something of the child: what was to become of it by itself does not.
    pub fn ordered(&self, instance: &str) {
        if let Some(account) = self.lock().get_mut(instance) {
            account.next_start_at = None;
            account.gave_up = None;
            self.changed.notify_one();
        }
    }

    /// The child is ready.
    pub fn started(&self, instance: &str, pid: u32) {
        self.note(instance, ProcessChange::Started { pid }, |account| {
            account.restarts += u64::from(account.next_start_at.is_some());
            account.next_start_at = None;
            account.gave_up = None;
        });
    }

    /// The child has been stopped, or has ended in order.
    pub fn stopped(&self, instance: &str) {
        self.note(instance, ProcessChange::Stopped, |account| {
            account.next_start_at = None;
            account.gave_up = None;
        });
    }

    /// The child has crashed, and is started again after `again_in`.
    pub fn crashed(&self, instance: &str, crash: LastCrash, again_in: Option<Duration>) {
        let again_in_ms = again_in.map(|delay| u64::try_from(delay.as_millis()).unwrap_or(u64::MAX));
        let change = ProcessChange::Crashed { reason: crash.reason.clone(), again_in_ms };
        let next = again_in.and_then(|delay| SignedDuration::try_from(delay).ok());
        let next = next.and_then(|delay| Timestamp::now().checked_add(delay).ok());
        self.note(instance, change, |account| {
            // A start that fails is a restart all the same.
            account.restarts += u64::from(account.next_start_at.is_some());
            account.last_crash = Some(crash);
            account.next_start_at = next.map(with_z);
        });
    }

    /// The child is not started again.
    pub fn gave_up(&self, instance: &str, reason: String) {
        self.note(instance, ProcessChange::GaveUp { reason: reason.clone() }, |account| {
            account.next_start_at = None;
            account.gave_up = Some(reason);
        });
    }

    /// The channel plugin `name` has done what plugins don't. A plugin that is no child has no account.
    pub fn offended(&self, name: &str, offence: Offence) {
        let own = |called: &String| called.starts_with("channel:") && called.split('/').nth(1) == Some(name);
        let found = self.lock().keys().find(|called| own(called)).cloned();
        if let Some(called) = found {
            self.offended_as(&called, offence);
        }
    }

    /// The child has done what children don't.
    pub fn offended_as(&self, instance: &str, offence: Offence) {
        *self.lock().entry(instance.to_owned()).or_default().offences.entry(offence).or_default() += 1;
        self.changed.notify_one();
    }

    /// What is known now, by the names that statuses use.
    #[must_use]
    pub fn snapshot(&self) -> BTreeMap<String, ChildAccount> {
        self.lock().clone()
    }

    /// Waits until something has changed since the last call.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    fn note(&self, instance: &str, change: ProcessChange, update: impl FnOnce(&mut ChildAccount)) {
        update(self.lock().entry(instance.to_owned()).or_default());
        self.changed.notify_one();
        self.events.tell(Event::Process(ProcessEvent::now(instance, change)));
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, ChildAccount>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::events::Heard;

    fn crash() -> LastCrash {
        LastCrash::now("exit code 7".to_owned(), vec!["boom".to_owned()])
    }

    #[test]
    fn only_starts_after_a_crash_are_restarts_also_those_that_fail() {
        let supervision = Supervision::default();
        let account = || supervision.snapshot()["x"].clone();
        supervision.started("x", 1);
        assert_eq!(account(), ChildAccount::default());
        supervision.crashed("x", crash(), Some(Duration::from_secs(1)));
        assert!(account().next_start_at.is_some() && account().restarts == 0);
        supervision.crashed("x", crash(), Some(Duration::from_secs(1)));
        supervision.started("x", 2);
        assert_eq!((account().restarts, account().next_start_at), (2, None));
        supervision.gave_up("x", "enough".to_owned());
        assert_eq!(account().gave_up.as_deref(), Some("enough"));
        supervision.started("x", 3);
        assert_eq!((account().restarts, account().gave_up), (2, None), "that start was an order");
        supervision.crashed("x", crash(), Some(Duration::from_secs(1)));
        supervision.ordered("x");
        supervision.started("x", 4);
        assert_eq!(account().restarts, 2, "and that one, too");
    }

    #[tokio::test]
    async fn every_change_is_an_event() {
        let events = Events::default();
        let mut listener = events.listen();
        Supervision::new(events).crashed("x", crash(), Some(Duration::from_millis(20)));
        let Heard::Told(told) = listener.next().await else { panic!("no event") };
        let data: serde_json::Value = serde_json::from_str(&told.data).unwrap();
        let said = (&data["instance"], &data["change"], &data["reason"], &data["again_in_ms"]);
        let text = |text: &str| serde_json::Value::from(text);
        assert_eq!(said, (&text("x"), &text("crashed"), &text("exit code 7"), &serde_json::Value::from(20)));
    }
}
