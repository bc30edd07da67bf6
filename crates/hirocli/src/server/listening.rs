//! Who listens: how many streams are open at a time, and which of the listeners answer what people say.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// So many streams at a time: each costs a connection and a task.
pub(super) const MAX_STREAMS: usize = 64;

/// The streams that are open.
#[derive(Debug)]
pub(super) struct Streams {
    permits: Arc<Semaphore>,
    agents: Arc<AtomicUsize>,
}

/// One open stream, until it is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    _permit: OwnedSemaphorePermit,
    agents: Option<Arc<AtomicUsize>>,
}

impl Default for Streams {
    fn default() -> Self {
        Self { permits: Arc::new(Semaphore::new(MAX_STREAMS)), agents: Arc::default() }
    }
}

impl Streams {
    /// A place for one more, unless there are too many. An agent is one that answers.
    pub(super) fn take_seat(&self, is_agent: bool) -> Option<Seat> {
        let permit = self.permits.clone().try_acquire_owned().ok()?;
        let agents = is_agent.then(|| {
            self.agents.fetch_add(1, Ordering::Relaxed);
            self.agents.clone()
        });
        Some(Seat { _permit: permit, agents })
    }

    /// Whether any listener answers what people say.
    pub(super) fn have_agent(&self) -> bool {
        self.agents.load(Ordering::Relaxed) > 0
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Some(agents) = &self.agents {
            agents.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_only_so_many_seats_and_an_agent_is_there_while_it_has_one() {
        let streams = Streams::default();
        let agent = streams.take_seat(true).unwrap();
        let others: Vec<Seat> = std::iter::from_fn(|| streams.take_seat(false)).collect();
        assert_eq!(others.len(), MAX_STREAMS - 1);
        assert!(streams.have_agent() && streams.take_seat(true).is_none());
        drop(agent);
        assert!(!streams.have_agent() && streams.take_seat(false).is_some());
    }
}
