//! A lock whose folder may be missing yet, with errors that name its file.

use std::path::Path;
use std::time::Duration;

use hiro_process::FileLock;
use hiro_process::files::create_private_dir;

use crate::Error;

/// Takes the lock at `path`; `None` where somebody else has it for longer than `patience`.
pub(crate) fn take(path: &Path, patience: Duration) -> Result<Option<FileLock>, Error> {
    let failed = |action| move |source| Error::Io { action, path: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        create_private_dir(folder).map_err(failed("create the folder of"))?;
    }
    FileLock::take(path, patience).map_err(failed("lock"))
}
