//! The one wait of these tests that is a poll: for what no event tells.

use std::time::{Duration, Instant};

use tokio::time;

use crate::gateway::DEADLINE;

const STEP: Duration = Duration::from_millis(5);

/// Looks until `probe` gives something.
pub(crate) async fn until<T>(what: &str, mut probe: impl AsyncFnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = probe().await {
            return found;
        }
        assert!(began.elapsed() < DEADLINE, "waited {DEADLINE:?} in vain for: {what}");
        time::sleep(STEP).await;
    }
}
