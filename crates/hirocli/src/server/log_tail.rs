//! The last lines of a text file, and those that are added to it, also when it is put aside for a new one.
//!
//! For what processes say on stderr: any text, of any length. What is read at once is bounded, and so is a line.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use hiro_process::files;

/// No more than this is read back, or at once.
pub(super) const MOST_BYTES: u64 = 256 * 1024;

/// A longer line is cut into several.
const LONGEST_LINE: usize = 16 * 1024;

/// A reader that stays at the end of a file. The file need not be there.
#[derive(Debug)]
pub(super) struct LogTail {
    path: PathBuf,
    file: Option<File>,
    /// A line whose end is not written yet.
    begun: Vec<u8>,
}

impl LogTail {
    /// The last `count` lines of the file at `path`, and a reader of what comes after them.
    pub(super) fn open(path: &Path, count: usize) -> io::Result<(Vec<String>, Self)> {
        let mut tail = Self { path: path.to_owned(), file: open(path)?, begun: Vec::new() };
        let Some(file) = &mut tail.file else { return Ok((Vec::new(), tail)) };
        let length = file.metadata()?.len();
        let begin = length.saturating_sub(MOST_BYTES);
        file.seek(SeekFrom::Start(begin))?;
        let mut lines = tail.rest()?;
        if begin > 0 && !lines.is_empty() {
            // Its beginning was not read.
            lines.remove(0);
        }
        lines.drain(..lines.len().saturating_sub(count));
        Ok((lines, tail))
    }

    /// The lines that were added since the last call, as many as are read at once.
    pub(super) fn added(&mut self) -> io::Result<Vec<String>> {
        // Asked before the file is read to its end: whatever was written to it before it was put aside is then seen.
        let is_replaced = self.is_replaced()?;
        let lines = self.rest()?;
        if lines.is_empty() && is_replaced {
            self.file = open(&self.path)?;
            self.begun.clear();
            return self.rest();
        }
        Ok(lines)
    }

    /// What is there of a last line without an end.
    pub(super) fn unfinished(&self) -> Option<String> {
        (!self.begun.is_empty()).then(|| text(&self.begun))
    }

    fn rest(&mut self) -> io::Result<Vec<String>> {
        let Some(file) = &mut self.file else { return Ok(Vec::new()) };
        file.take(MOST_BYTES).read_to_end(&mut self.begun)?;
        let (mut lines, mut done) = (Vec::new(), 0);
        while let Some(length) = line_length(&self.begun[done..]) {
            lines.push(text(&self.begun[done..done + length]));
            done += length;
        }
        self.begun.drain(..done);
        Ok(lines)
    }

    fn is_replaced(&self) -> io::Result<bool> {
        match &self.file {
            Some(file) => files::is_replaced(file, &self.path),
            None => Ok(self.path.exists()),
        }
    }
}

/// How long the first line is, with its end; none where its end is yet to come.
fn line_length(bytes: &[u8]) -> Option<usize> {
    let head = &bytes[..bytes.len().min(LONGEST_LINE)];
    let end = head.iter().position(|byte| *byte == b'\n').map(|end| end + 1);
    end.or((bytes.len() >= LONGEST_LINE).then_some(LONGEST_LINE))
}

fn text(line: &[u8]) -> String {
    String::from_utf8_lossy(line).trim_end_matches(['\r', '\n']).to_owned()
}

fn open(path: &Path) -> io::Result<Option<File>> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;

    use super::*;

    #[test]
    fn the_last_lines_are_told_once_and_then_those_that_come() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stderr.log");
        let (lines, mut tail) = LogTail::open(&path, 9).unwrap();
        assert!(lines.is_empty() && tail.added().unwrap().is_empty());
        fs::write(&path, "one\ntwo\nthr").unwrap();
        assert_eq!(tail.added().unwrap(), ["one", "two"]);
        assert_eq!(tail.unfinished().as_deref(), Some("thr"));
        let (last, _) = LogTail::open(&path, 1).unwrap();
        assert_eq!(last, ["two"]);
        fs::OpenOptions::new().append(true).open(&path).unwrap().write_all(b"ee\n").unwrap();
        assert_eq!(tail.added().unwrap(), ["three"]);
    }

    #[test]
    fn a_file_that_is_put_aside_is_read_to_its_end_and_then_the_new_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stderr.log");
        let mut old = File::create(&path).unwrap();
        let (_, mut tail) = LogTail::open(&path, 9).unwrap();
        fs::rename(&path, folder.path().join("stderr.log.1")).unwrap();
        fs::write(&path, "new\n").unwrap();
        old.write_all(b"old\n").unwrap();
        assert_eq!(tail.added().unwrap(), ["old"]);
        assert_eq!(tail.added().unwrap(), ["new"]);
    }

    #[test]
    fn a_flood_without_a_line_break_is_read_in_pieces() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stderr.log");
        fs::write(&path, "x".repeat(3 * MOST_BYTES as usize)).unwrap();
        let (lines, mut tail) = LogTail::open(&path, usize::MAX).unwrap();
        assert!(lines.iter().map(String::len).sum::<usize>() <= MOST_BYTES as usize);
        assert!(lines.iter().all(|line| line.len() <= LONGEST_LINE));
        assert!(tail.added().unwrap().is_empty());
    }
}
