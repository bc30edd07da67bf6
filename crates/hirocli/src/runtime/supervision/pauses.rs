//! What a keeper waits for beside orders and the end of its child: each is over at its time, or never.

use std::future::pending;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::{sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use super::child::Child;
use super::log_bound::until_cut;
use super::machine::Life;

/// How long a start may still take once the server ends: it is broken off before the end stops waiting for it.
const BREAK_OFF: Duration = Duration::from_secs(2);

/// Over when the stderr log of a running child had to be cut.
pub(super) async fn flood(life: Life, child: &Arc<dyn Child>) {
    match life {
        Life::Running { .. } => until_cut(child.instance().clone(), child.stderr_limit()).await,
        _ => pending().await,
    }
}

/// Over when a start should be broken off because the server ends.
pub(super) async fn last_moment(stop: &CancellationToken) {
    stop.cancelled().await;
    sleep(BREAK_OFF).await;
}

/// Over when the child should have been heard.
pub(super) async fn silence(from: Option<Instant>, child: &Arc<dyn Child>) {
    match (from, child.silence()) {
        (Some(from), Some(silence)) => sleep_until((from + silence).into()).await,
        _ => pending().await,
    }
}

/// Over when the child is to be started again.
pub(super) async fn delay(life: Life) {
    match life {
        Life::Waiting { until } => sleep_until(until.into()).await,
        _ => pending().await,
    }
}
