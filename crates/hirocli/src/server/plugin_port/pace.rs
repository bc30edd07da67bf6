//! How much a plugin may say: so many frames a second, and then it is held up until the second is over. Pure.

use std::time::{Duration, Instant};

/// Far more than people and agents say, and little beside what the server can take.
const FRAMES: u32 = 5000;

/// ...in this time.
const PERIOD: Duration = Duration::from_secs(1);

/// The frames of the current period.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Pace {
    began: Option<Instant>,
    frames: u32,
}

impl Pace {
    /// Counts a frame that came `now`; how long to hold up the next one, where there were too many.
    pub(super) fn frame(&mut self, now: Instant) -> Option<Duration> {
        let began = *self.began.get_or_insert(now);
        let left = PERIOD.saturating_sub(now.duration_since(began));
        if left.is_zero() {
            *self = Self { began: Some(now), frames: 1 };
            return None;
        }
        self.frames += 1;
        (self.frames > FRAMES).then_some(left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_says_too_much_within_a_second_is_held_up_until_it_is_over() {
        let (mut pace, now) = (Pace::default(), Instant::now());
        assert!((0..FRAMES).all(|_| pace.frame(now).is_none()));
        assert_eq!(pace.frame(now + PERIOD / 4), Some(PERIOD * 3 / 4));
        assert_eq!(pace.frame(now + PERIOD), None);
        assert_eq!(pace.frame(now + PERIOD), None);
    }
}
