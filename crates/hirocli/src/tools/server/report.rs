//! The rows of a workspace in a status: its server, and every channel that is to run or does.

use std::collections::BTreeMap;

use hiro_process::{State, get_status};
use hirogateway::InstanceName;
use hirogateway::report::{InstanceReport, Kind, Runtime, StateName};
use hirogateway::runtime::RuntimeChoice;
use serde_json::{Value, json};

use super::python_server::{look, says_nothing};
use super::{instance, supervised};
use crate::Error;
use crate::channels::Channels;
use crate::database::Database;
use crate::error::with_causes;
use crate::workspace::{SupervisionFile, WorkspaceConfig, WorkspaceEntry, WorkspaceState};

/// The rows of a workspace. What can't be read of it is said in the server's row and hides nothing else.
///
/// # Errors
/// The workspace's path is relative, and the current folder can't be read.
pub fn reports(workspace: &WorkspaceEntry, is_default: bool) -> Result<Vec<InstanceReport>, Error> {
    let mut server = server_report(workspace, is_default)?;
    let channels = channel_reports(workspace).unwrap_or_else(|error| {
        server.add_error(with_causes(&error));
        Vec::new()
    });
    let accounts = SupervisionFile::of_running_server(&workspace.path);
    let mut rows = [vec![server], channels].concat();
    rows.iter_mut().for_each(|row| supervised::add(row, &accounts));
    Ok(rows)
}

/// The row of the server.
///
/// # Errors
/// The workspace's path is relative, and the current folder can't be read.
pub fn server_report(workspace: &WorkspaceEntry, is_default: bool) -> Result<InstanceReport, Error> {
    let instance = instance(&workspace.path)?;
    let (config, choice) = (WorkspaceConfig::load(&workspace.path), RuntimeChoice::load(&workspace.path));
    let state = look(&workspace.path, config.as_ref().ok())?;
    let runtime = runtime(&state, choice.as_ref().map(RuntimeChoice::runtime).unwrap_or(Runtime::Native));
    let mut report = InstanceReport::new(Kind::Server, &workspace.name, &instance, &state, runtime);
    report.path = Some(workspace.path.clone());
    report.is_default = Some(is_default);
    report.other.insert("workspace_id".to_owned(), json!(workspace.id));
    if let Err(error) = choice {
        report.add_error(error.with_causes());
    }
    match config {
        Ok(config) => add_config(&mut report, &config),
        Err(Error::ConfigMissing { .. }) if state == State::Stopped => {}
        Err(error) => report.add_error(with_causes(&error)),
    }
    report.other.insert("ws_connected".to_owned(), json!(is_connected(workspace, &state)));
    Ok(report)
}

/// Who does the work now, whatever was chosen since; of what does not run, what is chosen. Only the Python package writes
/// a PID file alone, or stands behind the shim.
fn runtime(state: &State, chosen: Runtime) -> Runtime {
    match state.run() {
        Some(run) if says_nothing(run) => Runtime::Uv,
        Some(_) => Runtime::Native,
        None => chosen,
    }
}

fn add_config(report: &mut InstanceReport, config: &WorkspaceConfig) {
    report.url = Some(config.status_url());
    report.host = Some(config.http_host.clone());
    report.port = Some(config.http_port.into());
    report.other.insert("gateway_url".to_owned(), json!(config.gateway_url));
    report.other.insert("device_id".to_owned(), json!(config.device_id));
}

/// A server that was killed could not say that it is connected no more.
fn is_connected(workspace: &WorkspaceEntry, state: &State) -> bool {
    matches!(state, State::Ready(_))
        && WorkspaceState::load(&workspace.path).is_ok_and(|state| state.ws_connected)
}

/// The rows of the channels: the enabled ones, and those of which something is left.
fn channel_reports(workspace: &WorkspaceEntry) -> Result<Vec<InstanceReport>, Error> {
    let channels = Channels::of(&workspace.path);
    let mut runtimes: BTreeMap<String, Option<Runtime>> =
        channels.known()?.into_iter().map(|name| (name, None)).collect();
    if let Some(database) = Database::look(&workspace.path)? {
        for plugin in database.channel_plugins()?.rows.into_iter().filter(|plugin| plugin.enabled) {
            let runtime = if plugin.workspace_dir.is_empty() { Runtime::Native } else { Runtime::Uv };
            runtimes.insert(plugin.name, Some(runtime));
        }
    }
    let mut reports = Vec::new();
    for (name, runtime) in runtimes {
        let Ok(plain) = name.parse::<InstanceName>() else { continue };
        let report = channel_report(workspace, &channels, &plain, runtime.unwrap_or(Runtime::Native))?;
        if runtime.is_some() || report.state != StateName::Stopped {
            reports.push(report);
        }
    }
    Ok(reports)
}

fn channel_report(
    workspace: &WorkspaceEntry,
    channels: &Channels,
    name: &InstanceName,
    runtime: Runtime,
) -> Result<InstanceReport, Error> {
    let instance = channels.instance(name)?;
    let called = format!("{}/{name}", workspace.name);
    let mut report = InstanceReport::new(Kind::Channel, &called, &instance, &get_status(&instance), runtime);
    report.stderr_log = channels.stderr_log(name);
    report.other.insert("workspace_id".to_owned(), Value::from(workspace.id.as_str()));
    Ok(report)
}
