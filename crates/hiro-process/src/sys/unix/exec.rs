//! The end of the shim: this process becomes the program, with its PID and its lock.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use super::life_lock::LifeLock;
use super::stop_signals::StopSignals;
use crate::exit_report::Exit;
use crate::shim::Pending;

/// Returns only what `exec` said where it failed. `pending` is closed by a successful one, which is how others see it.
pub(crate) fn become_program(
    program: &Path,
    arguments: &[OsString],
    lock: LifeLock,
    pending: Pending,
    _signals: Option<StopSignals>,
) -> io::Result<Exit> {
    lock.keep_over_exec()?;
    let error = Command::new(program).args(arguments).exec();
    // Both end with this process: were they released before, it would look like the program for a moment.
    std::mem::forget((lock, pending));
    Err(error)
}

/// None: what `exec` leaves can't listen, and a signal that comes before it ends the shim, as it would the program.
pub(crate) fn shim_signals() -> io::Result<Option<StopSignals>> {
    Ok(None)
}
