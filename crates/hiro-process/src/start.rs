//! Starts an instance and waits until its process has said that it is ready, and lives.
//!
//! Under the control lock: settle what is there, spawn with a fresh launch id, wait for what comes first, and tell
//! exactly what was seen when that isn't readiness.

use std::time::{Duration, Instant};

use crate::control_lock::ControlLock;
use crate::error::{Error, PortTaken};
use crate::identity::Identity;
use crate::instance::Instance;
use crate::launch::{self, Launch};
use crate::launch_context::{self, LaunchContext};
use crate::port::port_taken;
use crate::reaper;
use crate::record::Phase;
use crate::start_when::{self, Serves};
use crate::state::State;
use crate::status::get_status_within;
use crate::stop;
use crate::sys;
use crate::waiting::{self, Waiting};

/// How patient a start is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StartOptions {
    /// How long the child may take to become ready. Generous: a busy machine is no failure.
    pub deadline: Duration,
    /// How long a previous process that is on its way out may take before it is killed.
    pub grace: Duration,
}

impl Default for StartOptions {
    /// 60 s to become ready; 10 s for a previous process to go.
    fn default() -> Self {
        Self { deadline: Duration::from_secs(60), grace: Duration::from_secs(10) }
    }
}

/// A process that is ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Started {
    /// The process that does the work, as it announced itself: not the launcher.
    pub identity: Identity,
    /// It was running before.
    pub already_running: bool,
    /// How long it took.
    pub waited: Duration,
}

/// What a start is waiting for, told about once a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// How long so far.
    pub waited: Duration,
    /// How far the child has come; `None`: it has not announced itself yet.
    pub phase: Option<Phase>,
}

