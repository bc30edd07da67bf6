//! What can fail, a variant per step, with the facts that a caller needs to say what to do.

use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fmt, io};

use crate::exit_report::Exit;
use crate::pid::Pid;
use crate::port::PortHolder;
use crate::record::Phase;

/// The error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be read or written.
    #[error("could not {action} `{}`", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The operating system refused to tell about, or act on, a process.
    #[error("could not {action} process {pid}")]
    Process {
        /// What was tried.
        action: &'static str,
        /// On which process.
        pid: Pid,
        /// What the operating system said.
        source: io::Error,
    },
    /// Another start or stop of this instance did not finish in time.
    #[error("another start or stop holds `{}` for {:.1} s now", control_file.display(), waited.as_secs_f64())]
    Busy {
        /// The lock that it holds.
        control_file: PathBuf,
        /// How long it was waited for.
        waited: Duration,
    },
    /// The port that the launch declares is somebody else's.
    #[error("{0}")]
    PortTaken(PortTaken),
    /// The program could not be run at all.
    #[error("could not run `{}`", program.display())]
    Spawn {
        /// The resolved program, or the name that could not be resolved.
        program: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The child was started and is not ready.
    #[error(transparent)]
    NotStarted(Box<StartFailure>),
    /// Nobody announced itself in time.
    #[error(
        "no process announced itself within {:.1} s (`{}`, last PID seen {})",
        waited.as_secs_f64(), pid_file.display(), or_none(*last_pid)
    )]
    NotAnnounced {
        /// The PID file that was waited for.
        pid_file: PathBuf,
        /// What it holds.
        last_pid: Option<Pid>,
        /// How long it was waited for.
        waited: Duration,
    },
    /// Another process of this instance lives.
    #[error("already running{}: `{}`", of_pid(*pid), pid_file.display())]
    AlreadyRunning {
        /// That process, where it is known.
        pid: Option<Pid>,
        /// Its PID file.
        pid_file: PathBuf,
    },
    /// The witnesses disagree; nothing was signalled and nothing removed.
    #[error("can't tell whether `{}` is running: {reason}", pid_file.display())]
    Unverifiable {
        /// The PID file.
        pid_file: PathBuf,
        /// What disagrees.
        reason: String,
    },
    /// Not even the end of the whole tree ended these. The PID file stays.
    #[error("still alive after being killed: {}", join(pids))]
    StillAlive {
        /// The processes that remain.
        pids: Vec<Pid>,
    },
    /// A self-restart was overtaken by a stop.
    #[error("a stop was asked for; no successor is started")]
    StopRequested,
    /// The process whose place was to be taken did not end.
    #[error("process {pid}, whose place is to be taken, still runs after {:.0} s", waited.as_secs_f64())]
    PredecessorRemains {
        /// The predecessor.
        pid: Pid,
        /// How long it was waited for.
        waited: Duration,
    },
    /// The shim was run by hand: nothing says which instance it is for.
    #[error("not started by a launch: the environment names no instance")]
    NoLaunch,
    /// No folder from there upward is a uv workspace.
    #[error("no uv workspace at `{}` or above it", start.display())]
    NoWorkspaceRoot {
        /// Where the search began.
        start: PathBuf,
    },
    /// A `pyproject.toml` on the way can't be read or understood.
    #[error("`{}` can't be used: {reason}", path.display())]
    BrokenPyproject {
        /// The file.
        path: PathBuf,
        /// What is wrong, with line and column where it is a matter of syntax.
        reason: String,
    },
    /// The `uv` program is nowhere to be found.
    #[error("`uv` was not found: not in `UV`, on `PATH` or in {}", folders(looked_in))]
    UvMissing {
        /// uv's own install folders, as looked through.
        looked_in: Vec<PathBuf>,
    },
}

