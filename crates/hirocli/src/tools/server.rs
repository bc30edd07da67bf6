//! The server of a workspace from outside: start, stop and restart it, and say how it is. Every function returns data.

mod python_server;
mod report;
pub(crate) mod supervised;

use std::path::Path;
use std::time::Duration;

use hiro_process::{
    Identity, Instance, Launch, Progress, StartOptions, StopOptions, Stopped, get_status, restart_instance,
    start_instance, stop_process,
};
use serde::Serialize;

use hirogateway::report::StateName;
use hirogateway::runtime::RuntimeChoice;

pub use python_server::foreground as python_foreground;
pub use report::{reports, server_report};

use crate::Error;
use crate::channels::Channels;
use crate::context::{Context, DATA_VARIABLE};
use crate::workspace::config::config_file;
use crate::workspace::{WorkspaceConfig, WorkspaceEntry};

use super::workspaces;

/// The file that the Python package runs as its server.
const PYTHON_SERVER: &str = "server_process.py";

/// Switches the figures on for one server, where it is exactly `1`.
pub(crate) const METRICS_VARIABLE: &str = "HIRO_METRICS";

/// Switches the admin pages of Python's server on, where it is exactly `1`.
const ADMIN_VARIABLE: &str = "HIRO_ADMIN_UI";

/// How long clearing up after a killed server waits for a live one to show: not at all, it has the right already.
const NO_PATIENCE: Duration = Duration::ZERO;

/// What one run of a server does beyond its configuration.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RunOptions {
    /// It gathers figures of itself, its children and the machine.
    pub metrics: bool,
    /// Whether it has admin pages, which only Python's has; absent: as the environment says.
    pub admin: Option<bool>,
}

impl RunOptions {
    /// How a server that is started with them learns of it; the Python package has the same variables.
    fn variables(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let metrics = self.metrics.then_some((METRICS_VARIABLE, "1"));
        let admin = self.admin.map(|is_wanted| (ADMIN_VARIABLE, if is_wanted { "1" } else { "0" }));
        metrics.into_iter().chain(admin)
    }
}

/// A server that is ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServerStarted {
    /// Its workspace.
    pub workspace: String,
    /// Its process.
    pub pid: u32,
    /// It was running before.
    pub already_running: bool,
    /// Where its HTTP API tells its status.
    pub status_url: String,
}

/// A server of which nothing is left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServerStopped {
    /// Its workspace.
    pub workspace: String,
    /// The process that was stopped, where one was running.
    pub pid: Option<u32>,
    /// The process had to be killed.
    pub killed: bool,
    /// What was cleared up after a crash.
    pub crash: Option<String>,
}

/// A server in place of the one before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServerRestarted {
    /// What became of the one before.
    pub before: ServerStopped,
    /// The new one.
    pub now: ServerStarted,
}

/// The server instance of the workspace in the folder `workspace`.
///
/// # Errors
/// The path is relative, and the current folder can't be read.
pub fn instance(workspace: &Path) -> Result<Instance, Error> {
    let pid_file = workspace.join("hiro.pid");
    match Instance::new(&pid_file) {
        Ok(instance) => Ok(instance.with_legacy_command([PYTHON_SERVER])),
        Err(source) => Err(Error::Io { action: "use the PID file", path: pid_file, source }),
    }
}

/// How the server of a workspace is run, detached: this program in the foreground, or Python, as its `runtime.json` says.
/// It declares the HTTP port; the other one is the process's own to bind: to look at it from outside could keep a server
/// from it that starts just now.
///
/// # Errors
/// The configuration names a host that this machine does not know, or the choice can't be understood.
pub fn launch(
    context: &Context,
    workspace: &WorkspaceEntry,
    config: &WorkspaceConfig,
    options: RunOptions,
) -> Result<Launch, Error> {
    let stderr_log = workspace.path.join("stderr.log");
    let launch = match RuntimeChoice::load(&workspace.path)? {
        RuntimeChoice::Native => Launch::native(&context.program, stderr_log)
            .args(["start", "--foreground", "--workspace", &workspace.id])
            .variable(DATA_VARIABLE, &context.data),
        RuntimeChoice::Uv { workspace_dir } => python_server::launch(context, &workspace_dir, stderr_log),
    };
    let launch = options.variables().fold(launch, |launch, (name, value)| launch.variable(name, value));
    Ok(launch
        .variable("HIRO_WORKSPACE", &workspace.name)
        .variable("HIRO_WORKSPACE_PATH", &workspace.path)
        .port(config.http_address()?))
}

