//! Whether a peer with a full queue still reads, decided by what it has taken of it and when.
//!
//! One that has stopped is not waited for. One that takes almost nothing fails too, and gets no other chance for a while:
//! nobody can hold up the others by reading a little now and then.

use std::time::Duration;

use tokio::time::Instant;

/// What a peer has to take in the time that it is given: less is not reading.
const ENOUGH_FRAMES: u32 = 32;
const ENOUGH_BYTES: usize = 64 << 10;

/// How long a peer that has failed is not waited for.
const NO_OTHER_CHANCE: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(super) struct Trial {
    /// When the peer was last seen to take something, or first had something to take.
    last_sign: Instant,
    began: Instant,
    frames: u32,
    bytes: usize,
    failed: Option<Instant>,
}

impl Trial {
    pub(super) fn new(now: Instant) -> Self {
        Self { last_sign: now, began: now, frames: 0, bytes: 0, failed: None }
    }

    /// The queue was empty and is not any more.
    pub(super) fn begin(&mut self, now: Instant) {
        (self.last_sign, self.began, self.frames, self.bytes) = (now, now, 0, 0);
    }

    /// The peer has taken a frame of that length.
    pub(super) fn took(&mut self, bytes: usize, now: Instant) {
        self.last_sign = now;
        self.frames = self.frames.saturating_add(1);
        self.bytes = self.bytes.saturating_add(bytes);
    }

    /// The queue is full: until when to wait for the peer. `None` when it does not read.
    pub(super) fn next_look(&mut self, now: Instant, patience: Duration) -> Option<Instant> {
        if self.failed.is_some_and(|failed| now < failed + NO_OTHER_CHANCE) {
            return None;
        }
        let stopped = now >= self.last_sign + patience;
        if !stopped && (self.frames >= ENOUGH_FRAMES || self.bytes >= ENOUGH_BYTES) {
            (self.began, self.frames, self.bytes) = (now, 0, 0);
        }
        let ends = self.began + patience;
        if stopped || now >= ends {
            self.failed = Some(now);
            return None;
        }
        Some(ends.min(self.last_sign + patience))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{ENOUGH_BYTES, ENOUGH_FRAMES, Trial};

    const PATIENCE: Duration = Duration::from_millis(500);

    fn trial() -> (Trial, impl Fn(u64) -> Instant) {
        let began = Instant::now();
        (Trial::new(began), move |millis| began + Duration::from_millis(millis))
    }

    #[test]
    fn a_peer_that_keeps_reading_is_waited_for_as_long_as_it_takes() {
        let (mut trial, at) = trial();
        for millis in (100..60_000).step_by(400) {
            (0..ENOUGH_FRAMES).for_each(|_| trial.took(1, at(millis)));
            assert_eq!(trial.next_look(at(millis), PATIENCE), Some(at(millis + 500)));
        }
        trial.took(ENOUGH_BYTES, at(60_400));
        assert_eq!(trial.next_look(at(60_400), PATIENCE), Some(at(60_900)));
    }

    #[test]
    fn a_peer_that_takes_almost_nothing_is_given_up() {
        let (mut trial, at) = trial();
        for millis in [0, 100, 499] {
            trial.took(1, at(millis));
            assert_eq!(trial.next_look(at(millis), PATIENCE), Some(at(500)));
        }
        trial.took(1, at(500));
        assert_eq!(trial.next_look(at(500), PATIENCE), None);
    }

    #[test]
    fn a_peer_that_stopped_before_its_queue_was_full_is_not_waited_for_at_all() {
        let (mut trial, at) = trial();
        (0..1000).for_each(|_| trial.took(1, at(300)));
        assert_eq!(trial.next_look(at(800), PATIENCE), None);
    }

    #[test]
    fn a_peer_that_had_nothing_to_take_is_given_its_time() {
        let (mut trial, at) = trial();
        trial.begin(at(60_000));
        assert_eq!(trial.next_look(at(60_100), PATIENCE), Some(at(60_500)));
    }

    #[test]
    fn a_peer_that_was_given_up_is_not_waited_for_again_for_a_while() {
        let (mut trial, at) = trial();
        assert_eq!(trial.next_look(at(500), PATIENCE), None);
        trial.begin(at(10_000));
        assert_eq!(trial.next_look(at(10_000), PATIENCE), None);
        assert_eq!(trial.next_look(at(10_499), PATIENCE), None);
        trial.begin(at(10_500));
        assert_eq!(trial.next_look(at(10_500), PATIENCE), Some(at(11_000)));
    }
}
