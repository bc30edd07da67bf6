//! Start and stop as most tests want them: patient, and without progress.

use std::time::Duration;

use hiro_process::{
    Error, Instance, Launch, StartFailure, StartOptions, Started, StopOptions, Stopped, start_instance,
    stop_process,
};

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
