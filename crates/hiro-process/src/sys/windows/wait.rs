//! Waiting for handles: one, several, or more than one call can take.

use std::ffi::c_void;
use std::io;
use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle, OwnedHandle};
use std::ptr;
use std::time::Duration;

use windows_sys::Win32::Foundation::{HANDLE, INVALID_HANDLE_VALUE, WAIT_FAILED, WAIT_TIMEOUT};
use windows_sys::Win32::System::Threading::{
    CreateEventW, INFINITE, RegisterWaitForSingleObject, SetEvent, UnregisterWaitEx, WT_EXECUTEONLYONCE,
    WaitForMultipleObjects,
};

use super::folder_watch::FolderWatch;
use super::handle::{done, owned};
use super::process::Process;

/// The most that one call takes (`MAXIMUM_WAIT_OBJECTS`).
const MOST: usize = 64;

/// Waits until something changes in the folder, one of the processes ends, or the time is up.
pub(crate) fn wait_for_event(
    watch: Option<&FolderWatch>,
    processes: &[&Process],
    timeout: Duration,
) -> io::Result<()> {
    let begun = std::time::Instant::now();
    let room = MOST - 2;
    let (direct, rest) = processes.split_at(processes.len().min(room));
    let crowd = if rest.is_empty() { None } else { Some(Crowd::new(rest)?) };
    loop {
        let change = watch.map(FolderWatch::changed);
        let mut handles: Vec<BorrowedHandle<'_>> = change.into_iter().collect();
        handles.extend(crowd.as_ref().map(|crowd| crowd.ended.as_handle()));
        handles.extend(direct.iter().map(|process| process.as_handle()));
        let Some(first) = for_any(&handles, timeout.saturating_sub(begun.elapsed()))? else {
            return Ok(());
        };
        match watch {
            Some(watch) if first == 0 && !watch.drain()? => {}
            _ => return Ok(()),
        }
    }
}

/// Whether it was signalled in time.
pub(super) fn for_one(handle: BorrowedHandle<'_>, timeout: Duration) -> io::Result<bool> {
    Ok(for_any(&[handle], timeout)?.is_some())
}

/// The first of the handles that was signalled in time; 64 at the most, and none means a plain wait.
pub(super) fn for_any(handles: &[BorrowedHandle<'_>], timeout: Duration) -> io::Result<Option<usize>> {
    if handles.is_empty() {
        std::thread::sleep(timeout);
        return Ok(None);
    }
    let raw: Vec<HANDLE> = handles.iter().map(|handle| handle.as_raw_handle()).collect();
    let count = u32::try_from(raw.len()).map_err(io::Error::other)?;
    // SAFETY: the handles are open through the call, and `raw` has `count` of them.
    match unsafe { WaitForMultipleObjects(count, raw.as_ptr(), 0, milliseconds(timeout)) } {
        WAIT_TIMEOUT => Ok(None),
        WAIT_FAILED => Err(io::Error::last_os_error()),
        index => Ok(usize::try_from(index).ok().filter(|index| *index < raw.len())),
    }
}

/// Rounded up: a wait that ends a moment early would be taken up again and again.
fn milliseconds(timeout: Duration) -> u32 {
    let rounded = timeout.as_nanos().div_ceil(1_000_000);
    u32::try_from(rounded).unwrap_or(INFINITE - 1).min(INFINITE - 1)
}

/// Processes that one call can't take beside the others: the system's thread pool waits for them, and sets one event.
#[derive(Debug)]
struct Crowd {
    waits: Vec<HANDLE>,
    ended: OwnedHandle,
}

impl Crowd {
    fn new(processes: &[&Process]) -> io::Result<Self> {
        // SAFETY: no attributes and no name; the handle is owned at once.
        let ended = owned(unsafe { CreateEventW(ptr::null(), 1, 0, ptr::null()) })?;
        let mut crowd = Self { waits: Vec::with_capacity(processes.len()), ended };
        for process in processes {
            crowd.add(process)?;
        }
        Ok(crowd)
    }

    fn add(&mut self, process: &Process) -> io::Result<()> {
        let mut wait = ptr::null_mut();
        // SAFETY: the process stays open while this lives, and so does the event: its handle is the callback's context,
        // and `drop` returns only when no callback runs or will run.
        done(unsafe {
            RegisterWaitForSingleObject(
                &raw mut wait,
                process.as_handle().as_raw_handle(),
                Some(set),
                self.ended.as_raw_handle(),
                INFINITE,
                WT_EXECUTEONLYONCE,
            )
        })?;
        self.waits.push(wait);
        Ok(())
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        for wait in &self.waits {
            // SAFETY: registered in `add`, unregistered here alone; the call waits for callbacks that run.
            unsafe { UnregisterWaitEx(*wait, INVALID_HANDLE_VALUE) };
        }
    }
}

unsafe extern "system" fn set(event: *mut c_void, _timed_out: bool) {
    // SAFETY: `add` passes an event that is open until no callback runs any more.
    unsafe { SetEvent(event) };
}
