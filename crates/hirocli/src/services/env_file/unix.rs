//! Who can read a file: its mode tells.

use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;

pub(super) fn is_open_to_others(file: &File) -> io::Result<bool> {
    Ok(file.metadata()?.mode() & 0o077 != 0)
}
