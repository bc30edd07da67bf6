//! How a process ended, asked by somebody who need not be its parent.

use std::fs;
use std::mem;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use super::procfs::Stat;
use crate::exit_report::Exit;
use crate::identity::Identity;

/// `struct pidfd_info` as it was first published; later kernels take it at this length and fill what it has.
#[repr(C)]
#[derive(Default)]
struct PidfdInfo {
    mask: u64,
    cgroup_id: u64,
    process: [u32; 3],
    credentials: [u32; 8],
    /// As `waitpid` has it.
    exit_code: i32,
}

/// In `mask`: asked for, and then given.
const EXIT: u64 = 1 << 3;

/// `_IOWR(0xFF, 11, struct pidfd_info)`.
const GET_INFO: u64 = 3 << 30 | (mem::size_of::<PidfdInfo>() as u64) << 16 | 0xFF << 8 | 11;

/// As long as nobody has collected it `/proc` tells, and from then on its pidfd does.
pub(super) fn of(pidfd: BorrowedFd<'_>, process: &Identity) -> Option<Exit> {
    let status = of_zombie(process).or_else(|| of_collected(pidfd))?;
    Some(Exit::from(ExitStatus::from_raw(status)))
}

/// Linux before 6.15 (2025) has no such call.
fn of_collected(pidfd: BorrowedFd<'_>) -> Option<i32> {
    let mut info = PidfdInfo { mask: EXIT, ..PidfdInfo::default() };
    // SAFETY: the descriptor is open, and the kernel fills as many bytes of the structure as the request says it has.
    let outcome = unsafe { libc::ioctl(pidfd.as_raw_fd(), GET_INFO as _, &raw mut info) };
    (outcome == 0 && info.mask & EXIT != 0).then_some(info.exit_code)
}

fn of_zombie(process: &Identity) -> Option<i32> {
    // To whom it does not tell the kernel says 0, which would be a success.
    let is_told = is_own(process);
    let stat = Stat::read(process.pid).ok()??;
    let is_it = stat.start_time == process.start_time.0 && !stat.lives();
    (is_it && (is_told || stat.exit_code != 0)).then_some(stat.exit_code)
}

/// Whether the process has been this user's and group's in every respect: then it is ours to look into.
fn is_own(process: &Identity) -> bool {
    let own = [("Uid:", rustix::process::geteuid().as_raw()), ("Gid:", rustix::process::getegid().as_raw())];
    let text = fs::read_to_string(format!("/proc/{}/status", process.pid)).unwrap_or_default();
    own.iter().all(|(key, number)| {
        let row = text.lines().find_map(|line| line.strip_prefix(key));
        row.is_some_and(|row| row.split_ascii_whitespace().all(|word| word.parse() == Ok(*number)))
    })
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;
    use std::process::{Child, Command, Stdio};

    use crate::pid::Pid;
    use crate::sys::Process;

    use super::*;

    fn ended(script: &str) -> (Child, Process, Identity) {
        let mut command = Command::new("/bin/sh");
        let child =
            command.args(["-c", &format!("read line; {script}")]).stdin(Stdio::piped()).spawn().unwrap();
        let pid = Pid::try_from(child.id()).unwrap();
        let (process, identity) = (Process::open(pid).unwrap().unwrap(), Identity::of(pid).unwrap().unwrap());
        (child, process, identity)
    }

    #[test]
    fn the_status_of_a_zombie_is_told_before_and_that_of_the_collected_after_its_parent_asked() {
        for (script, exit) in
            [("exit 0", Exit::Code(0)), ("exit 7", Exit::Code(7)), ("kill -9 $$", Exit::Signal(9))]
        {
            let (mut child, process, identity) = ended(script);
            assert_eq!(of(process.as_fd(), &identity), None, "it lives");
            drop(child.stdin.take());
            crate::sys::wait_for_event(None, &[&process], std::time::Duration::from_secs(30)).unwrap();
            assert_eq!(of(process.as_fd(), &identity), Some(exit), "{script}");
            child.wait().unwrap();
            let later = of(process.as_fd(), &identity);
            assert!(later == Some(exit) || later.is_none() && !kernel_tells(), "{script}: {later:?}");
        }
    }

    fn kernel_tells() -> bool {
        let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
        let mut numbers = release.split(['.', '-']).map_while(|number| number.parse::<u32>().ok());
        (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= (6, 15)
    }
}
