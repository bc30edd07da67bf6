//! The right to start and stop the channel instances of a workspace.
//!
//! A server has it for life. Whoever clears up after a server that was killed takes it first, and so never hits the
//! plugins of the next one, however close that follows.

use std::path::Path;
use std::time::Duration;

use hiro_process::FileLock;

use crate::Error;
use crate::file_lock;

/// The right, until it is dropped or its holder dies.
#[derive(Debug)]
pub struct Ownership {
    _lock: FileLock,
}

impl Ownership {
    pub(super) fn take(folder: &Path, patience: Duration) -> Result<Option<Self>, Error> {
        let lock = file_lock::take(&folder.join("owner.lock"), patience)?;
        Ok(lock.map(|lock| Self { _lock: lock }))
    }
}
