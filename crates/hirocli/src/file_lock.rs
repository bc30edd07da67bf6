//! A lock on a file of its own, which is never removed: whoever dies loses it, and children don't inherit it.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use hiro_process::files::create_private_dir;

use crate::Error;

const POLL: Duration = Duration::from_millis(5);

/// A lock that is held until it is dropped.
#[derive(Debug)]
pub(crate) struct FileLock {
    _file: File,
}

impl FileLock {
    /// Takes the lock at `path`; `None` where somebody else has it for longer than `patience`.
    pub(crate) fn take(path: &Path, patience: Duration) -> Result<Option<Self>, Error> {
        let failed = |action| move |source| Error::Io { action, path: path.to_owned(), source };
        if let Some(folder) = path.parent() {
            create_private_dir(folder).map_err(failed("create the folder of"))?;
        }
        let mut options = OpenOptions::new();
        let file = options.create(true).truncate(false).write(true).open(path).map_err(failed("open"))?;
        let begun = Instant::now();
        // The one poll of this lock: no system tells when an advisory lock with a deadline becomes free.
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Some(Self { _file: file })),
                Err(TryLockError::Error(source)) => return Err(failed("lock")(source)),
                Err(TryLockError::WouldBlock) if begun.elapsed() >= patience => return Ok(None),
                Err(TryLockError::WouldBlock) => thread::sleep(POLL),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_has_it_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let take = || FileLock::take(&folder.path().join("new/a.lock"), Duration::ZERO).unwrap();
        let first = take();
        assert!(first.is_some() && take().is_none());
        drop(first);
        assert!(take().is_some());
    }
}
