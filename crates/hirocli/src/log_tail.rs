//! The end of one log, read line by line, across the moment at which it is put aside, or cut under its writer.
//!
//! For what programs say on stdout and stderr: any text, of any length, without rows. What services have said is read with it
//! at a terminal, and what any instance says on stderr through the HTTP API; rows have a reader in `hirogateway`.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use hiro_process::files;

/// How much is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// A longer line is cut into several: a program may say anything, and may never end a line.
    longest_line: u64,
    /// No more is read back of a file, or at one look.
    at_once: u64,
    /// So many of the files that were put aside are read, too.
    old_files: u32,
}

impl Limits {
    /// All that is there, for somebody at a terminal.
    pub(crate) const WHOLE: Self = Self { longest_line: 64 * 1024, at_once: u64::MAX, old_files: 5 };

    /// For a server, which has others to answer.
    pub(crate) const BOUNDED: Self = Self { longest_line: 16 * 1024, at_once: 256 * 1024, old_files: 0 };
}

/// A reader that stays at the end of a file. The file need not be there.
#[derive(Debug)]
pub(crate) struct LogTail {
    path: PathBuf,
    limits: Limits,
    open: Option<BufReader<File>>,
    /// The part of a line that was there without its end.
    begun: Vec<u8>,
}

impl LogTail {
    /// The last `count` lines of the log at `path`, oldest first, and a reader of what comes after them.
    pub(crate) fn from_last(path: &Path, count: usize, limits: Limits) -> io::Result<(Vec<String>, Self)> {
        let mut tail = Self::at_the_end(path.to_owned(), limits)?;
        let mut lines = tail.last(count)?;
        for number in 1..=limits.old_files {
            let missing = count.saturating_sub(lines.len());
            if missing == 0 {
                break;
            }
            let mut older = Self::at_the_end(put_aside(path, number), limits)?;
            let mut found = older.last(missing)?;
            found.extend(older.end_of_file());
            found.append(&mut lines);
            lines = found.split_off(found.len().saturating_sub(count));
        }
        Ok((lines, tail))
    }

