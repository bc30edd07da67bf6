//! The logs of a workspace and of its gateway, read together: searched, from their ends, or as they grow.
//!
//! What is read of one file is bounded: the last rows, across the files that were put aside.

mod following;
mod log;
mod sources;

use hiro_protocol::log_row::LogRow;
use serde::Serialize;

use crate::Error;
use crate::context::Context;
use crate::workspace::WorkspaceEntry;
pub use following::Following;
pub use sources::Source;

/// No more rows of one log are looked at.
const MOST_ROWS: usize = 100_000;

/// No answer is longer.
const LONGEST_ANSWER: usize = 10_000;

/// The levels, from the least to the most.
const LEVELS: [&str; 6] = ["DEBUG", "FINEINFO", "INFO", "WARNING", "ERROR", "CRITICAL"];

/// A row, and which log it is from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// The row.
    #[serde(flatten)]
    pub row: LogRow,
    /// `server`, `channel-<name>`, `gateway`, `service-<name>` or `cli`.
    pub source: String,
}

/// What a row must be like to be found.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// In which logs.
    pub source: Source,
    /// Of this level or above; one that nobody knows is below all others.
    pub level: Option<String>,
    /// The module has this in its name, whatever its case.
    pub module: Option<String>,
    /// Message or extra have this in them, whatever its case.
    pub query: Option<String>,
    /// So many rows at the most.
    pub limit: usize,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Found {
    /// The rows, oldest first.
    pub rows: Vec<Entry>,
    /// How many there are in all.
    pub total_matches: usize,
    /// Not all of them are here: these are the first ones.
    pub truncated: bool,
}

/// Finds rows in the logs.
///
/// # Errors
/// A log is there and can't be read.
pub fn search(context: &Context, workspace: &WorkspaceEntry, search: &Search) -> Result<Found, Error> {
    let mut rows = read(context, workspace, search.source, MOST_ROWS)?;
    rows.retain(|entry| search.fits(&entry.row));
    let total_matches = rows.len();
    rows.truncate(search.limit.min(LONGEST_ANSWER));
    Ok(Found { truncated: rows.len() < total_matches, rows, total_matches })
}

/// The last `lines` rows of the logs together, oldest first.
///
/// # Errors
/// A log is there and can't be read.
pub fn tail(
    context: &Context,
    workspace: &WorkspaceEntry,
    source: Source,
    lines: usize,
) -> Result<Vec<Entry>, Error> {
    let lines = lines.min(LONGEST_ANSWER);
    let mut rows = read(context, workspace, source, lines)?;
    rows.drain(..rows.len().saturating_sub(lines));
    Ok(rows)
}

fn read(
    context: &Context,
    workspace: &WorkspaceEntry,
    source: Source,
    count: usize,
) -> Result<Vec<Entry>, Error> {
    let mut rows = Vec::new();
    for log in sources::logs(context, workspace, source)? {
        rows.extend(log.last(count)?);
    }
    Ok(log::in_order(rows))
}

impl Search {
    fn fits(&self, row: &LogRow) -> bool {
        let has = |text: &str, part: &Option<String>| {
            part.as_ref().is_none_or(|part| text.to_lowercase().contains(&part.to_lowercase()))
        };
        let is_grave = self.level.as_ref().is_none_or(|least| rank(&row.level) >= rank(least));
        is_grave
            && has(&row.module, &self.module)
            && (has(&row.message, &self.query) || has(&row.extra, &self.query))
    }
}

fn rank(level: &str) -> usize {
    LEVELS.iter().position(|known| known.eq_ignore_ascii_case(level.trim())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(level: &str, module: &str, message: &str) -> LogRow {
        LogRow { level: level.to_owned(), module: module.to_owned(), ..LogRow::text(message) }
    }

    fn text(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn a_row_fits_when_everything_that_is_asked_for_is_true_of_it() {
        let row = row("WARNING", "SERVER", "plugin gone");
        assert!(Search::default().fits(&row));
        assert!(Search { level: text("info"), query: text("PLUGIN"), ..Search::default() }.fits(&row));
        assert!(Search { module: text("serv"), ..Search::default() }.fits(&row));
        assert!(!Search { level: text("ERROR"), ..Search::default() }.fits(&row));
        assert!(!Search { query: text("plugin came"), ..Search::default() }.fits(&row));
        assert!(!Search { module: text("relay"), ..Search::default() }.fits(&row));
    }
}
