//! The shim's stay: Windows has no `exec`, so it remains as the program's parent and ends as the program does.

use std::ffi::OsString;
use std::io;
use std::os::windows::io::{AsHandle, BorrowedHandle, OwnedHandle};
use std::path::Path;
use std::time::Duration;

use super::console;
use super::life_lock::LifeLock;
use super::new_process::{NewProcess, inheritable};
use super::process::Process;
use super::spawn::null;
use super::stop_signals::StopSignals;
use super::wait;
use crate::exit_report::Exit;
use crate::shim::Pending;

/// Between two looks that nothing calls for.
const LONG: Duration = Duration::from_secs(3600);

/// Runs the program with this process's streams, console and job, passes a request to stop on as Ctrl-Break, and
/// returns how it ended.
pub(crate) fn become_program(
    program: &Path,
    arguments: &[OsString],
    lock: LifeLock,
    pending: Pending,
    signals: Option<StopSignals>,
) -> io::Result<Exit> {
    let streams = [
        stream(io::stdin().as_handle())?,
        stream(io::stdout().as_handle())?,
        stream(io::stderr().as_handle())?,
    ];
    let new = NewProcess { program, arguments, environment: None, directory: None, streams };
    match new.create(0, None).map(Process::from_handle) {
        Ok(process) => {
            drop((new, pending));
            let exit = stay(&process, signals.as_ref());
            drop(lock);
            exit
        }
        Err(error) => {
            // Both end with this process: were they released before, it would look like the program for a moment.
            std::mem::forget((lock, pending));
            Err(error)
        }
    }
}

fn stay(process: &Process, mut signals: Option<&StopSignals>) -> io::Result<Exit> {
    loop {
        if let Some(code) = process.exit_code()? {
            return Ok(Exit::Code(code.cast_signed()));
        }
        let stop = signals.map(StopSignals::as_handle);
        let handles: Vec<BorrowedHandle<'_>> = [process.as_handle()].into_iter().chain(stop).collect();
        if wait::for_any(&handles, LONG)? == Some(1) {
            // Once: the request stays, and would be seen again at once.
            signals = None;
            pass_on(process)?;
        }
    }
}

/// A program that can't be asked is ended: nothing would come of waiting for it.
fn pass_on(process: &Process) -> io::Result<()> {
    match console::break_group(process.pid()?) {
        Ok(()) => Ok(()),
        Err(_) => process.kill(),
    }
}

/// One of this process's own streams; a process may have been started without.
fn stream(handle: BorrowedHandle<'_>) -> io::Result<OwnedHandle> {
    inheritable(handle).or_else(|_| null())
}

#[cfg(test)]
mod tests;
