//! Which boot this is: the moment at which the kernel started, by the clock as it stood then.

use std::io;

use windows_sys::Wdk::System::SystemInformation::{NtQuerySystemInformation, SystemTimeOfDayInformation};

/// `SYSTEM_TIMEOFDAY_INFORMATION`, as the kernel fills it; the published declaration hides its fields.
#[repr(C)]
#[derive(Debug, Default)]
struct TimeOfDay {
    boot_time: i64,
    current_time: i64,
    time_zone_bias: i64,
    time_zone_id: u32,
    reserved: u32,
    /// By how much the clock was set since; the kernel moves the boot time along with it.
    boot_time_bias: u64,
    sleep_time_bias: u64,
}

/// The same text throughout a boot, whatever is done to the clock: exact, without a tolerance.
///
/// # Platform-specific behavior
/// A "fast startup" resumes the kernel of the last boot and is none of its own: process numbers and start times go on.
pub(crate) fn boot_id() -> io::Result<String> {
    let mut time = TimeOfDay::default();
    let length = u32::try_from(size_of::<TimeOfDay>()).map_err(io::Error::other)?;
    // SAFETY: the kernel writes at most `length` bytes to `time`, which has as many and may hold any.
    let status = unsafe {
        NtQuerySystemInformation(
            SystemTimeOfDayInformation,
            (&raw mut time).cast(),
            length,
            std::ptr::null_mut(),
        )
    };
    if status < 0 {
        return Err(io::Error::other(format!("the kernel does not tell when it started: {status:#x}")));
    }
    Ok(format!("{:016x}", time.boot_time.wrapping_sub_unsigned(time.boot_time_bias)))
}

#[cfg(test)]
mod tests {
    use super::boot_id;

    #[test]
    fn it_is_the_same_at_every_look() {
        assert_eq!(boot_id().unwrap(), boot_id().unwrap());
        assert_ne!(boot_id().unwrap(), format!("{:016x}", 0));
    }
}
