//! Reports what changes in one folder, through inotify.
//!
//! Descriptors are used again: closing one that had a watch a moment ago waits for the kernel to forget that watch
//! (`synchronize_srcu`), 10 ms at the median where starts follow each other; removing the watch takes 0.02 ms.

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use rustix::io::Errno;

/// How many idle descriptors are kept for the next starts.
const KEPT: usize = 8;

static IDLE: Mutex<Vec<OwnedFd>> = Mutex::new(Vec::new());

/// A watch on one folder.
#[derive(Debug)]
pub(crate) struct FolderWatch {
    /// There until the watch is dropped.
    descriptor: Option<OwnedFd>,
    watch: i32,
}

impl FolderWatch {
    pub(crate) fn new(folder: &Path) -> io::Result<Self> {
        let descriptor = match idle().pop() {
            Some(descriptor) => descriptor,
            None => inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?,
        };
        // A file that takes its place, one that goes, and the shim's file, closed by `exec`.
        let changes = WatchFlags::MOVED_TO | WatchFlags::DELETE | WatchFlags::CLOSE_WRITE;
        let watch = inotify::add_watch(&descriptor, folder, changes | WatchFlags::ONLYDIR)?;
        Ok(Self { descriptor: Some(descriptor), watch })
    }

    /// Reads what was reported; whether anything but a temporary file, or the end of an earlier watch, was among it.
    pub(super) fn drain(&self) -> io::Result<bool> {
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut events = inotify::Reader::new(self.as_fd(), &mut buffer);
        let mut changed = false;
        loop {
            match events.next() {
                Ok(event) => {
                    let is_temporary =
                        event.file_name().is_some_and(|name| name.to_bytes().starts_with(b"."));
                    changed |= !is_temporary && !event.events().contains(ReadFlags::IGNORED);
                }
                Err(Errno::AGAIN) => return Ok(changed),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl AsFd for FolderWatch {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor.as_ref().expect("the descriptor is there until the watch is dropped").as_fd()
    }
}

impl Drop for FolderWatch {
    fn drop(&mut self) {
        if let Some(descriptor) = self.descriptor.take()
            && inotify::remove_watch(&descriptor, self.watch).is_ok()
        {
            let mut idle = idle();
            if idle.len() < KEPT {
                idle.push(descriptor);
            }
        }
    }
}

fn idle() -> MutexGuard<'static, Vec<OwnedFd>> {
    IDLE.lock().unwrap_or_else(PoisonError::into_inner)
}
