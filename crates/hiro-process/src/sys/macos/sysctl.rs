//! `sysctl`: values of the kernel, by name and by number.

use std::ffi::CStr;
use std::io;
use std::ptr;

use libc::c_int;

/// The text of the value called `name`.
pub(super) fn text(name: &CStr) -> io::Result<String> {
    let mut value = [0_u8; 128];
    let mut length = value.len();
    // SAFETY: `name` ends in a null byte; the kernel writes at most `length` bytes to `value`, which has as many, and
    // sets `length` to their number; no new value is given.
    let refused = unsafe {
        libc::sysctlbyname(name.as_ptr(), value.as_mut_ptr().cast(), &raw mut length, ptr::null_mut(), 0)
    } != 0;
    if refused {
        return Err(io::Error::last_os_error());
    }
    let text = value.split(|byte| *byte == 0).next().unwrap_or_default();
    Ok(String::from_utf8_lossy(text).into_owned())
}

/// The bytes of the value that the numbers lead to, `largest` at the most.
pub(super) fn bytes(numbers: &mut [c_int], largest: usize) -> io::Result<Vec<u8>> {
    let mut value = vec![0_u8; largest];
    let mut length = value.len();
    let count = u32::try_from(numbers.len()).map_err(io::Error::other)?;
    // SAFETY: `numbers` has `count` entries; the kernel writes at most `length` bytes to `value`, which has as many,
    // and sets `length` to their number; no new value is given.
    let refused = unsafe {
        libc::sysctl(
            numbers.as_mut_ptr(),
            count,
            value.as_mut_ptr().cast(),
            &raw mut length,
            ptr::null_mut(),
            0,
        )
    } != 0;
    if refused {
        return Err(io::Error::last_os_error());
    }
    value.truncate(length);
    Ok(value)
}
