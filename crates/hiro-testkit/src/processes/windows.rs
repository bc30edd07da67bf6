//! The kill on Windows, and the look that there is none of.

use winsafe::{HPROCESS, co};

/// Unlike the exit codes that puppets are told to end with.
const KILLED: u32 = 9;

pub(super) fn kill(pid: u32) {
    let process =
        HPROCESS::OpenProcess(co::PROCESS::TERMINATE, false, pid).expect("a process of the test's own");
    process.TerminateProcess(KILLED).expect("a right to end it");
}

/// Under Wine there is a `/proc`, but its numbers are those of other processes.
pub(super) fn open_descriptors(_pid: u32) -> Option<usize> {
    None
}
