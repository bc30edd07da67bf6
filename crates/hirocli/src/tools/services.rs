//! The services of a workspace from outside: add and remove them, start and stop them, and say how they are. Every function
//! returns data.

mod group;

use hiro_process::{Progress, StopOptions, Stopped, get_status};
use hirogateway::InstanceName;
use hirogateway::report::{InstanceReport, Kind, Reports};
use serde::Serialize;

pub use group::{ServiceUp, Upheld, bring_up, refuse_running, take_down};

use super::server;
use crate::Error;
use crate::context::Context;
use crate::services::{self, Definition, RestartPolicy, Service, ServiceError, Services, store};
use crate::workspace::WorkspaceEntry;

/// A service as its owner knows it. Of its own variables only the names are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServiceInfo {
    /// Its name within the workspace.
    pub name: String,
    /// How statuses call it.
    pub instance: String,
    /// The program and its arguments.
    pub command: Vec<String>,
    /// The uv workspace in whose environment it runs.
    pub uv: Option<String>,
    /// Its working directory.
    pub directory: String,
    /// The names of its own variables.
    pub env: Vec<String>,
    /// The file with more of them.
    pub env_file: Option<String>,
    /// When it counts as ready.
    pub ready: String,
    /// How long it may take until then, in seconds.
    pub ready_timeout_seconds: u64,
    /// How long it may take to end, in seconds.
    pub stop_grace_seconds: u64,
    /// Whether the running server starts it again.
    pub restart: RestartPolicy,
    /// What it comes after.
    pub after: Vec<String>,
    /// The `hiro.toml` that it comes from.
    pub project: Option<String>,
}

/// A service that is ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServiceStarted {
    /// How statuses call it.
    pub name: String,
    /// Its process.
    pub pid: u32,
    /// It was ready before.
    pub already_running: bool,
    /// Whether it is to be started again after it has ended by itself.
    pub restart: RestartPolicy,
    /// Whether a server runs that would do it.
    pub is_watched: bool,
    /// What should be known about its definition.
    pub warnings: Vec<String>,
}

/// A service of which nothing is left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServiceStopped {
    /// How statuses call it.
    pub name: String,
    /// The process that was stopped, where one was running.
    pub pid: Option<u32>,
    /// The process had to be killed.
    pub killed: bool,
    /// What was cleared up after a crash.
    pub crash: Option<String>,
}

/// A service in place of the one before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServiceRestarted {
    /// What became of the one before.
    pub before: ServiceStopped,
    /// The new one.
    pub now: ServiceStarted,
}

/// Defines a new service. It is not started.
///
/// # Errors
/// The name is another service's, or nothing could start it.
pub fn add(
    workspace: &WorkspaceEntry,
    name: &InstanceName,
    definition: &Definition,
) -> Result<ServiceInfo, Error> {
    store::add(&workspace.path, name, definition)?;
    Ok(info(workspace, name.as_str(), definition))
}

/// Stops a service and strikes it out. Its logs stay.
///
/// # Errors
/// There is no such service, others come after it, or it can't be stopped.
pub fn remove(workspace: &WorkspaceEntry, name: &str) -> Result<ServiceStopped, Error> {
    store::refuse_needed(&store::load(&workspace.path)?, name)?;
    let stopped = stop(workspace, name)?;
    store::remove(&workspace.path, name)?;
    Ok(stopped)
}

/// All services of a workspace, in the order in which they were defined.
///
/// # Errors
/// `services.json` can't be understood.
pub fn list(workspace: &WorkspaceEntry) -> Result<Vec<ServiceInfo>, Error> {
    let all = store::load(&workspace.path)?;
    Ok(all.iter().map(|(name, definition)| info(workspace, name, definition)).collect())
}

/// How the services of a workspace are, or the one called `name`. Nothing is changed by it.
///
/// # Errors
/// There is no such service; where `services.json` can't be understood, that is the error.
pub fn status(context: &Context, workspace: &WorkspaceEntry, name: Option<&str>) -> Result<Reports, Error> {
    let (rows, failure) = services::reports(context, workspace)?;
    let Some(name) = name else { return failure.map_or(Ok(Reports::new(rows)), Err) };
    let wanted = instance_name(workspace, name);
    match (rows.into_iter().find(|row: &InstanceReport| row.name == wanted), failure) {
        (Some(row), _) => Ok(Reports::new(vec![row])),
        (None, Some(failure)) => Err(failure),
        (None, None) => Err(unknown(workspace, name)),
    }
}

