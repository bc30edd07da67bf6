//! The database's file: there, and its owner's alone, before SQLite writes the first byte.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// Creates an empty file unless there is one, which SQLite takes for a new database; the files that it puts beside it
/// get the same mode. A file that others may read loses that.
pub(super) fn create_private(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        hiro_process::files::create_private_dir(folder)?;
    }
    let file = private_options().create(true).truncate(false).write(true).open(path)?;
    close_to_others(&file)
}

#[cfg(unix)]
fn private_options() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;

    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

#[cfg(unix)]
fn close_to_others(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;

    file.set_permissions(std::fs::Permissions::from_mode(0o600))
}

/// The folder's access list, which names the owner alone, is inherited.
#[cfg(not(unix))]
fn private_options() -> OpenOptions {
    OpenOptions::new()
}

#[cfg(not(unix))]
fn close_to_others(_: &File) -> io::Result<()> {
    Ok(())
}
