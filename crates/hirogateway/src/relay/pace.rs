//! How fast one peer may send: so many frames in every tenth of a second. Whoever is faster is not read until the tenth
//! is over, which TCP passes on to it; nothing is lost and nobody is closed.
//!
//! The clock is looked at once for a whole allowance, not for every frame.

use std::time::{Duration, Instant};

const WINDOW: Duration = Duration::from_millis(100);
const WINDOWS_IN_A_SECOND: u32 = 10;

pub(super) struct Pace {
    /// Frames in one window; absent: as many as come.
    allowance: Option<u32>,
    left: u32,
    window_began: Instant,
}

impl Pace {
    /// No more than `frames_per_second`; 0 sets no bound.
    pub(super) fn new(frames_per_second: u32, now: Instant) -> Self {
        let allowance = (frames_per_second > 0).then_some(frames_per_second.div_ceil(WINDOWS_IN_A_SECOND));
        Self { allowance, left: allowance.unwrap_or_default(), window_began: now }
    }

    /// Takes in one frame. Returns how long to wait before the next one is read; `now` is asked only when the
    /// allowance is used up.
    pub(super) fn take(&mut self, now: impl FnOnce() -> Instant) -> Option<Duration> {
        let allowance = self.allowance?;
        self.left = self.left.saturating_sub(1);
        if self.left > 0 {
            return None;
        }
        let now = now();
        let rest = (self.window_began + WINDOW).saturating_duration_since(now);
        self.left = allowance;
        self.window_began = now + rest;
        (!rest.is_zero()).then_some(rest)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Pace;

    #[test]
    fn a_peer_that_keeps_to_its_pace_never_waits() {
        let began = Instant::now();
        let mut pace = Pace::new(100, began);
        for tenth in 1..=50 {
            for _ in 0..10 {
                assert_eq!(pace.take(|| began + Duration::from_millis(100 * tenth)), None);
            }
        }
    }

    #[test]
    fn a_peer_that_is_too_fast_waits_for_the_rest_of_the_tenth() {
        let began = Instant::now();
        let mut pace = Pace::new(30, began);
        let mut take = |millis| pace.take(|| began + Duration::from_millis(millis));
        assert_eq!([take(1), take(2), take(3)], [None, None, Some(Duration::from_millis(97))]);
        assert_eq!([take(100), take(100), take(100)], [None, None, Some(Duration::from_millis(100))]);
    }

    #[test]
    fn without_a_bound_the_clock_is_never_asked() {
        let mut pace = Pace::new(0, Instant::now());
        for _ in 0..1000 {
            assert_eq!(pace.take(|| panic!("nobody needs the time")), None);
        }
    }

    #[test]
    fn a_second_never_holds_more_than_the_bound_and_one_allowance() {
        let began = Instant::now();
        let (mut pace, mut now, mut taken) = (Pace::new(1000, began), began, 0);
        while now < began + Duration::from_secs(1) {
            taken += 1;
            now += pace.take(|| now).unwrap_or_default();
        }
        assert!(taken <= 1100, "{taken}");
    }
}
