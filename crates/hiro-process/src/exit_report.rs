//! How a run ended, as seen by a process that watched it: the start that waited for it, or a parent that lives long.
//!
//! A child that dies before it announces leaves no PID file; this file is then the only trace of it.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::control_lock::ControlLock;
use crate::files::{self, Durability};
use crate::identity::Identity;
use crate::instance::Instance;
use crate::pid::Pid;
use crate::record::{Record, now, read_limited, to_json};

const LARGEST: u64 = 64 * 1024;

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Exit {
    /// It ended by itself, with this code.
    Code(i32),
    /// A signal ended it (POSIX).
    Signal(i32),
}

impl Exit {
    /// Whether it is the exit of a program that had nothing to complain about.
    #[must_use]
    pub fn is_success(self) -> bool {
        self == Self::Code(0)
    }

    /// The exit code of a program that ends as this one did: after a signal 128 and its number, as shells have it.
    #[must_use]
    pub fn code(self) -> i32 {
        match self {
            Self::Code(code) => code,
            Self::Signal(signal) => 128 + signal,
        }
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(formatter, "exit code {code}"),
            Self::Signal(signal) => write!(formatter, "signal {signal}"),
        }
    }
}

/// What was seen of the end of one launch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ExitReport {
    pub(crate) launch_id: String,
    /// The last process number that was seen of it: the worker's, or else the launcher's.
    pub(crate) last_pid: Option<Pid>,
    pub(crate) exit: Option<Exit>,
    pub(crate) ended_at: f64,
    pub(crate) stderr_log: PathBuf,
    pub(crate) stderr_offset: u64,
}

impl ExitReport {
    pub(crate) fn read(instance: &Instance) -> Option<Self> {
        serde_json::from_slice(&read_limited(&instance.exit_file(), LARGEST).ok()??).ok()
    }

    pub(crate) fn write(&self, instance: &Instance) -> std::io::Result<()> {
        files::replace(&instance.exit_file(), &to_json(self)?, Durability::Volatile)
    }
}

/// Leaves what was seen of the end of `process` beside the PID file, so that others learn it too. Not while a command is
/// at work on the instance: that is about to clear what is left, and a report would look like a crash of its own.
pub(crate) fn leave(instance: &Instance, process: &Identity, exit: Exit) {
    let Ok(_control) = ControlLock::acquire(instance, Duration::ZERO) else { return };
    let record = Record::read(instance).filter(|record| record.identity() == *process);
    let Some(Record { launch_id: Some(launch_id), stderr_log: Some(stderr_log), stderr_offset, .. }) = record
    else {
        return;
    };
    let last_pid = Some(process.pid);
    let report =
        ExitReport { launch_id, last_pid, exit: Some(exit), ended_at: now(), stderr_log, stderr_offset };
    // One that can't be written is missed by others alone.
    let _ = report.write(instance);
}

/// A report of `launch` that ends now.
pub(crate) fn report_now(
    launch: &crate::launch_context::LaunchContext,
    last_pid: Option<Pid>,
    exit: Option<Exit>,
) -> ExitReport {
    ExitReport {
        launch_id: launch.id.clone(),
        last_pid,
        exit,
        ended_at: now(),
        stderr_log: launch.stderr_log.clone(),
        stderr_offset: launch.stderr_offset,
    }
}
