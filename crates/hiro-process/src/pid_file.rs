//! The PID file: read with suspicion, and written by a process for itself alone.
//!
//! There is no function here, or anywhere in this crate, that writes a PID given by a caller or that removes the file;
//! removing is private to [`stop`](crate::stop_process).

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::UNIX_EPOCH;

use crate::files::{self, Durability};
use crate::pid::Pid;
use crate::sys;

/// Two lines of numbers fit many times over; what is longer is no PID file.
const LARGEST: usize = 256;

/// What stands at the place of the PID file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum PidFile {
    Missing,
    /// A regular file of the caller's that holds no PID: empty, torn, `-1`, a megabyte.
    Damaged,
    /// Nothing that may be read or replaced: a folder, a link, somebody else's file.
    Foreign(String),
    Pid(Claim),
}

/// What a PID file says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Claim {
    pub(crate) pid: Pid,
    /// The second line, where a Python program wrote one: start time in seconds since the epoch.
    pub(crate) start_time_epoch: Option<f64>,
    /// When the file was last written, in seconds since the epoch.
    pub(crate) modified_epoch: f64,
}

/// Reads the PID that `pid_file` holds: `None` for a file that is missing, unreadable, a link, somebody else's, or
/// holds no PID. It may be anybody's by now; [`get_status`](crate::get_status) tells.
#[must_use]
pub fn read_pid(pid_file: &Path) -> Option<Pid> {
    Some(read_pid_and_start(pid_file)?.0)
}

/// The same with the second line that some Python programs write: the process's start time in seconds since the epoch,
/// to be compared with [`StartTime::is_about`](crate::StartTime::is_about).
#[must_use]
pub fn read_pid_and_start(pid_file: &Path) -> Option<(Pid, Option<f64>)> {
    match PidFile::read(pid_file) {
        PidFile::Pid(claim) => Some((claim.pid, claim.start_time_epoch)),
        PidFile::Missing | PidFile::Damaged | PidFile::Foreign(_) => None,
    }
}

/// Writes the caller's own PID, in one step. Rule 2: only the child writes its PID file.
///
/// This is the old way, for a program that wants nothing else; [`announce`](crate::announce) writes the record and
/// takes the lock too. There is no way to write another process's PID:
///
/// ```compile_fail,E0061
/// let pid_file = std::path::Path::new("gateway.pid");
/// hiro_process::write_pid(pid_file, 4711)?; // no such parameter
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// What the operating system says: no folder, no space, not permitted.
pub fn write_pid(pid_file: &Path) -> io::Result<()> {
    files::replace(pid_file, Pid::current().to_string().as_bytes(), Durability::Volatile)
}

impl PidFile {
    pub(crate) fn read(path: &Path) -> Self {
        let file = match sys::open_no_follow(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Self::Missing,
            Err(error) => return Self::Foreign(describe(path, &error)),
        };
        match Self::read_open(&file) {
            Ok(found) => found,
            Err(error) => Self::Foreign(error.to_string()),
        }
    }

    fn read_open(mut file: &File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Ok(Self::Foreign("it is not a regular file".into()));
        }
        if !sys::is_owned_by_caller(file, &metadata)? {
            return Ok(Self::Foreign("it belongs to another user".into()));
        }
        // One call: a regular file gives all that it has.
        let mut text = [0; LARGEST + 1];
        let length = file.read(&mut text)?;
        let modified = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
        let text = std::str::from_utf8(&text[..length]).ok().filter(|text| text.len() <= LARGEST);
        let claim = text.and_then(|text| Claim::parse(text, modified.as_secs_f64()));
        Ok(claim.map_or(Self::Damaged, Self::Pid))
    }
}

impl Claim {
    fn parse(text: &str, modified_epoch: f64) -> Option<Self> {
        let mut lines = text.trim_end().splitn(2, '\n');
        let pid = Pid::parse(lines.next()?)?;
        let start_time_epoch = match lines.next() {
            Some(line) => Some(line.trim().parse().ok().filter(|time: &f64| time.is_finite())?),
            None => None,
        };
        Some(Self { pid, start_time_epoch, modified_epoch })
    }
}

fn describe(path: &Path, error: &io::Error) -> String {
    if path.is_symlink() { "it is a symbolic link".into() } else { error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::Claim;
    use proptest::prelude::{any, proptest};

    #[test]
    fn the_second_line_is_a_start_time_or_the_file_is_none() {
        let claim = Claim::parse("13223\n1795343201.36", 5.0).unwrap();
        assert_eq!((claim.pid.get(), claim.start_time_epoch), (13223, Some(1_795_343_201.36)));
        assert_eq!(Claim::parse("13223", 5.0).unwrap().start_time_epoch, None);
        for text in ["13223\nyesterday", "13223\nNaN", "-1\n5", "\n13223"] {
            assert_eq!(Claim::parse(text, 5.0), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in any::<String>()) {
            let _ = Claim::parse(&text, 0.0);
        }
    }
}
