//! The kill, and the look, on POSIX systems.

use rustix::process::{Pid, Signal, kill_process};

pub(super) fn kill(pid: u32) {
    let pid = Pid::from_raw(pid.cast_signed()).expect("a PID");
    kill_process(pid, Signal::KILL).expect("a process of the test's own");
}

pub(super) fn open_descriptors(pid: u32) -> Option<usize> {
    Some(std::fs::read_dir(format!("/proc/{pid}/fd")).ok()?.count())
}
