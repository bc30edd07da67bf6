//! The stop event, Ctrl-C, Ctrl-Break and a closed console as a request that stays.

use std::io;
use std::os::windows::io::{AsHandle, BorrowedHandle};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use windows_sys::Win32::System::Console::{CTRL_BREAK_EVENT, CTRL_C_EVENT, SetConsoleCtrlHandler};
use windows_sys::core::BOOL;

use super::handle::done;
use super::stop_event::StopEvent;
use super::wait;
use crate::stop_signal::StopRequest;

const NOBODY: u8 = 0;
const TERMINATED: u8 = 1;
const INTERRUPTED: u8 = 2;
const REQUESTED: u8 = 3;

static FIRST: AtomicU8 = AtomicU8::new(NOBODY);
static EVENT: OnceLock<StopEvent> = OnceLock::new();
static INSTALLING: Mutex<()> = Mutex::new(());

/// The stop requests of this process.
#[derive(Debug)]
pub(crate) struct StopSignals {
    event: &'static StopEvent,
}

impl StopSignals {
    pub(crate) fn install() -> io::Result<Self> {
        let _one_at_a_time = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(event) = EVENT.get() {
            return Ok(Self { event });
        }
        let created = StopEvent::create()?;
        let event = EVENT.get_or_init(|| created);
        // SAFETY: the handler touches nothing but statics that live as long as the process.
        done(unsafe { SetConsoleCtrlHandler(Some(note), 1) })?;
        Ok(Self { event })
    }

    pub(crate) fn wait(&self, timeout: Duration) -> io::Result<Option<StopRequest>> {
        if !wait::for_one(self.event.as_handle(), timeout)? {
            return Ok(None);
        }
        // Set without a word from within: another process did it.
        let first = match FIRST.compare_exchange(NOBODY, TERMINATED, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => TERMINATED,
            Err(first) => first,
        };
        Ok(Some(match first {
            INTERRUPTED => StopRequest::Interrupted,
            REQUESTED => StopRequest::Requested,
            _ => StopRequest::Terminated,
        }))
    }

    pub(crate) fn request(&self) -> io::Result<()> {
        remember(REQUESTED)
    }

    /// The name of the stop event.
    pub(crate) fn address(&self) -> Option<String> {
        Some(self.event.name().to_owned())
    }
}

impl AsHandle for StopSignals {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.event.as_handle()
    }
}

/// The shim stays, so that it can hear a request and pass it on.
pub(crate) fn shim_signals() -> io::Result<Option<StopSignals>> {
    StopSignals::install().map(Some)
}

/// Runs on a thread that Windows makes for it.
unsafe extern "system" fn note(event: u32) -> BOOL {
    match event {
        // A second Ctrl-C ends a foreground process that is stuck on its way out.
        CTRL_C_EVENT if FIRST.load(Ordering::Acquire) == INTERRUPTED => return 0,
        CTRL_C_EVENT => noted(INTERRUPTED),
        CTRL_BREAK_EVENT => noted(TERMINATED),
        // The console is closed, or its user leaves. Windows ends the process as soon as this returns, or a few
        // seconds from now: the rest of the process has until then.
        _ => {
            noted(INTERRUPTED);
            loop {
                thread::park();
            }
        }
    }
    1
}

fn noted(request: u8) {
    // An event that can't be set leaves nobody to tell.
    let _ = remember(request);
}

fn remember(request: u8) -> io::Result<()> {
    let _ = FIRST.compare_exchange(NOBODY, request, Ordering::AcqRel, Ordering::Acquire);
    EVENT.get().map_or(Ok(()), StopEvent::set)
}
