//! The logs of a workspace and of its gateway as they grow, those included that appear meanwhile. What one look finds in
//! several logs is told in the order in which it was written.
//!
//! A log may lie on any file system, and whoever writes it may be the Python package: they are looked at again and again.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use hiro_protocol::log_row::LogRow;
use hirogateway::log::Follower;

use super::log::{Dated, Form, Log, in_order};
use super::{Entry, LONGEST_ANSWER, Source, sources};
use crate::Error;
use crate::context::Context;
use crate::log_tail::{Limits, LogTail};
use crate::workspace::WorkspaceEntry;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(200);

/// A reader that stays at the ends of the logs of a source.
#[derive(Debug)]
pub struct Following<'a> {
    context: &'a Context,
    workspace: &'a WorkspaceEntry,
    source: Source,
    ends: Vec<(Log, End)>,
}

/// Rows are lines of text, but not the other way round: what a program says may have a line break, or a character, in two
/// parts.
#[derive(Debug)]
enum End {
    Rows(Follower),
    Lines(LogTail),
}

impl<'a> Following<'a> {
    /// The last `lines` rows of the logs together, oldest first, and a reader of what comes after them.
    ///
    /// # Errors
    /// A log is there and can't be read.
    pub fn from_last(
        context: &'a Context,
        workspace: &'a WorkspaceEntry,
        source: Source,
        lines: usize,
    ) -> Result<(Vec<Entry>, Self), Error> {
        let lines = lines.min(LONGEST_ANSWER);
        let (mut last, mut ends) = (Vec::new(), Vec::new());
        for log in sources::logs(context, workspace, source)? {
            let (rows, end) = End::from_last(&log, lines).map_err(|error| log.unreadable(error))?;
            last.extend(log.dated(rows));
            ends.push((log, end));
        }
        let mut last = in_order(last);
        last.drain(..last.len().saturating_sub(lines));
        Ok((last, Self { context, workspace, source, ends }))
    }

    /// The rows that were added since the last call; where there are none, those that come within `patience`, if any.
    ///
    /// # Errors
    /// A log can't be read.
    pub fn next_rows(&mut self, patience: Duration) -> Result<Vec<Entry>, Error> {
        let deadline = Instant::now() + patience;
        loop {
            let rows = self.look()?;
            let left = deadline.saturating_duration_since(Instant::now());
            if !rows.is_empty() || left.is_zero() {
                return Ok(rows);
            }
            thread::sleep(PAUSE.min(left));
        }
    }

    fn look(&mut self) -> Result<Vec<Entry>, Error> {
        for log in sources::logs(self.context, self.workspace, self.source)? {
            if !self.has(&log.path) {
                let end = End::from_start(&log);
                self.ends.push((log, end));
            }
        }
        let mut rows: Vec<Dated> = Vec::new();
        for (log, end) in &mut self.ends {
            let added = end.added().map_err(|error| log.unreadable(error))?;
            rows.extend(log.dated(added));
        }
        Ok(in_order(rows))
    }

    fn has(&self, path: &Path) -> bool {
        self.ends.iter().any(|(log, _)| log.path == path)
    }
}

impl End {
    fn from_last(log: &Log, count: usize) -> std::io::Result<(Vec<LogRow>, Self)> {
        if log.form == Form::Rows {
            let (rows, follower) = Follower::from_last(&log.path, count)?;
            return Ok((rows, Self::Rows(follower)));
        }
        let (lines, tail) = LogTail::from_last(&log.path, count, Limits::WHOLE)?;
        Ok((rows(&lines), Self::Lines(tail)))
    }

    fn from_start(log: &Log) -> Self {
        match log.form {
            Form::Rows => Self::Rows(Follower::from_start(&log.path)),
            _ => Self::Lines(LogTail::from_start(&log.path, Limits::WHOLE)),
        }
    }

    fn added(&mut self) -> std::io::Result<Vec<LogRow>> {
        match self {
            Self::Rows(follower) => follower.next_rows(Duration::ZERO),
            Self::Lines(tail) => Ok(rows(&tail.added()?)),
        }
    }
}

fn rows(lines: &[String]) -> Vec<LogRow> {
    lines.iter().filter_map(|line| LogRow::parse(line)).collect()
}
