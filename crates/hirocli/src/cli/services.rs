//! The commands about services.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use hiro_process::find_workspace_root;
use hirogateway::cli::Output;
use hirogateway::report::table;
use jiff::Timestamp;
use serde_json::json;

use super::arguments::Which;
use super::service_arguments::{Add, Logs, One, ServiceCommand};
use super::{progress, service_text as text};
use crate::Error;
use crate::context::Context;
use crate::league::Progress;
use crate::services::{Definition, Follower, LogLine, Services, Source};
use crate::tools::{services, workspaces};
use crate::workspace::WorkspaceEntry;

/// Between two looks whether anybody still reads.
const PATIENCE: Duration = Duration::from_secs(1);

pub(super) fn run(context: &Context, command: &ServiceCommand, output: Output) -> anyhow::Result<ExitCode> {
    match command {
        ServiceCommand::Add(add) => {
            let workspace = workspaces::resolve_or_create(context, add.which.workspace())?;
            let added = services::add(&workspace, &add.name, &definition(add)?)?;
            output.result(&added, &text::added(&added))
        }
        ServiceCommand::Remove(one) => {
            let removed = services::remove(&workspace(context, &one.which)?, &one.name)?;
            output.result(&removed, &text::removed(&removed))
        }
        ServiceCommand::Start(one) => start(context, one, output),
        ServiceCommand::Stop(one) => {
            let stopped = services::stop(&workspace(context, &one.which)?, &one.name)?;
            output.result(&stopped, &text::stopped(&stopped))
        }
        ServiceCommand::Restart(one) => restart(context, one, output),
        ServiceCommand::Status { name, which } => status(context, which, name.as_deref(), output),
        ServiceCommand::Logs(logs) => show(context, logs, output),
        ServiceCommand::List(which) => {
            let all = services::list(&workspace(context, which)?)?;
            output.result(&json!({"services": all}), &text::list(&all))
        }
    }
}

fn workspace(context: &Context, which: &Which) -> Result<WorkspaceEntry, Error> {
    workspaces::resolve(context, which.workspace())
}

/// What was typed, with paths that hold wherever it is started from.
fn definition(add: &Add) -> anyhow::Result<Definition> {
    let absolute = |path: &Path| {
        std::path::absolute(path).with_context(|| format!("could not find `{}`", path.display()))
    };
    let here = absolute(Path::new("."))?;
    let mut uv = add.uv.as_deref().map(absolute).transpose()?;
    let mut command = add.command.clone();
    if let Some(module) = &add.module {
        command.splice(..0, ["python", "-m", module].map(str::to_owned));
        if uv.is_none() {
            let start = here.clone();
            let root = find_workspace_root(&start)?;
            uv = Some(root.ok_or_else(|| Error::Process(hiro_process::Error::NoWorkspaceRoot { start }))?);
        }
    }
    Ok(Definition {
        uv,
        env: add.env.iter().cloned().collect(),
        env_file: add.env_file.as_deref().map(absolute).transpose()?,
        ready: add.ready.clone(),
        ready_timeout: Duration::from_secs(add.ready_timeout),
        stop_grace: Duration::from_secs(add.stop_grace),
        restart: add.restart,
        after: add.after.clone(),
        ..Definition::new(command, add.cwd.as_deref().map_or(Ok(here), absolute)?)
    })
}

fn start(context: &Context, one: &One, output: Output) -> anyhow::Result<ExitCode> {
    let started =
        services::start(context, &workspace(context, &one.which)?, &one.name, &mut |now| tell(one, now))?;
    started.warnings.iter().for_each(|warning| progress::warn(warning));
    output.result(&started, &text::started(&started))
}

fn restart(context: &Context, one: &One, output: Output) -> anyhow::Result<ExitCode> {
    let workspace = workspace(context, &one.which)?;
    let restarted = services::restart(context, &workspace, &one.name, &mut |now| tell(one, now))?;
    restarted.now.warnings.iter().for_each(|warning| progress::warn(warning));
    output.result(&restarted, &text::restarted(&restarted))
}

fn tell(one: &One, now: hiro_process::Progress) {
    progress::tell(Progress { what: format!("service {}", one.name), waited: now.waited, phase: now.phase });
}

/// The exit code tells about one service if that one was named.
fn status(context: &Context, which: &Which, name: Option<&str>, output: Output) -> anyhow::Result<ExitCode> {
    let reports = services::status(context, &workspace(context, which)?, name)?;
    let table = table(&reports, Timestamp::now());
    output.reports(&reports, if table.is_empty() { text::NONE } else { &table })?;
    Ok(match (name, reports.instances.as_slice()) {
        (Some(_), [report]) => ExitCode::from(report.state.exit_code()),
        _ => ExitCode::SUCCESS,
    })
}

fn show(context: &Context, logs: &Logs, output: Output) -> anyhow::Result<ExitCode> {
    let workspace = workspace(context, &logs.one.which)?;
    services::status(context, &workspace, Some(&logs.one.name))?;
    let (place, name) = (Services::of(&workspace.path), logs.one.name.parse()?);
    let (stdout, stderr) = (place.stdout_log(&name), place.stderr_log(&name));
    let mut of = vec![(Source::Stdout, stdout.as_path()), (Source::Stderr, stderr.as_path())];
    of.retain(|(source, _)| match source {
        Source::Stdout => !logs.stderr,
        Source::Stderr => !logs.stdout,
    });
    let (lines, mut follower) = Follower::from_last(&of, logs.lines).map_err(Error::from)?;
    let mut is_read = print(&lines, of.len() > 1, output)?;
    while logs.follow && is_read {
        let lines = follower.next_lines(PATIENCE).map_err(Error::from)?;
        is_read = print(&lines, of.len() > 1, output)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether somebody still reads.
fn print(lines: &[LogLine], of_both: bool, output: Output) -> anyhow::Result<bool> {
    for line in lines {
        if !output.row(line, &text::log_line(line, of_both))? {
            return Ok(false);
        }
    }
    Ok(true)
}
