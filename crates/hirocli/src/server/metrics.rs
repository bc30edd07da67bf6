//! Figures over time: a snapshot of the server and its children every few seconds, if somebody wants them.
//!
//! Off unless the configuration or the environment says otherwise; then nothing is measured and nothing kept.

mod devices;
mod snapshot;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::context::Context;
use crate::tools::server::METRICS_VARIABLE;
use crate::workspace::WorkspaceConfig;
use snapshot::Machine;

/// Measuring more often would itself be what is measured.
const SHORTEST_INTERVAL: f64 = 1.0;
const LONGEST_INTERVAL: f64 = 86_400.0;

/// No history is longer, in snapshots and in bytes.
const LONGEST_HISTORY: usize = 10_000;
const MAX_BYTES: usize = 8 << 20;

/// What is to be measured, and what was.
#[derive(Debug)]
pub(super) struct Metrics {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug)]
struct State {
    enabled: bool,
    interval: f64,
    history_size: usize,
    history: VecDeque<Snapshot>,
    bytes: usize,
}

/// One look, as JSON.
#[derive(Debug, Clone)]
struct Snapshot {
    timestamp: f64,
    json: Arc<str>,
}

/// A change of what is to be measured.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Change {
    pub(super) enabled: Option<bool>,
    pub(super) interval: Option<f64>,
    pub(super) history_size: Option<u64>,
}

impl Metrics {
    pub(super) fn new(config: &WorkspaceConfig) -> Self {
        let is_wanted = std::env::var_os(METRICS_VARIABLE).is_some_and(|value| value == "1");
        let mut state =
            State { enabled: false, interval: 2.0, history_size: 0, history: VecDeque::new(), bytes: 0 };
        state.apply(Change {
            enabled: Some(config.metrics_enabled || is_wanted),
            interval: Some(config.metrics_interval),
            history_size: Some(config.metrics_history_size),
        });
        Self { state: state.into(), changed: Notify::new() }
    }

    /// Changes what is measured, until the server ends.
    pub(super) fn configure(&self, change: Change) -> Value {
        self.lock().apply(change);
        self.changed.notify_one();
        self.status()
    }

    pub(super) fn status(&self) -> Value {
        let state = self.lock();
        json!({
            "enabled": state.enabled,
            "interval": state.interval,
            "history_size": state.history_size,
            "history_length": state.history.len(),
            "subscribers": 0,
        })
    }

    /// The last snapshot, none where there is none yet; `Err` where nothing is measured.
    pub(super) fn latest(&self) -> Result<Option<Arc<str>>, Disabled> {
        let state = self.lock();
        state.enabled.then(|| state.history.back().map(|last| last.json.clone())).ok_or(Disabled)
    }

    /// The snapshots since `timestamp`, oldest first.
    pub(super) fn since(&self, timestamp: f64) -> Result<Vec<Arc<str>>, Disabled> {
        let state = self.lock();
        let later = state.history.iter().filter(|snapshot| snapshot.timestamp >= timestamp);
        state.enabled.then(|| later.map(|snapshot| snapshot.json.clone()).collect()).ok_or(Disabled)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn interval(&self) -> Option<Duration> {
        let state = self.lock();
        state.enabled.then(|| Duration::from_secs_f64(state.interval))
    }
}

/// Nothing is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Disabled;

impl State {
    fn apply(&mut self, change: Change) {
        self.enabled = change.enabled.unwrap_or(self.enabled);
        if let Some(interval) = change.interval.filter(|interval| !interval.is_nan()) {
            self.interval = interval.clamp(SHORTEST_INTERVAL, LONGEST_INTERVAL);
        }
        if let Some(size) = change.history_size {
            self.history_size = usize::try_from(size).unwrap_or(usize::MAX).clamp(1, LONGEST_HISTORY);
        }
        if !self.enabled {
            self.history.clear();
            self.bytes = 0;
        }
        self.trim();
    }

    fn keep(&mut self, snapshot: Snapshot) {
        if self.enabled {
            self.bytes += snapshot.json.len();
            self.history.push_back(snapshot);
            self.trim();
        }
    }

    fn trim(&mut self) {
        while self.history.len() > self.history_size || (self.bytes > MAX_BYTES && self.history.len() > 1) {
            self.bytes -= self.history.pop_front().map_or(0, |oldest| oldest.json.len());
        }
    }
}

/// Measures, as often as is wanted, until `stop` is cancelled.
pub(super) async fn collect(context: Arc<Context>, stop: CancellationToken) {
    let _ = stop.run_until_cancelled(measure_for_ever(&context)).await;
}

async fn measure_for_ever(context: &Arc<Context>) {
    let mut machine = None;
    loop {
        let Some(interval) = context.metrics.interval() else {
            machine = None;
            context.metrics.changed.notified().await;
            continue;
        };
        match snapshot::take(context, machine.get_or_insert_with(Machine::default)).await {
            Ok((timestamp, json)) => {
                let json = json.to_string().into();
                context.metrics.lock().keep(Snapshot { timestamp, json });
            }
            Err(error) => tracing::warn!(%error, "no figures this time"),
        }
        // A change is looked at before the time is over.
        let _ = timeout(interval, context.metrics.changed.notified()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(timestamp: f64, bytes: usize) -> Snapshot {
        Snapshot { timestamp, json: "x".repeat(bytes).into() }
    }

    fn metrics() -> Metrics {
        Metrics::new(&WorkspaceConfig { metrics_enabled: true, ..WorkspaceConfig::default() })
    }

    #[test]
    fn the_interval_has_a_floor_and_the_history_an_end() {
        let metrics = metrics();
        let change = Change { interval: Some(0.01), history_size: Some(2), ..Change::default() };
        assert_eq!(metrics.configure(change)["interval"], 1.0);
        for timestamp in [1.0, 2.0, 3.0] {
            metrics.lock().keep(snapshot(timestamp, 9));
        }
        assert_eq!(metrics.status()["history_length"], 2);
        assert_eq!(metrics.since(3.0).unwrap().len(), 1);
        let change = Change { history_size: Some(u64::MAX), ..Change::default() };
        assert_eq!(metrics.configure(change)["history_size"], LONGEST_HISTORY);
    }

    #[test]
    fn large_snapshots_push_out_others() {
        let metrics = metrics();
        for timestamp in [1.0, 2.0, 3.0] {
            metrics.lock().keep(snapshot(timestamp, MAX_BYTES / 2));
        }
        assert_eq!(metrics.status()["history_length"], 2);
    }

    #[test]
    fn what_is_switched_off_tells_and_keeps_nothing() {
        let metrics = metrics();
        assert_eq!(metrics.latest(), Ok(None));
        metrics.lock().keep(snapshot(1.0, 9));
        assert!(metrics.latest().unwrap().is_some());
        metrics.configure(Change { enabled: Some(false), ..Change::default() });
        assert_eq!((metrics.latest(), metrics.since(0.0)), (Err(Disabled), Err(Disabled)));
        assert_eq!(metrics.status()["history_length"], 0);
    }
}
