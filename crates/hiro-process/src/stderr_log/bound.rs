//! A log that its writer fills without end: cut while the writer goes on.
//!
//! The file can't be renamed, for its writer would write on into the old one. It is emptied in place; what is written next
//! begins at its new end, because logs are opened to be appended to.

use std::fs::OpenOptions;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::{numbered, rename_if_there};
use crate::sys;

/// So much of the end of a log stays beside it.
const KEPT_BYTES: u64 = 1024 * 1024;

/// Empties a log of more than `largest_bytes`; whether it was that large. Its last MiB stays beside it as `….1`, the one
/// before as `….2`, and so on; of the old ones `kept` remain.
///
/// What is written in the very moment between the two is lost. A status that asks for the lines of a run whose log was
/// emptied is shown the younger ones only.
///
/// # Errors
/// What the operating system says of the files; then the log may be as large as before.
pub fn cut_log(path: &Path, largest_bytes: u64, kept: u32) -> io::Result<bool> {
    let mut log = match sys::open_no_follow(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        opened => opened?,
    };
    let length = log.metadata()?.len();
    if length <= largest_bytes {
        return Ok(false);
    }
    if kept > 0 {
        log.seek(SeekFrom::Start(length.saturating_sub(KEPT_BYTES)))?;
        for number in (1..kept).rev() {
            rename_if_there(&numbered(path, number), &numbered(path, number + 1))?;
        }
        let mut end = Vec::new();
        log.take(KEPT_BYTES).read_to_end(&mut end)?;
        sys::open_append(&numbered(path, 1))?.write_all(&end)?;
    }
    OpenOptions::new().write(true).open(path)?.set_len(0)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;

    use super::cut_log;
    use crate::Rotation;
    use crate::stderr_log::{open_for_run, tail};

    #[test]
    fn a_log_is_cut_under_its_writer_who_goes_on_at_the_new_end() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("stderr.log");
        fs::write(&log, "of the run before\n").unwrap();
        let (mut writer, offset) = open_for_run(&log, Rotation::default()).unwrap();
        writer.write_all(b"first\nlast\n").unwrap();
        assert!(!cut_log(&log, 100, 2).unwrap(), "it is not that large");
        for round in 1..=3 {
            assert!(cut_log(&log, 8, 2).unwrap());
            assert_eq!(fs::read(&log).unwrap(), b"");
            writeln!(writer, "after cut {round}").unwrap();
            assert_eq!(tail(&log, offset, 9), [format!("after cut {round}")]);
        }
        let text = |name: &str| fs::read_to_string(folder.path().join(name)).ok();
        assert_eq!(text("stderr.log.1").as_deref(), Some("after cut 2\n"));
        assert_eq!(text("stderr.log.2").as_deref(), Some("after cut 1\n"));
        assert_eq!(text("stderr.log.3"), None);
        assert!(!cut_log(&folder.path().join("none"), 0, 1).unwrap());
    }
}
