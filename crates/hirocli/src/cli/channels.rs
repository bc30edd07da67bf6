//! The commands about the channels of a workspace.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use hirogateway::cli::Output;
use hirogateway::report::columns;
use serde_json::json;

use super::arguments::{Channel, ChannelCommand, Row};
use crate::Error;
use crate::context::Context;
use crate::server::ChildOrder;
use crate::services::{Follower, LogLine, Source};
use crate::tools::channels::{self, ChannelChange, ChannelChanged, ChannelInfo, OverHttp, Presence};
use crate::tools::workspaces;
use crate::workspace::WorkspaceEntry;

/// Between two looks whether anybody still reads.
const PATIENCE: Duration = Duration::from_secs(1);

pub(super) fn run(context: &Context, channel: &Channel, output: Output) -> anyhow::Result<ExitCode> {
    let workspace = workspaces::resolve(context, channel.which.workspace())?;
    let workspace = &workspace;
    match &channel.command {
        ChannelCommand::List | ChannelCommand::Status { name: None } => {
            let all = channels::list(workspace)?;
            output.result(&json!({"channels": all}), &table(&all))
        }
        ChannelCommand::Status { name: Some(name) } => status(workspace, name, output),
        ChannelCommand::Logs { name, lines, follow } => logs(workspace, name, *lines, *follow, output),
        ChannelCommand::Install { name, package, .. } => {
            Err(channels::not_installed(name, package.as_deref()).into())
        }
        command => {
            let (verb, changed) = change(workspace, command)?;
            output.result(&changed, &text(verb, &changed))
        }
    }
}

/// What has become of a change, and the word for it.
fn change(
    workspace: &WorkspaceEntry,
    command: &ChannelCommand,
) -> Result<(&'static str, ChannelChanged), Error> {
    Ok(match command {
        ChannelCommand::Add { name, row, disabled, words } => {
            let change = ChannelChange { enabled: Some(!disabled), ..row.change(words) };
            ("added", channels::change(workspace, name, Presence::New, change, &OverHttp)?)
        }
        ChannelCommand::Setup { name, command, enable: _, no_enable } => {
            let command = command.as_deref().map(channels::words);
            let change = ChannelChange { command, enabled: Some(!no_enable), ..ChannelChange::default() };
            ("set up", channels::change(workspace, name, Presence::Either, change, &OverHttp)?)
        }
        ChannelCommand::Configure { name, row, unset, words } => {
            let change = ChannelChange { unset: unset.clone(), ..row.change(words) };
            ("configured", channels::change(workspace, name, Presence::Present, change, &OverHttp)?)
        }
        ChannelCommand::Remove { name, .. } => ("removed", channels::remove(workspace, name, &OverHttp)?),
        ChannelCommand::Enable { name } => {
            ("enabled", channels::set_enabled(workspace, name, true, &OverHttp)?)
        }
        ChannelCommand::Disable { name } => {
            ("disabled", channels::set_enabled(workspace, name, false, &OverHttp)?)
        }
        ChannelCommand::Start { name } => {
            ("started", channels::order(workspace, name, ChildOrder::Start, &OverHttp)?)
        }
        ChannelCommand::Stop { name } => {
            ("stopped", channels::order(workspace, name, ChildOrder::Stop, &OverHttp)?)
        }
        ChannelCommand::Restart { name } => {
            ("restarted", channels::order(workspace, name, ChildOrder::Restart, &OverHttp)?)
        }
        ChannelCommand::List
        | ChannelCommand::Install { .. }
        | ChannelCommand::Status { .. }
        | ChannelCommand::Logs { .. } => unreachable!("these change nothing"),
    })
}

impl Row {
    fn change(&self, words: &[String]) -> ChannelChange {
        ChannelChange {
            command: (!words.is_empty()).then(|| words.to_vec()),
            workspace_dir: self.workspace_dir.as_ref().map(absolute),
            set: self.set.clone(),
            ..ChannelChange::default()
        }
    }
}

