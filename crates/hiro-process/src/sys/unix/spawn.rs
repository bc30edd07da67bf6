//! The detached spawn, and the child as its parent sees it.

use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitStatus, Stdio};

use rustix::process::{WaitId, WaitIdOptions};

use super::super::platform::{Process, close_on_exec_from, spawned_start_time};
use super::signal;
use crate::exit_report::Exit;
use crate::identity::{Identity, StartTime};
use crate::launch::Prepared;
use crate::pid::Pid;

/// A child of this process. Until [`try_wait`](Self::try_wait) has collected it, its number can't be reused.
#[derive(Debug)]
pub(crate) struct Child {
    child: std::process::Child,
    identity: Identity,
    process: Option<Process>,
    exit: Option<Exit>,
}

/// Runs `prepared` in a session of its own, with nothing inherited but its logs.
pub(crate) fn spawn(prepared: Prepared) -> io::Result<Child> {
    let mut command = Command::new(&prepared.program);
    command
        .args(&prepared.arguments)
        .env_clear()
        .envs(&prepared.environment)
        .current_dir(&prepared.directory);
    command.stdin(Stdio::null()).stderr(prepared.stderr);
    command.stdout(prepared.stdout.map_or_else(Stdio::null, Stdio::from));
    // SAFETY: `detach` makes only async-signal-safe calls and does not allocate.
    unsafe { command.pre_exec(detach) };
    let child = command.spawn()?;
    let out_of_range = |error| io::Error::new(io::ErrorKind::InvalidData, error);
    let pid = Pid::try_from(child.id()).map_err(out_of_range)?;
    let identity = Identity { pid, start_time: StartTime(spawned_start_time(pid)?) };
    Ok(Child { process: Process::open(pid)?, child, identity, exit: None })
}

/// The process that leads the caller's session; `None` where it is outside the caller's PID namespace (`docker exec`).
pub(crate) fn session_leader() -> Option<Pid> {
    // Not through rustix, whose type can't say the 0 that stands for such a leader.
    // SAFETY: a system call on a number.
    let leader = unsafe { libc::getsid(0) };
    Pid::try_from(u32::try_from(leader).ok()?).ok()
}

/// Runs in the child between `fork` and `exec`.
fn detach() -> io::Result<()> {
    rustix::process::setsid()?;
    signal::reset_all()?;
    // Marked, not closed: the descriptor on which std reports a failed `exec` has to live until then.
    close_on_exec_from(3)
}

/// Whether any child of this process waits to be collected: one call, however many children there are.
pub(crate) fn child_has_ended() -> bool {
    let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    matches!(rustix::process::waitid(WaitId::All, look), Ok(Some(_)))
}

impl Child {
    pub(crate) fn identity(&self) -> Identity {
        self.identity
    }

    /// How it ended, once it has; collects the zombie.
    pub(crate) fn try_wait(&mut self) -> io::Result<Option<Exit>> {
        if self.exit.is_none() {
            self.exit = self.child.try_wait()?.map(Exit::from);
        }
        Ok(self.exit)
    }

    /// The handle to wait on, while it has not been seen to end.
    pub(crate) fn running(&self) -> Option<&Process> {
        self.process.as_ref().filter(|_| self.exit.is_none())
    }
}

impl From<ExitStatus> for Exit {
    fn from(status: ExitStatus) -> Self {
        match (status.code(), status.signal()) {
            (Some(code), _) => Self::Code(code),
            (None, signal) => Self::Signal(signal.unwrap_or_default()),
        }
    }
}
