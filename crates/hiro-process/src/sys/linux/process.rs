//! Processes: pidfds to wait and signal through, `/proc/PID/stat` for the start time. Needs Linux 5.3 (2019).

use std::fs;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use libc::c_int;
use rustix::io::Errno;
use rustix::process::{PidfdFlags, Signal};

use super::exit_status;
use super::procfs::{self, Stat};
use crate::exit_report::Exit;
use crate::identity::Identity;
use crate::pid::Pid;

/// The kernel's limit (`PID_MAX_LIMIT`).
pub(crate) const PID_MAX: u32 = 4_194_304;

/// A process, open: the handle stays on this one whoever bears its number later.
#[derive(Debug)]
pub(crate) struct Process(OwnedFd);

impl Process {
    /// The process that bears `pid` now, dead or alive; `None` where there is none.
    pub(crate) fn open(pid: Pid) -> io::Result<Option<Self>> {
        let Some(raw) = rustix::process::Pid::from_raw(pid.get().cast_signed()) else { return Ok(None) };
        match rustix::process::pidfd_open(raw, PidfdFlags::empty()) {
            Ok(descriptor) => Ok(Some(Self(descriptor))),
            Err(Errno::SRCH) => Ok(None),
            Err(error) => Err(error.into()),
        }
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

    /// How it ended, which is that very process; `None` while it lives, and where the kernel does not tell.
    pub(crate) fn exit(&self, identity: &Identity) -> Option<Exit> {
        exit_status::of(self.0.as_fd(), identity)
    }

    fn signal(&self, signal: Signal) -> io::Result<()> {
        match rustix::process::pidfd_send_signal(&self.0, signal) {
            Ok(()) | Err(Errno::SRCH) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

impl AsFd for Process {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// The start time of the live process that bears `pid`; `None` where there is none, or a zombie.
pub(crate) fn process_start_time(pid: Pid) -> io::Result<Option<u64>> {
    match Stat::read(pid) {
        Ok(Some(stat)) => Ok(stat.lives().then_some(stat.start_time)),
        Ok(None) => hidden_or_gone(pid),
        Err(error) => Err(error),
    }
}

/// The start time of a child that has not been collected yet, even if it has ended.
pub(crate) fn spawned_start_time(pid: Pid) -> io::Result<u64> {
    Stat::read(pid)?
        .map(|stat| stat.start_time)
        .ok_or_else(|| io::Error::other("`/proc` does not list the child"))
}

/// `/proc` mounted with `hidepid` does not list the processes of others; they live all the same.
fn hidden_or_gone(pid: Pid) -> io::Result<Option<u64>> {
    let raw = rustix::process::Pid::from_raw(pid.get().cast_signed());
    match raw.map(rustix::process::test_kill_process) {
        Some(Err(Errno::PERM)) => {
            Err(io::Error::new(io::ErrorKind::PermissionDenied, "`/proc` hides this process"))
        }
        _ => Ok(None),
    }
}

pub(crate) fn start_time_since_epoch(ticks: u64) -> io::Result<f64> {
    Ok(procfs::boot_time() + ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
}

pub(crate) fn boot_id() -> io::Result<String> {
    Ok(fs::read_to_string("/proc/sys/kernel/random/boot_id")?.trim().to_owned())
}

/// Sets one signal's disposition to the default. Async-signal-safe.
///
/// The C library's `signal` refuses the two signals that it keeps for itself, and a parent may have left even those
/// ignored: the kernel is asked directly.
pub(crate) fn set_default(signal: c_int) {
    // The kernel's structure: handler (`SIG_DFL` is 0), flags, restorer, mask; larger than any architecture's.
    let default = [0_u64; 8];
    let mask_bytes: libc::size_t = 8;
    // SAFETY: the kernel reads the structure and writes nothing; SIGKILL, SIGSTOP and numbers that are none are refused.
    unsafe { libc::syscall(libc::SYS_rt_sigaction, signal, default.as_ptr(), 0_usize, mask_bytes) };
}

/// Marks every descriptor from `first` on to be closed by `exec`. Async-signal-safe.
pub(crate) fn close_on_exec_from(first: c_int) -> io::Result<()> {
    // SAFETY: a system call on numbers; descriptors are only marked, none that Rust owns is closed.
    let refused =
        unsafe { libc::syscall(libc::SYS_close_range, first, c_int::MAX, libc::CLOSE_RANGE_CLOEXEC) } != 0;
    // Linux before 5.11 has no such flag: one call for each descriptor there may be.
    if refused { mark_each(first) } else { Ok(()) }
}

fn mark_each(first: c_int) -> io::Result<()> {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current.unwrap_or(65_536);
    for descriptor in first..c_int::try_from(limit.min(1_048_576)).unwrap_or(c_int::MAX) {
        // SAFETY: as above; a number that is no descriptor gives EBADF, which is right to ignore.
        unsafe { libc::fcntl(descriptor, libc::F_SETFD, libc::FD_CLOEXEC) };
    }
    Ok(())
}
