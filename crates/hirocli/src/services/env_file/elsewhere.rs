//! Who can read a file is a matter of access lists here, which are inherited from its folder: nothing is said of it.

use std::fs::File;
use std::io;

pub(super) fn is_open_to_others(_file: &File) -> io::Result<bool> {
    Ok(false)
}
