//! A process number that is safe to hand to the operating system.
//!
//! `-1` and `0` name groups of processes in POSIX calls, and a text file can say anything; a [`Pid`] is neither. It is
//! no proof of anything else: see [`Identity`](crate::Identity) for what may be waited for and ended.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::sys;

/// A positive process number within this machine's range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Pid(u32);

/// The number is not a process number on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no process number on this machine")]
pub struct PidRangeError(u32);

impl Pid {
    /// The process that asks.
    #[must_use]
    pub fn current() -> Self {
        Self(std::process::id())
    }

    /// Reads decimal ASCII digits, white space around them allowed, and nothing else: no sign, no `4_2`, no digits of
    /// other scripts.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.trim_matches(|c: char| c.is_ascii_whitespace());
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| digits.parse::<u32>().ok())?.and_then(|number| Self::try_from(number).ok())
    }

    /// The number itself, to print it.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }
}

impl TryFrom<u32> for Pid {
    type Error = PidRangeError;

    fn try_from(number: u32) -> Result<Self, Self::Error> {
        if (1..=sys::PID_MAX).contains(&number) { Ok(Self(number)) } else { Err(PidRangeError(number)) }
    }
}

impl From<Pid> for u32 {
    fn from(pid: Pid) -> Self {
        pid.0
    }
}

impl fmt::Display for Pid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::Pid;
    use proptest::prelude::{any, proptest};

    #[test]
    fn only_plain_decimal_numbers_of_this_machine_are_pids() {
        for text in
            ["-1", "0", "+7", "4_2", "", " ", "１２", "4294967296", "99999999999", "1e3", "0x10", "12 13"]
        {
            assert_eq!(Pid::parse(text), None, "{text:?}");
        }
        assert_eq!(Pid::parse(" 4711\n").map(Pid::get), Some(4711));
    }

    proptest! {
        #[test]
        fn any_text_is_a_pid_in_range_or_none(text in any::<String>()) {
            if let Some(pid) = Pid::parse(&text) {
                assert!((1..=crate::sys::PID_MAX).contains(&pid.get()));
            }
        }
    }
}
