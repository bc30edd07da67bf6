//! Processes by number and start time: macOS has no handle that stays on one.

use std::io;
use std::net::SocketAddr;

use libc::c_int;
use rustix::io::Errno;
use rustix::process::Signal;

use super::process_info::ProcessInfo;
use super::sysctl;
use crate::exit_report::Exit;
use crate::identity::Identity;
use crate::pid::Pid;
use crate::port::PortHolder;

/// The kernel's limit (`PID_MAX`).
pub(crate) const PID_MAX: u32 = 99_999;

/// A process, by its number and start time. Each use verifies the two first.
///
/// # Platform-specific behavior
/// Between the look and the signal a small window remains: the process may end and its number be given away in it,
/// which takes the kernel a whole round through all numbers.
#[derive(Debug)]
pub(crate) struct Process {
    pid: Pid,
    start_time: u64,
}

impl Process {
    /// The process that bears `pid` now, dead or alive; `None` where there is none.
    pub(crate) fn open(pid: Pid) -> io::Result<Option<Self>> {
        Ok(ProcessInfo::read(pid)?.map(|info| Self { pid, start_time: info.start_time }))
    }

    /// SIGTERM, and SIGCONT so that a suspended process can obey it; whether there was a way to ask, as there always is.
    pub(crate) fn request_stop(&self, _stop_address: Option<&str>) -> io::Result<bool> {
        self.signal(Signal::TERM)?;
        self.signal(Signal::CONT)?;
        Ok(true)
    }

    pub(crate) fn kill(&self) -> io::Result<()> {
        self.signal(Signal::KILL)
    }

    /// `None`: macOS tells nobody but the parent.
    pub(crate) fn exit(&self, _identity: &Identity) -> Option<Exit> {
        None
    }

    pub(super) fn pid(&self) -> Pid {
        self.pid
    }

    /// Whether the number is still its own and it is no zombie.
    pub(super) fn lives(&self) -> io::Result<bool> {
        Ok(process_start_time(self.pid)? == Some(self.start_time))
    }

    fn signal(&self, signal: Signal) -> io::Result<()> {
        let Some(raw) = rustix::process::Pid::from_raw(self.pid.get().cast_signed()) else { return Ok(()) };
        if !self.lives()? {
            return Ok(());
        }
        match rustix::process::kill_process(raw, signal) {
            Ok(()) | Err(Errno::SRCH) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// The start time of the live process that bears `pid`; `None` where there is none, or a zombie.
pub(crate) fn process_start_time(pid: Pid) -> io::Result<Option<u64>> {
    Ok(ProcessInfo::read(pid)?.filter(ProcessInfo::lives).map(|info| info.start_time))
}

/// The start time of a child that has not been collected yet, even if it has ended.
pub(crate) fn spawned_start_time(pid: Pid) -> io::Result<u64> {
    ProcessInfo::read(pid)?
        .map(|info| info.start_time)
        .ok_or_else(|| io::Error::other("the kernel does not list the child"))
}

pub(crate) fn start_time_since_epoch(microseconds: u64) -> io::Result<f64> {
    Ok(microseconds as f64 / 1e6)
}

pub(crate) fn boot_id() -> io::Result<String> {
    sysctl::text(c"kern.bootsessionuuid")
}

/// macOS does not tell whose a connection is.
pub(crate) fn holds_connection(_client: SocketAddr, _server: SocketAddr, _pids: &[Pid]) -> Option<bool> {
    None
}

/// macOS does not tell who listens on a port.
pub(crate) fn port_holder(_port: u16) -> Option<PortHolder> {
    None
}

/// Sets one signal's disposition to the default. Async-signal-safe.
pub(crate) fn set_default(signal: c_int) {
    // SAFETY: `signal` takes any number; it refuses SIGKILL, SIGSTOP and what is no signal, which is right to ignore.
    unsafe { libc::signal(signal, libc::SIG_DFL) };
}

/// Marks every descriptor from `first` on to be closed by `exec`. Async-signal-safe.
pub(crate) fn close_on_exec_from(first: c_int) -> io::Result<()> {
    // SAFETY: a system call without arguments.
    let end = unsafe { libc::getdtablesize() };
    for descriptor in first..end {
        // SAFETY: descriptors are only marked, none that Rust owns is closed; a number that is no descriptor gives
        // EBADF, which is right to ignore.
        unsafe { libc::fcntl(descriptor, libc::F_SETFD, libc::FD_CLOEXEC) };
    }
    Ok(())
}
