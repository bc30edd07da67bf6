//! Files and folders that only their owner may read, and replacement in one step.
//!
//! Everything that this crate writes goes through [`replace`]; programs on top of it use the same functions for
//! their registries, configuration, keys and logs.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::sys;

/// Opens the file at `path` to append to it; where it is missing it is created for its owner alone.
///
/// # Errors
/// What the operating system says.
pub fn open_append(path: &Path) -> io::Result<fs::File> {
    sys::open_append(path)
}

/// Whether another file than `file` is at `path` now, as after a log was put aside. Where there is none, no other is.
///
/// ```
/// use std::fs::{self, File};
/// use hiro_process::files::is_replaced;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("a.log");
/// let file = File::create(&path)?;
/// assert!(!is_replaced(&file, &path)?);
/// fs::rename(&path, folder.path().join("a.log.1"))?;
/// assert!(!is_replaced(&file, &path)?);
/// File::create(&path)?;
/// assert!(is_replaced(&file, &path)?);
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// What the operating system says of either.
///
/// # Platform-specific behavior
/// By the file's number on its volume. The time of its creation tells nothing on Windows: a file that takes another
/// one's name within seconds takes over that, too.
pub fn is_replaced(file: &fs::File, path: &Path) -> io::Result<bool> {
    match sys::is_at(file, path) {
        Ok(is_there) => Ok(!is_there),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether a write must outlive a power failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// For what a reboot voids anyway: PID files, records. No fsync.
    Volatile,
    /// For registries, configuration and keys: the file and its folder are fsynced.
    Synced,
}

/// Creates `path` and whatever is missing above it, each folder open to its owner only from its first moment.
///
/// A folder that is there already keeps its mode.
///
/// # Errors
/// What the operating system says of the first folder that can't be created.
///
/// # Platform-specific behavior
/// Mode 0700 on POSIX; on Windows an access list that names the owner alone.
pub fn create_private_dir(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    match sys::create_private_dir(path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).ok_or(error)?;
            create_private_dir(parent)?;
            create_private_dir(path)
        }
        Err(error) => Err(error),
    }
}

/// Replaces the file at `path` by one that holds `contents`, in one step: a reader sees the old text or the new one,
/// never a part, and the owner alone can read it from its first byte.
///
/// # Errors
/// What the operating system says of the temporary file or of the rename; the old file is then untouched and no
/// temporary file is left.
///
/// # Platform-specific behavior
/// On Windows a rename is refused while another program, a virus scanner say, holds the old file open: it is tried
/// again for a bounded time.
pub fn replace(path: &Path, contents: &[u8], durability: Durability) -> io::Result<()> {
    let temporary = temporary_beside(path);
    let written = write_new(&temporary, contents, durability).and_then(|()| sys::rename(&temporary, path));
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written?;
    match (durability, path.parent()) {
        (Durability::Synced, Some(folder)) => sys::sync_folder(folder),
        _ => Ok(()),
    }
}

fn write_new(path: &Path, contents: &[u8], durability: Durability) -> io::Result<()> {
    let mut file = sys::create_private_file(path)?;
    file.write_all(contents)?;
    if durability == Durability::Synced {
        file.sync_all()?;
    }
    Ok(())
}

/// A name that no other thread and no other live process uses: in the same folder, so that the rename stays within
/// one file system.
fn temporary_beside(path: &Path) -> PathBuf {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.{}.tmp", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
    path.with_file_name(name)
}
