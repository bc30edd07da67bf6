//! Starts of programs that don't say themselves when they do their job: somebody looks from outside.
//!
//! What counts then is up to the caller: a port that the run's own processes hold, an answer, a line in a log. It is asked
//! only of a process that is confirmed to live, again and again: no event tells of it.

use std::thread;
use std::time::{Duration, Instant};

use crate::control_lock::ControlLock;
use crate::error::Error;
use crate::instance::Instance;
use crate::launch::Launch;
use crate::start::{self, Progress, StartOptions, Started};
use crate::state::{Run, State};
use crate::status::{get_status, get_status_within};
use crate::stop::{self, Stopped};
use crate::waiting::PROGRESS_EVERY;

/// Whether a run does its job, judged from outside; `None`: it says so itself.
pub(crate) type Serves<'a> = Option<&'a dyn Fn(&Run) -> bool>;

/// Between two looks from outside.
pub(crate) const LOOK_EVERY: Duration = Duration::from_millis(25);

/// [`start_instance`](crate::start_instance) of a program of which `serves` tells whether it is ready.
///
/// # Errors
/// Those of [`start_instance`](crate::start_instance); [`Error::NotReady`] where it runs already and does not serve
/// within the deadline.
pub fn start_instance_when(
    instance: &Instance,
    launch: &Launch,
    options: &StartOptions,
    serves: &dyn Fn(&Run) -> bool,
    progress: &mut dyn FnMut(Progress),
) -> Result<Started, Error> {
    start::start_serving(instance, launch, options, Some(serves), &|| true, progress)
}

/// [`restart_instance`](crate::restart_instance) of a program of which `serves` tells whether it is ready.
///
/// # Errors
/// Those of [`restart_instance`](crate::restart_instance).
pub fn restart_instance_when(
    instance: &Instance,
    launch: &Launch,
    options: &StartOptions,
    serves: &dyn Fn(&Run) -> bool,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Stopped, Started), Error> {
    start::restart_serving(instance, launch, options, Some(serves), progress)
}

/// Starts an instance that has crashed, and no other: what was stopped, or started by somebody else meanwhile, is left
/// as it is and gives `None`. For whoever watches over instances that others start and stop.
///
/// # Errors
/// Those of [`start_instance`](crate::start_instance).
pub fn revive_instance(
    instance: &Instance,
    launch: &Launch,
    options: &StartOptions,
    serves: &dyn Fn(&Run) -> bool,
    progress: &mut dyn FnMut(Progress),
) -> Result<Option<Started>, Error> {
    let begun = Instant::now();
    let control = ControlLock::acquire(instance, options.deadline + options.grace)?;
    let State::Crashed(crash) = get_status_within(instance) else { return Ok(None) };
    // While the port is somebody else's the crash stays one: it would look stopped otherwise. What it has left may hold it.
    stop::end_survivors(&crash)?;
    start::refuse_taken_port(launch)?;
    stop::clear(&control, instance, &crash)?;
    let identity = start::spawn_and_wait(instance, launch, options, Some(serves), &|| true, progress)?;
    Ok(Some(Started { identity, already_running: false, waited: begun.elapsed() }))
}

/// [`get_status`](crate::get_status) of a program of which `serves` tells whether it is ready: until then it is
/// [`State::Starting`].
#[must_use]
pub fn get_status_when(instance: &Instance, serves: &dyn Fn(&Run) -> bool) -> State {
    match get_status(instance) {
        State::Ready(run) if !serves(&run) => State::Starting(run),
        state => state,
    }
}

/// Lets a moment pass for a process that runs and does not serve, unless it has had its time. `told` is when it was last
/// told about.
pub(crate) fn look_again(
    run: &Run,
    begun: Instant,
    deadline: Duration,
    told: &mut Duration,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), Error> {
    let waited = begun.elapsed();
    if waited >= deadline {
        return Err(Error::NotReady { pid: run.identity.pid, waited });
    }
    if waited >= *told + PROGRESS_EVERY {
        *told = waited;
        progress(Progress { waited, phase: run.record.as_ref().map(|record| record.phase) });
    }
    thread::sleep(LOOK_EVERY);
    Ok(())
}
