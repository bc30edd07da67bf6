//! The kill on Windows.

use winsafe::{HPROCESS, co};

/// Unlike the exit codes that puppets are told to end with.
const KILLED: u32 = 9;

pub(super) fn kill(pid: u32) {
    let process =
        HPROCESS::OpenProcess(co::PROCESS::TERMINATE, false, pid).expect("a process of the test's own");
    process.TerminateProcess(KILLED).expect("a right to end it");
}
