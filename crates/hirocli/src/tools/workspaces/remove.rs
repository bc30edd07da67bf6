//! Takes workspaces away again: out of the background, out of the registry, and off the disk where that is asked for.

use std::path::PathBuf;

use hiro_process::{State, get_status};
use hirogateway::autostart::{Standing, Trouble};
use serde::Serialize;

use super::{autostart, purge, resolve};
use crate::Error;
use crate::context::Context;
use crate::tools::server::{self, ServerStopped};
use crate::tools::services;
use crate::workspace::{WorkspaceEntry, registry};

/// A workspace whose server does not run any more, and that may not exist any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WorkspaceRemoved {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its folder.
    pub path: PathBuf,
    /// What became of its server, where that was to be stopped.
    pub server: Option<ServerStopped>,
    /// Its server started with the computer, and does not any more.
    pub autostart_removed: bool,
    /// Why something is left of that, by whoever has registered it.
    #[serde(flatten)]
    pub autostart: Trouble,
    /// It is not in the registry any more.
    pub removed: bool,
    /// Its files were deleted.
    pub purged: bool,
    /// Its folder is still there: it was not purged, or holds what no server wrote.
    pub folder_remains: bool,
}

/// Strikes a workspace out of the registry, and has its server start with the computer no more; with `purge` its files go,
/// too. Of a folder that its owner chose, only what a server wrote is deleted.
///
/// # Errors
/// There is no such workspace, its server or a service is not stopped, it is the default one and there are others, or a file can't be
/// deleted.
pub fn remove(context: &Context, named: &str, purge: bool) -> Result<WorkspaceRemoved, Error> {
    let registry = registry::load(&context.data)?;
    let entry = registry.resolve(Some(named), None)?.clone();
    if get_status(&server::instance(&entry.path)?) != State::Stopped {
        return Err(Error::WorkspaceRunning { name: entry.name });
    }
    services::refuse_running(&entry)?;
    if registry.default_workspace == entry.id && registry.workspaces.len() > 1 {
        return Err(Error::WorkspaceIsDefault { name: entry.name });
    }
    strike_out(context, entry, purge, None)
}

/// Stops the services and the server of a workspace with all that they have started, and has it start with the computer no
/// more; with `purge` the workspace is removed with its files, whether it is the default one or not.
///
/// # Errors
/// There is no such workspace, something can't be stopped (then nothing is removed), or a file can't be deleted.
pub fn teardown(context: &Context, named: Option<&str>, purge: bool) -> Result<WorkspaceRemoved, Error> {
    let entry = resolve(context, named)?;
    for service in services::take_down(&entry) {
        service?;
    }
    let stopped = server::stop(&entry)?;
    match purge {
        true => strike_out(context, entry, true, Some(stopped)),
        false => {
            let autostart = autostart::unregister(context, &entry);
            Ok(result(entry, Some(stopped), autostart))
        }
    }
}

fn strike_out(
    context: &Context,
    entry: WorkspaceEntry,
    purge: bool,
    server: Option<ServerStopped>,
) -> Result<WorkspaceRemoved, Error> {
    let autostart = autostart::unregister(context, &entry);
    registry::remove(&context.data, &entry.id)?;
    if purge {
        let others = registry::load(&context.data)?;
        purge::purge(
            &context.data,
            &entry.path,
            others.workspaces.values().map(|other| other.path.as_path()),
        )?;
    }
    Ok(WorkspaceRemoved { removed: true, purged: purge, ..result(entry, server, autostart) })
}

fn result(entry: WorkspaceEntry, server: Option<ServerStopped>, autostart: Standing) -> WorkspaceRemoved {
    WorkspaceRemoved {
        id: entry.id,
        name: entry.name,
        server,
        autostart_removed: autostart.removed,
        autostart: autostart.trouble,
        removed: false,
        purged: false,
        folder_remains: entry.path.exists(),
        path: entry.path,
    }
}
