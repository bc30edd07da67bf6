//! The commands about workspaces.

use std::process::ExitCode;

use hirogateway::cli::Output;
use serde_json::json;

use super::arguments::WorkspaceCommand;
use super::text;
use crate::context::Context;
use crate::tools::workspaces;
use crate::workspace::NewWorkspace;

pub(super) fn run(context: &Context, command: &WorkspaceCommand, output: Output) -> anyhow::Result<ExitCode> {
    match command {
        WorkspaceCommand::List => {
            let all = workspaces::list(context)?;
            output.result(&json!({"workspaces": all}), &text::workspaces(&all))?;
        }
        WorkspaceCommand::Create { name, path, set_default } => {
            let new = NewWorkspace { name: name.clone(), path: path.clone(), make_default: *set_default };
            let created = workspaces::create(context, new)?;
            output.result(&created, &text::created(&created))?;
        }
        WorkspaceCommand::Show { workspace } => {
            let shown = workspaces::show(context, workspace.as_deref())?;
            output.result(&shown, &text::workspace(&shown))?;
        }
        WorkspaceCommand::Remove { workspace, .. } => {
            let removed = workspaces::remove(context, workspace)?;
            output.result(&removed, &text::removed(&removed))?;
        }
        WorkspaceCommand::SetDefault { workspace } => {
            let chosen = workspaces::set_default(context, workspace)?;
            output.result(&chosen, &text::chosen(&chosen))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
