//! JSON files that several programs read and write: registries, configuration, state.
//!
//! A reader sees a whole file or none. A file that can't be understood is an error and is never overwritten. Changes
//! go through [`update`], one at a time, whoever makes them. Keys that a type does not know survive when the type
//! gathers them with `#[serde(flatten)]`.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use hiro_process::FileLock;
use hiro_process::files::{self, Durability};
use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

/// A longer file is none of ours.
pub const MAX_FILE_BYTES: u64 = 1 << 20;

/// How long a change may wait for another one of the same file.
const TURN_PATIENCE: Duration = Duration::from_secs(30);

/// Why a file could not be read or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The operating system refused.
    #[error("could not {action} `{}`", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        source: io::Error,
    },
    /// The file does not hold what it should.
    #[error("`{}` is damaged at line {line}, column {column}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line of the first thing that does not fit.
        line: usize,
        /// The column of the first thing that does not fit.
        column: usize,
        /// What does not fit.
        #[source]
        source: serde_json::Error,
    },
    /// The file is longer than [`MAX_FILE_BYTES`].
    #[error("`{}` is longer than {MAX_FILE_BYTES} bytes", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
    },
    /// Another program has been changing the file for too long.
    #[error("another program holds `{}` for more than {} s", path.display(), TURN_PATIENCE.as_secs())]
    Busy {
        /// The lock that it holds.
        path: PathBuf,
    },
    /// The value can't be written as JSON.
    #[error("what should go into `{}` is no JSON", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: serde_json::Error,
    },
}

/// What the file at `path` holds; `None` when there is no such file.
///
/// # Errors
/// When the file is there and can't be read, is too long or does not hold a `T`.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, StoreError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io_error("read", path, error)),
    };
    let mut text = Vec::new();
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut text).map_err(|error| io_error("read", path, error))?;
    if text.len() as u64 > MAX_FILE_BYTES {
        return Err(StoreError::TooLong { path: path.to_owned() });
    }
    serde_json::from_slice(&text).map(Some).map_err(|source| StoreError::Damaged {
        path: path.to_owned(),
        line: source.line(),
        column: source.column(),
        source,
    })
}

/// Replaces the file at `path` by one that holds `value`, and creates its folder when that is missing.
///
/// The form is the one of the Python packages: two spaces of indent, no line break at the end.
///
/// # Errors
/// When the folder can't be created or the file can't be replaced; the old file is then untouched.
pub fn write<T: Serialize>(path: &Path, value: &T, durability: Durability) -> Result<(), StoreError> {
    let text = serde_json::to_vec_pretty(value)
        .map_err(|source| StoreError::Unwritable { path: path.to_owned(), source })?;
    create_folder_of(path)?;
    files::replace(path, &text, durability).map_err(|error| io_error("write", path, error))
}

/// Like [`update`], for a value that has no default: where the file is missing, `missing` makes the value or says why
/// there is none.
///
/// # Errors
/// What reading, `missing`, `change` or writing says; the file is then as it was.
pub fn update_or<T, R, E>(
    path: &Path,
    missing: impl FnOnce() -> Result<T, E>,
    change: impl FnOnce(&mut T) -> Result<R, E>,
) -> Result<R, E>
where
    T: DeserializeOwned + Serialize,
    E: From<StoreError>,
{
    create_folder_of(path)?;
    let _held_until_written = lock_beside(path)?;
    let mut value = match read(path)? {
        Some(value) => value,
        None => missing()?,
    };
    let result = change(&mut value)?;
    write(path, &value, Durability::Synced)?;
    Ok(result)
}

/// Reads the file at `path` (or takes the default when it is missing), lets `change` work on its value, and writes
/// it back. No other `update` of the same file, in this process or another, comes between.
///
/// # Errors
/// What reading, `change` or writing says; the file is then as it was.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use hirogateway::store::{self, StoreError};
///
/// # let folder = tempfile::tempdir()?;
/// let path = folder.path().join("counts.json");
/// store::update(&path, |counts: &mut BTreeMap<String, u32>| {
///     *counts.entry("visits".to_owned()).or_default() += 1;
///     Ok::<(), StoreError>(())
/// })?;
/// assert_eq!(std::fs::read_to_string(&path)?, "{\n  \"visits\": 1\n}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn update<T, R, E>(path: &Path, change: impl FnOnce(&mut T) -> Result<R, E>) -> Result<R, E>
where
    T: DeserializeOwned + Serialize + Default,
    E: From<StoreError>,
{
    update_or(path, || Ok(T::default()), change)
}

fn create_folder_of(path: &Path) -> Result<(), StoreError> {
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => {
            files::create_private_dir(folder).map_err(|error| io_error("create the folder", folder, error))
        }
        None => Ok(()),
    }
}

/// Where the lock is that a change of the file at `path` holds.
#[must_use]
pub fn lock_file(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}

/// The lock is on a file of its own that is never removed: the other one is replaced at every write, and a lock on a
/// replaced file keeps nobody out.
fn lock_beside(path: &Path) -> Result<FileLock, StoreError> {
    let lock = lock_file(path);
    let taken = FileLock::take(&lock, TURN_PATIENCE).map_err(|error| io_error("lock", &lock, error))?;
    taken.ok_or(StoreError::Busy { path: lock })
}

fn io_error(action: &'static str, path: &Path, source: io::Error) -> StoreError {
    StoreError::Io { action, path: path.to_owned(), source }
}
