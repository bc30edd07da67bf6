//! What a service has said on stdout and stderr: the last lines, and those that come. A plugin's stderr is read with it, too.
//!
//! Every run has files of its own; what the current ones lack comes from those that were put aside.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::ServiceError;
use crate::log_tail::{Limits, LogTail};

/// Between two looks: a log may lie on any file system.
const PAUSE: Duration = Duration::from_millis(100);

/// Where a line was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// On stdout.
    Stdout,
    /// On stderr.
    Stderr,
}

/// What a service has said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogLine {
    /// Where.
    pub source: Source,
    /// The line, without its end.
    pub text: String,
}

/// A reader that stays at the end of logs.
#[derive(Debug)]
pub struct Follower {
    tails: Vec<(Source, LogTail)>,
}

impl Follower {
    /// The last `count` lines of each of these logs, oldest first, and a reader of what comes after them. A log may not be
    /// there yet.
    ///
    /// # Errors
    /// A file is there and can't be read.
    pub fn from_last(logs: &[(Source, &Path)], count: usize) -> Result<(Vec<LogLine>, Self), ServiceError> {
        let (mut lines, mut tails) = (Vec::new(), Vec::new());
        for (source, path) in logs {
            let failed = |error| ServiceError::LogUnreadable { path: (*path).to_owned(), source: error };
            let (last, tail) = LogTail::from_last(path, count, Limits::WHOLE).map_err(failed)?;
            lines.extend(last.into_iter().map(|text| LogLine { source: *source, text }));
            tails.push((*source, tail));
        }
        Ok((lines, Self { tails }))
    }

    /// The lines that were added since the last call; where there are none, those that come within `patience`, if any.
    ///
    /// # Errors
    /// A file can't be read.
    pub fn next_lines(&mut self, patience: Duration) -> Result<Vec<LogLine>, ServiceError> {
        let deadline = Instant::now() + patience;
        loop {
            let mut lines = Vec::new();
            for (source, tail) in &mut self.tails {
                let added = tail.added();
                let failed =
                    |error| ServiceError::LogUnreadable { path: tail.path().to_owned(), source: error };
                lines
                    .extend(added.map_err(failed)?.into_iter().map(|text| LogLine { source: *source, text }));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if !lines.is_empty() || left.is_zero() {
                return Ok(lines);
            }
            thread::sleep(PAUSE.min(left));
        }
    }
}