impl Error {
    /// What the user can do about it, where there is something.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::PortTaken(_) => Some("stop that program, or choose another port".into()),
            Self::UvMissing { .. } => Some(
                "install uv (`pip install uv`, or see https://docs.astral.sh/uv/), or set `UV` to its path"
                    .into(),
            ),
            Self::NoWorkspaceRoot { .. } => {
                Some("a uv workspace has a `pyproject.toml` with a `[tool.uv.workspace]` table".into())
            }
            Self::Unverifiable { pid_file, .. } => {
                Some(format!("if that process is not this instance, delete `{}`", pid_file.display()))
            }
            Self::NotStarted(failure) => Some(match &failure.port {
                Some(_) => "stop that program, or choose another port".into(),
                None => format!("the whole log is `{}`", failure.stderr_log.display()),
            }),
            _ => None,
        }
    }

    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }

    pub(crate) fn process(action: &'static str, pid: Pid) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Process { action, pid, source }
    }
}

/// Somebody else listens where the instance is to listen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortTaken {
    /// The port.
    pub port: u16,
    /// Who holds it, where the operating system tells.
    pub holder: Option<PortHolder>,
}

impl fmt::Display for PortTaken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.holder {
            Some(holder) => write!(formatter, "port {} is taken by {holder}", self.port),
            None => write!(formatter, "port {} is taken by another program", self.port),
        }
    }
}

/// Why a launched child is not ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StartFailureCause {
    /// It ended; the status is there where anybody saw it.
    Ended(Option<Exit>),
    /// It lives, or may live, and did not get ready in time. Its tree was ended.
    Deadline,
    /// Whoever wanted it does not want it any more. Its tree was ended.
    NotWanted,
}

/// Everything that was seen of a launch that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartFailure {
    /// What happened.
    pub cause: StartFailureCause,
    /// How far it came; `None`: it never announced itself.
    pub phase: Option<Phase>,
    /// How long it was waited for.
    pub waited: Duration,
    /// The PID file that was waited for.
    pub pid_file: PathBuf,
    /// The last process seen: the one that announced itself, or else the one that was spawned.
    pub last_pid: Option<Pid>,
    /// The declared port, where somebody else holds it now.
    pub port: Option<PortTaken>,
    /// Where its stderr went.
    pub stderr_log: PathBuf,
    /// The last lines of this run there.
    pub stderr: Vec<String>,
}

impl std::error::Error for StartFailure {}

impl fmt::Display for StartFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.cause {
            StartFailureCause::Ended(Some(exit)) => write!(formatter, "the process ended with {exit}")?,
            StartFailureCause::Ended(None) => formatter.write_str("the process ended")?,
            StartFailureCause::Deadline => {
                formatter.write_str("the process was not ready in time and was ended")?
            }
            StartFailureCause::NotWanted => {
                formatter.write_str("the process was not wanted any more and was ended")?
            }
        }
        match self.phase {
            Some(phase) => write!(formatter, " in phase `{phase}`")?,
            None => formatter.write_str(" without announcing itself")?,
        }
        write!(formatter, " (waited {:.3} s for `{}`", self.waited.as_secs_f64(), self.pid_file.display())?;
        match self.last_pid {
            Some(pid) => write!(formatter, ", last PID seen {pid})")?,
            None => formatter.write_str(", no PID seen)")?,
        }
        if let Some(port) = &self.port {
            write!(formatter, "; {port}")?;
        }
        write!(formatter, "; stderr in `{}`", self.stderr_log.display())?;
        if self.stderr.is_empty() {
            return formatter.write_str(" (nothing written)");
        }
        self.stderr.iter().try_for_each(|line| write!(formatter, "\n  | {line}"))
    }
}

fn of_pid(pid: Option<Pid>) -> String {
    pid.map(|pid| format!(" (PID {pid})")).unwrap_or_default()
}

fn or_none(pid: Option<Pid>) -> String {
    pid.map_or_else(|| "none".to_owned(), |pid| pid.to_string())
}

fn join(pids: &[Pid]) -> String {
    pids.iter().map(Pid::to_string).collect::<Vec<_>>().join(", ")
}

fn folders(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| format!("`{}`", path.display())).collect::<Vec<_>>().join(", ")
}
