//! Waiting: `poll` over an inotify descriptor and pidfds.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::event::PollFlags;
use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
use rustix::io::Errno;

use super::super::unix::poll::poll;
use super::process::Process;

/// Reports what changes in one folder.
#[derive(Debug)]
pub(crate) struct FolderWatch(OwnedFd);

impl FolderWatch {
    pub(crate) fn new(folder: &Path) -> io::Result<Self> {
        let descriptor = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
        // A file that takes its place, one that goes, and the shim's file, closed by `exec`.
        let changes = WatchFlags::MOVED_TO | WatchFlags::DELETE | WatchFlags::CLOSE_WRITE;
        inotify::add_watch(&descriptor, folder, changes | WatchFlags::ONLYDIR)?;
        Ok(Self(descriptor))
    }

    /// Reads what was reported; whether anything but a temporary file was among it.
    fn drain(&self) -> io::Result<bool> {
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut events = inotify::Reader::new(&self.0, &mut buffer);
        let mut changed = false;
        loop {
            match events.next() {
                Ok(event) => {
                    changed |= !event.file_name().is_some_and(|name| name.to_bytes().starts_with(b"."))
                }
                Err(Errno::AGAIN) => return Ok(changed),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Waits until something changes in the folder, one of the processes ends, or the time is up.
pub(crate) fn wait_for_event(
    watch: Option<&FolderWatch>,
    processes: &[&Process],
    timeout: Duration,
) -> io::Result<()> {
    let begun = Instant::now();
    loop {
        let folder = watch.map(|watch| (watch.0.as_fd(), PollFlags::IN));
        let mut descriptors: Vec<_> = folder
            .into_iter()
            .chain(processes.iter().map(|process| (process.as_fd(), PollFlags::IN)))
            .collect();
        if !poll(&mut descriptors, timeout.saturating_sub(begun.elapsed()))? {
            return Ok(());
        }
        let of_process = usize::from(watch.is_some());
        let process_ended = descriptors[of_process..].iter().any(|(_, events)| !events.is_empty());
        let folder_changed = watch.map_or(Ok(false), FolderWatch::drain)?;
        if process_ended || folder_changed {
            return Ok(());
        }
    }
}
