//! Settles how a workspace's server starts with the computer, and keeps the label in its configuration true.

use std::ffi::OsString;

use hirogateway::autostart::{Standing, Subject};
use hirogateway::config::AUTOSTART_SKIPPED;

use crate::Error;
use crate::context::{APP, Context};
use crate::workspace::{WorkspaceConfig, WorkspaceEntry};

/// Does what is wished.
pub(super) fn settle(
    context: &Context,
    workspace: &WorkspaceEntry,
    config: &WorkspaceConfig,
    wish: Option<bool>,
) -> Result<Standing, Error> {
    let command = command(context);
    subject(context, workspace, &command).settle(method(config), wish, |method| record(workspace, method))
}

/// Takes the registration away of a workspace that goes. Where no configuration can be read, nobody knows of one.
pub(super) fn unregister(context: &Context, workspace: &WorkspaceEntry) -> Standing {
    let Ok(config) = WorkspaceConfig::load(&workspace.path) else { return Standing::default() };
    let command = command(context);
    subject(context, workspace, &command).forget(method(&config), |method| record(workspace, method))
}

fn command(context: &Context) -> [OsString; 1] {
    [context.program.clone().into()]
}

fn subject<'a>(context: &'a Context, workspace: &'a WorkspaceEntry, command: &'a [OsString]) -> Subject<'a> {
    let (target, data) = (&*workspace.id, &*context.data);
    Subject { app: APP, target, command, option: "--workspace", data }
}

fn method(config: &WorkspaceConfig) -> &str {
    config.autostart_method.as_deref().unwrap_or(AUTOSTART_SKIPPED)
}

fn record(workspace: &WorkspaceEntry, method: &str) -> Result<(), Error> {
    WorkspaceConfig::update(&workspace.path, |config| config.autostart_method = Some(method.to_owned()))
}
