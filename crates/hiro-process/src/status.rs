//! Asks the witnesses and says what they give. Reads only: a status never repairs, removes or signals.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use crate::evidence::{self, LockWitness, Seen, Witnesses};
use crate::exit_report::ExitReport;
use crate::identity::is_running;
use crate::instance::Instance;
use crate::pid::Pid;
use crate::pid_file::PidFile;
use crate::record::Record;
use crate::state::{Doubt, State};
use crate::stop::wait_for_exit;
use crate::{reaper, stderr_log, sys};

/// How many stderr lines a crash carries.
pub(crate) const STDERR_LINES: usize = 40;

/// How long a process that ends may take between losing its lock and being gone.
const ENDING: Duration = Duration::from_millis(100);
/// How long a picture that does not fit is looked at again while a start or a stop is at work on the instance.
const UNSETTLED: Duration = Duration::from_millis(250);
const UNSETTLED_POLL: Duration = Duration::from_millis(1);

/// What can be said of the instance now. Never fails: what can't be read or doesn't fit is
/// [`Unverifiable`](State::Unverifiable), with the reason.
///
/// ```
/// use hiro_process::{Instance, State, get_status};
/// let folder = std::env::temp_dir().join("no-such-instance");
/// assert_eq!(get_status(&Instance::new(folder.join("gateway.pid"))?), State::Stopped);
/// # Ok::<(), std::io::Error>(())
/// ```
#[must_use]
pub fn get_status(instance: &Instance) -> State {
    told(instance, || is_locked(&instance.control_file()))
}

/// The same for whoever takes part in the command that is at work: the holder of the control lock, and the child that it
/// has started. What they see is nobody else's doing.
pub(crate) fn get_status_within(instance: &Instance) -> State {
    told(instance, || false)
}

fn told(instance: &Instance, commanded: impl Fn() -> bool) -> State {
    reaper::reap();
    let seen = match look_until_settled(instance, commanded) {
        Ok(seen) => seen,
        Err(reason) => return State::Unverifiable(Doubt { pid: None, reason }),
    };
    let mut state = evidence::judge(&seen);
    if let State::Crashed(crash) = &mut state
        && let Some((log, offset)) = log_of_last_run(crash.record.as_deref(), seen.exit.as_ref())
    {
        crash.stderr = stderr_log::tail(&log, offset, STDERR_LINES);
        crash.stderr_log = Some(log);
    }
    if let State::Crashed(crash) = &mut state
        && let (None, Some(record)) = (crash.exit, &crash.record)
    {
        crash.exit = reaper::how_ended(&record.identity());
    }
    state
}

/// The witnesses are asked one after the other, and things change meanwhile. What speaks for a run, or for none, can be
/// said after one look. What does not fit has to be the same at two looks in a row: each witness then said so at the
/// moment between them. While a command is at work it is looked at again for a while: a stop is about to remove the
/// files, a start's child to write them.
fn look_until_settled(instance: &Instance, commanded: impl Fn() -> bool) -> Result<Witnesses, String> {
    let begun = Instant::now();
    let mut before: Option<Witnesses> = None;
    loop {
        let mut seen = gather(instance)?;
        if is_ending(&seen) {
            continue;
        }
        if fits(&evidence::judge(&seen)) {
            return Ok(seen);
        }
        seen.commanded = commanded();
        let is_settled = before.as_ref() == Some(&seen) && !seen.commanded;
        if is_settled || begun.elapsed() >= UNSETTLED {
            return Ok(seen);
        }
        if seen.commanded {
            thread::sleep(UNSETTLED_POLL);
        }
        before = Some(seen);
    }
}

fn fits(state: &State) -> bool {
    match state {
        State::Stopped | State::Ready(_) | State::Stopping(_) => true,
        // Without a record it may be a stop that holds the lock while it removes the files.
        State::Starting(run) => run.record.is_some(),
        State::Crashed(_) | State::Unverifiable(_) => false,
    }
}

/// Whether the process was on its way out when it was looked at, and has gone now: it loses its lock and its environment
/// a moment before it is gone, which would look like a forged record.
fn is_ending(seen: &Witnesses) -> bool {
    let (Some(record), Some(process), LockWitness::Free) = (&seen.record, seen.process, seen.lock) else {
        return false;
    };
    let in_doubt = process.identity == record.identity() && !process.carries_launch;
    in_doubt && wait_for_exit(&process.identity, Instant::now() + ENDING).unwrap_or(false)
}

