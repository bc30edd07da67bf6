//! The exec shim: makes any program an instance. It announces *itself*, and then becomes the program.

use std::convert::Infallible;
use std::ffi::OsString;
use std::path::Path;

use crate::announce::announce_until_exec;
use crate::error::Error;
use crate::instance::Instance;
use crate::launch_context::LaunchContext;
use crate::{program, sys};

/// Announces this process as the instance that its launch names, and becomes `program`: same PID, same lock, nothing
/// left in between. It counts as ready from the moment at which it is the program.
///
/// This is what the hidden command of a program that offers the shim calls; see
/// [`Launch::behind_shim`](crate::Launch::behind_shim).
///
/// # Errors
/// [`Error::NoLaunch`] outside a launch; the errors of [`announce`](crate::announce); [`Error::Spawn`] where the program
/// can't be run. It never returns otherwise.
///
/// # Platform-specific behavior
/// POSIX: `exec`. On Windows there is none: the shim stays as the program's parent, holds its job object, and exits
/// with its exit code.
pub fn become_program(program: &Path, arguments: &[OsString]) -> Result<Infallible, Error> {
    let pid_file = LaunchContext::any().ok_or(Error::NoLaunch)?.pid_file;
    let instance = Instance::new(&pid_file).map_err(Error::io("use the PID file", &pid_file))?;
    let program = program::resolve(program)?;
    let (lock, pending) = announce_until_exec(&instance)?;
    let source = sys::become_program(&program, arguments, lock, pending);
    Err(Error::Spawn { program, source })
}
