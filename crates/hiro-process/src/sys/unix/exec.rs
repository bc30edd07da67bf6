//! The end of the shim: this process becomes the program, with its PID and its lock.

use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use super::life_lock::LifeLock;

/// Returns only what `exec` said where it failed. `pending` is closed by a successful one, which is how others see it.
pub(crate) fn become_program(
    program: &Path,
    arguments: &[OsString],
    lock: LifeLock,
    pending: File,
) -> io::Error {
    if let Err(error) = lock.keep_over_exec() {
        return error;
    }
    let error = Command::new(program).args(arguments).exec();
    // Both end with this process: were they released before, it would look like the program for a moment.
    std::mem::forget((lock, pending));
    error
}
