//! The hidden command that makes an instance of a plugin that knows nothing of PID files: it announces itself and then
//! is that program.

use std::ffi::OsString;

use hiro_process::{Error as ProcessError, Exit, Identity, become_program, is_running};

use crate::Error;

/// Becomes `program`, provided that `server`, which wanted it, still lives. A launcher such as uv may take its time, and
/// by then nobody may be left to stop the program.
///
/// # Errors
/// The server has gone, or the program can't be run.
///
/// # Platform-specific behavior
/// POSIX: never returns otherwise. On Windows it returns how the program ended.
pub fn run(server: Option<&Identity>, program: &OsString, arguments: &[OsString]) -> Result<Exit, Error> {
    if server.is_some_and(|server| !is_running(server)) {
        return Err(Error::NotWantedAnyMore);
    }
    become_program(program.as_ref(), arguments).map_err(|error| match error {
        ProcessError::Spawn { program, source } => Error::CommandMissing { program, source },
        other => other.into(),
    })
}