fn gather(instance: &Instance) -> Result<Witnesses, String> {
    let lock = sys::life_lock_holder(&instance.lock_file())
        .map_err(|error| format!("its lock file can't be read: {error}"))?;
    let pid_file = PidFile::read(instance.pid_file());
    let record = Record::read(instance);
    let same_boot = match &record {
        Some(record) => record.boot_id == boot_id()?,
        None => true,
    };
    let process = if same_boot { look_at(instance, &pid_file, record.as_ref(), lock)? } else { None };
    let successor = record.as_ref().and_then(|record| record.successor.as_ref());
    let gone =
        record.as_ref().is_some_and(|record| process.is_none_or(|seen| seen.identity != record.identity()));
    Ok(Witnesses {
        same_boot,
        process,
        lock,
        shim_pending: record.as_ref().is_some_and(|record| record.ready_on_exec)
            && is_locked(&instance.shim_file()),
        commanded: false,
        successor_lives: same_boot && successor.is_some_and(|successor| is_running(&successor.identity)),
        exit: if gone || record.is_none() { ExitReport::read(instance) } else { None },
        pid_file,
        record,
    })
}

/// Looks at the process in question: the record's if it lives, or else the one that the PID file or the lock names.
fn look_at(
    instance: &Instance,
    pid_file: &PidFile,
    record: Option<&Record>,
    lock: LockWitness,
) -> Result<Option<Seen>, String> {
    let claimed = match pid_file {
        PidFile::Pid(claim) => Some(claim.pid),
        PidFile::Missing | PidFile::Damaged | PidFile::Foreign(_) => None,
    };
    let held = match lock {
        LockWitness::Held(holder) => holder,
        LockWitness::Free => None,
    };
    let own = record.filter(|record| {
        claimed
            .is_none_or(|pid| pid == record.pid || record.predecessor.is_some_and(|before| before.pid == pid))
    });
    let Some(pid) = own.map(|record| record.pid).or(claimed).or(held) else { return Ok(None) };
    let Some(start_time) = start_time(pid)? else { return Ok(None) };
    let mut seen = Seen::new(pid, start_time);
    if let (Some(launch_id), LockWitness::Free) = (own.and_then(|record| record.launch_id.as_ref()), lock) {
        seen.carries_launch = sys::carries_launch(pid, launch_id);
    }
    // Another run's record is none: a program that knows only the old way may have started where a crash left one.
    if own.is_none() {
        seen.recognised = is_recognised(pid, instance.legacy_command());
    }
    Ok(Some(seen))
}

fn start_time(pid: Pid) -> Result<Option<u64>, String> {
    sys::process_start_time(pid).map_err(|error| format!("process {pid} can't be looked at: {error}"))
}

fn is_recognised(pid: Pid, words: &[String]) -> bool {
    if words.is_empty() {
        return false;
    }
    let found = sys::command_line(pid).unwrap_or_default();
    words.iter().all(|word| found.iter().any(|part| names(part, word)))
}

/// A script may be given by its whole path.
fn names(part: &str, word: &str) -> bool {
    part == word || Path::new(part).file_name().is_some_and(|name| name == word)
}

/// Whether anybody holds an advisory lock on the file.
fn is_locked(path: &Path) -> bool {
    sys::open_no_follow(path)
        .is_ok_and(|file| matches!(file.try_lock_shared(), Err(std::fs::TryLockError::WouldBlock)))
}

/// The log of the last process that ran, and where its lines begin.
fn log_of_last_run(record: Option<&Record>, exit: Option<&ExitReport>) -> Option<(PathBuf, u64)> {
    match record {
        Some(Record { successor: Some(successor), .. }) => {
            Some((successor.stderr_log.clone(), successor.stderr_offset))
        }
        Some(record) => Some((record.stderr_log.clone()?, record.stderr_offset)),
        None => exit.map(|report| (report.stderr_log.clone(), report.stderr_offset)),
    }
}

/// Today's boot; it can't change while this process lives.
pub(crate) fn boot_id() -> Result<&'static str, String> {
    static BOOT_ID: OnceLock<Result<String, String>> = OnceLock::new();
    BOOT_ID
        .get_or_init(|| sys::boot_id().map_err(|error| format!("the boot can't be told: {error}")))
        .as_deref()
        .map_err(Clone::clone)
}