/// Starts the server of a workspace, or finds it running. A workspace that was never set up is set up first.
///
/// # Errors
/// The configuration can't be used, a port is taken (the error names the holder), or the process does not get ready.
pub fn start(
    context: &Context,
    workspace: &WorkspaceEntry,
    options: RunOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<ServerStarted, Error> {
    let config = configured(context, workspace)?;
    let instance = instance(&workspace.path)?;
    let launch = launch(context, workspace, &config, options)?;
    let started = start_instance(&instance, &launch, &StartOptions::default(), progress)?;
    let started = python_server::confirm(workspace, &config, started, progress)?;
    Ok(ServerStarted::new(workspace, &config, started.identity, started.already_running))
}

/// Stops the server of a workspace and its channel plugins, also those that a killed server has left behind. What does
/// not run is stopped already.
///
/// # Errors
/// The witnesses disagree about what runs, or something can't be ended.
pub fn stop(workspace: &WorkspaceEntry) -> Result<ServerStopped, Error> {
    let stopped = stop_process(&instance(&workspace.path)?, &StopOptions::default())?;
    clear_channels(&workspace.path)?;
    Ok(ServerStopped::new(workspace, &stopped))
}

/// Stops the server of a workspace, if it runs, and starts it again.
///
/// # Errors
/// Those of [`start`] and [`stop`]. With a configuration that can't be used the server is left running.
pub fn restart(
    context: &Context,
    workspace: &WorkspaceEntry,
    options: RunOptions,
    progress: &mut dyn FnMut(Progress),
) -> Result<ServerRestarted, Error> {
    let config = configured(context, workspace)?;
    let launch = launch(context, workspace, &config, options)?;
    let instance = instance(&workspace.path)?;
    let (stopped, started) = restart_instance(&instance, &launch, &StartOptions::default(), progress)?;
    let started = python_server::confirm(workspace, &config, started, progress)?;
    Ok(ServerRestarted {
        before: ServerStopped::new(workspace, &stopped),
        now: ServerStarted::new(workspace, &config, started.identity, false),
    })
}

/// What there is to say where only a server that runs can do what is asked.
///
/// # Errors
/// The path is relative, and the current folder can't be read.
pub fn away(workspace: &WorkspaceEntry) -> Result<Error, Error> {
    let state = StateName::of(&get_status(&instance(&workspace.path)?));
    Ok(Error::ServerAway { workspace: workspace.name.clone(), state })
}

/// The configuration of a workspace, which is set up now where it never was.
///
/// # Errors
/// A file can't be understood or written, or no ports are free.
pub fn configured(context: &Context, workspace: &WorkspaceEntry) -> Result<WorkspaceConfig, Error> {
    if config_file(&workspace.path).exists() {
        return WorkspaceConfig::load(&workspace.path);
    }
    workspaces::set_up(context, workspace, None)
}

/// Ends what a killed server has left of its channels. Where another server lives by now they are its business.
fn clear_channels(workspace: &Path) -> Result<(), Error> {
    let channels = Channels::of(workspace);
    if !channels.exist() {
        return Ok(());
    }
    let Some(right) = channels.own(NO_PATIENCE)? else { return Ok(()) };
    for channel in channels.stop_all(&right)? {
        channel.outcome?;
    }
    Ok(())
}

impl ServerStarted {
    fn new(
        workspace: &WorkspaceEntry,
        config: &WorkspaceConfig,
        identity: Identity,
        already_running: bool,
    ) -> Self {
        Self {
            workspace: workspace.name.clone(),
            pid: identity.pid.get(),
            already_running,
            status_url: config.status_url(),
        }
    }
}

impl ServerStopped {
    fn new(workspace: &WorkspaceEntry, stopped: &Stopped) -> Self {
        let (pid, killed, crash) = match stopped {
            Stopped::Gracefully(identity) => (Some(identity.pid.get()), false, None),
            Stopped::Killed(identity) => (Some(identity.pid.get()), true, None),
            Stopped::Cleared(crash) => (None, false, Some(crash.to_string())),
            _ => (None, false, None),
        };
        Self { workspace: workspace.name.clone(), pid, killed, crash }
    }
}
