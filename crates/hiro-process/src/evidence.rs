//! From what the witnesses say to what may be said: a pure function, and the only one that decides it.
//!
//! The witnesses: the PID file with its record against the live process of that number, the lock that the process
//! holds for life, and the boot. `status` gathers them.

use crate::exit_report::ExitReport;
use crate::identity::{Identity, StartTime};
use crate::pid::Pid;
use crate::pid_file::{Claim, PidFile};
use crate::record::{Phase, Record};
use crate::state::{Crash, CrashEvidence, Doubt, Run, State};

/// How far a start time in seconds and a file's time may be off, in seconds. Both come from the wall clock, which
/// time synchronisation moves in steps of up to a second or so; file systems round to two seconds at worst (FAT).
pub(crate) const CLOCK_TOLERANCE: f64 = 2.0;

/// Everything that was seen of an instance at one moment.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Witnesses {
    pub(crate) pid_file: PidFile,
    pub(crate) record: Option<Record>,
    /// The record is of today's boot. Where it isn't, no process was looked at.
    pub(crate) same_boot: bool,
    /// The live process that bears the number in question.
    pub(crate) process: Option<Seen>,
    pub(crate) lock: LockWitness,
    /// The shim has not become the program yet.
    pub(crate) shim_pending: bool,
    /// A start or a stop is at work on the instance, and is not the one that asks.
    pub(crate) commanded: bool,
    /// The successor that the record names lives.
    pub(crate) successor_lives: bool,
    pub(crate) exit: Option<ExitReport>,
}

/// A live process, as far as it can be looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Seen {
    pub(crate) identity: Identity,
    pub(crate) start_time_epoch: f64,
    /// Its environment bears the record's launch id.
    pub(crate) carries_launch: bool,
    /// Its command line has the words that the instance asks for.
    pub(crate) recognised: bool,
}

/// Who holds the lifetime lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LockWitness {
    Free,
    /// Somebody; who it is, where the operating system tells.
    Held(Option<Pid>),
}

/// What may be said of the instance. Stderr lines are not part of the decision and are left empty.
pub(crate) fn judge(seen: &Witnesses) -> State {
    match (&seen.pid_file, own_record(seen)) {
        (PidFile::Foreign(reason), _) => doubt(None, format!("at the place of its PID file {reason}")),
        (PidFile::Pid(claim), None) => judge_claim_alone(seen, claim),
        (_, Some(record)) => judge_record(seen, record),
        (PidFile::Missing, None) => judge_absence(seen),
        (PidFile::Damaged, None) => match seen.lock {
            LockWitness::Free => crashed(seen, CrashEvidence::DamagedPidFile, None),
            LockWitness::Held(pid) => doubt(pid, "its PID file holds no PID, and its lock is held".into()),
        },
    }
}

/// The record, where it is this run's: its PID is the PID file's, or it has just taken the place of that PID. Where the
/// PID file was lost, the record counts only while its process lives and holds the lock.
fn own_record(seen: &Witnesses) -> Option<&Record> {
    let record = seen.record.as_ref()?;
    let belongs = match &seen.pid_file {
        PidFile::Pid(claim) => {
            claim.pid == record.pid || record.predecessor.is_some_and(|before| before.pid == claim.pid)
        }
        PidFile::Missing | PidFile::Damaged => {
            lives(seen, record) && seen.lock == LockWitness::Held(Some(record.pid))
        }
        PidFile::Foreign(_) => false,
    };
    belongs.then_some(record)
}

fn lives(seen: &Witnesses, record: &Record) -> bool {
    seen.same_boot && seen.process.is_some_and(|process| process.identity == record.identity())
}

fn judge_record(seen: &Witnesses, record: &Record) -> State {
    if !seen.same_boot {
        return crashed(seen, CrashEvidence::Rebooted, Some(record));
    }
    if lives(seen, record) {
        return judge_live(seen, record);
    }
    if seen.successor_lives {
        return State::Starting(run(record));
    }
    if seen.commanded {
        // Between the end of the process and the removal of its PID file by whoever stops it.
        return State::Stopping(run(record));
    }
    if let LockWitness::Held(Some(holder)) = seen.lock {
        return doubt(
            Some(holder),
            format!("process {} is gone, but process {holder} holds its lock", record.pid),
        );
    }
    let reused = seen.process.is_some();
    crashed(seen, if reused { CrashEvidence::PidReused } else { CrashEvidence::Gone }, Some(record))
}

