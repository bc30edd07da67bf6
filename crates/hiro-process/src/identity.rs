//! Which process is meant: its number together with its start time, in the exact unit of the platform.
//!
//! Numbers are reused, this pair is not (within one boot). Everything that is waited for or ended goes through it.

use std::io;

use serde::{Deserialize, Serialize};

use crate::evidence::CLOCK_TOLERANCE;
use crate::pid::Pid;
use crate::sys;

/// When a process started, in the platform's exact unit.
///
/// # Platform-specific behavior
/// Linux: clock ticks since boot (field 22 of `/proc/PID/stat`); macOS: microseconds since the epoch
/// (`proc_bsdinfo`); Windows: 100 ns since 1601 (`GetProcessTimes`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StartTime(pub(crate) u64);

impl StartTime {
    /// The same moment in seconds since the epoch, as far as the wall clock can be trusted: on Linux it moves with
    /// clock steps, which is why identities never compare it.
    ///
    /// # Errors
    /// Where the operating system doesn't tell when it booted.
    pub fn seconds_since_epoch(self) -> io::Result<f64> {
        sys::start_time_since_epoch(self.0)
    }

    /// Whether another program may mean this moment by `seconds_since_epoch`: up to 2 s apart, because both come from
    /// the wall clock, which time synchronisation moves in steps.
    ///
    /// # Errors
    /// Where the operating system doesn't tell when it booted.
    pub fn is_about(self, seconds_since_epoch: f64) -> io::Result<bool> {
        Ok((self.seconds_since_epoch()? - seconds_since_epoch).abs() <= CLOCK_TOLERANCE)
    }
}

/// One process, and no other that may bear its number before or after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Identity {
    /// The process number.
    pub pid: Pid,
    /// When that process started.
    pub start_time: StartTime,
}

impl Identity {
    /// The process that asks.
    ///
    /// # Errors
    /// Where the operating system doesn't tell the start time.
    pub fn current() -> io::Result<Self> {
        Self::of(Pid::current())?
            .ok_or_else(|| io::Error::other("the operating system does not list this process"))
    }

    /// The live process that bears `pid` now; `None` where there is none or only a zombie.
    ///
    /// # Errors
    /// Where the operating system refuses to tell.
    pub fn of(pid: Pid) -> io::Result<Option<Self>> {
        Ok(sys::process_start_time(pid)?.map(|start| Self { pid, start_time: StartTime(start) }))
    }

    /// Opens the process for waiting and signalling; `None` when it is gone (or a zombie), whoever bears its number now.
    pub(crate) fn open(&self) -> io::Result<Option<sys::Process>> {
        // The handle first, the start time second: a match then proves that the handle is on this very process,
        // because a later bearer of the number can't have the earlier start time.
        let Some(process) = sys::Process::open(self.pid)? else { return Ok(None) };
        Ok((Self::of(self.pid)? == Some(*self)).then_some(process))
    }
}

/// Whether that very process lives. A zombie doesn't; a process of another user, which can't be signalled, does.
#[must_use]
pub fn is_running(identity: &Identity) -> bool {
    crate::reaper::reap();
    // Not being allowed to look is not a sign of death.
    Identity::of(identity.pid).map_or(true, |live| live == Some(*identity))
}

#[cfg(test)]
mod tests {
    use super::Identity;

    #[test]
    fn a_start_time_that_somebody_else_wrote_down_may_be_two_seconds_off() {
        let start_time = Identity::current().unwrap().start_time;
        let epoch = start_time.seconds_since_epoch().unwrap();
        for (off, is_about) in [(0.0, true), (1.9, true), (-1.9, true), (2.2, false), (-60.0, false)] {
            assert_eq!(start_time.is_about(epoch + off).unwrap(), is_about, "{off}");
        }
        assert!(!start_time.is_about(f64::NAN).unwrap());
    }
}
