//! The commands about the figures that a server gathers of itself, its children and the machine.

use std::process::ExitCode;

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
}

pub(super) fn run(context: &Context, command: &MetricsCommand, output: Output) -> anyhow::Result<ExitCode> {
    let (which, path, text): (_, _, fn(&Value) -> String) = match command {
        MetricsCommand::Status(which) => (which, "/metrics/status", status),
        MetricsCommand::Snapshot(which) => (which, "/metrics", snapshot),
    };
    let workspace = workspaces::resolve(context, which.workspace())?;
    let api = match Api::of_running(&workspace)? {
        Some(api) => api,
        None => return Err(server::away(&workspace)?.into()),
    };
    let answer = api.read(path)?;
    output.result(&answer, &text(&answer))
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