/// Starts a service, and it alone, and waits until it is ready, or finds it ready.
///
/// # Errors
/// There is no such service, its port is somebody else's (the error names the holder), or it does not become ready.
pub fn start(
    context: &Context,
    workspace: &WorkspaceEntry,
    name: &str,
    progress: &mut dyn FnMut(Progress),
) -> Result<ServiceStarted, Error> {
    let (service, mut warnings) = (service(context, workspace, name)?, Vec::new());
    let started = service.start(progress, &mut |warning| warnings.push(warning))?;
    started_now(workspace, &service, started.identity.pid.get(), started.already_running, warnings)
}

/// Stops a service with everything that it has started. What does not run is stopped already.
///
/// # Errors
/// There is no such service, the witnesses disagree about what runs, or something can't be ended.
pub fn stop(workspace: &WorkspaceEntry, name: &str) -> Result<ServiceStopped, Error> {
    let place = Services::of(&workspace.path);
    // A definition that can't be read is no reason not to stop what runs.
    let grace = match store::load(&workspace.path) {
        Ok(all) => all.get(name).map(|definition| definition.stop_grace),
        Err(_) if place.known()?.contains(name) => None,
        Err(error) => return Err(error),
    };
    if grace.is_none() && !place.known()?.contains(name) {
        return Err(unknown(workspace, name));
    }
    let stopped = place.stop(&name.parse()?, grace.unwrap_or(StopOptions::default().grace))?;
    Ok(ServiceStopped::new(instance_name(workspace, name), &stopped))
}

/// Stops a service, if it runs, and starts it again.
///
/// # Errors
/// Those of [`start`] and [`stop`].
pub fn restart(
    context: &Context,
    workspace: &WorkspaceEntry,
    name: &str,
    progress: &mut dyn FnMut(Progress),
) -> Result<ServiceRestarted, Error> {
    let (service, mut warnings) = (service(context, workspace, name)?, Vec::new());
    let (before, now) = service.restart(progress, &mut |warning| warnings.push(warning))?;
    Ok(ServiceRestarted {
        before: ServiceStopped::new(service.instance_name(), &before),
        now: started_now(workspace, &service, now.identity.pid.get(), false, warnings)?,
    })
}

/// The service `name` as it is defined now.
///
/// # Errors
/// There is none, or `services.json` can't be understood.
pub fn service(context: &Context, workspace: &WorkspaceEntry, name: &str) -> Result<Service, Error> {
    let definition =
        store::load(&workspace.path)?.shift_remove(name).ok_or_else(|| unknown(workspace, name))?;
    Ok(Service::new(context, workspace, name.parse()?, definition))
}

impl ServiceStopped {
    fn new(name: String, stopped: &Stopped) -> Self {
        let (pid, killed, crash) = match stopped {
            Stopped::Gracefully(identity) => (Some(identity.pid.get()), false, None),
            Stopped::Killed(identity) => (Some(identity.pid.get()), true, None),
            Stopped::Cleared(crash) => (None, false, Some(crash.to_string())),
            _ => (None, false, None),
        };
        Self { name, pid, killed, crash }
    }
}

fn started_now(
    workspace: &WorkspaceEntry,
    service: &Service,
    pid: u32,
    already_running: bool,
    warnings: Vec<String>,
) -> Result<ServiceStarted, Error> {
    Ok(ServiceStarted {
        name: service.instance_name(),
        pid,
        already_running,
        restart: service.definition().restart,
        is_watched: is_watched(workspace)?,
        warnings,
    })
}

/// A server that is Python's, behind the shim, knows nothing of services.
fn is_watched(workspace: &WorkspaceEntry) -> Result<bool, Error> {
    let state = get_status(&server::instance(&workspace.path)?);
    let record = state.run().and_then(|run| run.record.as_ref());
    Ok(record.is_some_and(|record| !record.ready_on_exec))
}

fn instance_name(workspace: &WorkspaceEntry, name: &str) -> String {
    Kind::Service.instance_name(&format!("{}/{name}", workspace.name))
}

fn unknown(workspace: &WorkspaceEntry, name: &str) -> Error {
    let known = store::load(&workspace.path).map(|all| all.into_keys().collect()).unwrap_or_default();
    ServiceError::Unknown { workspace: workspace.name.clone(), name: name.to_owned(), known }.into()
}

fn info(workspace: &WorkspaceEntry, name: &str, definition: &Definition) -> ServiceInfo {
    let text = |path: &std::path::PathBuf| path.display().to_string();
    ServiceInfo {
        name: name.to_owned(),
        instance: instance_name(workspace, name),
        command: definition.command.clone(),
        uv: definition.uv.as_ref().map(text),
        directory: text(&definition.directory),
        env: definition.env.keys().cloned().collect(),
        env_file: definition.env_file.as_ref().map(text),
        ready: definition.ready.to_string(),
        ready_timeout_seconds: definition.ready_timeout.as_secs(),
        stop_grace_seconds: definition.stop_grace.as_secs(),
        restart: definition.restart,
        after: definition.after.clone(),
        project: definition.project.as_ref().map(text),
    }
}
