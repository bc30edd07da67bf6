//! Processes: a handle that stays on one process, and everything asked of it and done to it through that handle.

use std::io;
use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle, OwnedHandle};
use std::path::Path;
use std::time::Duration;

use windows_sys::Win32::Foundation::{ERROR_ACCESS_DENIED, ERROR_INVALID_PARAMETER, FILETIME};
use windows_sys::Win32::System::Threading::{
    GetExitCodeProcess, GetProcessId, GetProcessTimes, OpenProcess, PROCESS_QUERY_LIMITED_INFORMATION,
    PROCESS_SYNCHRONIZE, PROCESS_TERMINATE, QueryFullProcessImageNameW, TerminateProcess,
};

use super::handle::{done, is, owned};
use super::{console, stop_event, wait, wide};
use crate::exit_report::Exit;
use crate::identity::Identity;
use crate::pid::Pid;

/// Numbers are multiples of four below this.
pub(crate) const PID_MAX: u32 = u32::MAX - 3;

/// What a process that was killed leaves as its exit code; `taskkill` leaves the same.
pub(super) const KILLED: u32 = 1;

/// 1970 in the unit and from the beginning of `FILETIME`.
const EPOCH: f64 = 116_444_736_000_000_000.0;
const PER_SECOND: f64 = 1e7;

/// A process, open: the handle stays on this one whoever bears its number later.
#[derive(Debug)]
pub(crate) struct Process(OwnedHandle);

impl Process {
    /// The process that bears `pid` now, dead or alive; `None` where there is none.
    pub(crate) fn open(pid: Pid) -> io::Result<Option<Self>> {
        let look = PROCESS_QUERY_LIMITED_INFORMATION | PROCESS_SYNCHRONIZE;
        match Self::open_for(pid, look | PROCESS_TERMINATE) {
            // Somebody else's may be looked at and not ended.
            Err(error) if is(&error, ERROR_ACCESS_DENIED) => Self::open_for(pid, look),
            opened => opened,
        }
    }

    /// With these rights.
    pub(super) fn open_for(pid: Pid, rights: u32) -> io::Result<Option<Self>> {
        // SAFETY: a call on a number; the handle that it returns is owned at once.
        match owned(unsafe { OpenProcess(rights, 0, pid.get()) }) {
            // Windows overlooks the two lowest bits of the number.
            Ok(handle) => Ok(Some(Self(handle)).filter(|process| process.number() == pid.get())),
            Err(error) if is(&error, ERROR_INVALID_PARAMETER) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) fn from_handle(handle: OwnedHandle) -> Self {
        Self(handle)
    }

    /// Sets the stop event where one is named, else sends Ctrl-Break through the process's console; whether either
    /// could be done.
    pub(crate) fn request_stop(&self, stop_address: Option<&str>) -> io::Result<bool> {
        if let Some(name) = stop_address
            && stop_event::set(name)?
        {
            return Ok(true);
        }
        if self.is_running()? { console::break_on_its_own_console(self.pid()?) } else { Ok(true) }
    }

    pub(super) fn pid(&self) -> io::Result<Pid> {
        Pid::try_from(self.number()).map_err(io::Error::other)
    }

    pub(crate) fn kill(&self) -> io::Result<()> {
        // SAFETY: the handle is open; one without the right to end it is refused.
        match done(unsafe { TerminateProcess(self.0.as_raw_handle(), KILLED) }) {
            // One that has ended already is refused like somebody else's.
            Err(error) if is(&error, ERROR_ACCESS_DENIED) && !self.is_running()? => Ok(()),
            outcome => outcome,
        }
    }

    pub(super) fn is_running(&self) -> io::Result<bool> {
        Ok(!wait::for_one(self.0.as_handle(), Duration::ZERO)?)
    }

    /// `None` while it runs.
    pub(super) fn exit_code(&self) -> io::Result<Option<u32>> {
        // First: a program may end with the very number that stands for a running one, and it may end between two calls.
        if self.is_running()? {
            return Ok(None);
        }
        let mut code = 0;
        // SAFETY: the handle is open, and `code` takes a number.
        done(unsafe { GetExitCodeProcess(self.0.as_raw_handle(), &raw mut code) })?;
        Ok(Some(code))
    }

    /// How it ended; `None` while it runs.
    pub(crate) fn exit(&self, _identity: &Identity) -> Option<Exit> {
        let code = self.exit_code().ok()??;
        Some(Exit::Code(code.cast_signed()))
    }

    /// When it was created, in 100 ns since 1601.
    pub(super) fn start_time(&self) -> io::Result<u64> {
        let mut times = [FILETIME::default(); 4];
        let [created, exited, kernel, user] = &mut times;
        // SAFETY: the handle is open, and each of the four takes a time.
        done(unsafe { GetProcessTimes(self.0.as_raw_handle(), created, exited, kernel, user) })?;
        Ok(u64::from(created.dwHighDateTime) << 32 | u64::from(created.dwLowDateTime))
    }

    /// The file name of its program.
    pub(super) fn name(&self) -> io::Result<String> {
        let mut path = vec![0_u16; 32_768];
        let mut length = u32::try_from(path.len()).unwrap_or_default();
        // SAFETY: the handle is open, and `path` has room for `length` units.
        done(unsafe {
            QueryFullProcessImageNameW(self.0.as_raw_handle(), 0, path.as_mut_ptr(), &raw mut length)
        })?;
        let path = wide::read(&path);
        Ok(Path::new(&path).file_name().unwrap_or(&path).to_string_lossy().into_owned())
    }

    fn number(&self) -> u32 {
        // SAFETY: the handle is open; 0 is returned on failure, which is nobody's number.
        unsafe { GetProcessId(self.0.as_raw_handle()) }
    }
}

impl AsHandle for Process {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.0.as_handle()
    }
}

/// The start time of the live process that bears `pid`; `None` where there is none. One that has ended keeps its number
/// while anybody has it open, and does not live.
pub(crate) fn process_start_time(pid: Pid) -> io::Result<Option<u64>> {
    let look = PROCESS_QUERY_LIMITED_INFORMATION | PROCESS_SYNCHRONIZE;
    match Process::open_for(pid, look)? {
        Some(process) if process.is_running()? => process.start_time().map(Some),
        _ => Ok(None),
    }
}

pub(crate) fn start_time_since_epoch(intervals: u64) -> io::Result<f64> {
    Ok((intervals as f64 - EPOCH) / PER_SECOND)
}
