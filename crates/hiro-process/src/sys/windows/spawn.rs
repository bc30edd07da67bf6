//! The detached spawn, and the child as its parent sees it.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::windows::io::{AsHandle, OwnedHandle};

use windows_sys::Win32::Foundation::ERROR_ACCESS_DENIED;
use windows_sys::Win32::System::Threading::{CREATE_BREAKAWAY_FROM_JOB, CREATE_NO_WINDOW};

use super::environment_block::environment_block;
use super::handle::is;
use super::job::Job;
use super::new_process::{NewProcess, inheritable};
use super::process::Process;
use crate::exit_report::Exit;
use crate::identity::{Identity, StartTime};
use crate::launch::Prepared;
use crate::launch_context;

/// Said in the log of a child that could not be freed.
const NOT_FREED: &str =
    "hiro: the caller's job object does not let its processes go; this one may end with it\n";

/// A child of this process. While it is open its number can't be reused.
#[derive(Debug)]
pub(crate) struct Child {
    process: Process,
    identity: Identity,
    exit: Option<Exit>,
    /// The job has its name for as long as anybody has it open: until the child does.
    _job: Option<Job>,
}

/// Runs `prepared` on a hidden console of its own, which its descendants share, with nothing inherited but its logs.
///
/// Not detached from all consoles: a console program that such a child starts would open a window.
pub(crate) fn spawn(prepared: Prepared) -> io::Result<Child> {
    let launch_id = prepared.environment.get(OsStr::new(launch_context::ID)).and_then(|id| id.to_str());
    // Without a job the tree is found by ancestry and environment alone.
    let job = launch_id.and_then(|id| Job::of_launch(id).ok());
    let new = NewProcess {
        program: &prepared.program,
        arguments: &prepared.arguments,
        environment: Some(environment_block(&prepared.environment)?),
        directory: Some(&prepared.directory),
        streams: [null()?, stdout(&prepared)?, inheritable(prepared.stderr.as_handle())?],
    };
    let process = match new.create(CREATE_NO_WINDOW | CREATE_BREAKAWAY_FROM_JOB, job.as_ref()) {
        Err(error) if is(&error, ERROR_ACCESS_DENIED) => {
            let process = create_within_callers_job(&new, job.as_ref())?;
            // The log is the one place where its owner looks; the child runs all the same.
            let _ = (&prepared.stderr).write_all(NOT_FREED.as_bytes());
            process
        }
        created => created?,
    };
    Child::new(process, job)
}

/// The caller's job lets nothing go; one with certain limits does not even take another job within it.
fn create_within_callers_job(new: &NewProcess<'_>, job: Option<&Job>) -> io::Result<OwnedHandle> {
    match new.create(CREATE_NO_WINDOW, job) {
        Err(error) if is(&error, ERROR_ACCESS_DENIED) => new.create(CREATE_NO_WINDOW, None),
        created => created,
    }
}

fn stdout(prepared: &Prepared) -> io::Result<OwnedHandle> {
    prepared.stdout.as_ref().map_or_else(null, |log| inheritable(log.as_handle()))
}

/// The device that swallows everything and holds nothing.
pub(super) fn null() -> io::Result<OwnedHandle> {
    let null: File = OpenOptions::new().read(true).write(true).open("NUL")?;
    inheritable(null.as_handle())
}

/// Windows has no zombies to ask for at once; every child's own handle is looked at.
pub(crate) fn child_has_ended() -> bool {
    true
}

impl Child {
    fn new(handle: OwnedHandle, job: Option<Job>) -> io::Result<Self> {
        let process = Process::from_handle(handle);
        let identity = Identity { pid: process.pid()?, start_time: StartTime(process.start_time()?) };
        Ok(Self { process, identity, exit: None, _job: job })
    }

    pub(crate) fn identity(&self) -> Identity {
        self.identity
    }

    /// How it ended, once it has.
    pub(crate) fn try_wait(&mut self) -> io::Result<Option<Exit>> {
        if self.exit.is_none() {
            self.exit = self.process.exit_code()?.map(|code| Exit::Code(code.cast_signed()));
        }
        Ok(self.exit)
    }

    /// The handle to wait on, while it has not been seen to end.
    pub(crate) fn running(&self) -> Option<&Process> {
        Some(&self.process).filter(|_| self.exit.is_none())
    }
}

#[cfg(test)]
mod tests;
