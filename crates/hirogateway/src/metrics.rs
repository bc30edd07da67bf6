//! What a running gateway tells of itself over HTTP: `/metrics` in the text form of Prometheus, and `/health` in JSON.
//!
//! Off unless a port is configured, and then on this machine's own address unless a host is. The relay counts; this only
//! reads.

mod health;
mod prometheus;
mod server;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::relay::counters::{Counters, Sample};
use crate::state::State;

pub use server::{HttpLimits, serve};

/// A gateway that is asked about.
#[derive(Clone)]
pub struct Observed {
    /// The instance.
    pub instance: String,
    /// Its folder, where its state is.
    pub folder: PathBuf,
    /// What it has counted.
    pub counters: Arc<Counters>,
    started: Instant,
    ready: Arc<AtomicBool>,
}

/// How a gateway is at one moment.
#[derive(Debug, Clone)]
struct Moment {
    ready: bool,
    uptime: Duration,
    state: State,
    counted: Vec<Sample>,
}

impl Observed {
    /// A gateway that does its job from now on.
    #[must_use]
    pub fn new(instance: impl Into<String>, folder: impl Into<PathBuf>, counters: Arc<Counters>) -> Self {
        let ready = Arc::new(AtomicBool::new(true));
        Self { instance: instance.into(), folder: folder.into(), counters, started: Instant::now(), ready }
    }

    /// It is on its way out.
    pub fn stopping(&self) {
        self.ready.store(false, Ordering::Relaxed);
    }

    /// Reads the state file, which is small and true at every moment; one that can't be read tells of no desktop.
    fn now(&self) -> Moment {
        Moment {
            ready: self.ready.load(Ordering::Relaxed),
            uptime: self.started.elapsed(),
            state: State::load(&self.folder).unwrap_or_default(),
            counted: self.counters.snapshot(),
        }
    }
}
