//! The lock for life: a POSIX record lock (`F_SETLK`) on a file of its own.
//!
//! Of the three kinds of POSIX advisory locks only this one belongs to the *process*: it survives `exec`, children do
//! not inherit it, and the kernel tells who holds it. Its price: closing any descriptor of the file in the same process
//! drops it, so that every open and close of lock files happens here, under one mutex. A copy of the process made by
//! `fork` without `exec`, a worker of an interpreter say, holds nothing, whatever it remembers.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::fs::FlockOperation;
use rustix::io::FdFlags;
use rustix::process::{Flock, FlockType};

use super::files::{open_lock_file, open_no_follow};
use crate::evidence::LockWitness;
use crate::pid::Pid;

/// The lock files that this process holds, or that the one which it was forked from did.
static HELD: Mutex<Vec<Key>> = Mutex::new(Vec::new());

/// A lock file and its holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key {
    holder: Pid,
    device: u64,
    inode: u64,
}

/// The lock of an instance, held by this process until it is dropped or the process ends.
#[derive(Debug)]
pub(crate) struct LifeLock {
    file: Option<File>,
    key: Key,
}

impl LifeLock {
    /// Takes the lock; `None` where another process, or another part of this one, holds it.
    pub(crate) fn acquire(path: &Path) -> io::Result<Option<Self>> {
        let mut held = held();
        if key_of_path(path)?.is_some_and(|key| held.contains(&key)) {
            return Ok(None);
        }
        let file = open_lock_file(path)?;
        match rustix::fs::fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::ACCESS) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        let key = key(&file.metadata()?);
        held.push(key);
        Ok(Some(Self { file: Some(file), key }))
    }

    /// Keeps the descriptor open over `exec`, and with it the lock.
    pub(crate) fn keep_over_exec(&self) -> io::Result<()> {
        match &self.file {
            Some(file) => Ok(rustix::io::fcntl_setfd(file, FdFlags::empty())?),
            None => Ok(()),
        }
    }
}

impl Drop for LifeLock {
    fn drop(&mut self) {
        let mut held = held();
        held.retain(|key| *key != self.key);
        // Closed while the mutex is held: a lock that another thread takes next would be dropped by a later close.
        drop(self.file.take());
    }
}

/// Who holds the lock of an instance.
pub(crate) fn life_lock_holder(path: &Path) -> io::Result<LockWitness> {
    let held = held();
    // Who holds locks must not open, and close, the files of its own.
    if !held.is_empty() && key_of_path(path)?.is_some_and(|key| held.contains(&key)) {
        return Ok(LockWitness::Held(Some(Pid::current())));
    }
    let file = match open_no_follow(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(LockWitness::Free),
        opened => opened?,
    };
    let wanted = Flock::from(FlockType::WriteLock);
    Ok(match rustix::process::fcntl_getlk(&file, &wanted)? {
        None => LockWitness::Free,
        Some(lock) => LockWitness::Held(
            lock.pid.and_then(|pid| Pid::try_from(pid.as_raw_nonzero().get().unsigned_abs()).ok()),
        ),
    })
}

fn held() -> MutexGuard<'static, Vec<Key>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

fn key_of_path(path: &Path) -> io::Result<Option<Key>> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(Some(key(&found))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn key(metadata: &fs::Metadata) -> Key {
    Key { holder: Pid::current(), device: metadata.dev(), inode: metadata.ino() }
}
