//! Start, stop and restart of the server of a workspace.

use std::process::ExitCode;

use anyhow::Context as _;
use hirogateway::cli::{Output, replace};
use hirogateway::runtime::RuntimeChoice;

use super::arguments::{Start, Which};
use super::background::for_its_log;
use super::{progress, text};
use crate::context::Context;
use crate::runtime::server_process;
use crate::tools::server::RunOptions;
use crate::tools::{server, workspaces};
use crate::workspace::{WorkspaceEntry, registry};

pub(super) fn start(context: &Context, start: &Start, output: Output) -> anyhow::Result<ExitCode> {
    let workspace = workspaces::resolve_or_create(context, start.which.workspace())?;
    if start.foreground {
        return foreground(context, &workspace, start.options(), output);
    }
    let mut told = |now| progress::tell_server(&workspace.name, now);
    let started = server::start(context, &workspace, start.options(), &mut told)?;
    warn_of_admin(&workspace, start.options())?;
    output.result(&started, &text::started(&started))?;
    Ok(ExitCode::SUCCESS)
}

/// Where there is no workspace at all nothing runs, and nothing is made.
pub(super) fn stop(context: &Context, which: &Which, output: Output) -> anyhow::Result<ExitCode> {
    if which.workspace().is_none() && registry::load(&context.data)?.workspaces.is_empty() {
        output.result(&serde_json::json!({"pid": null}), text::NOT_RUNNING)?;
        return Ok(ExitCode::SUCCESS);
    }
    let stopped = server::stop(&workspaces::resolve(context, which.workspace())?)?;
    output.result(&stopped, &text::stopped(&stopped))?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn restart(context: &Context, start: &Start, output: Output) -> anyhow::Result<ExitCode> {
    let workspace = workspaces::resolve_or_create(context, start.which.workspace())?;
    if start.foreground {
        let stopped = server::stop(&workspace)?;
        output.line(&text::stopped(&stopped))?;
        return foreground(context, &workspace, start.options(), output);
    }
    let mut told = |now| progress::tell_server(&workspace.name, now);
    let restarted = server::restart(context, &workspace, start.options(), &mut told)?;
    warn_of_admin(&workspace, start.options())?;
    output.result(&restarted, &text::restarted(&restarted))?;
    Ok(ExitCode::SUCCESS)
}

fn foreground(
    context: &Context,
    workspace: &WorkspaceEntry,
    options: RunOptions,
    output: Output,
) -> anyhow::Result<ExitCode> {
    server::configured(context, workspace).map_err(for_its_log)?;
    if let Some(python) = server::python_foreground(context, workspace, options)? {
        return replace(python).context("could not run the Python server");
    }
    output.line("Server starting in foreground (Ctrl+C to stop)")?;
    warn_of_admin(workspace, options)?;
    server_process::run(context, workspace, options).map_err(for_its_log)?;
    output.line("Server stopped.")?;
    Ok(ExitCode::SUCCESS)
}

fn warn_of_admin(workspace: &WorkspaceEntry, options: RunOptions) -> anyhow::Result<()> {
    if options.admin == Some(true) && RuntimeChoice::load(&workspace.path)? == RuntimeChoice::Native {
        progress::warn("`--admin` has no effect: only Python's server has admin pages (`--runtime uv`)");
    }
    Ok(())
}
