//! SIGTERM, SIGINT and SIGHUP as a request that stays: the handler notes the first one and writes to a pipe that nobody
//! ever empties, so that every wait, by any thread and at any time, sees it.

use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI32, AtomicU8, Ordering};
use std::time::Duration;

use libc::c_int;
use rustix::event::PollFlags;

use super::poll::poll;
use super::signal;
use crate::stop_signal::StopRequest;

const NOBODY: u8 = 0;
const TERMINATED: u8 = 1;
const INTERRUPTED: u8 = 2;
const REQUESTED: u8 = 3;

static FIRST: AtomicU8 = AtomicU8::new(NOBODY);
static WRITE_END: AtomicI32 = AtomicI32::new(-1);
static PIPE: OnceLock<(OwnedFd, OwnedFd)> = OnceLock::new();

/// The stop requests of this process.
#[derive(Debug)]
pub(crate) struct StopSignals {
    read_end: &'static OwnedFd,
}

impl StopSignals {
    pub(crate) fn install() -> io::Result<Self> {
        if PIPE.get().is_none() {
            let (read_end, write_end) = pipe()?;
            // Another thread may have been faster: then its pipe counts, and this one is closed.
            let _ = PIPE.set((read_end, write_end));
        }
        let (read_end, write_end) = PIPE.get().ok_or_else(|| io::Error::other("no pipe"))?;
        WRITE_END.store(write_end.as_raw_fd(), Ordering::Release);
        signal::handle(libc::SIGTERM, note, false)?;
        // A second Ctrl-C ends a foreground process that is stuck on its way out.
        signal::handle(libc::SIGINT, note, true)?;
        signal::handle(libc::SIGHUP, note, false)?;
        Ok(Self { read_end })
    }

    pub(crate) fn wait(&self, timeout: Duration) -> io::Result<Option<StopRequest>> {
        if !poll(&mut [(self.read_end.as_fd(), PollFlags::IN)], timeout)? {
            return Ok(None);
        }
        Ok(match FIRST.load(Ordering::Acquire) {
            NOBODY => None,
            INTERRUPTED => Some(StopRequest::Interrupted),
            REQUESTED => Some(StopRequest::Requested),
            _ => Some(StopRequest::Terminated),
        })
    }

    pub(crate) fn request(&self) -> io::Result<()> {
        remember(REQUESTED);
        Ok(())
    }

    /// SIGTERM needs no address but the process itself.
    pub(crate) fn address(&self) -> Option<String> {
        None
    }
}

extern "C" fn note(signal: c_int) {
    remember(if signal == libc::SIGTERM { TERMINATED } else { INTERRUPTED });
}

/// Async-signal-safe: an atomic exchange and a `write`.
fn remember(request: u8) {
    if FIRST.compare_exchange(NOBODY, request, Ordering::AcqRel, Ordering::Acquire).is_ok() {
        signal::write_byte(WRITE_END.load(Ordering::Acquire));
    }
}

fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let (read_end, write_end) = rustix::pipe::pipe()?;
    for end in [&read_end, &write_end] {
        rustix::io::fcntl_setfd(end, rustix::io::FdFlags::CLOEXEC)?;
        rustix::io::ioctl_fionbio(end, true)?;
    }
    Ok((read_end, write_end))
}
