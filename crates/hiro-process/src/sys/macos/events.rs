//! Waiting: one kqueue for a folder and for processes.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::Path;
use std::ptr;
use std::time::{Duration, Instant};

use rustix::event::kqueue::{Event, EventFilter, EventFlags, ProcessEvents, VnodeEvents, kevent, kqueue};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use super::process::Process;

/// Reports what changes in one folder. A file's name is not told, so that a temporary one counts too.
#[derive(Debug)]
pub(crate) struct FolderWatch {
    queue: OwnedFd,
    /// Open for as long as the queue reports on it.
    _folder: OwnedFd,
}

impl FolderWatch {
    pub(crate) fn new(folder: &Path) -> io::Result<Self> {
        // Open for events only: the folder's volume can still be unmounted.
        let event_only = OFlags::from_bits_retain(libc::O_EVTONLY.cast_unsigned());
        let flags = event_only | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let folder = rustix::fs::open(folder, flags, Mode::empty())?;
        let queue = kqueue()?;
        let changes = VnodeEvents::WRITE | VnodeEvents::DELETE | VnodeEvents::RENAME;
        let filter = EventFilter::Vnode { vnode: folder.as_raw_fd(), flags: changes };
        add(&queue, filter, EventFlags::CLEAR)?;
        Ok(Self { queue, _folder: folder })
    }
}

/// Waits until something changes in the folder, one of the processes ends or becomes another program, or the time is
/// up.
pub(crate) fn wait_for_event(
    watch: Option<&FolderWatch>,
    processes: &[&Process],
    timeout: Duration,
) -> io::Result<()> {
    let fresh = match watch {
        Some(_) => None,
        None => Some(kqueue()?),
    };
    let Some(queue) = watch.map(|watch| &watch.queue).or(fresh.as_ref()) else { return Ok(()) };
    for process in processes {
        if !add_process(queue, process)? {
            return Ok(());
        }
    }
    wait(queue, timeout)
}

/// Registers a process, once per wait; `false` where it has ended already.
fn add_process(queue: &OwnedFd, process: &Process) -> io::Result<bool> {
    let Some(pid) = rustix::process::Pid::from_raw(process.pid().get().cast_signed()) else {
        return Ok(false);
    };
    // `exec` closes the shim's file, which the folder does not report.
    let filter = EventFilter::Proc { pid, flags: ProcessEvents::EXIT | ProcessEvents::EXEC };
    match add(queue, filter, EventFlags::ONESHOT) {
        // Looked at after the registration: whoever bears the number is now watched, so a match stays one.
        Ok(()) => process.lives(),
        Err(Errno::SRCH) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn add(queue: &OwnedFd, filter: EventFilter, flags: EventFlags) -> rustix::io::Result<()> {
    let event = Event::new(filter, EventFlags::ADD | flags, ptr::null_mut());
    let mut none: [Event; 0] = [];
    // SAFETY: the folder's descriptor, the only one in events, lives as long as the queue: `FolderWatch` owns both.
    unsafe { kevent(queue, &[event], &mut none, None) }.map(drop)
}

fn wait(queue: &OwnedFd, timeout: Duration) -> io::Result<()> {
    let begun = Instant::now();
    let mut events = Vec::with_capacity(16);
    loop {
        let left = timeout.saturating_sub(begun.elapsed());
        // SAFETY: nothing is registered here.
        match unsafe { kevent(queue, &[], rustix::buffer::spare_capacity(&mut events), Some(left)) } {
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
            Ok(_) => return Ok(()),
        }
    }
}
