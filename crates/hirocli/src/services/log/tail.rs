//! The end of one log, read line by line, across the moment at which it is put aside.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek};
use std::path::{Path, PathBuf};

use hiro_process::files;

/// A line is cut here: a program may say anything, and may never end a line.
const LONGEST_LINE: u64 = 64 * 1024;

/// So many files are put aside, see the launch.
const KEPT: u32 = 5;

#[derive(Debug)]
pub(super) struct Tail {
    path: PathBuf,
    open: Option<BufReader<File>>,
    /// The part of a line that was there without its end.
    begun: Vec<u8>,
}

impl Tail {
    pub(super) fn from_last(path: &Path, count: usize) -> io::Result<(Vec<String>, Self)> {
        let mut tail = Self { path: path.to_owned(), open: open(path)?, begun: Vec::new() };
        let mut lines = tail.last(count)?;
        for number in 1..=KEPT {
            let missing = count.saturating_sub(lines.len());
            if missing == 0 {
                break;
            }
            let old = put_aside(path, number);
            let mut older = Self { open: open(&old)?, path: old, begun: Vec::new() };
            let mut found = older.last(missing)?;
            found.extend(older.end_of_file());
            found.append(&mut lines);
            lines = found.split_off(found.len().saturating_sub(count));
        }
        Ok((lines, tail))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The lines that were added since the last call.
    pub(super) fn added(&mut self) -> io::Result<Vec<String>> {
        // Asked before the file is read to its end: whatever was written to it before it was put aside is then seen.
        let is_replaced = self.is_replaced()?;
        let mut lines = self.last(usize::MAX)?;
        if is_replaced {
            lines.extend(self.end_of_file());
            self.open = open(&self.path)?;
            lines.extend(self.last(usize::MAX)?);
        }
        Ok(lines)
    }

    /// Reads to the end; the last `count` of the lines that are whole.
    fn last(&mut self, count: usize) -> io::Result<Vec<String>> {
        let mut lines = VecDeque::new();
        let Some(reader) = &mut self.open else { return Ok(Vec::new()) };
        loop {
            let limit = LONGEST_LINE - self.begun.len() as u64;
            let read = reader.take(limit).read_until(b'\n', &mut self.begun)?;
            let is_whole = self.begun.ends_with(b"\n") || self.begun.len() as u64 >= LONGEST_LINE;
            if is_whole {
                lines.push_back(text(&std::mem::take(&mut self.begun)));
                if lines.len() > count {
                    lines.pop_front();
                }
            } else if read == 0 {
                return Ok(lines.into());
            }
        }
    }

    /// What a run has said last, without ending the line.
    fn end_of_file(&mut self) -> Option<String> {
        let rest = std::mem::take(&mut self.begun);
        (!rest.is_empty()).then(|| text(&rest))
    }

    /// Whether another file has the name now, or this one was cut.
    fn is_replaced(&mut self) -> io::Result<bool> {
        let Some(reader) = &mut self.open else { return Ok(self.path.exists()) };
        let read = reader.stream_position()?;
        match fs::metadata(&self.path) {
            Ok(there) => Ok(there.len() < read || files::is_replaced(reader.get_ref(), &self.path)?),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}

fn put_aside(path: &Path, number: u32) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{number}"));
    name.into()
}

fn text(line: &[u8]) -> String {
    String::from_utf8_lossy(line).trim_end_matches(['\n', '\r']).to_owned()
}

fn open(path: &Path) -> io::Result<Option<BufReader<File>>> {
    match File::open(path) {
        Ok(file) => Ok(Some(BufReader::new(file))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;
    use std::io::Write;

    use super::*;

    #[test]
    fn what_the_current_file_lacks_comes_from_the_old_ones_and_what_comes_is_told_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.stderr.log");
        fs::write(put_aside(&path, 2), "oldest\n").unwrap();
        fs::write(put_aside(&path, 1), "crash: ends without a line break").unwrap();
        fs::write(&path, "one\ntwo\nhal").unwrap();
        let (lines, mut tail) = Tail::from_last(&path, 3).unwrap();
        assert_eq!(lines, ["crash: ends without a line break", "one", "two"]);
        assert_eq!(Tail::from_last(&path, 9).unwrap().0.len(), 4);
        write!(OpenOptions::new().append(true).open(&path).unwrap(), "f\nlast").unwrap();
        assert_eq!(tail.added().unwrap(), ["half"]);
        fs::rename(&path, put_aside(&path, 1)).unwrap();
        assert_eq!(tail.added().unwrap(), [""; 0]);
        fs::write(&path, "a new run with a longer first line\n").unwrap();
        assert_eq!(tail.added().unwrap(), ["last", "a new run with a longer first line"]);
        fs::write(&path, "cut\n").unwrap();
        assert_eq!(tail.added().unwrap(), ["cut"]);
    }

    #[test]
    fn a_line_without_an_end_is_cut() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        fs::write(&path, "x".repeat(150_000)).unwrap();
        let (lines, _) = Tail::from_last(&path, 9).unwrap();
        assert_eq!(lines.iter().map(String::len).collect::<Vec<_>>(), [65_536, 65_536]);
    }
}
