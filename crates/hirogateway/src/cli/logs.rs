//! The log of a gateway, for people or as JSON, a row per line.

use std::io::{self, IsTerminal};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use hiro_protocol::log_row::LogRow;
use jiff::tz::TimeZone;

use super::arguments::Logs;
use super::output::Output;
use crate::log::{Follower, console_line};
use crate::service::{Gateways, LogOf};

/// Between two looks whether anybody still reads.
const PATIENCE: Duration = Duration::from_secs(1);

pub(super) fn run(gateways: &Gateways, logs: &Logs, output: Output) -> anyhow::Result<ExitCode> {
    let of = if logs.stderr { LogOf::Stderr } else { LogOf::Gateway(logs.log_dir.clone()) };
    let log = gateways.log_of(logs.which.name(), &of)?;
    let (rows, mut follower) =
        Follower::from_last(&log.path, logs.lines).with_context(|| no_log(&log.path))?;
    let mut is_read = print(&rows, logs.stderr, output)?;
    while logs.follow && is_read {
        let rows = follower.next_rows(PATIENCE).with_context(|| no_log(&log.path))?;
        is_read = print(&rows, logs.stderr, output)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether somebody still reads.
fn print(rows: &[LogRow], of_stderr: bool, output: Output) -> anyhow::Result<bool> {
    for row in rows {
        let row = match row.timestamp {
            None if of_stderr => &LogRow::of_stderr(&row.message),
            _ => row,
        };
        let text = console_line(row, &TimeZone::system(), io::stdout().is_terminal());
        if !output.row(row, &text)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn no_log(path: &Path) -> String {
    format!("could not read the log `{}`", path.display())
}
