//! An advisory lock between processes, on a file of its own that is never removed. Whoever dies loses it, and children
//! don't inherit it.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::sys;

/// The first pause between two looks: nobody notices it. It doubles, so that fifty who wait for long cost nothing.
const SHORTEST_POLL: Duration = Duration::from_millis(1);
const LONGEST_POLL: Duration = Duration::from_millis(30);

/// A lock on a file, held until it is dropped.
///
/// ```
/// use std::time::Duration;
/// use hiro_process::FileLock;
/// # let folder = tempfile::tempdir()?;
/// let path = folder.path().join("turn.lock");
/// let turn = FileLock::take(&path, Duration::ZERO)?;
/// assert!(turn.is_some() && FileLock::take(&path, Duration::ZERO)?.is_none());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct FileLock {
    _file: File,
}

impl FileLock {
    /// Takes the lock; `None` where somebody else has it for longer than `patience`. The file is created where it is
    /// missing, for its owner only; its folder has to be there.
    ///
    /// # Errors
    /// What the operating system says; on POSIX a symbolic link is refused.
    pub fn take(path: &Path, patience: Duration) -> io::Result<Option<Self>> {
        let file = sys::open_lock_file(path)?;
        let begun = Instant::now();
        let mut pause = SHORTEST_POLL;
        // The one poll of these locks: no system tells when an advisory lock with a deadline becomes free.
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Some(Self { _file: file })),
                Err(TryLockError::Error(error)) => return Err(error),
                Err(TryLockError::WouldBlock) if begun.elapsed() >= patience => return Ok(None),
                Err(TryLockError::WouldBlock) => {
                    thread::sleep(pause);
                    pause = LONGEST_POLL.min(pause * 2);
                }
            }
        }
    }
}
