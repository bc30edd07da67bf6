//! Ends an instance: verify, ask, wait, end the tree, verify again, and only then remove the PID file.
//!
//! Rule 3 lives here: the one function that removes a PID file, `remove`, is private to this module.

use std::io;
use std::time::{Duration, Instant};

use crate::control_lock::ControlLock;
use crate::error::Error;
use crate::identity::Identity;
use crate::instance::Instance;
use crate::record::Record;
use crate::state::{Crash, CrashEvidence, Run, State};
use crate::status::{get_status, get_status_within};
use crate::stop_signal::StopRequest;
use crate::tree::{self, TreeQuery};
use crate::{reaper, sys};

/// How patient a stop is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StopOptions {
    /// How long the process may take to end by itself before its whole tree is killed.
    pub grace: Duration,
    /// How long to wait for another start or stop of the same instance to finish.
    pub turn: Duration,
}

impl Default for StopOptions {
    /// 10 s of grace; 90 s for another command's turn.
    fn default() -> Self {
        Self { grace: Duration::from_secs(10), turn: Duration::from_secs(90) }
    }
}

/// What a stop found and did. Whichever it is, nothing of the instance lives and its PID file is gone.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Stopped {
    /// There was nothing to stop.
    NotRunning,
    /// It ended by itself within the grace period.
    Gracefully(Identity),
    /// It did not end by itself and was killed.
    Killed(Identity),
    /// It had crashed; what was left of it is cleared.
    Cleared(Crash),
}

/// Stops an instance, whatever its state. Stopping what is stopped is a success.
///
/// # Errors
/// [`Error::Unverifiable`]: the witnesses disagree, so nothing was signalled. [`Error::StillAlive`]: a process survived
/// being killed; the PID file stays. [`Error::Busy`]: another command did not finish. Otherwise what the operating
/// system says.
///
/// # Platform-specific behavior
/// POSIX: SIGTERM (and SIGCONT, so that a suspended process can obey) through the process's pidfd where there is one.
/// Windows: the instance's stop event, then its job object. A process that names no stop event (it knows only the old
/// way) is sent Ctrl-Break through its hidden console by a caller that has no console of its own to lose, and is ended
/// at once by any other: nothing else could ask it.
pub fn stop_process(instance: &Instance, options: &StopOptions) -> Result<Stopped, Error> {
    if get_status(instance) == State::Stopped && !instance.control_file().exists() {
        // Nothing was ever started here: a stop leaves no trace of its own.
        return Ok(Stopped::NotRunning);
    }
    let control = ControlLock::acquire(instance, options.turn)?;
    stop_under(&control, instance, options.grace)
}

/// The same, for a caller that holds the control lock.
pub(crate) fn stop_under(
    control: &ControlLock,
    instance: &Instance,
    grace: Duration,
) -> Result<Stopped, Error> {
    match get_status_within(instance) {
        State::Stopped => Ok(Stopped::NotRunning),
        State::Unverifiable(doubt) => {
            Err(Error::Unverifiable { pid_file: instance.pid_file().to_owned(), reason: doubt.reason })
        }
        State::Crashed(crash) => {
            clear(control, instance, &crash)?;
            Ok(Stopped::Cleared(crash))
        }
        State::Starting(run) | State::Ready(run) | State::Stopping(run) => end_run(instance, &run, grace),
    }
}

/// Clears what a crash left, as a stop would, and touches nothing that lives; `None` where there is nothing to clear.
///
/// # Errors
/// [`Error::AlreadyRunning`] names the process that lives: only [`stop_process`] ends it. Otherwise those of
/// [`stop_process`].
pub fn clear_crash(instance: &Instance, turn: Duration) -> Result<Option<Crash>, Error> {
    if get_status(instance) == State::Stopped {
        return Ok(None);
    }
    let control = ControlLock::acquire(instance, turn)?;
    let pid_file = instance.pid_file().to_owned();
    match get_status_within(instance) {
        State::Stopped => Ok(None),
        State::Crashed(crash) => {
            clear(&control, instance, &crash)?;
            Ok(Some(crash))
        }
        State::Unverifiable(doubt) => Err(Error::Unverifiable { pid_file, reason: doubt.reason }),
        State::Starting(run) | State::Ready(run) | State::Stopping(run) => {
            Err(Error::AlreadyRunning { pid: Some(run.identity.pid), pid_file })
        }
    }
}

