//! What can be said of an instance, each state with exactly the facts that belong to it.

use std::fmt;
use std::path::PathBuf;

use crate::exit_report::Exit;
use crate::identity::Identity;
use crate::pid::Pid;
use crate::record::{Phase, Record};

/// What the witnesses say of an instance.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum State {
    /// No PID file, and nothing that says otherwise.
    Stopped,
    /// The process lives and does not do its job yet, or its successor is on its way.
    Starting(Run),
    /// The process lives and does its job.
    Ready(Run),
    /// The process lives and is on its way out.
    Stopping(Run),
    /// The PID file is there and its process isn't, or a launch ended before it announced itself.
    Crashed(Crash),
    /// The witnesses disagree: nothing is signalled, nothing removed.
    Unverifiable(Doubt),
}

/// A live process of an instance.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// The process, verified.
    pub identity: Identity,
    /// What it wrote of itself; absent where a program that knows only the old way wrote the PID file.
    pub record: Option<Box<Record>>,
}

/// What is left of a process that ended without being stopped.
#[derive(Debug, Clone, PartialEq)]
pub struct Crash {
    /// How it is known.
    pub evidence: CrashEvidence,
    /// The number that the PID file holds, or the last one seen.
    pub pid: Option<Pid>,
    /// How far it had come; `None`: it never announced itself, or left no record.
    pub phase: Option<Phase>,
    /// How it ended, if anyone saw it.
    pub exit: Option<Exit>,
    /// Where its stderr went.
    pub stderr_log: Option<PathBuf>,
    /// The last lines of that run there.
    pub stderr: Vec<String>,
    pub(crate) record: Option<Box<Record>>,
}

/// Why a process is known to have ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CrashEvidence {
    /// No process bears the number.
    Gone,
    /// Another process bears the number now.
    PidReused,
    /// The machine was booted since.
    Rebooted,
    /// The PID file holds no PID, and nobody holds the lock.
    DamagedPidFile,
    /// A start saw it end before it announced itself.
    NeverAnnounced,
}

/// Why nothing can be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// The number in question.
    pub pid: Option<Pid>,
    /// What disagrees, for people.
    pub reason: String,
}

impl State {
    /// The name that `hiro status --json` uses.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Starting(_) => "starting",
            Self::Ready(_) => "ready",
            Self::Stopping(_) => "stopping",
            Self::Crashed(_) => "crashed",
            Self::Unverifiable(_) => "unverifiable",
        }
    }

    /// The live process, where there is one for certain.
    #[must_use]
    pub fn run(&self) -> Option<&Run> {
        match self {
            Self::Starting(run) | Self::Ready(run) | Self::Stopping(run) => Some(run),
            Self::Stopped | Self::Crashed(_) | Self::Unverifiable(_) => None,
        }
    }
}

impl fmt::Display for CrashEvidence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Gone => "its process is gone",
            Self::PidReused => "its process is gone, and another one bears its number now",
            Self::Rebooted => "the machine was booted since",
            Self::DamagedPidFile => "its PID file holds no PID",
            Self::NeverAnnounced => "it ended without announcing itself",
        })
    }
}

impl fmt::Display for Crash {
    /// One line: evidence, exit, phase, and the last stderr line.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.evidence)?;
        if let Some(exit) = self.exit {
            write!(formatter, ", {exit}")?;
        }
        if let Some(phase) = self.phase {
            write!(formatter, ", in phase `{phase}`")?;
        }
        match self.stderr.last() {
            Some(line) => write!(formatter, ": {line}"),
            None => Ok(()),
        }
    }
}
