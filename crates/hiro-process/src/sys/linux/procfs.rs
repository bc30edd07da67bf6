//! What `/proc` says of a process.

use std::fs::{self, File};
use std::io::{self, Read};

use super::super::tree::Listed;
use crate::identity::StartTime;
use rustix::time::ClockId;

use crate::launch_context;
use crate::pid::Pid;
use crate::tree::TreeQuery;

/// The fields of `/proc/PID/stat` that matter here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stat {
    pub(super) pid: Pid,
    state: u8,
    pub(super) parent: u32,
    pub(super) group: u32,
    pub(super) session: u32,
    threads: u64,
    pub(super) start_time: u64,
    /// As `waitpid` has it, of one that does not live; 0 to whom the kernel does not tell.
    pub(super) exit_code: i32,
}

impl Stat {
    /// `None` where no process bears the number.
    pub(super) fn read(pid: Pid) -> io::Result<Option<Self>> {
        // The line is shorter than this by far: the name is at most 64 bytes, the rest are 50 numbers.
        let mut text = [0_u8; 2048];
        let length = match File::open(format!("/proc/{pid}/stat")).and_then(|mut file| file.read(&mut text)) {
            Ok(length) => length,
            Err(error) if is_gone(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        let malformed =
            || io::Error::new(io::ErrorKind::InvalidData, format!("`/proc/{pid}/stat` is malformed"));
        Self::parse(pid, &text[..length]).map(Some).ok_or_else(malformed)
    }

    fn parse(pid: Pid, text: &[u8]) -> Option<Self> {
        // The name may hold blanks and parentheses; the last one ends it.
        let end_of_name = text.iter().rposition(|byte| *byte == b')')?;
        let mut fields = std::str::from_utf8(text.get(end_of_name + 1..)?).ok()?.split_ascii_whitespace();
        let state = *fields.next()?.as_bytes().first()?;
        let mut number = |skip: usize| fields.nth(skip)?.parse::<i64>().ok();
        let (parent, group, session) = (number(0)?, number(0)?, number(0)?);
        let threads = number(13)?;
        let start_time = number(1)?;
        let exit_code = number(29)?;
        // A process that is collected at this very moment is in no group and no session: the kernel writes -1.
        let id = |number: i64| u32::try_from(number).unwrap_or(0);
        Some(Self {
            pid,
            state,
            parent: id(parent),
            group: id(group),
            session: id(session),
            threads: u64::try_from(threads).ok()?,
            start_time: u64::try_from(start_time).ok()?,
            exit_code: i32::try_from(exit_code).ok()?,
        })
    }

    /// A zombie doesn't; a process whose main thread alone has ended looks like one and does. One without threads is
    /// being collected.
    pub(super) fn lives(&self) -> bool {
        let ended = matches!(self.state, b'Z' | b'X' | b'x');
        self.threads > u64::from(ended)
    }

    fn listed(&self) -> Listed {
        Listed {
            pid: self.pid,
            parent: self.parent,
            group: self.group,
            session: self.session,
            start_time: StartTime(self.start_time),
            lives: self.lives(),
        }
    }
}

/// Files of `/proc` don't tell their size; reading them in large pieces saves most of the calls.
fn read_whole(path: &str) -> io::Result<Vec<u8>> {
    let mut text = Vec::with_capacity(32 * 1024);
    File::open(path)?.read_to_end(&mut text)?;
    Ok(text)
}

fn is_gone(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound || error.raw_os_error() == Some(libc::ESRCH)
}

/// Every process number there is.
pub(super) fn all_pids() -> io::Result<Vec<Pid>> {
    Ok(fs::read_dir("/proc")?.filter_map(|entry| Pid::parse(entry.ok()?.file_name().to_str()?)).collect())
}

/// Every process that there is to see.
pub(crate) fn list_processes(_query: &TreeQuery) -> io::Result<Vec<Listed>> {
    Ok(all_pids()?.into_iter().filter_map(|pid| Some(Stat::read(pid).ok()??.listed())).collect())
}

/// When the machine was booted, in seconds since the epoch: what `btime` of `/proc/stat` rounds down, without the cost
/// of that file, which lists every interrupt of the machine.
pub(super) fn boot_time() -> f64 {
    let seconds = |clock| {
        let now = rustix::time::clock_gettime(clock);
        now.tv_sec as f64 + now.tv_nsec as f64 / 1e9
    };
    seconds(ClockId::Realtime) - seconds(ClockId::Boottime)
}

/// The launch id in the environment that the process was started with, where it may be read.
pub(crate) fn launch_id(pid: Pid) -> Option<String> {
    let environment = read_whole(&format!("/proc/{pid}/environ")).ok()?;
    let prefix = format!("{}=", launch_context::ID);
    let value =
        environment.split(|byte| *byte == 0).find_map(|entry| entry.strip_prefix(prefix.as_bytes()))?;
    String::from_utf8(value.to_vec()).ok()
}

pub(crate) fn carries_launch(pid: Pid, id: &str) -> bool {
    launch_id(pid).is_some_and(|found| found == id)
}

pub(crate) fn command_line(pid: Pid) -> io::Result<Vec<String>> {
    let text = read_whole(&format!("/proc/{pid}/cmdline"))?;
    Ok(text
        .split(|byte| *byte == 0)
        .filter(|word| !word.is_empty())
        .map(|word| String::from_utf8_lossy(word).into_owned())
        .collect())
}

/// The name that the kernel lists the process under.
pub(super) fn name(pid: Pid) -> String {
    fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::Stat;
    use crate::pid::Pid;

    /// The fields from `vsize` to `env_end`; the limit of memory is a number that is no signed one.
    const REST: &str =
        "1 2 18446744073709551615 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29";

    #[test]
    fn a_name_with_blanks_and_parentheses_does_not_shift_the_fields() {
        let line = format!("7 (a) b (c)) S 1 7 6 0 -1 4194560 1 0 0 0 2 1 0 0 20 0 3 0 987654 {REST} 1792");
        let stat = Stat::parse(Pid::try_from(7).unwrap(), line.as_bytes()).unwrap();
        assert_eq!((stat.parent, stat.group, stat.session), (1, 7, 6));
        assert_eq!((stat.threads, stat.start_time, stat.exit_code), (3, 987_654, 0x700));
        assert!(stat.lives());
    }

    #[test]
    fn a_process_that_is_being_collected_has_ended_and_is_nobodys() {
        for state in ["X", "Z", "R"] {
            let line = format!("7 (a) {state} 0 -1 -1 0 -1 4194560 1 0 0 0 2 1 0 0 20 0 0 0 987654 {REST} 0");
            let stat = Stat::parse(Pid::try_from(7).unwrap(), line.as_bytes()).unwrap();
            assert_eq!((stat.group, stat.session, stat.lives()), (0, 0, false), "{state}");
        }
    }
}
