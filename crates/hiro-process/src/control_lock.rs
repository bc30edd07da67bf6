//! One start or stop of an instance at a time: an advisory lock on a file of its own, held by whoever commands.

use std::fs::{File, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::instance::Instance;
use crate::{files, sys};

/// The first pause between two looks: nobody notices it. It doubles, so that fifty who wait for long cost nothing.
const SHORTEST_POLL: Duration = Duration::from_millis(1);
const LONGEST_POLL: Duration = Duration::from_millis(30);

/// The right to change an instance, until it is dropped. The child does not inherit it.
#[derive(Debug)]
pub(crate) struct ControlLock {
    _file: File,
}

impl ControlLock {
    /// Waits for its turn, `patience` at the longest.
    pub(crate) fn acquire(instance: &Instance, patience: Duration) -> Result<Self, Error> {
        let path = instance.control_file();
        files::create_private_dir(instance.folder())
            .map_err(Error::io("create the folder", instance.folder()))?;
        let file = sys::open_lock_file(&path).map_err(Error::io("open the control lock", &path))?;
        let begun = Instant::now();
        let mut pause = SHORTEST_POLL;
        // The one poll of this lock: no system tells when an advisory lock with a deadline becomes free.
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::Error(source)) => return Err(Error::io("lock", &path)(source)),
                Err(TryLockError::WouldBlock) if begun.elapsed() >= patience => {
                    return Err(Error::Busy { control_file: path, waited: begun.elapsed() });
                }
                Err(TryLockError::WouldBlock) => {
                    thread::sleep(pause);
                    pause = LONGEST_POLL.min(pause * 2);
                }
            }
        }
    }
}
