//! The few calls about signals that no safe library offers in the form needed here.

use std::io;
use std::mem::MaybeUninit;
use std::ptr;

use libc::c_int;

use super::super::platform::set_default;

/// Resets the mask and every disposition to the default. Called between `fork` and `exec`: async-signal-safe calls only.
pub(super) fn reset_all() -> io::Result<()> {
    for signal in 1..=LAST {
        set_default(signal);
    }
    let mut none = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: `sigemptyset` initialises the set it is given; `sigprocmask` reads it and may be given no place for the
    // old mask. Both are async-signal-safe.
    let refused = unsafe {
        libc::sigemptyset(none.as_mut_ptr());
        libc::sigprocmask(libc::SIG_SETMASK, none.as_ptr(), ptr::null_mut()) != 0
    };
    if refused { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Installs `handler`; a signal that the parent had ignored (`nohup`, a shell's background job) stays ignored.
pub(super) fn handle(signal: c_int, handler: extern "C" fn(c_int), once: bool) -> io::Result<()> {
    let flags = libc::SA_RESTART | if once { libc::SA_RESETHAND } else { 0 };
    let mut action = MaybeUninit::<libc::sigaction>::zeroed();
    let mut before = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: `sigaction` is plain data for which zeroes are valid; the handler is async-signal-safe, as its only caller
    // documents; both pointers are to live, distinct places.
    unsafe {
        if libc::sigaction(signal, ptr::null(), before.as_mut_ptr()) != 0 {
            return Err(io::Error::last_os_error());
        }
        if before.assume_init().sa_sigaction == libc::SIG_IGN && signal != libc::SIGTERM {
            return Ok(());
        }
        (*action.as_mut_ptr()).sa_sigaction = handler as *const () as libc::sighandler_t;
        (*action.as_mut_ptr()).sa_flags = flags;
        libc::sigemptyset(&raw mut (*action.as_mut_ptr()).sa_mask);
        if libc::sigaction(signal, action.as_ptr(), ptr::null_mut()) != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

/// Writes one byte to a pipe from a signal handler; a full pipe has said it already.
pub(super) fn write_byte(descriptor: c_int) {
    // SAFETY: `write` is async-signal-safe; the byte lives on the stack; a descriptor that is none gives EBADF.
    unsafe { libc::write(descriptor, [1_u8].as_ptr().cast(), 1) };
}

/// The highest signal number of Linux, real-time signals included; what a system doesn't have it refuses.
const LAST: c_int = 64;
