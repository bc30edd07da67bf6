//! Where the `hiro.toml` is that is meant: in a folder that is named, or the nearest from the current one upward.

use std::path::{Path, PathBuf};

#[cfg(not(unix))]
use elsewhere as platform;
#[cfg(unix)]
use unix as platform;

#[cfg(not(unix))]
mod elsewhere;
#[cfg(unix)]
mod unix;

use super::FILE;
use crate::Error;
use crate::services::ServiceError;

/// The `hiro.toml` in `folder`.
///
/// # Errors
/// There is none.
pub fn at(folder: &Path) -> Result<PathBuf, Error> {
    let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let file = absolute.join(FILE);
    if !file.is_file() {
        return Err(ServiceError::ProjectMissing { folder: absolute }.into());
    }
    Ok(file)
}

/// The nearest `hiro.toml` from `start` upward, if there is any. What it says is run without a question, so it has to belong
/// to whoever owns `home`, a folder of the caller's own, or to the system's administrator.
///
/// # Errors
/// It is somebody else's.
pub fn find(start: &Path, home: &Path) -> Result<Option<PathBuf>, Error> {
    let start = std::path::absolute(start).unwrap_or_else(|_| start.to_owned());
    let Some(path) = start.ancestors().map(|folder| folder.join(FILE)).find(|path| path.is_file()) else {
        return Ok(None);
    };
    if platform::is_strangers(&path, home) {
        return Err(ServiceError::ProjectForeign { path }.into());
    }
    Ok(Some(path))
}
