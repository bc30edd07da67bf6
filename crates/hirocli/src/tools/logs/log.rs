//! One log file: what its source is called, what its lines are, and how old those are that do not say it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use hiro_protocol::log_row::LogRow;
use hirogateway::log::read_last;
use jiff::Timestamp;

use super::Entry;
use crate::Error;

/// The levels of `tracing`.
const EVENT_LEVELS: [&str; 5] = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"];

/// What the lines of a log are that are no rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// What belongs to the row before: a traceback of the Python package.
    Rows,
    /// Said on stdout.
    Stdout,
    /// Said on stderr.
    Stderr,
    /// Said on stderr by a program that says there, too, what stands in its log.
    StderrBesideLog,
}

/// One file, and how its source is called.
#[derive(Debug)]
pub(super) struct Log {
    pub(super) path: PathBuf,
    pub(super) form: Form,
    source: String,
}

/// A row, and when it was written, in seconds since the epoch.
pub(super) type Dated = (f64, Entry);

impl Log {
    pub(super) fn new(path: PathBuf, source: impl Into<String>, form: Form) -> Self {
        Self { path, form, source: source.into() }
    }

    /// The last `count` rows, oldest first; none where there is no such log.
    pub(super) fn last(&self, count: usize) -> Result<Vec<Dated>, Error> {
        read_last(&self.path, count).map(|rows| self.dated(rows)).map_err(|error| self.unreadable(error))
    }

    /// Rows that were read of it, oldest first. One without a time of its own is as old as the one before it, or else as
    /// the file.
    pub(super) fn dated(&self, rows: Vec<LogRow>) -> Vec<Dated> {
        if rows.is_empty() {
            return Vec::new();
        }
        let mut time = written_at(&self.path);
        let is_new = |row: &LogRow| self.form != Form::StderrBesideLog || !is_event(&row.message);
        let dated = rows.into_iter().filter(is_new).map(|row| {
            time = row.timestamp.unwrap_or(time);
            (time, Entry { row: self.told(row), source: self.source.clone() })
        });
        dated.collect()
    }

    pub(super) fn unreadable(&self, source: std::io::Error) -> Error {
        Error::Io { action: "read", path: self.path.clone(), source }
    }

    fn told(&self, row: LogRow) -> LogRow {
        match (row.timestamp, self.form) {
            (None, Form::Stdout) => LogRow::of_stdout(&row.message),
            (None, Form::Stderr | Form::StderrBesideLog) => LogRow::of_stderr(&row.message),
            _ => row,
        }
    }
}

/// All of them in the order in which they were written.
pub(super) fn in_order(mut rows: Vec<Dated>) -> Vec<Entry> {
    rows.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    rows.into_iter().map(|(_, entry)| entry).collect()
}

/// Whether a line is what `tracing` makes of an event: its time, its level, and what happened.
fn is_event(line: &str) -> bool {
    let mut words = line.split_ascii_whitespace();
    let is_time = words.next().is_some_and(|word| word.parse::<Timestamp>().is_ok());
    is_time && words.next().is_some_and(|word| EVENT_LEVELS.contains(&word))
}

/// Where the file does not say it: later than all others.
fn written_at(path: &Path) -> f64 {
    let written = fs::metadata(path).and_then(|found| found.modified());
    let since = written.ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since.map_or(f64::MAX, |since| since.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn what_stands_in_a_programs_log_is_not_told_again_from_its_stderr() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stderr.log");
        let event = "2026-11-23T01:41:06.701750Z  INFO hirocli::runtime::services: service runs pid=7\n";
        fs::write(&path, format!("{event}thread 'main' panicked\n2026-11-23 is a day\n")).unwrap();
        let told = |form| Log::new(path.clone(), "server", form).last(9).unwrap().len();
        assert_eq!((told(Form::StderrBesideLog), told(Form::Stderr)), (2, 3));
    }

    #[test]
    fn a_line_without_a_time_is_as_old_as_the_row_before_it_or_as_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let log = |name: &str, form, text: &str| {
            let log = Log::new(folder.path().join(name), name, form);
            fs::write(&log.path, text).unwrap();
            let file = File::options().write(true).open(&log.path).unwrap();
            file.set_modified(UNIX_EPOCH + Duration::from_secs(3)).unwrap();
            log.last(9).unwrap()
        };
        let mut rows =
            log("server", Form::Rows, "2.0,INFO,A,two,\nTraceback\n4.0,INFO,A,four,\n\n5.0,INFO,A,five,\n");
        rows.extend(log("service-db", Form::Stdout, "three\nand a half\n"));
        rows.extend(log("service-db", Form::Stderr, "4.5,INFO,A,\"four, too\",\n"));
        let rows = in_order(rows);
        let messages: Vec<&str> = rows.iter().map(|entry| entry.row.message.as_str()).collect();
        assert_eq!(messages, ["two", "Traceback", "three", "and a half", "four", "four, too", "five"]);
        let forms = |at: usize| (rows[at].row.level.as_str(), rows[at].row.module.as_str());
        assert_eq!([forms(1), forms(2), forms(5)], [("", ""), ("INFO", "STDOUT"), ("INFO", "A")]);
    }
}
