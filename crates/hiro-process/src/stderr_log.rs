//! The log that takes a child's stderr: rotated before a spawn, read back for the lines of one run only.

mod bound;

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

pub use bound::cut_log;

use crate::sys;

/// The most that is read back of one run.
const TAIL_BYTES: u64 = 64 * 1024;

/// When a log is put aside, and how many old ones are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotation {
    /// A stderr log of this many bytes or more is put aside before the next spawn; a [`RotatingFile`](crate::RotatingFile)
    /// does not grow beyond them.
    pub largest_bytes: u64,
    /// How many are kept beside the current one: `stderr.log.1` is the youngest. 0 keeps none.
    pub kept: u32,
}

impl Default for Rotation {
    /// 5 MiB, 3 kept.
    fn default() -> Self {
        Self { largest_bytes: 5 * 1024 * 1024, kept: 3 }
    }
}

/// Opens the log for one run, rotated if it is due; the offset is where this run's lines begin.
pub(crate) fn open_for_run(path: &Path, rotation: Rotation) -> io::Result<(File, u64)> {
    if fs::symlink_metadata(path).is_ok_and(|found| found.len() >= rotation.largest_bytes.max(1)) {
        put_aside(path, rotation.kept)?;
    }
    let file = sys::open_append(path)?;
    let offset = file.metadata()?.len();
    Ok((file, offset))
}

/// Puts a log aside: it becomes `….1`, the one before it `….2`, and so on; of the old ones `kept` remain.
///
/// # Errors
/// What the operating system says of the file that can't be renamed or removed; then the log is still there.
pub fn put_aside(path: &Path, kept: u32) -> io::Result<()> {
    for number in (1..kept).rev() {
        rename_if_there(&numbered(path, number), &numbered(path, number + 1))?;
    }
    match kept {
        0 => fs::remove_file(path),
        _ => sys::rename(path, &numbered(path, 1)),
    }
}

fn rename_if_there(from: &Path, to: &Path) -> io::Result<()> {
    match sys::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        renamed => renamed,
    }
}

fn numbered(path: &Path, number: u32) -> PathBuf {
    let mut name = path.as_os_str().to_os_string();
    name.push(format!(".{number}"));
    name.into()
}

/// The last `lines` lines of a log that aren't blank, whichever runs wrote them; none where it can't be read.
#[must_use]
pub fn stderr_tail(log: &Path, lines: usize) -> Vec<String> {
    tail(log, 0, lines)
}

/// The last `lines` lines that were written at or behind `offset`; none where the log can't be read.
pub(crate) fn tail(path: &Path, offset: u64, lines: usize) -> Vec<String> {
    let text = read_from(path, offset).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let all: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    all[all.len().saturating_sub(lines)..].iter().map(|line| (*line).to_owned()).collect()
}

fn read_from(path: &Path, offset: u64) -> io::Result<Vec<u8>> {
    let mut file = sys::open_no_follow(path)?;
    let length = file.metadata()?.len();
    // A log that is shorter than where the run began has been replaced since: all of it is younger.
    let begin = if length < offset { 0 } else { offset };
    file.seek(SeekFrom::Start(begin.max(length.saturating_sub(TAIL_BYTES))))?;
    let mut bytes = Vec::new();
    file.take(TAIL_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::{Rotation, open_for_run, tail};
    use std::fs;
    use std::io::Write;

    #[test]
    fn a_full_log_moves_aside_and_three_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("stderr.log");
        for run in 0..6 {
            let (mut file, offset) = open_for_run(&log, Rotation { largest_bytes: 4, kept: 3 }).unwrap();
            assert_eq!(offset, 0);
            write!(file, "run {run}").unwrap();
        }
        let text = |name: &str| fs::read_to_string(folder.path().join(name)).ok();
        assert_eq!(text("stderr.log").as_deref(), Some("run 5"));
        assert_eq!(text("stderr.log.1").as_deref(), Some("run 4"));
        assert_eq!(text("stderr.log.3").as_deref(), Some("run 2"));
        assert_eq!(text("stderr.log.4"), None);
    }

    #[test]
    fn only_the_lines_of_the_current_run_are_shown() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("stderr.log");
        fs::write(&log, "old crash\n").unwrap();
        let (mut file, offset) = open_for_run(&log, Rotation::default()).unwrap();
        file.write_all(b"one\n\ntwo\nthree\n").unwrap();
        assert_eq!(tail(&log, offset, 2), ["two", "three"]);
        assert_eq!(tail(&log, offset, 40), ["one", "two", "three"]);
    }
}
