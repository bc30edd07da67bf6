//! What the bus could not do, counted.

use std::sync::atomic::{AtomicU64, Ordering};

#[derive(Debug, Default)]
pub(in crate::relay) struct Counters {
    /// Frames for other nodes that did not leave this one: the bus was away, or the queue for it full.
    unsent: AtomicU64,
    /// Letters of other nodes that never came.
    lost: AtomicU64,
    /// Letters that came again, or that could not be read.
    refused: AtomicU64,
}

impl Counters {
    pub(super) fn count_unsent(&self) {
        self.unsent.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_lost(&self, letters: u64) {
        self.lost.fetch_add(letters, Ordering::Relaxed);
    }

    pub(super) fn count_refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// Each with its name.
    pub(in crate::relay) fn snapshot(&self) -> [(&'static str, u64); 3] {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        [
            ("bus_unsent_frames", read(&self.unsent)),
            ("bus_lost_letters", read(&self.lost)),
            ("bus_refused_letters", read(&self.refused)),
        ]
    }
}
