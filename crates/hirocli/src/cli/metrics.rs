//! The commands about the figures that a server gathers of itself, its children and the machine.

use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use clap::Subcommand;
use hirogateway::cli::Output;
use hirogateway::report::columns;
use serde_json::Value;

use super::arguments::Which;
use crate::context::Context;
use crate::tools::api::Api;
use crate::tools::{server, workspaces};

#[derive(Debug, Subcommand)]
pub(super) enum MetricsCommand {
    /// Say whether figures are gathered, how often, and how many there are
    Status(Which),
    /// Print the last figures
    Snapshot(Which),
    /// Print the figures again and again, as they are gathered, until Ctrl-C
    ///
    /// With --json every snapshot is an object in a line of its own.
    Live(Which),
}

/// What empties a terminal and begins at its upper left.
const CLEAR: &str = "\x1b[2J\x1b[H";

/// Between two looks for newer figures: a server gathers them once a second at most.
const PAUSE: Duration = Duration::from_millis(500);

pub(super) fn run(context: &Context, command: &MetricsCommand, output: Output) -> anyhow::Result<ExitCode> {
    let (which, path, text): (_, _, fn(&Value) -> String) = match command {
        MetricsCommand::Status(which) => (which, "/metrics/status", status),
        MetricsCommand::Snapshot(which) => (which, "/metrics", snapshot),
        MetricsCommand::Live(which) => return live(&api(context, which)?, output),
    };
    let answer = api(context, which)?.read(path)?;
    output.result(&answer, &text(&answer))
}

fn api(context: &Context, which: &Which) -> anyhow::Result<Api> {
    let workspace = workspaces::resolve(context, which.workspace())?;
    match Api::of_running(&workspace)? {
        Some(api) => Ok(api),
        None => Err(server::away(&workspace)?.into()),
    }
}

/// Ends when nobody reads any more, or the server has gone.
fn live(api: &Api, output: Output) -> anyhow::Result<ExitCode> {
    let before = if io::stdout().is_terminal() { CLEAR } else { "" };
    let mut last = Value::Null;
    loop {
        let answer = api.read("/metrics")?;
        if answer["timestamp"] != last {
            if !output.row(&answer, &format!("{before}{}\n", snapshot(&answer)))? {
                return Ok(ExitCode::SUCCESS);
            }
            last = answer["timestamp"].clone();
        }
        thread::sleep(PAUSE);
    }
}

fn status(answer: &Value) -> String {
    let keys = ["enabled", "interval", "history_size", "history_length"];
    keys.map(|key| format!("{key:14} {}", answer[key])).join("\n")
}

/// A row for the server and for each of its children, and lines about the machine.
fn snapshot(answer: &Value) -> String {
    let row = |name: &str, of: &Value| {
        [name.to_owned(), plain(&of["pid"]), plain(&of["cpu_percent"]), plain(&of["rss_bytes"])]
    };
    let children = answer["children"].as_array().map(Vec::as_slice).unwrap_or_default();
    let children = children.iter().map(|child| row(child["instance"].as_str().unwrap_or_default(), child));
    let rows: Vec<_> = std::iter::once(row("server", &answer["process"])).chain(children).collect();
    let machine = ["cpu", "memory", "disk", "network"].map(|part| line(part, &answer[part]));
    format!("{}\n{}", columns(["NAME", "PID", "CPU %", "RSS"], &rows), machine.join("\n"))
}

fn line(part: &str, figures: &Value) -> String {
    let Some(figures) = figures.as_object() else { return format!("{part:8} -") };
    let single = figures.iter().filter(|(_, figure)| !figure.is_array());
    let words: Vec<String> = single.map(|(key, figure)| format!("{key} {}", plain(figure))).collect();
    format!("{part:8} {}", words.join(" · "))
}

fn plain(figure: &Value) -> String {
    if figure.is_null() { "-".to_owned() } else { figure.to_string() }
}