/// Clears what a crash left: processes of its tree that outlived it, then its files.
pub(crate) fn clear(_control: &ControlLock, instance: &Instance, crash: &Crash) -> Result<(), Error> {
    end_survivors(crash)?;
    remove_unless_taken(instance)
}

/// Ends the processes of its tree that outlived a crash.
pub(crate) fn end_survivors(crash: &Crash) -> Result<(), Error> {
    // Of another boot nothing can be left, and its numbers mean nothing today.
    if let (Some(record), false) = (&crash.record, crash.evidence == CrashEvidence::Rebooted) {
        tree::kill(&TreeQuery::of_record(record), &[])?;
        if let Some(successor) = successor_tree(record) {
            tree::kill(&successor, &[])?;
        }
    }
    Ok(())
}

fn end_run(instance: &Instance, run: &Run, grace: Duration) -> Result<Stopped, Error> {
    let record = run.record.as_deref();
    let query = match record {
        Some(record) => TreeQuery::of_record(record),
        None => TreeQuery { leader: run.identity, launcher: None, launch_id: None },
    };
    // A snapshot before anything ends: a middle process that exits first would hide what it started.
    let known = query.members()?;
    let successor = record.and_then(successor_tree);
    if let Some(successor) = &successor {
        ask(&successor.leader, None)?;
    }
    let asked = ask(&run.identity, record.and_then(|record| record.stop_address.as_deref()))?;
    // Who can't be asked has nothing to wait for.
    let deadline = Instant::now() + if asked { grace } else { Duration::ZERO };
    let graceful = wait_for_exit(&run.identity, deadline)?;
    tree::end(&query, &known, deadline)?;
    if let Some(successor) = &successor {
        tree::end(successor, &[], deadline)?;
    }
    reaper::reap();
    remove_unless_taken(instance)?;
    Ok(if graceful { Stopped::Gracefully(run.identity) } else { Stopped::Killed(run.identity) })
}

fn successor_tree(record: &Record) -> Option<TreeQuery> {
    let successor = record.successor.as_ref()?;
    Some(TreeQuery {
        leader: successor.identity,
        launcher: None,
        launch_id: Some(successor.launch_id.clone()),
    })
}

/// Whether it could be asked; a process that has gone needs no more asking.
fn ask(identity: &Identity, stop_address: Option<&str>) -> Result<bool, Error> {
    match identity.open().map_err(Error::process("open", identity.pid))? {
        Some(process) => {
            process.request_stop(stop_address).map_err(Error::process("ask to stop", identity.pid))
        }
        None => Ok(true),
    }
}

/// Waits for the end of one process; whether it came in time.
pub(crate) fn wait_for_exit(identity: &Identity, deadline: Instant) -> Result<bool, Error> {
    while let Some(process) = identity.open().map_err(Error::process("open", identity.pid))? {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(false);
        }
        sys::wait_for_event(None, &[&process], left).map_err(Error::process("wait for", identity.pid))?;
        reaper::reap();
    }
    Ok(true)
}

/// The end of a process that stops itself: its own user asked it to, so no stop is there to remove the PID file.
pub(crate) fn withdraw(instance: &Instance, lock: sys::LifeLock, request: &StopRequest) -> Result<(), Error> {
    match request {
        StopRequest::Interrupted | StopRequest::Requested => remove(instance, &lock),
        // Whoever sent it waits for the end and removes the file once it is sure.
        StopRequest::Terminated => Ok(()),
    }
}

/// Removes the files of a run that is over, unless another process has taken the place meanwhile: whoever lives holds
/// the lock, so holding it proves that nobody does.
fn remove_unless_taken(instance: &Instance) -> Result<(), Error> {
    let path = instance.lock_file();
    match sys::LifeLock::acquire(&path).map_err(Error::io("lock", &path))? {
        Some(lock) => remove(instance, &lock),
        None => Ok(()),
    }
}

/// Rule 3: only a stop removes the PID file. It goes first: what stands beside it means nothing alone.
fn remove(instance: &Instance, _proof: &sys::LifeLock) -> Result<(), Error> {
    for path in [instance.pid_file().to_owned(), instance.record_file(), instance.exit_file()] {
        match sys::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::io("remove", &path)(error));
            }
            _ => {}
        }
    }
    Ok(())
}
