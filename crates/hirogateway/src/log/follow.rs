//! What is added to a log from now on, across the moment at which it is put aside, or cut under its writer.
//!
//! A log may lie on any file system, and its writer may be the Python package: it is looked at again and again.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Seek};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use hiro_process::files::is_replaced;
use hiro_protocol::log_row::LogRow;

use super::read::{LONGEST_LINE, next_line, read_old, read_younger};

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(100);

/// A reader that stays at the end of a log.
#[derive(Debug)]
pub struct Follower {
    path: PathBuf,
    open: Option<BufReader<File>>,
    /// The part of a row that was there without its end.
    begun: String,
}

impl Follower {
    /// The last `count` rows of the log at `path`, oldest first, and a reader of what comes after them. The log may not be
    /// there yet.
    ///
    /// # Errors
    /// A file is there and can't be read.
    pub fn from_last(path: &Path, count: usize) -> io::Result<(Vec<LogRow>, Self)> {
        let mut follower = Self { path: path.to_owned(), open: open(path)?, begun: String::new() };
        let rows = follower.rest()?;
        let rows = rows[rows.len().saturating_sub(count)..].to_vec();
        let mut last = read_old(path, count - rows.len())?;
        last.extend(rows);
        Ok((last, follower))
    }

    /// A reader of a log that has just appeared: all that is in it comes.
    #[must_use]
    pub fn from_start(path: &Path) -> Self {
        Self { path: path.to_owned(), open: None, begun: String::new() }
    }

    /// The rows that were added since the last call; where there are none, those that come within `patience`, if any.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn next_rows(&mut self, patience: Duration) -> io::Result<Vec<LogRow>> {
        let deadline = Instant::now() + patience;
        loop {
            let rows = self.added()?;
            let left = deadline.saturating_duration_since(Instant::now());
            if !rows.is_empty() || left.is_zero() {
                return Ok(rows);
            }
            thread::sleep(PAUSE.min(left));
        }
    }

    fn added(&mut self) -> io::Result<Vec<LogRow>> {
        // Asked before the file is read to its end: whatever was written to it before it was put aside is then seen.
        let is_replaced = self.is_replaced()?;
        let mut rows = self.rest()?;
        if is_replaced {
            // Nobody will end that row.
            rows.extend(LogRow::parse(&std::mem::take(&mut self.begun)));
            if let Some(reader) = &self.open {
                rows.extend(read_younger(&self.path, reader.get_ref())?);
            }
            self.open = open(&self.path)?;
            rows.extend(self.rest()?);
        }
        Ok(rows)
    }

    fn rest(&mut self) -> io::Result<Vec<LogRow>> {
        let mut rows = Vec::new();
        let Some(reader) = &mut self.open else { return Ok(rows) };
        while let Some(part) = next_line(reader)? {
            self.begun.push_str(&part);
            if part.ends_with('\n') || self.begun.len() as u64 >= LONGEST_LINE {
                rows.extend(LogRow::parse(&std::mem::take(&mut self.begun)));
            }
        }
        Ok(rows)
    }

    /// Whether another file has the name now, or this one was cut.
    fn is_replaced(&mut self) -> io::Result<bool> {
        let Some(reader) = &mut self.open else { return Ok(self.path.exists()) };
        let read = reader.stream_position()?;
        Ok(reader.get_ref().metadata()?.len() < read || is_replaced(reader.get_ref(), &self.path)?)
    }
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
    use std::fs::{self, OpenOptions};
    use std::io::Write;
    use std::time::Duration;

    use hiro_process::{RotatingFile, Rotation};
    use hiro_protocol::log_row::HEADER;

    use super::Follower;

    fn messages(follower: &mut Follower) -> Vec<String> {
        follower.next_rows(Duration::ZERO).unwrap().into_iter().map(|row| row.message).collect()
    }

    #[test]
    fn rows_are_followed_over_a_rotation_and_half_a_row_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gateway.log");
        let (rows, mut follower) = Follower::from_last(&path, 9).unwrap();
        assert_eq!(rows, []);
        let mut log = RotatingFile::open(&path, HEADER, Rotation { largest_bytes: 70, kept: 1 }).unwrap();
        writeln!(log, "1.5,INFO,RELAY,first,").unwrap();
        assert_eq!(messages(&mut follower), ["first"]);
        write!(log, "1.5,INFO,RELAY").unwrap();
        assert_eq!(messages(&mut follower), [""; 0]);
        writeln!(OpenOptions::new().append(true).open(&path).unwrap(), ",second,").unwrap();
        writeln!(log, "1.5,INFO,RELAY,\"a third, which does not fit into the first file\",").unwrap();
        assert!(folder.path().join("gateway.log.1").exists());
        assert_eq!(messages(&mut follower), ["second", "a third, which does not fit into the first file"]);
        let mut log = RotatingFile::open(&path, HEADER, Rotation { largest_bytes: 70, kept: 3 }).unwrap();
        for row in ["fourth", "fifth", "sixth"] {
            let row = format!("1.5,INFO,RELAY,\"the {row} one, which does not fit, either\",\n");
            log.write_all(row.as_bytes()).unwrap();
        }
        assert!(folder.path().join("gateway.log.3").exists());
        let told =
            ["fourth", "fifth", "sixth"].map(|row| format!("the {row} one, which does not fit, either"));
        assert_eq!(messages(&mut follower), told);
    }

    #[test]
    fn the_last_rows_are_told_once_and_then_those_that_come() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gateway.log");
        fs::write(folder.path().join("gateway.log.1"), "1.5,INFO,RELAY,oldest,\n1.5,INFO,RELAY,older,\n")
            .unwrap();
        fs::write(&path, "1.5,INFO,RELAY,old,\n").unwrap();
        let (rows, mut follower) = Follower::from_last(&path, 2).unwrap();
        assert_eq!(rows.iter().map(|row| row.message.as_str()).collect::<Vec<_>>(), ["older", "old"]);
        writeln!(OpenOptions::new().append(true).open(&path).unwrap(), "1.5,INFO,RELAY,new,").unwrap();
        assert_eq!(messages(&mut follower), ["new"]);
    }

    #[test]
    fn a_log_that_is_cut_or_appears_is_read_from_its_start_and_a_row_without_an_end_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gateway.log");
        let mut follower = Follower::from_start(&path);
        assert_eq!(messages(&mut follower), [""; 0]);
        fs::write(&path, "1.5,INFO,RELAY,first,\n1.5,INFO,REL").unwrap();
        assert_eq!(messages(&mut follower), ["first"]);
        fs::write(&path, "1.5,INFO,RELAY,again,\n").unwrap();
        assert_eq!(messages(&mut follower), ["1.5,INFO,REL", "again"]);
        assert_eq!(messages(&mut Follower::from_start(&path)), ["again"]);
    }
}
