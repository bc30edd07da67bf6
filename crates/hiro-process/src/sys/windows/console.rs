//! Ctrl-Break: the only thing that a program which knows nothing of us can be asked with.

use std::io;
use std::sync::{Mutex, PoisonError};

use windows_sys::Win32::System::Console::{
    AttachConsole, CTRL_BREAK_EVENT, FreeConsole, GenerateConsoleCtrlEvent, GetConsoleProcessList,
};

use super::handle::done;
use crate::pid::Pid;

/// A process has one console at a time.
static CONSOLE: Mutex<()> = Mutex::new(());

/// Sends Ctrl-Break to the group that `leader` leads, on the console of this process.
pub(super) fn break_group(leader: Pid) -> io::Result<()> {
    // SAFETY: a call on numbers. The group is never 0, which would be everybody on the console, this process included.
    done(unsafe { GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, leader.get()) })
}

/// Sends Ctrl-Break to the group that `leader` leads, on the console of that process; whether it could be done.
///
/// # Platform-specific behavior
/// A process that has a console of its own would have to leave it for that, and its standard streams with it: it does
/// not. A process of another session can't be reached.
pub(super) fn break_on_its_own_console(leader: Pid) -> io::Result<bool> {
    let _one_at_a_time = CONSOLE.lock().unwrap_or_else(PoisonError::into_inner);
    if has_console() {
        return Ok(false);
    }
    // SAFETY: a call on a number; it fails where that process has no console, or is gone.
    if done(unsafe { AttachConsole(leader.get()) }).is_err() {
        return Ok(false);
    }
    let sent = break_group(leader).is_ok();
    // SAFETY: no arguments; the console left is the one that was just attached to.
    unsafe { FreeConsole() };
    Ok(sent)
}

fn has_console() -> bool {
    let mut first = 0;
    // SAFETY: `first` has room for the one number that is asked for; without a console the answer is 0.
    unsafe { GetConsoleProcessList(&raw mut first, 1) != 0 }
}
