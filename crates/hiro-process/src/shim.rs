//! The exec shim: makes any program an instance. It announces *itself*, and then becomes the program.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::announce::announce_until_exec;
use crate::error::Error;
use crate::exit_report::Exit;
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
/// can't be run.
///
/// # Platform-specific behavior
/// POSIX: `exec`, so that it never returns otherwise. On Windows there is none: the shim stays as the program's parent,
/// passes a request to stop on as Ctrl-Break, and returns how the program ended; the caller exits with that code.
pub fn become_program(program: &Path, arguments: &[OsString]) -> Result<Exit, Error> {
    let pid_file = LaunchContext::any().ok_or(Error::NoLaunch)?.pid_file;
    let instance = Instance::new(&pid_file).map_err(Error::io("use the PID file", &pid_file))?;
    let program = program::resolve(program)?;
    let (lock, pending, signals) = announce_until_exec(&instance)?;
    sys::become_program(&program, arguments, lock, pending, signals)
        .map_err(|source| Error::Spawn { program, source })
}

/// The shim's file, locked until `exec` closes it or the program runs: a status can tell the shim from the program.
#[derive(Debug)]
pub(crate) struct Pending {
    _file: File,
    path: PathBuf,
}

impl Pending {
    pub(crate) fn begin(instance: &Instance) -> Result<Self, Error> {
        let path = instance.shim_file();
        let file = sys::open_lock_file(&path).map_err(Error::io("open", &path))?;
        file.lock().map_err(Error::io("lock", &path))?;
        Ok(Self { _file: file, path })
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        // Whoever watches the folder sees a file go, and none being unlocked.
        let _ = fs::remove_file(&self.path);
    }
}
