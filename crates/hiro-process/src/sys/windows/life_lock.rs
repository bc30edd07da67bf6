//! The lock for life: one byte of a file of its own, far behind its contents, locked through `LockFileEx`.
//!
//! Windows does not tell who holds a lock, so the holder writes its identity into the file. The locked byte lies where
//! nobody reads: Windows refuses to read what is locked.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::windows::io::AsRawHandle;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use windows_sys::Win32::Foundation::{ERROR_IO_PENDING, ERROR_LOCK_VIOLATION};
use windows_sys::Win32::Storage::FileSystem::{
    LOCKFILE_EXCLUSIVE_LOCK, LOCKFILE_FAIL_IMMEDIATELY, LockFileEx, UnlockFileEx,
};
use windows_sys::Win32::System::IO::{OVERLAPPED, OVERLAPPED_0, OVERLAPPED_0_0};

use super::files::{open_lock_file, open_no_follow};
use super::handle::{done, is};
use crate::evidence::LockWitness;
use crate::identity::{Identity, StartTime};
use crate::pid::Pid;

const LOCKED_BYTE: u32 = 0x4000_0000;
/// Two numbers and a blank fit.
const LARGEST: u64 = 64;
/// How long those who only look may be in the way together; each is for microseconds.
const LOOKERS_PATIENCE: Duration = Duration::from_secs(1);

/// The lock of an instance, held by this process until it is dropped or the process ends.
#[derive(Debug)]
pub(crate) struct LifeLock {
    file: File,
}

impl LifeLock {
    /// Takes the lock; `None` where another process, or another part of this one, holds it.
    pub(crate) fn acquire(path: &Path) -> io::Result<Option<Self>> {
        let file = open_lock_file(path)?;
        let begun = Instant::now();
        while !lock(&file, LOCKFILE_EXCLUSIVE_LOCK)? {
            // A holder refuses a shared lock, too; somebody who only looks, with a shared one, does not.
            if !lock(&file, 0)? || begun.elapsed() >= LOOKERS_PATIENCE {
                return Ok(None);
            }
            unlock(&file)?;
            thread::sleep(Duration::from_millis(1));
        }
        let held = Self { file };
        held.sign()?;
        Ok(Some(held))
    }

    fn sign(&self) -> io::Result<()> {
        let Identity { pid, start_time } = Identity::current()?;
        self.file.set_len(0)?;
        (&self.file).write_all(format!("{pid} {}", start_time.0).as_bytes())
    }
}

impl Drop for LifeLock {
    fn drop(&mut self) {
        // Whoever looks between the next holder's lock and its signature must not read this name.
        let _ = self.file.set_len(0);
        let _ = unlock(&self.file);
    }
}

/// Who holds the lock of an instance.
pub(crate) fn life_lock_holder(path: &Path) -> io::Result<LockWitness> {
    let file = match open_no_follow(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(LockWitness::Free),
        opened => opened?,
    };
    if lock(&file, 0)? {
        unlock(&file)?;
        return Ok(LockWitness::Free);
    }
    Ok(LockWitness::Held(signature(file)?.filter(crate::is_running).map(|identity| identity.pid)))
}

fn signature(mut file: File) -> io::Result<Option<Identity>> {
    let mut text = String::new();
    file.seek(SeekFrom::Start(0))?;
    file.take(LARGEST).read_to_string(&mut text)?;
    Ok(text.split_once(' ').and_then(|(pid, start_time)| {
        Some(Identity { pid: Pid::parse(pid)?, start_time: StartTime(start_time.parse().ok()?) })
    }))
}

/// Whether the byte could be locked, shared unless `flags` say otherwise.
fn lock(file: &File, flags: u32) -> io::Result<bool> {
    let mut place = place();
    // SAFETY: the handle is open, and was not opened for overlapped calls, so that `place` is not used after the call.
    let outcome = done(unsafe {
        LockFileEx(file.as_raw_handle(), flags | LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &raw mut place)
    });
    match outcome {
        Ok(()) => Ok(true),
        Err(error) if is(&error, ERROR_LOCK_VIOLATION) || is(&error, ERROR_IO_PENDING) => Ok(false),
        Err(error) => Err(error),
    }
}

fn unlock(file: &File) -> io::Result<()> {
    let mut place = place();
    // SAFETY: as in `lock`.
    done(unsafe { UnlockFileEx(file.as_raw_handle(), 0, 1, 0, &raw mut place) })
}

fn place() -> OVERLAPPED {
    let offset = OVERLAPPED_0_0 { Offset: LOCKED_BYTE, OffsetHigh: 0 };
    OVERLAPPED { Anonymous: OVERLAPPED_0 { Anonymous: offset }, ..Default::default() }
}

#[cfg(test)]
mod tests {
    use super::{LifeLock, life_lock_holder, lock, unlock};
    use crate::evidence::LockWitness;
    use crate::sys::open_lock_file;

    #[test]
    fn whoever_only_looks_does_not_keep_the_lock_from_its_next_holder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gateway.pid.lock");
        let looker = open_lock_file(&path).unwrap();
        assert!(lock(&looker, 0).unwrap());
        let taker = std::thread::spawn({
            let path = path.clone();
            move || LifeLock::acquire(&path).unwrap().is_some()
        });
        unlock(&looker).unwrap();
        assert!(taker.join().unwrap());
    }

    #[test]
    fn a_holder_that_has_not_signed_is_somebody() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gateway.pid.lock");
        let unsigned = open_lock_file(&path).unwrap();
        assert!(lock(&unsigned, super::LOCKFILE_EXCLUSIVE_LOCK).unwrap());
        assert_eq!(life_lock_holder(&path).unwrap(), LockWitness::Held(None));
    }
}
