//! The commands that read logs.

use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Subcommand};
use hirogateway::cli::Output;
use hirogateway::log::console_line;
use jiff::tz::TimeZone;

use super::arguments::Which;
use crate::context::Context;
use crate::tools::logs::{self, Entry, Following, Search, Source};
use crate::tools::workspaces;

/// Between two looks whether anybody still reads.
const PATIENCE: Duration = Duration::from_secs(1);

#[derive(Debug, Subcommand)]
pub(super) enum LogsCommand {
    /// Find rows in the logs, oldest first
    Search(SearchArguments),
    /// Print the last rows of the logs, and with --follow those that come
    ///
    /// With --follow and --json every row is an object in a line of its own.
    Tail {
        /// How many
        #[arg(short = 'n', long, default_value_t = 100)]
        lines: usize,
        /// Go on with what comes; Ctrl-C ends it
        #[arg(short, long)]
        follow: bool,
        #[command(flatten)]
        from: From,
    },
}

#[derive(Debug, Args)]
pub(super) struct SearchArguments {
    /// What message or extra have in them, whatever its case
    query: Option<String>,
    /// The least level: DEBUG, INFO, WARNING, ERROR, CRITICAL
    #[arg(short, long)]
    level: Option<String>,
    /// What the module has in its name
    #[arg(short, long)]
    module: Option<String>,
    /// How many at the most
    #[arg(short = 'n', long, default_value_t = 200)]
    limit: usize,
    #[command(flatten)]
    from: From,
}

#[derive(Debug, Args)]
pub(super) struct From {
    /// Which logs: server, channels, services, gateway, cli or all
    #[arg(short, long, default_value = "all")]
    source: Source,
    #[command(flatten)]
    which: Which,
}

pub(super) fn run(context: &Context, command: &LogsCommand, output: Output) -> anyhow::Result<ExitCode> {
    match command {
        LogsCommand::Search(arguments) => {
            let workspace = workspaces::resolve(context, arguments.from.which.workspace())?;
            let found = logs::search(context, &workspace, &arguments.search())?;
            let mut text = text(&found.rows, "No matching log entries found.");
            if found.truncated {
                let count = found.rows.len();
                text.push_str(&format!(
                    "\nShowing {count} of {} matches; --limit shows more.",
                    found.total_matches
                ));
            }
            output.result(&found, &text)
        }
        LogsCommand::Tail { lines, follow, from } => {
            let workspace = workspaces::resolve(context, from.which.workspace())?;
            if *follow {
                return go_on(&mut Following::from_last(context, &workspace, from.source, *lines)?, output);
            }
            let rows = logs::tail(context, &workspace, from.source, *lines)?;
            output.result(&serde_json::json!({"rows": rows}), &text(&rows, "No log entries found."))
        }
    }
}

fn go_on((last, following): &mut (Vec<Entry>, Following<'_>), output: Output) -> anyhow::Result<ExitCode> {
    let mut is_read = print(last, output)?;
    while is_read {
        is_read = print(&following.next_rows(PATIENCE)?, output)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether somebody still reads.
fn print(rows: &[Entry], output: Output) -> anyhow::Result<bool> {
    let (zone, colours) = (TimeZone::system(), io::stdout().is_terminal());
    for entry in rows {
        if !output.row(entry, &line(entry, &zone, colours))? {
            return Ok(false);
        }
    }
    Ok(true)
}

impl SearchArguments {
    fn search(&self) -> Search {
        Search {
            source: self.from.source,
            level: self.level.clone(),
            module: self.module.clone(),
            query: self.query.clone(),
            limit: self.limit,
        }
    }
}

fn text(rows: &[Entry], nothing: &str) -> String {
    if rows.is_empty() {
        return nothing.to_owned();
    }
    let (zone, colours) = (TimeZone::system(), io::stdout().is_terminal());
    rows.iter().map(|entry| line(entry, &zone, colours)).collect::<Vec<_>>().join("\n")
}

fn line(entry: &Entry, zone: &TimeZone, colours: bool) -> String {
    format!("{:16} {}", entry.source, console_line(&entry.row, zone, colours))
}