/// The server has another current folder. An empty one stands for none.
fn absolute(folder: &PathBuf) -> PathBuf {
    match folder.as_os_str().is_empty() {
        true => PathBuf::new(),
        false => std::path::absolute(folder).unwrap_or_else(|_| folder.clone()),
    }
}

fn status(workspace: &WorkspaceEntry, name: &str, output: Output) -> anyhow::Result<ExitCode> {
    let channel = channels::show(workspace, name)?;
    output.result(&channel, &details(&channel))?;
    Ok(ExitCode::from(channel.report.state.exit_code()))
}

fn logs(
    workspace: &WorkspaceEntry,
    name: &str,
    lines: usize,
    follow: bool,
    output: Output,
) -> anyhow::Result<ExitCode> {
    let log = channels::show(workspace, name)?.report.stderr_log;
    let (last, mut follower) =
        Follower::from_last(&[(Source::Stderr, log.as_path())], lines).map_err(Error::from)?;
    let print = |lines: &[LogLine]| -> anyhow::Result<bool> {
        for line in lines {
            if !output.row(&json!({"channel": name, "line": line.text}), &line.text)? {
                return Ok(false);
            }
        }
        Ok(true)
    };
    let mut is_read = print(&last)?;
    while follow && is_read {
        is_read = print(&follower.next_lines(PATIENCE).map_err(Error::from)?)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn table(all: &[ChannelInfo]) -> String {
    if all.is_empty() {
        return "No channels configured.".to_owned();
    }
    let rows: Vec<_> = all.iter().map(row).collect();
    columns(["NAME", "ENABLED", "STATE", "PID", "RESTARTS", "COMMAND", "LAST ERROR"], &rows)
}

fn row(channel: &ChannelInfo) -> [String; 7] {
    let report = &channel.report;
    let default = || format!("hiro-channel-{}", channel.channel);
    [
        channel.channel.clone(),
        if channel.enabled { "yes" } else { "no" }.to_owned(),
        report.state.to_string(),
        report.pid.map_or_else(|| "-".to_owned(), |pid| pid.to_string()),
        report.other.get("restarts").map_or_else(|| "-".to_owned(), ToString::to_string),
        if channel.command.is_empty() { default() } else { channel.command.join(" ") },
        report.last_error.clone().unwrap_or_default(),
    ]
}

/// Everything about one channel, and what its plugin said before its last crash.
fn details(channel: &ChannelInfo) -> String {
    let [name, enabled, state, pid, restarts, command, error] = row(channel);
    let report = &channel.report;
    let text = |key: &str| report.other.get(key).and_then(|value| value.as_str()).map(str::to_owned);
    let known = [
        ("name", Some(name)),
        ("enabled", Some(enabled)),
        ("state", Some(state)),
        ("pid", Some(pid)),
        ("restarts", Some(restarts)),
        ("next start", text("next_start_at")),
        ("command", Some(command)),
        ("log", Some(report.stderr_log.display().to_string())),
        ("error", Some(error).filter(|error| !error.is_empty())),
    ];
    let lines = known.into_iter().filter_map(|(name, value)| Some(format!("{name:10} {}\n", value?)));
    let crash = &report.other.get("last_crash").map(|crash| crash["stderr"].clone()).unwrap_or_default();
    let stderr = crash.as_array().into_iter().flatten().filter_map(|line| line.as_str());
    lines.chain(stderr.map(|line| format!("  | {line}\n"))).collect()
}

fn text(verb: &str, changed: &ChannelChanged) -> String {
    let ChannelChanged { channel, applied, pid, was_pid, .. } = changed;
    let first = format!("Channel '{channel}' {verb}");
    match (pid, was_pid) {
        (Some(pid), Some(was)) if pid != was => format!("{first} (was PID {was}, now PID {pid})."),
        (Some(pid), _) => format!("{first} (PID {pid})."),
        (None, Some(was)) => format!("{first} (was PID {was})."),
        (None, None) if *applied => format!("{first}."),
        (None, None) => format!("{first}. The server is not running."),
    }
}
