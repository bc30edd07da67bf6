//! The commands about workspaces.

use std::env;
use std::io::{BufRead, Write};
use std::process::ExitCode;

use anyhow::Context as _;
use hirogateway::GatewayError;
use hirogateway::cli::Output;
use hirogateway::runtime::RuntimeChoice;
use serde_json::json;

use super::arguments::{RuntimeName, RuntimeOption, SetupWords, Uninstall, UpdateWords, WorkspaceCommand};
use super::{progress, text};
use crate::Error;
use crate::context::Context;
use crate::tools::workspaces::{self, Changes, Setup};
use crate::workspace::{NewWorkspace, registry};

pub(super) fn run(context: &Context, command: &WorkspaceCommand, output: Output) -> anyhow::Result<ExitCode> {
    match command {
        WorkspaceCommand::List => {
            let all = workspaces::list(context)?;
            output.result(&json!({"workspaces": all}), &text::workspaces(&all))
        }
        WorkspaceCommand::Create { name, path, runtime, set_default } => {
            let new = NewWorkspace { name: name.clone(), path: path.clone(), make_default: *set_default };
            let created = workspaces::create(context, new, runtime.choice()?)?;
            output.result(&created, &text::created(&created))
        }
        WorkspaceCommand::Setup(words) => setup(context, words, output),
        WorkspaceCommand::Show { workspace } => {
            let shown = workspaces::show(context, workspace.as_deref())?;
            output.result(&shown, &text::workspace(&shown))
        }
        WorkspaceCommand::Update(words) => update(context, words, output),
        WorkspaceCommand::Remove { workspace, purge, yes } => {
            remove(context, workspace, *purge, *yes, output)
        }
        WorkspaceCommand::SetDefault { workspace } => {
            let chosen = workspaces::set_default(context, workspace)?;
            output.result(&chosen, &text::chosen(&chosen))
        }
        WorkspaceCommand::Teardown { workspace, purge } => {
            teardown(context, workspace.as_deref(), *purge, "", output)
        }
    }
}

/// The same as a teardown, and what is left to do by hand.
pub(super) fn uninstall(context: &Context, words: &Uninstall, output: Output) -> anyhow::Result<ExitCode> {
    teardown(context, words.which.workspace(), words.purge, text::UNINSTALL, output)
}

fn setup(context: &Context, words: &SetupWords, output: Output) -> anyhow::Result<ExitCode> {
    let meaning = words.meaning()?;
    let workspace = workspaces::resolve_or_create(context, words.workspace.as_deref())?;
    let mut told = |now| progress::tell_server(&workspace.name, now);
    let result = workspaces::setup(context, &workspace, &meaning, &mut told)?;
    let code = output.result(&result, &text::set_up(&result))?;
    result.autostart.check(&result.workspace)?;
    Ok(code)
}

fn update(context: &Context, words: &UpdateWords, output: Output) -> anyhow::Result<ExitCode> {
    let changes = Changes {
        name: words.name.clone(),
        make_default: words.set_default,
        gateway_url: words.gateway_url.clone(),
        runtime: words.runtime.choice()?,
    };
    let changed = workspaces::change(context, &words.workspace, &changes)?;
    output.result(&changed, &text::changed(&changed))
}

fn remove(
    context: &Context,
    workspace: &str,
    purge: bool,
    yes: bool,
    output: Output,
) -> anyhow::Result<ExitCode> {
    // Without `--purge` no file is deleted, so nothing is asked.
    if purge && !yes && !confirms(&text::removal(workspace))? {
        anyhow::bail!("aborted: `{workspace}` is still there");
    }
    let removed = workspaces::remove(context, workspace, purge)?;
    let code = output.result(&removed, &text::removed(&removed))?;
    removed.autostart.check(&removed.name)?;
    Ok(code)
}

/// Where there is no workspace at all there is nothing to tear down, and nothing is made.
fn teardown(
    context: &Context,
    workspace: Option<&str>,
    purge: bool,
    more: &str,
    output: Output,
) -> anyhow::Result<ExitCode> {
    if workspace.is_none() && registry::load(&context.data)?.workspaces.is_empty() {
        return output.result(&json!({"removed": false}), &format!("{}\n{more}", text::NOTHING));
    }
    let result = workspaces::teardown(context, workspace, purge)?;
    let code = output.result(&result, &format!("{}\n{more}", text::torn_down(&result)))?;
    result.autostart.check(&result.name)?;
    Ok(code)
}

impl SetupWords {
    fn meaning(&self) -> Result<Setup, Error> {
        if self.autostart && self.elevated_task {
            return Err(GatewayError::ElevatedTask.into());
        }
        Ok(Setup {
            gateway_url: self.gateway_url.clone(),
            http_port: self.port,
            metrics_enabled: (self.metrics || self.no_metrics).then_some(self.metrics),
            metrics_interval: self.metrics_interval,
            runtime: self.runtime.choice()?,
            start_server: self.start_server,
            autostart: (self.autostart || self.no_autostart).then_some(self.autostart),
        })
    }
}

impl RuntimeOption {
    fn choice(&self) -> Result<Option<RuntimeChoice>, Error> {
        let folder = match (self.runtime, &self.workspace_dir) {
            (None, _) => return Ok(None),
            (Some(RuntimeName::Native), _) => return Ok(Some(RuntimeChoice::Native)),
            (Some(RuntimeName::Uv), Some(folder)) => folder.clone(),
            (Some(RuntimeName::Uv), None) => {
                let here = |source| Error::Io { action: "find", path: ".".into(), source };
                env::current_dir().map_err(here)?
            }
        };
        Ok(Some(RuntimeChoice::uv_at(&folder)?))
    }
}

/// Whether the user says yes; who is not there says no.
fn confirms(question: &str) -> anyhow::Result<bool> {
    write!(std::io::stderr(), "{question} [y/N] ").context("could not ask")?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).context("could not read the answer")?;
    Ok(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
}
