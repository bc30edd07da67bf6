//! The one wait of the tests that is a poll: for what no event tells.

use std::time::{Duration, Instant};

/// How long a test waits for anything: far longer than a busy machine needs, short of a hang.
pub const PATIENCE: Duration = Duration::from_secs(30);

const STEP: Duration = Duration::from_millis(5);

/// Looks until `probe` gives something.
///
/// # Panics
/// When `patience` is over; the message says what was waited for.
pub fn until<T>(what: &str, patience: Duration, mut probe: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = probe() {
            return found;
        }
        assert!(begun.elapsed() < patience, "waited {patience:?} in vain for: {what}");
        std::thread::sleep(STEP);
    }
}