    /// A reader of a log that has just appeared: all that is in it comes.
    pub(crate) fn from_start(path: &Path, limits: Limits) -> Self {
        Self { path: path.to_owned(), limits, open: None, begun: Vec::new() }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The lines that were added since the last call, as many as are read at once.
    pub(crate) fn added(&mut self) -> io::Result<Vec<String>> {
        let mut lines = Vec::new();
        loop {
            // Asked before the file is read to its end: whatever was written to it before it was put aside is then seen.
            let is_replaced = self.is_replaced()?;
            lines.extend(self.last(usize::MAX)?);
            if !is_replaced || !self.is_read()? {
                return Ok(lines);
            }
            let Some(next) = self.successor()? else { return Ok(lines) };
            lines.extend(self.end_of_file());
            self.open = Some(next);
        }
    }

    /// What is there of a last line without an end.
    pub(crate) fn unfinished(&self) -> Option<String> {
        (!self.begun.is_empty()).then(|| text(&self.begun))
    }

    /// So far before the end of the file as may be read at once.
    fn at_the_end(path: PathBuf, limits: Limits) -> io::Result<Self> {
        let mut open = open(&path)?;
        if let Some(reader) = &mut open {
            let begin = reader.get_ref().metadata()?.len().saturating_sub(limits.at_once);
            if begin > 0 {
                reader.seek(SeekFrom::Start(begin))?;
                // A line whose beginning is not read.
                reader.take(limits.longest_line).read_until(b'\n', &mut Vec::new())?;
            }
        }
        Ok(Self { path, limits, open, begun: Vec::new() })
    }

    /// Reads on; the last `count` of the lines that are whole.
    fn last(&mut self, count: usize) -> io::Result<Vec<String>> {
        let (mut lines, mut left) = (VecDeque::new(), self.limits.at_once);
        let longest = self.limits.longest_line;
        let Some(reader) = &mut self.open else { return Ok(Vec::new()) };
        loop {
            let limit = left.min(longest - self.begun.len() as u64);
            let read = reader.take(limit).read_until(b'\n', &mut self.begun)?;
            left -= read as u64;
            let is_whole = self.begun.ends_with(b"\n") || self.begun.len() as u64 >= longest;
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

    /// Whether nothing more is in the file.
    fn is_read(&mut self) -> io::Result<bool> {
        self.open.as_mut().map_or(Ok(true), |reader| Ok(reader.fill_buf()?.is_empty()))
    }

    /// What a run has said last, without ending the line.
    fn end_of_file(&mut self) -> Option<String> {
        let rest = self.unfinished();
        self.begun.clear();
        rest
    }

    /// The file that came after the one that was read: runs may come and go between two looks. None while it can't be told
    /// because files are being put aside: that begins with the oldest, so one that has not moved had this successor.
    fn successor(&self) -> io::Result<Option<BufReader<File>>> {
        let number = self.put_aside_as()?;
        let next = match number {
            Some(number) if number > 1 => open(&put_aside(&self.path, number - 1))?,
            _ => open(&self.path)?,
        };
        Ok(next.filter(|_| self.put_aside_as().is_ok_and(|after| after == number)))
    }

    /// The number under which the file that was read was put aside, if it was and is still there.
    fn put_aside_as(&self) -> io::Result<Option<u32>> {
        let Some(reader) = &self.open else { return Ok(None) };
        for number in 1..=self.limits.old_files {
            let path = put_aside(&self.path, number);
            if path.exists() && !files::is_replaced(reader.get_ref(), &path)? {
                return Ok(Some(number));
            }
        }
        Ok(None)
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
        let (lines, mut tail) = LogTail::from_last(&path, 3, Limits::WHOLE).unwrap();
        assert_eq!(lines, ["crash: ends without a line break", "one", "two"]);
        assert_eq!(LogTail::from_last(&path, 9, Limits::WHOLE).unwrap().0.len(), 4);
        write!(OpenOptions::new().append(true).open(&path).unwrap(), "f\nlast").unwrap();
        assert_eq!(tail.added().unwrap(), ["half"]);
        fs::rename(&path, put_aside(&path, 1)).unwrap();
        assert_eq!(tail.added().unwrap(), [""; 0]);
        fs::write(&path, "a new run with a longer first line\n").unwrap();
        assert_eq!(tail.added().unwrap(), ["last", "a new run with a longer first line"]);
        fs::write(&path, "cut\n").unwrap();
        assert_eq!(tail.added().unwrap(), ["cut"]);
        assert_eq!(LogTail::from_start(&path, Limits::WHOLE).added().unwrap(), ["cut"]);
    }

    #[test]
    fn of_runs_that_come_and_go_between_two_looks_no_line_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.stdout.log");
        fs::write(&path, "first\n").unwrap();
        let (_, mut tail) = LogTail::from_last(&path, 0, Limits::WHOLE).unwrap();
        fs::write(put_aside(&path, 3), "older than all that is followed\n").unwrap();
        fs::rename(&path, put_aside(&path, 2)).unwrap();
        fs::write(put_aside(&path, 1), "second\nends without a line break").unwrap();
        fs::write(&path, "third\n").unwrap();
        assert_eq!(tail.added().unwrap(), ["second", "ends without a line break", "third"]);
        assert_eq!(tail.added().unwrap(), [""; 0]);
    }

    #[test]
    fn a_line_without_an_end_is_cut() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        fs::write(&path, "x".repeat(150_000)).unwrap();
        let (lines, _) = LogTail::from_last(&path, 9, Limits::WHOLE).unwrap();
        assert_eq!(lines.iter().map(String::len).collect::<Vec<_>>(), [65_536, 65_536]);
    }

    #[test]
    fn the_last_lines_are_told_once_and_then_those_that_come() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stderr.log");
        let (lines, mut tail) = LogTail::from_last(&path, 9, Limits::BOUNDED).unwrap();
        assert!(lines.is_empty() && tail.added().unwrap().is_empty());
        fs::write(&path, "one\ntwo\nthr").unwrap();
        assert_eq!(tail.added().unwrap(), ["one", "two"]);
        assert_eq!(tail.unfinished().as_deref(), Some("thr"));
        let (last, _) = LogTail::from_last(&path, 1, Limits::BOUNDED).unwrap();
        assert_eq!(last, ["two"]);
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"ee\n").unwrap();
        assert_eq!(tail.added().unwrap(), ["three"]);
    }

    #[test]
    fn a_file_that_is_put_aside_is_read_to_its_end_and_then_the_new_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stderr.log");
        let mut old = File::create(&path).unwrap();
        let (_, mut tail) = LogTail::from_last(&path, 9, Limits::BOUNDED).unwrap();
        fs::rename(&path, put_aside(&path, 1)).unwrap();
        fs::write(&path, "new\n").unwrap();
        let flood = format!("{}\n", "x".repeat(999)).repeat(300);
        old.write_all(flood.as_bytes()).unwrap();
        old.write_all(b"old\n").unwrap();
        let first = tail.added().unwrap().len();
        assert!((1..300).contains(&first), "not more than is read at once: {first}");
        let rest = tail.added().unwrap();
        assert_eq!(
            (first + rest.len(), &rest[rest.len() - 2..]),
            (302, &["old".to_owned(), "new".to_owned()][..])
        );
    }

    #[test]
    fn a_flood_without_a_line_break_is_read_in_pieces() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stderr.log");
        let limits = Limits::BOUNDED;
        fs::write(&path, "x".repeat(3 * 256 * 1024)).unwrap();
        let (lines, mut tail) = LogTail::from_last(&path, usize::MAX, limits).unwrap();
        assert!(lines.iter().map(String::len).sum::<usize>() as u64 <= limits.at_once);
        assert!(lines.iter().all(|line| line.len() as u64 <= limits.longest_line));
        assert!(tail.added().unwrap().is_empty());
    }
}
