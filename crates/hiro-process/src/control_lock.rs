//! One start or stop of an instance at a time: a lock on a file of its own, held by whoever commands.

use std::time::{Duration, Instant};

use crate::error::Error;
use crate::file_lock::FileLock;
use crate::files;
use crate::instance::Instance;

/// The right to change an instance, until it is dropped.
#[derive(Debug)]
pub(crate) struct ControlLock {
    _lock: FileLock,
}

impl ControlLock {
    /// Waits for its turn, `patience` at the longest.
    pub(crate) fn acquire(instance: &Instance, patience: Duration) -> Result<Self, Error> {
        files::create_private_dir(instance.folder())
            .map_err(Error::io("create the folder", instance.folder()))?;
        let path = instance.control_file();
        let begun = Instant::now();
        match FileLock::take(&path, patience).map_err(Error::io("take the control lock", &path))? {
            Some(lock) => Ok(Self { _lock: lock }),
            None => Err(Error::Busy { control_file: path, waited: begun.elapsed() }),
        }
    }
}