/// Starts the instance, or finds it running; either is a success. At most one process results however many starts run
/// at once.
///
/// # Errors
/// [`Error::PortTaken`] before anything is spawned; [`Error::NotStarted`] with all that was seen of the child;
/// [`Error::Unverifiable`] where the witnesses disagree about what is there; [`Error::Spawn`], [`Error::UvMissing`] where
/// the program can't be run.
///
/// # Platform-specific behavior
/// Waiting is by events: inotify and pidfd, kqueue, `ReadDirectoryChangesW` and process handles.
pub fn start_instance(
    instance: &Instance,
    launch: &Launch,
    options: &StartOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<Started, Error> {
    start_instance_while(instance, launch, options, &|| true, progress)
}

/// The same, until `is_wanted` says that nobody wants it any more: then what was started is ended. It is asked twice a
/// second at least.
///
/// # Errors
/// Those of [`start_instance`]; [`Error::NotStarted`] with [`StartFailureCause::NotWanted`](crate::StartFailureCause) for a
/// start that was broken off.
///
/// # Platform-specific behavior
/// That of [`start_instance`].
pub fn start_instance_while(
    instance: &Instance,
    launch: &Launch,
    options: &StartOptions,
    is_wanted: &dyn Fn() -> bool,
    progress: &mut dyn FnMut(Progress),
) -> Result<Started, Error> {
    start_serving(instance, launch, options, None, is_wanted, progress)
}

pub(crate) fn start_serving(
    instance: &Instance,
    launch: &Launch,
    options: &StartOptions,
    serves: Serves<'_>,
    is_wanted: &dyn Fn() -> bool,
    progress: &mut dyn FnMut(Progress),
) -> Result<Started, Error> {
    let begun = Instant::now();
    let control = ControlLock::acquire(instance, options.deadline + options.grace)?;
    if let Some(identity) = settle(&control, instance, options, serves, progress)? {
        return Ok(Started { identity, already_running: true, waited: begun.elapsed() });
    }
    let identity = spawn_and_wait(instance, launch, options, serves, is_wanted, progress)?;
    Ok(Started { identity, already_running: false, waited: begun.elapsed() })
}

/// Stops the instance if it runs and starts it again, with no other command in between.
///
/// # Errors
/// Those of [`stop_process`](crate::stop_process) and [`start_instance`].
pub fn restart_instance(
    instance: &Instance,
    launch: &Launch,
    options: &StartOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<(stop::Stopped, Started), Error> {
    restart_serving(instance, launch, options, None, progress)
}

pub(crate) fn restart_serving(
    instance: &Instance,
    launch: &Launch,
    options: &StartOptions,
    serves: Serves<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Result<(stop::Stopped, Started), Error> {
    let begun = Instant::now();
    let control = ControlLock::acquire(instance, options.deadline + options.grace)?;
    let stopped = stop::stop_under(&control, instance, options.grace)?;
    let identity = spawn_and_wait(instance, launch, options, serves, &|| true, progress)?;
    Ok((stopped, Started { identity, already_running: false, waited: begun.elapsed() }))
}

/// Brings what is there to rest: the identity of what runs already, or nothing where a new process may be spawned.
fn settle(
    control: &ControlLock,
    instance: &Instance,
    options: &StartOptions,
    serves: Serves<'_>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Option<Identity>, Error> {
    let (begun, mut told) = (Instant::now(), Duration::ZERO);
    loop {
        match get_status_within(instance) {
            State::Ready(run) if serves.is_none_or(|serves| serves(&run)) => return Ok(Some(run.identity)),
            State::Ready(run) => start_when::look_again(&run, begun, options.deadline, &mut told, progress)?,
            State::Stopped => return Ok(None),
            State::Crashed(crash) => {
                stop::clear(control, instance, &crash)?;
                return Ok(None);
            }
            State::Stopping(_) => {
                stop::stop_under(control, instance, options.grace)?;
            }
            State::Starting(_) if begun.elapsed() < options.deadline => {
                waiting::for_change(instance, begun.elapsed(), progress)?;
            }
            State::Starting(run) => {
                let reason = format!("process {} has been starting for too long", run.identity.pid);
                return Err(Error::Unverifiable { pid_file: instance.pid_file().to_owned(), reason });
            }
            State::Unverifiable(doubt) => {
                return Err(Error::Unverifiable {
                    pid_file: instance.pid_file().to_owned(),
                    reason: doubt.reason,
                });
            }
        }
    }
}

pub(crate) fn refuse_taken_port(launch: &Launch) -> Result<(), Error> {
    match taken(launch) {
        Some(taken) => Err(Error::PortTaken(taken)),
        None => Ok(()),
    }
}

pub(crate) fn taken(launch: &Launch) -> Option<PortTaken> {
    port_taken(launch.declared_port()?)
}

/// Unless the declared port is somebody else's: then nothing is spawned.
pub(crate) fn spawn_and_wait(
    instance: &Instance,
    launch: &Launch,
    options: &StartOptions,
    serves: Serves<'_>,
    is_wanted: &dyn Fn() -> bool,
    progress: &mut dyn FnMut(Progress),
) -> Result<Identity, Error> {
    refuse_taken_port(launch)?;
    let begun = Instant::now();
    // The watch before the spawn: nothing that the child does can then be missed.
    let watch =
        sys::FolderWatch::new(instance.folder()).map_err(Error::io("watch the folder", instance.folder()))?;
    let (child, context) = spawn_for(instance, launch, None)?;
    let mut waiting = Waiting::new(instance, launch, context, child, begun, options.deadline, serves);
    let outcome = waiting.run(&watch, is_wanted, progress);
    match outcome {
        Ok(worker) => reaper::adopt_run(waiting.into_child(), worker),
        Err(_) => reaper::adopt(waiting.into_child()),
    }
    outcome
}

/// Spawns a launch of the instance with a fresh launch id.
pub(crate) fn spawn_for(
    instance: &Instance,
    launch: &Launch,
    predecessor: Option<Identity>,
) -> Result<(sys::Child, LaunchContext), Error> {
    let (log, stderr_offset) = launch.open_log()?;
    let context = LaunchContext {
        id: launch_context::fresh_id(),
        pid_file: instance.pid_file().to_owned(),
        stderr_log: std::path::absolute(launch.log()).map_err(Error::io("find", launch.log()))?,
        stderr_offset,
        predecessor,
    };
    let child = launch::spawn(launch.prepare(Some(&context), log)?)?;
    Ok((child, context))
}