/// The number and the start time are right; the lock is the second opinion, the launch id in its environment the third
/// (a program behind the shim may close the lock's descriptor).
fn judge_live(seen: &Witnesses, record: &Record) -> State {
    match seen.lock {
        LockWitness::Held(Some(holder)) if holder != record.pid => doubt(
            Some(record.pid),
            format!("its record names process {}, but process {holder} holds its lock", record.pid),
        ),
        LockWitness::Free if !seen.process.is_some_and(|process| process.carries_launch) => doubt(
            Some(record.pid),
            format!(
                "its record names process {}, which neither holds its lock nor bears its launch id",
                record.pid
            ),
        ),
        LockWitness::Free | LockWitness::Held(_) => in_phase(phase_now(seen, record), run(record)),
    }
}

fn phase_now(seen: &Witnesses, record: &Record) -> Phase {
    match record.phase {
        Phase::Starting if record.ready_on_exec && !seen.shim_pending => Phase::Ready,
        phase => phase,
    }
}

/// A PID file that stands alone was written by a program that knows only the old way, or by hand.
fn judge_claim_alone(seen: &Witnesses, claim: &Claim) -> State {
    let Some(process) = seen.process else {
        return crashed(seen, CrashEvidence::Gone, None);
    };
    let is_older = match claim.start_time_epoch {
        Some(start) => (start - process.start_time_epoch).abs() <= CLOCK_TOLERANCE,
        None => process.start_time_epoch <= claim.modified_epoch + CLOCK_TOLERANCE,
    };
    if !is_older {
        return crashed(seen, CrashEvidence::PidReused, None);
    }
    let vouched_for = claim.start_time_epoch.is_some()
        || process.recognised
        || seen.lock == LockWitness::Held(Some(claim.pid));
    if vouched_for {
        return State::Ready(Run { identity: process.identity, record: None });
    }
    doubt(
        Some(claim.pid),
        format!("its PID file names process {}, and nothing else says that it is this instance", claim.pid),
    )
}

fn judge_absence(seen: &Witnesses) -> State {
    match (seen.lock, seen.process) {
        (LockWitness::Held(Some(holder)), Some(process)) if process.identity.pid == holder => {
            State::Starting(Run { identity: process.identity, record: None })
        }
        (LockWitness::Held(pid), _) => doubt(pid, "its lock is held, but there is no PID file".into()),
        (LockWitness::Free, _) if seen.exit.is_some() => crashed(seen, CrashEvidence::NeverAnnounced, None),
        (LockWitness::Free, _) => State::Stopped,
    }
}

fn in_phase(phase: Phase, run: Run) -> State {
    match phase {
        Phase::Starting => State::Starting(run),
        Phase::Ready => State::Ready(run),
        Phase::Stopping => State::Stopping(run),
    }
}

fn run(record: &Record) -> Run {
    Run { identity: record.identity(), record: Some(Box::new(record.clone())) }
}

fn doubt(pid: Option<Pid>, reason: String) -> State {
    State::Unverifiable(Doubt { pid, reason })
}

fn crashed(seen: &Witnesses, evidence: CrashEvidence, record: Option<&Record>) -> State {
    let report = seen.exit.as_ref().filter(|report| match record {
        Some(record) => record.launch_id.as_ref() == Some(&report.launch_id),
        None => seen.pid_file == PidFile::Missing,
    });
    let claimed = match &seen.pid_file {
        PidFile::Pid(claim) => Some(claim.pid),
        _ => report.and_then(|report| report.last_pid),
    };
    State::Crashed(Crash {
        evidence,
        pid: record.map(|record| record.pid).or(claimed),
        phase: record.map(|record| record.phase),
        exit: report.and_then(|report| report.exit),
        stderr_log: None,
        stderr: Vec::new(),
        record: record.cloned().map(Box::new),
    })
}

impl Seen {
    pub(crate) fn new(pid: Pid, start_time: u64) -> Self {
        let start_time = StartTime(start_time);
        Self {
            identity: Identity { pid, start_time },
            // Infinity fails every comparison below: a start time that can't be told vouches for nothing.
            start_time_epoch: start_time.seconds_since_epoch().unwrap_or(f64::INFINITY),
            carries_launch: false,
            recognised: false,
        }
    }
}

#[cfg(test)]
mod tests;
