//! Start and stop as most tests want them: patient, and without progress; and what others see meanwhile.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use hiro_process::{
    Error, Instance, Launch, StartFailure, StartOptions, Started, StopOptions, Stopped, get_status,
    start_instance, stop_process,
};

use crate::until::PATIENCE;

/// Starts with the default patience.
///
/// # Errors
/// Those of `start_instance`.
pub fn start(instance: &Instance, launch: &Launch) -> Result<Started, Error> {
    start_instance(instance, launch, &StartOptions::default(), &mut |_| {})
}

/// Stops with a grace period that is long enough for a puppet that obeys, and short for one that doesn't.
///
/// # Errors
/// Those of `stop_process`.
pub fn stop(instance: &Instance) -> Result<Stopped, Error> {
    stop_process(instance, &StopOptions { grace: Duration::from_secs(2), ..StopOptions::default() })
}

/// What was seen of a start that failed.
///
/// # Panics
/// Where it did not fail, or failed before it had a child.
#[must_use]
pub fn failure(outcome: Result<Started, Error>) -> StartFailure {
    match outcome {
        Err(Error::NotStarted(failure)) => *failure,
        other => panic!("not a failed start: {other:?}"),
    }
}

/// Every state that a status gives while `work` is done, asked as often as the machine can, and what the work gave.
///
/// # Panics
/// Where `work` does.
pub fn states_seen_during<T>(instance: &Instance, work: impl FnOnce() -> T) -> (BTreeSet<&'static str>, T) {
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let (mut seen, begun) = (BTreeSet::new(), Instant::now());
            while !done.load(Ordering::Acquire) && begun.elapsed() < PATIENCE {
                seen.insert(get_status(instance).name());
            }
            seen
        });
        let result = work();
        done.store(true, Ordering::Release);
        (watcher.join().expect("a status never panics"), result)
    })
}
