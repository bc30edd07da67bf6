//! A message that goes all the way through a league and comes back as an echo.

use std::time::Duration;

use hiro_process::get_status;
use hirogateway::report::StateName;

use crate::Error;
use crate::context::Context;
use crate::demo::{self, Demo, DemoOutcome};
use crate::runtime::start_runtime;
use crate::tools::{server, workspaces};
use crate::workspace::WorkspaceConfig;

/// How long the login of the server, and the echo, may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Pairs a throw-away device with the workspace, says `message` as it, and waits for the echo.
///
/// # Errors
/// The server does not run or is not logged in to its gateway, or a step of the device fails.
pub fn demonstrate(context: &Context, workspace: Option<&str>, message: &str) -> Result<DemoOutcome, Error> {
    let workspace = workspaces::resolve(context, workspace)?;
    let config = WorkspaceConfig::load(&workspace.path)?;
    let state = get_status(&server::instance(&workspace.path)?);
    if state.run().is_none() {
        return Err(Error::ServerAway { workspace: workspace.name, state: StateName::of(&state) });
    }
    let demo = Demo {
        workspace: workspace.path,
        status_url: config.status_url(),
        gateway_url: config.gateway_url,
        message: message.to_owned(),
        patience: PATIENCE,
    };
    start_runtime()?.block_on(demo::run(&demo))
}
