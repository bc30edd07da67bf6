//! Handles from calls that tell of failure in their own way, and memory that Windows allocates.

use std::ffi::c_void;
use std::io;
use std::os::windows::io::{FromRawHandle, OwnedHandle};

use windows_sys::Win32::Foundation::{HANDLE, INVALID_HANDLE_VALUE, LocalFree};

/// Takes over a handle that a call has just returned; none is an error, which that call has left behind.
pub(super) fn owned(handle: HANDLE) -> io::Result<OwnedHandle> {
    if handle.is_null() || handle == INVALID_HANDLE_VALUE {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the callers pass what a call that creates or opens has returned, and nobody else closes it.
    Ok(unsafe { OwnedHandle::from_raw_handle(handle) })
}

/// The outcome of a call that returns 0 on failure.
pub(super) fn done(result: i32) -> io::Result<()> {
    if result == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Whether `error` is the Windows error `code`.
pub(super) fn is(error: &io::Error, code: u32) -> bool {
    error.raw_os_error() == Some(code.cast_signed())
}

/// Memory that a call has allocated and its caller frees.
#[derive(Debug)]
pub(super) struct LocalMemory(*mut c_void);

impl LocalMemory {
    /// `memory` is what a call that allocates with `LocalAlloc` has returned, or null.
    pub(super) fn new(memory: *mut c_void) -> Self {
        Self(memory)
    }

    pub(super) fn as_ptr(&self) -> *mut c_void {
        self.0
    }
}

impl Drop for LocalMemory {
    fn drop(&mut self) {
        // SAFETY: allocated by Windows, as `new` documents, and freed nowhere else; null is allowed.
        unsafe { LocalFree(self.0) };
    }
}
