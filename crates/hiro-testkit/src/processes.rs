//! What a test does to processes, and asks of them, that no program of ours ever does: a kill by number, and a look at
//! everything that runs on this machine.

#[cfg(unix)]
mod posix;
#[cfg(unix)]
use posix as platform;

#[cfg(windows)]
mod windows;
#[cfg(windows)]
use windows as platform;

use std::ffi::OsString;

use sysinfo::{Pid, ProcessRefreshKind, ProcessStatus, ProcessesToUpdate, System, UpdateKind};

use crate::until::{PATIENCE, until};

/// What Windows runs beside every console program, with that program's environment; it ends with it.
const CONSOLE_HOST: &str = "conhost.exe";

/// Ends a process of the test's own at once: it can't do anything about it.
///
/// # Panics
/// Where there is none, or it isn't the test's own.
pub fn kill(pid: u32) {
    platform::kill(pid);
}

/// The command lines, with the PID before each, of all live processes but this one whose command line or environment
/// has `text` in it, whoever started them and whatever became of their parents.
///
/// # Panics
/// Where the processes can't be listed.
#[must_use]
pub fn processes_concerned_with(text: &str) -> Vec<String> {
    let system = look_at(ProcessesToUpdate::All);
    let concerned = |words: &[OsString]| words.iter().any(|word| word.to_string_lossy().contains(text));
    let live = system.processes().iter().filter(|(pid, process)| {
        let is_windows_own = process.name() == CONSOLE_HOST;
        pid.as_u32() != std::process::id() && process.status() != ProcessStatus::Zombie && !is_windows_own
    });
    live.filter(|(_, process)| concerned(process.cmd()) || concerned(process.environ()))
        .map(|(pid, process)| format!("{pid} {}", process.cmd().join(" ".as_ref()).to_string_lossy()))
        .collect()
}

/// Whether the system still lists a process of that number, if only as a zombie.
///
/// # Panics
/// Where the processes can't be listed.
#[must_use]
pub fn is_listed(pid: u32) -> bool {
    let pid = Pid::from_u32(pid);
    look_at(ProcessesToUpdate::Some(&[pid])).process(pid).is_some()
}

/// Whether it has ended and its parent has not collected it yet. Windows has none of these.
///
/// # Panics
/// Where the processes can't be listed.
#[must_use]
pub fn is_zombie(pid: u32) -> bool {
    let pid = Pid::from_u32(pid);
    let system = look_at(ProcessesToUpdate::Some(&[pid]));
    system.process(pid).is_some_and(|process| process.status() == ProcessStatus::Zombie)
}

/// The memory that a process has in use, without what is swapped out, in bytes.
///
/// # Panics
/// Where there is no such process.
#[must_use]
pub fn resident_bytes(pid: u32) -> u64 {
    let pid = Pid::from_u32(pid);
    look_at(ProcessesToUpdate::Some(&[pid])).process(pid).expect("a live process").memory()
}

/// How many descriptors a process has open, where `/proc` tells.
#[must_use]
pub fn open_descriptors(pid: u32) -> Option<usize> {
    platform::open_descriptors(pid)
}

/// Waits until a process has no more descriptors open than it had `before`. It may have fewer: one that has just answered
/// is about to close the connection, and may have been counted with it.
///
/// # Panics
/// When some are left, or the process has ended.
pub fn until_no_more_descriptors(pid: u32, before: Option<usize>) {
    let is_kept = |before| open_descriptors(pid).is_some_and(|now| now <= before);
    until("no more descriptors than before", PATIENCE, || before.is_none_or(is_kept).then_some(()));
}

fn look_at(which: ProcessesToUpdate<'_>) -> System {
    let mut system = System::new().expect("a list of processes");
    let always = UpdateKind::Always;
    let details =
        ProcessRefreshKind::nothing().with_cmd(always).with_environ(always).with_memory().without_tasks();
    system.refresh_processes_specifics(which, true, details);
    system
}

/// Whether the system tells how a process ended to somebody who is not its parent: Windows does, Linux from 6.15 on.
#[must_use]
pub fn exits_are_told_to_others() -> bool {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let mut numbers = release.split(['.', '-']).map_while(|number| number.parse::<u32>().ok());
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    cfg!(windows) || version >= (6, 15)
}
